"""Log loss and Brier score: means over rows, so their differences are means of row differences."""

import math

import numpy as np
from numpy.typing import NDArray

from core.evidence.statistics.interval import Spread, Unknown, known_by
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


def mean(losses: NDArray[np.float64], labels: NDArray[np.bool_] | None = None) -> Spread | Unknown:
    """The mean of (n,) row losses, or of their differences, with Student's quantile.

    With (n,) `labels` the degrees of freedom are Satterthwaite's over both labels, and at most n - 1: where
    few rows of one label carry most of the variance, it is known no better than from those few. Heavy tails
    shorten them further: the variance of a variance grows with the kurtosis less one, which is two for
    normal rows (Bonett, Computational Statistics & Data Analysis 50, 2006). Fewer than ten rows of a label
    are the weakest link whatever they carry.
    """
    rows = len(losses)
    if rows < 2:  # noqa: PLR2004  a variance needs two
        return ONE_ROW
    average = float(losses.mean())
    error = math.sqrt(float(losses.var(ddof=1)) / rows)
    sides = [] if labels is None else [losses[labels], losses[~labels]]
    parts = [_variance(side - average) for side in sides if len(side) > 1]
    total, spread = sum(part for part, _ in parts), sum(part**2 / freedom for part, freedom in parts)
    freedom = min(rows - 1.0, total**2 / spread) if spread else rows - 1.0
    few = min((len(side) for side in sides if len(side)), default=rows)
    return Spread(value=average, error=error, freedom=min(freedom, known_by(few)))


def _variance(apart: NDArray[np.float64]) -> tuple[float, float]:
    """The part of the variance that rows of one label carry, and the degrees of freedom it is known with."""
    squares = np.square(apart)
    mean_square = float(squares.mean())
    kurtosis = float(np.square(squares).mean()) / mean_square**2 if mean_square else 0.0
    return float(squares.sum()), (len(apart) - 1) / max(1.0, (kurtosis - 1) / 2)
