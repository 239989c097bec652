"""How a metric's value, its difference to the baseline and what that means are written."""

import math
from enum import StrEnum
from typing import Final

from core.evidence.metrics import Metric
from dashboard.messages import _
from dashboard.theme import MINUS, decimal, integer, signed

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


def value(metric_value: float | None, rows: int) -> str:
    """0.826, with one more digit where the rows carry it; n/a where the data have no value."""
    return decimal(metric_value, _digits(rows) + 2)


def delta(metric: Metric, difference: float | None, rows: int) -> str:
    """▲ +1.2 pp; ▲ +0.021 for what is no share; a plain zero without an arrow; empty for None."""
    if difference is None:
        return ""
    return f"{arrow(difference)} {_written(metric, difference, rows)}".strip()


def count_delta(difference: int) -> str:
    """A change in a number of rows with its sign; ±0 where there is none."""
    if not difference:
        return "±0"
    return f"{'+' if difference > 0 else MINUS}{integer(abs(difference))}"


def arrow(difference: float) -> str:
    """Up or down by sign, nothing for zero."""
    if not difference:
        return ""
    return "▲" if difference > 0 else "▼"


def _written(metric: Metric, difference: float, rows: int) -> str:
    if metric.low == 0.0 and math.isclose(metric.high, 1.0):
        return _("{points} pp", points=signed(100 * difference, _digits(rows)))
    return signed(difference, _digits(rows) + 2)


def _digits(rows: int) -> int:
    return 2 if rows >= _MANY_ROWS else 1
