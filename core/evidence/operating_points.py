"""Where each version is operated: at the same threshold, or each at one of its own that does the same.

A threshold of a version's own is one of its scores, found on its curve by position. Rows with that score or
a greater one are called positive, so rows with equal scores are called together.
"""

import math
from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from enum import StrEnum
from fractions import Fraction
from typing import Final

import numpy as np

from core.errors import UsageError
from core.evidence.comparison import Comparison
from core.evidence.curves import ThresholdCurve
from core.messages import message

LEAST_RATIO: Final = 1e-3  # of costs; beyond these one of the two mistakes has no say any more
MOST_RATIO: Final = 1e3
_FINEST: Final = 10**6  # denominator of a cost ratio: costs of a million rows are whole numbers of 64 bits


class Mode(StrEnum):
    """What is the same for all versions."""

    THRESHOLD = "threshold"
    RECALL = "recall"
    ALERTS = "alerts"  # share of rows that are called positive
    COST = "cost"  # what a missed positive costs, where a false alarm costs 1


def operating_points(comparison: Comparison, mode: Mode, target: float) -> Mapping[int, float]:
    """The threshold of each scored version, by version number.

    - THRESHOLD: the target itself.
    - RECALL: the highest threshold whose recall is at least the target. Without positive rows there is no
      recall: nothing is called positive.
    - ALERTS: the lowest threshold at which at most the target share of rows is called positive.
    - COST: the threshold at which misses and false alarms cost least together; of several, the highest.

    Where nothing is to be called positive, the threshold is the next number above the highest score.

    Args:
        comparison: at any threshold.
        mode: what is the same for all versions.
        target: 0 to 1, or LEAST_RATIO to MOST_RATIO of COST.

    Raises:
        UsageError: the target is out of its range.
    """
    require_target(mode, target)
    scored = {one.version.number: one.evaluation for one in comparison.versions}
    return {
        number: _threshold(evaluation.curve, mode, target)
        for number, evaluation in scored.items()
        if evaluation is not None
    }


def require_target(mode: Mode, target: float) -> None:
    """Raise UsageError where a target is out of its mode's range."""
    low, high = (LEAST_RATIO, MOST_RATIO) if mode is Mode.COST else (0.0, 1.0)
    if not low <= target <= high:
        raise UsageError(
            message(
                "{target} is outside of {low} to {high}.", target=target, low=f"{low:g}", high=f"{high:g}"
            ),
            message("Choose a number from {low} to {high}.", low=f"{low:g}", high=f"{high:g}"),
        )


def _threshold(curve: ThresholdCurve, mode: Mode, target: float) -> float:
    match mode:
        case Mode.THRESHOLD:
            return target
        case Mode.RECALL:
            place = _first_with_recall(curve, target)
        case Mode.ALERTS:
            place = _last_with_alerts(curve, target)
        case Mode.COST:
            place = _cheapest(curve, target)
    return float(curve.thresholds[place]) if place >= 0 else _above(curve)


def _above(curve: ThresholdCurve) -> float:
    return math.nextafter(float(curve.thresholds[0]), math.inf)


def _first_with_recall(curve: ThresholdCurve, target: float) -> int:
    """Position of the highest threshold with enough positives; -1: none need be called."""
    needed = math.ceil(_exact(target) * curve.positives)
    return bisect_left(curve.tp, needed) if needed else -1


def _last_with_alerts(curve: ThresholdCurve, target: float) -> int:
    """Position of the lowest threshold that calls few enough rows; -1: even the first calls too many."""
    allowed = math.floor(_exact(target) * curve.rows)
    places = range(len(curve.thresholds))
    return bisect_right(places, allowed, key=lambda place: int(curve.tp[place]) + int(curve.fp[place])) - 1


def _cheapest(curve: ThresholdCurve, ratio: float) -> int:
    """Position of the first of the lowest costs, in whole numbers; -1: calling nothing costs least."""
    missed = _exact(ratio).limit_denominator(_FINEST)
    gains = curve.tp * missed.numerator
    gains -= curve.fp * missed.denominator
    place = int(np.argmax(gains))
    return place if gains[place] > 0 else -1


def _exact(target: float) -> Fraction:
    """The number as it is written: 0.7 of 10 rows are 7, not a little more."""
    return Fraction(repr(float(target)))
