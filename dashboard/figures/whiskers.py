"""Marks and whiskers of the forest plot: where each is, before anything is drawn."""

import math
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple

from core.evidence.comparison import Comparison
from core.evidence.judgement import Judgement
from core.evidence.metrics import METRICS, Metric
from core.evidence.sentences import difference_text
from core.evidence.statistics.interval import Difference, Interval
from core.evidence.statistics.verdict import oriented
from dashboard.figures.scored import Scored
from dashboard.messages import _
from dashboard.theme import MINUS


class Scale(StrEnum):
    """What the horizontal axis shows."""

    ABSOLUTE = "absolute"  # each version's value, the baseline's too; as it is, losses not turned
    DIFFERENCE = "difference"
    PERCENT = "percent"  # difference as a share of the baseline's value


class Whisker(NamedTuple):
    """One mark: where it is, and what is said where the pointer rests on it."""

    value: float
    interval: Interval
    text: str
    is_clear: bool  # the interval leaves out zero
    beyond: int = 0  # -1 or 1: the value itself is beyond the left or right end of the axis


Whiskers = Mapping[str, Whisker]  # by metric


def absolute(one: Scored, judgement: Judgement) -> Whiskers:
    """One version's values with their own intervals."""
    intervals = judgement.certainties[one.number].intervals
    found = {}
    for metric in METRICS:
        value, interval = one.metrics[metric.name].value, intervals.get(metric.name)
        if value is not None and isinstance(interval, Interval):
            ends = {"low": f"{interval.low:.4f}", "high": f"{interval.high:.4f}"}
            text = _("{value} ({low} to {high})", value=f"{value:.4f}", **ends)
            found[metric.name] = Whisker(value, interval, text, is_clear=True)
    return found


def paired(one: Scored, comparison: Comparison, judgement: Judgement, scale: Scale) -> Whiskers:
    """One candidate's differences, turned so that more is better; what is unknown is left out."""
    differences = judgement.certainties[one.number].differences or {}
    found = {}
    for metric in METRICS:
        difference = differences.get(metric.name)
        unit = unit_of(comparison, metric, scale)
        if isinstance(difference, Difference) and unit is not None:
            found[metric.name] = _turned(metric, difference, unit, scale)
    return found


def unit_of(comparison: Comparison, metric: Metric, scale: Scale) -> float | None:
    """What one step on the axis is, in the metric's unit; None where there is no such thing."""
    if scale is not Scale.PERCENT or comparison.baseline is None:
        return 1.0
    metrics = comparison.find(comparison.baseline).metrics
    base = metrics[metric.name].value if metrics else None
    return base if base is not None and base > 0 else None


def _turned(metric: Metric, difference: Difference, unit: float, scale: Scale) -> Whisker:
    gain = oriented(difference.interval, greater_is_better=metric.greater_is_better)
    value = difference.value if metric.greater_is_better else -difference.value
    text = _(difference_text(metric.name, difference))
    if scale is Scale.PERCENT:
        share = f"{100 * difference.value / unit:+.1f}%".replace("-", MINUS)
        text += "<br>" + _("{percent} of the baseline's value", percent=share)
    interval = Interval(gain.low / unit, gain.high / unit)
    is_clear = gain.low > 0 or gain.high < 0
    return Whisker(value / unit, interval, text, is_clear=is_clear)


def reach_of(drawn: Sequence[Whiskers]) -> Interval | None:
    """Ends of the axis: all that metrics with bounds reach. A loss without bound would dwarf the rest."""
    bounded = {metric.name for metric in METRICS if math.isfinite(metric.high)}
    found = [one.interval for whiskers in drawn for name, one in whiskers.items() if name in bounded]
    if not found:
        return None
    low, high = min(0.0, *(one.low for one in found)), max(0.0, *(one.high for one in found))
    return Interval(low, high) if high > low else None


def within(whiskers: Whiskers, reach: Interval | None) -> Whiskers:
    """The whiskers cut at the ends of the axis; what is said of them is not."""
    if reach is None:
        return whiskers
    return {
        name: one._replace(
            value=min(max(one.value, reach.low), reach.high),
            interval=one.interval.within(reach.low, reach.high),
            beyond=(one.value > reach.high) - (one.value < reach.low),
        )
        for name, one in whiskers.items()
    }
