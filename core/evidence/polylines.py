"""A threshold curve as the lines that people look at, thinned for the browser."""

import math

import numpy as np
from numpy.typing import NDArray

from core.evidence.curves import Polyline, ThresholdCurve
from core.evidence.thinning import Positions, thin_line, thin_steps

EMPTY = Polyline(x=np.empty(0), y=np.empty(0), thresholds=np.empty(0))


def roc(curve: ThresholdCurve) -> Polyline:
    """True against false positive rate from (0, 0) to (1, 1), straight between points as in scikit-learn.

    Empty where one class has no row.
    """
    if not curve.positives or not curve.negatives:
        return EMPTY
    along = curve.tp * (1 / curve.positives)
    along += curve.fp * (1 / curve.negatives)
    at = thin_line(curve.tp, curve.fp, along)
    return _line(curve, at, x=curve.fp[at] / curve.negatives, y=curve.tp[at] / curve.positives)


def gain(curve: ThresholdCurve) -> Polyline:
    """Recall against the share of rows called positive, from (0, 0) to (1, 1), straight between points.

    Empty where there is no positive row.
    """
    if not curve.positives:
        return EMPTY
    along = curve.tp * (1 / curve.positives + 1 / curve.rows)
    along += curve.fp * (1 / curve.rows)
    at = thin_line(curve.tp, curve.fp, along)
    return _line(curve, at, x=(curve.tp[at] + curve.fp[at]) / curve.rows, y=curve.tp[at] / curve.positives)


def precision_recall(curve: ThresholdCurve, precision: NDArray[np.float64]) -> Polyline:
    """Precision against recall as steps, so that the area below is the average precision.

    Between two thresholds the precision of the lower one holds: a straight line would promise more than
    any threshold keeps. Starts at recall 0 and precision 1, by scikit-learn's convention. Empty where
    there is no positive row.

    Args:
        curve: the threshold curve.
        precision: (k,) float64, `precision_at(curve)`.
    """
    if not curve.positives:
        return EMPTY
    recall = curve.tp / curve.positives
    at = thin_steps(recall, precision)
    return _line(curve, at, x=recall[at], y=precision[at], start=1.0, steps=True)


def lift(curve: ThresholdCurve, precision: NDArray[np.float64]) -> Polyline:
    """Precision as a multiple of the base rate, against the share of rows called positive, as steps.

    `y` is from 0 to 1 / base rate; the bound of the drawing holds where that height is drawn as 1.
    Starts at the lift of the highest threshold. Empty where there is no positive row.

    Args:
        curve: the threshold curve.
        precision: (k,) float64, `precision_at(curve)`.
    """
    if not curve.positives:
        return EMPTY
    called = (curve.tp + curve.fp) / curve.rows
    at = thin_steps(called, precision)
    lifts = precision[at] * (curve.rows / curve.positives)
    return _line(curve, at, x=called[at], y=lifts, start=float(lifts[0]), steps=True)


def precision_at(curve: ThresholdCurve) -> NDArray[np.float64]:
    """Precision at each threshold of the curve, (k,) float64: at least one row is called positive there."""
    return curve.tp / (curve.tp + curve.fp)


def _line(
    curve: ThresholdCurve,
    at: Positions,
    *,
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    start: float = 0.0,
    steps: bool = False,
) -> Polyline:
    """The points at some positions, after a start where nothing is called positive yet."""
    return Polyline(
        x=np.concatenate([[0.0], x]),
        y=np.concatenate([[start], y]),
        thresholds=np.concatenate([[math.inf], curve.thresholds[at]]),
        steps=steps,
    )
