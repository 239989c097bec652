"""Two versions, row by row on the same split."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.evidence.row_parts import Scored
from core.evidence.split import Split


class Thresholds(NamedTuple):
    """Where each of two versions calls a row positive: at this score or a greater one."""

    baseline: float
    candidate: float


@dataclass(frozen=True, slots=True, eq=False)
class Paired:
    """A candidate and what it is compared with; both have scored every row of the split."""

    split: Split
    baseline: Scored
    candidate: Scored

    def __post_init__(self) -> None:
        """ValueError where scores are of another split: rows would be mistaken for others."""
        for version in (self.baseline, self.candidate):
            if version.key.fingerprint != self.split.fingerprint or len(version.values) != self.split.rows:
                msg = f"scores of {version.key} are not of {self.split.fingerprint}"
                raise ValueError(msg)

    @property
    def before(self) -> NDArray[np.float64]:
        """(rows,) scores of the baseline."""
        return self.baseline.values

    @property
    def after(self) -> NDArray[np.float64]:
        """(rows,) scores of the candidate."""
        return self.candidate.values
