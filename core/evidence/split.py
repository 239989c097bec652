"""The fixed test split: load, check, fingerprint."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.settings import Label


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Split:
    """Rows that no version was trained on, with their labels; the same for every version.

    `frame` holds every column of the test rows after `map`, `drop_missing` and `holdout`, the target
    included. `labels` is (rows,) bool, True where the target equals `positive`.
    """

    fingerprint: str  # "sha256:" and 64 hexadecimal digits
    source: str  # as configured, for people
    frame: pd.DataFrame
    labels: NDArray[np.bool_]
    target: str
    positive: Label
    negative: Label
    features: tuple[str, ...] | None = None  # as configured; None: each version's own signature
    id: str | None = None
    slices: tuple[str, ...] = ()

    @property
    def rows(self) -> int:
        """Number of rows."""
        return len(self.labels)

    @property
    def positives(self) -> int:
        """Number of rows whose label is the positive one."""
        return int(self.labels.sum())
