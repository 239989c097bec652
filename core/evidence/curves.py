"""One sort of the scores, then every threshold, and every curve from it."""

import math
from bisect import bisect_right
from dataclasses import dataclass
from operator import neg

import numpy as np
from numpy.typing import NDArray

ONE = np.uint64(1)


@dataclass(frozen=True, slots=True)
class Confusion:
    """Rows by label and decision; positive where score >= threshold."""

    tn: int
    fp: int
    fn: int
    tp: int

    def cost(self, ratio: float) -> float:
        """What the mistakes cost, per row: a missed positive `ratio`, a false alarm 1."""
        return (ratio * self.fn + self.fp) / (self.tn + self.fp + self.fn + self.tp)

    def __sub__(self, other: "Confusion") -> "Confusion":
        """The change from `other` to this, cell by cell; cells may be negative."""
        return Confusion(
            tn=self.tn - other.tn, fp=self.fp - other.fp, fn=self.fn - other.fn, tp=self.tp - other.tp
        )


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

    @property
    def rows(self) -> int:
        """Number of rows of the split."""
        return self.positives + self.negatives

    @property
    def nbytes(self) -> int:
        """Bytes that the arrays hold."""
        return self.thresholds.nbytes + self.tp.nbytes + self.fp.nbytes

    def confusion(self, threshold: float) -> Confusion:
        """The four cells where rows with score >= `threshold` are called positive.

        Any threshold will do, infinities too; NaN raises ValueError.
        """
        if math.isnan(threshold):
            msg = "a threshold is a number, not NaN"
            raise ValueError(msg)
        reached = bisect_right(self.thresholds, -threshold, key=neg)
        tp, fp = (int(self.tp[reached - 1]), int(self.fp[reached - 1])) if reached else (0, 0)
        return Confusion(tn=self.negatives - fp, fp=fp, fn=self.positives - tp, tp=tp)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Polyline:
    """A curve to draw: at most 1,000 points, none of the true curve further than 0.002 away.

    `x`, `y` are (m,) float64; `thresholds` is (m,) float64 with the threshold at each point
    (inf for "nothing is positive"), or None where points are not thresholds. Empty where the
    curve does not exist. Every point is one of the true curve, in the order of falling thresholds.

    `steps` says how points are joined: False by straight lines, True by a vertical line and then a
    horizontal one (plotly's line shape "vh").
    """

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    thresholds: NDArray[np.float64] | None = None
    steps: bool = False

    @property
    def nbytes(self) -> int:
        """Bytes that the arrays hold."""
        return self.x.nbytes + self.y.nbytes + (0 if self.thresholds is None else self.thresholds.nbytes)


def threshold_curve(labels: NDArray[np.bool_], scores: NDArray[np.floating]) -> ThresholdCurve:
    """Sort the scores once and count what each distinct score reaches.

    Args:
        labels: (n,) bool, True for a positive row; n >= 1.
        scores: (n,) float64 or float32, finite, of any size and sign; -0.0 counts as 0.0.

    Returns:
        The exact curve: counts are integers, thresholds the scores themselves.

    Raises:
        ValueError: the shapes differ, there is no row, or a score is NaN or infinite.
    """
    values = _checked(labels, scores)
    negative = values < 0
    if not negative.any():
        parts = [_count(_packed(values, labels)[::-1])]
    else:
        # Below zero the magnitude falls as the score rises: those rows are sorted by it, on their own.
        upper, lower = ~negative, negative
        parts = [
            _count(_packed(values[upper], labels[upper])[::-1]),
            _count(_packed(-values[lower], labels[lower])),
        ]
        np.negative(parts[1][0], out=parts[1][0])
    return _joined(parts)


def _checked(labels: NDArray[np.bool_], scores: NDArray[np.floating]) -> NDArray[np.float64]:
    """A copy of the scores as float64, after the checks."""
    if labels.ndim != 1 or labels.shape != scores.shape or labels.dtype != np.bool_:
        msg = f"labels {labels.dtype}{labels.shape} and scores {scores.shape} must be (n,), labels bool"
        raise ValueError(msg)
    if not len(labels):
        msg = "no rows"
        raise ValueError(msg)
    values = scores.astype(np.float64)
    if not np.isfinite(values).all():
        msg = "scores must be finite"
        raise ValueError(msg)
    return values


def _packed(magnitudes: NDArray[np.float64], labels: NDArray[np.bool_]) -> NDArray[np.uint64]:
    """Magnitudes (>= 0, overwritten) with their labels in the lowest bit, ascending.

    The bits of non-negative floats order like the floats, and the highest is free: it is the sign,
    which the shift takes from -0.0 as well.
    """
    keys = magnitudes.view(np.uint64)
    np.left_shift(keys, ONE, out=keys)
    np.bitwise_or(keys, labels, out=keys)
    keys.sort()
    return keys


def _count(keys: NDArray[np.uint64]) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.int64]]:
    """Distinct magnitudes of packed keys in their order, with positives and rows up to each."""
    positives = np.cumsum((keys & ONE).view(np.int64))
    bits = keys >> ONE
    if not len(bits):
        return bits.view(np.float64), positives, positives
    is_last = np.empty(len(bits), dtype=np.bool_)
    is_last[-1] = True
    np.not_equal(bits[1:], bits[:-1], out=is_last[:-1])
    last = np.flatnonzero(is_last)
    if len(last) < len(bits):
        bits, positives = bits[last], positives[last]
    last += 1
    return bits.view(np.float64), positives, last


def _joined(
    parts: list[tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.int64]]],
) -> ThresholdCurve:
    """One curve of parts in descending order; their counts are added up."""
    thresholds, tp, called = parts[0]
    for more_thresholds, more_tp, more_called in parts[1:]:
        thresholds = np.concatenate([thresholds, more_thresholds])
        tp = np.concatenate([tp, more_tp + (tp[-1] if len(tp) else 0)])
        called = np.concatenate([called, more_called + (called[-1] if len(called) else 0)])
    fp = called - tp
    return ThresholdCurve(thresholds=thresholds, tp=tp, fp=fp, positives=int(tp[-1]), negatives=int(fp[-1]))
