"""Log loss and Brier score: means over rows, so their differences are means of row differences."""

import math

import numpy as np
from numpy.typing import NDArray

from core.evidence.statistics.interval import Spread, Unknown
from core.messages import message

ONE_ROW = Unknown(reason=message("An interval needs at least two rows."))
CLIP = float(np.finfo(np.float64).eps)


def squared_errors(labels: NDArray[np.bool_], scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n,) of each row's part of the Brier score, from (n,) probabilities of the positive label."""
    return np.square(np.subtract(scores, labels, dtype=np.float64))


def log_losses(labels: NDArray[np.bool_], scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n,) of each row's part of the log loss; probabilities are clipped by 2**-52 as scikit-learn does."""
    given = np.abs(np.subtract(scores, ~labels, dtype=np.float64))
    losses: NDArray[np.float64] = np.log(np.clip(given, CLIP, 1 - CLIP))
    return np.negative(losses, out=losses)


def mean(losses: NDArray[np.float64]) -> Spread | Unknown:
    """The mean of (n,) row losses, or of their differences, with Student's n - 1 degrees of freedom."""
    rows = len(losses)
    if rows < 2:  # noqa: PLR2004  a variance needs two
        return ONE_ROW
    error = math.sqrt(float(losses.var(ddof=1)) / rows)
    return Spread(value=float(losses.mean()), error=error, freedom=rows - 1)
