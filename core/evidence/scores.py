"""The content-addressed store of scores."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from core.messages import Message


class ScoreKind(StrEnum):
    """What a score means."""

    PROBABILITY = "probability"  # of the positive label, in [0, 1]
    RANKING = "ranking"  # higher is more positive; any finite number, no probability


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreKey:
    """What scores are bound to: change any part and they are other scores."""

    digest: str  # SHA-256 of the version's files, "sha256:…"
    fingerprint: str  # of the split
    code: str  # version of the code that scores


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scores:
    """One version's output for every row of one split, in the split's order."""

    key: ScoreKey
    kind: ScoreKind
    values: NDArray[np.float64]  # (rows,), finite
    seconds: float = 0.0  # wall time of the prediction call in the child process
    flavor: str = ""  # the flavor that was loaded
    notes: tuple[Message, ...] = ()  # e.g. a library of another version than the model was trained with
