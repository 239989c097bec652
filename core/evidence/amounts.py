"""How much a metric differs, as it is written: in percentage points where it is a share, else as it is."""

import math
from dataclasses import dataclass
from typing import Final

from core.evidence.metrics import Metric
from core.evidence.statistics.interval import Interval
from core.messages import Message, message

MINUS: Final = "\N{MINUS SIGN}"
MOST_DIGITS: Final = 6
MANY_ROWS: Final = 10_000  # from here on a tenth of a percentage point hides differences

Text = Message | str


def value(found: float | None, rows: int) -> Text:
    """0.826, with one more digit where the rows carry it; n/a where there is none."""
    return message("n/a") if found is None else _written(found, 4 if rows >= MANY_ROWS else 3)


@dataclass(frozen=True, slots=True)
class Amounts:
    """Writes differences in one metric, all with the same number of digits."""

    is_share: bool
    digits: int

    @classmethod
    def of(cls, metric: Metric, interval: Interval) -> "Amounts":
        """With two significant digits of half the interval's width, and one or three digits at least."""
        is_share = metric.low == 0.0 and math.isclose(metric.high, 1.0)
        half = (interval.high - interval.low) / 2 * (100 if is_share else 1)
        needed = 1 - math.floor(math.log10(half)) if half > 0 else 0
        return cls(is_share, min(max(needed, 1 if is_share else 3), MOST_DIGITS))

    def size(self, difference: float) -> Text:
        """15.7 pp, without a sign."""
        return self._named(self.number(abs(difference)))

    def signed(self, difference: float) -> Text:
        """+15.7 pp; no sign before what is written as zero."""
        return self._named(self.sign(difference) + self.number(abs(difference)))

    def span(self, interval: Interval) -> Text:
        """Both ends with their signs: −4.5 to +5.7 pp."""
        low = self.sign(interval.low) + self.number(abs(interval.low))
        return message("{low} to {high}", low=low, high=self.signed(interval.high))

    def number(self, difference: float) -> str:
        """The difference in its unit, which is not said."""
        return _written(difference * (100 if self.is_share else 1), self.digits)

    def sign(self, difference: float) -> str:
        """The sign of what is not written as zero."""
        if not any("1" <= digit <= "9" for digit in self.number(difference)):
            return ""
        return "+" if difference > 0 else MINUS

    def _named(self, number: str) -> Text:
        return message("{points} pp", points=number) if self.is_share else number


def margin(metric: Metric, size: float) -> Text:
    """1 pp, or 0.01 where the metric is no share; with the digits that it was configured with."""
    if metric.low == 0.0 and math.isclose(metric.high, 1.0):
        return message("{points} pp", points=f"{100 * size:.6g}")
    return f"{size:.6g}"


def _written(number: float, digits: int) -> str:
    text = f"{abs(number):,.{digits}f}"
    return f"{MINUS}{text}" if number < 0 and any("1" <= digit <= "9" for digit in text) else text
