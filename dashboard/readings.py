"""How a metric's value, its difference to the baseline and what that means are written."""

import math
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Final, NamedTuple

from core.evidence.comparison import Comparison
from core.evidence.metrics import METRICS, Metric, MetricValue
from core.messages import message
from dashboard.messages import _
from dashboard.theme import MINUS, decimal, integer, signed

SEPARATION: Final = Metric(name="ks", title=message("Kolmogorov-Smirnov"))
COST: Final = Metric(
    name="cost", title=message("cost per row"), greater_is_better=False, high=math.inf, needs_threshold=True
)
SHOWN: Final = (*METRICS, SEPARATION, COST)
_MANY_ROWS: Final = 10_000  # from here on a tenth of a percentage point hides differences


class Change(StrEnum):
    """What a difference to the baseline means, whichever direction is the better one."""

    BETTER = "better"
    WORSE = "worse"
    NONE = ""

    @classmethod
    def of(cls, delta: float | None, *, greater_is_better: bool) -> "Change":
        """The meaning of a difference; NONE where there is none or it is zero."""
        if not delta:
            return cls.NONE
        return cls.BETTER if (delta > 0) == greater_is_better else cls.WORSE


class Reading(NamedTuple):
    """A version's value of a metric as it is written; without a baseline to compare, `delta` is empty."""

    value: str
    delta: str = ""
    change: Change = Change.NONE


Readings = Mapping[int, Mapping[str, Reading]]


def readings(comparison: Comparison) -> Readings:
    """All that is SHOWN of every scored version, by version number and metric name."""
    found = {
        compared.version.number: {
            **compared.metrics,
            SEPARATION.name: compared.evaluation.ks,
            COST.name: MetricValue(compared.confusion.cost(comparison.cost_ratio)),
        }
        for compared in comparison.versions
        if compared.metrics is not None and compared.evaluation is not None and compared.confusion is not None
    }
    base = found.get(comparison.baseline or 0, {})
    rows = comparison.split.rows
    return {
        number: {
            metric.name: _reading(metric, values[metric.name], base.get(metric.name), rows)
            if number != comparison.baseline
            else Reading(value(values[metric.name].value, rows))
            for metric in SHOWN
        }
        for number, values in found.items()
    }


def primary_first(metrics: Sequence[Metric], primary: str) -> Sequence[Metric]:
    """The contract's order, but the metric that decides stands at the head."""
    return sorted(metrics, key=lambda metric: metric.name != primary)


def value(metric_value: float | None, rows: int) -> str:
    """0.826, with one more digit where the rows carry it; n/a where the data have no value."""
    return decimal(metric_value, _digits(rows) + 2)


def delta(metric: Metric, difference: float | None, rows: int) -> str:
    """▲ +1.2 pp; ▲ +0.021 for what is no share; no arrow where it rounds to zero; empty for None."""
    if difference is None:
        return ""
    written = _written(metric, difference, rows)
    if not any("1" <= digit <= "9" for digit in written):
        return written
    return f"{'▲' if difference > 0 else '▼'} {written}"


def count_delta(difference: int) -> str:
    """A change in a number of rows with its sign; ±0 where there is none."""
    if not difference:
        return "±0"
    return f"{'+' if difference > 0 else MINUS}{integer(abs(difference))}"


def _reading(metric: Metric, found: MetricValue, base: MetricValue | None, rows: int) -> Reading:
    written = value(found.value, rows)
    if found.value is None or base is None or base.value is None:
        return Reading(written)
    difference = found.value - base.value
    told = delta(metric, difference, rows)
    is_seen = told.startswith(("▲", "▼"))  # what rounds to zero is neither better nor worse
    change = Change.of(difference if is_seen else None, greater_is_better=metric.greater_is_better)
    return Reading(written, told, change)


def _written(metric: Metric, difference: float, rows: int) -> str:
    if metric.low == 0.0 and math.isclose(metric.high, 1.0):
        return _("{points} pp", points=signed(100 * difference, _digits(rows)))
    return signed(difference, _digits(rows) + 2)


def _digits(rows: int) -> int:
    return 2 if rows >= _MANY_ROWS else 1
