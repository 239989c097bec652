"""One sort of the scores, then every threshold, and every curve from it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Confusion:
    """Rows by label and decision; positive where score >= threshold."""

    tn: int
    fp: int
    fn: int
    tp: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ThresholdCurve:
    """Every distinct threshold of one version on one split.

    `thresholds` is (k,) float64, strictly descending: the distinct scores. `tp[i]` and `fp[i]` are
    (k,) int64: positive and negative rows with score >= thresholds[i]. Thresholds are indexed by
    position, never by value.
    """

    thresholds: NDArray[np.float64]
    tp: NDArray[np.int64]
    fp: NDArray[np.int64]
    positives: int
    negatives: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Polyline:
    """A curve to draw: at most 1,000 points, none of the true curve further than 0.002 away.

    `x`, `y` are (m,) float64; `thresholds` is (m,) float64 with the threshold at each point
    (inf for "nothing is positive"), or None where points are not thresholds. Empty where the
    curve does not exist.
    """

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    thresholds: NDArray[np.float64] | None = None
