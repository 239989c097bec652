"""An interval, a paired difference, and how both follow from an estimate and its standard error."""

import math
from dataclasses import dataclass
from typing import Final

from core.messages import Message

FEW: Final = 10  # rows of a label below which intervals are but a hint


@dataclass(frozen=True, slots=True)
class Interval:
    """A confidence interval, both ends included; in the metric's unit."""

    low: float
    high: float

    def within(self, low: float, high: float) -> "Interval":
        """The part of it that the metric can take."""
        return Interval(min(max(self.low, low), high), max(min(self.high, high), low))

    def holding(self, value: float) -> "Interval":
        """Widened where need be, so that the estimate lies in it."""
        return Interval(min(self.low, value), max(self.high, value))


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Candidate minus baseline on the same rows, in the metric's unit.

    `p_value` is two-sided, of no difference, in [0, 1]; it agrees with the interval: below 1 - level just
    where the interval leaves out zero. `error` is the standard error, None where the interval does not
    come from one.
    """

    value: float
    interval: Interval
    p_value: float
    error: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """There is no interval or no difference, and why."""

    reason: Message


IDENTICAL = Difference(value=0.0, interval=Interval(0.0, 0.0), p_value=1.0, error=0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """An estimate, its standard error, and the degrees of freedom with which that error is known."""

    value: float
    error: float
    freedom: float  # math.inf: as good as known

    def interval(self, level: float) -> Interval:
        """Student's interval at a confidence level in (0, 1)."""
        reach = self.error * quantile(level, self.freedom)
        return Interval(self.value - reach, self.value + reach)

    def difference(self, level: float) -> Difference:
        """The estimate as a paired difference; exactly none where estimate and error both are zero."""
        if self.error == 0:
            return Difference(
                value=self.value,
                interval=Interval(self.value, self.value),
                p_value=float(self.value == 0),
                error=0.0,
            )
        from scipy.special import stdtr  # noqa: PLC0415  a page answers before SciPy is imported

        p_value = 2 * float(stdtr(self.freedom, -abs(self.value) / self.error))
        return Difference(
            value=self.value, interval=self.interval(level), p_value=min(p_value, 1.0), error=self.error
        )


def quantile(level: float, freedom: float = math.inf) -> float:
    """Student's two-sided quantile; the normal one for infinite degrees of freedom."""
    from scipy.special import stdtrit  # noqa: PLC0415  a page answers before SciPy is imported

    return float(stdtrit(freedom, (1 + level) / 2))


def satterthwaite(parts: tuple[tuple[float, int], ...]) -> float:
    """Degrees of freedom of a sum of variances (Satterthwaite 1946).

    A part of fewer than ten values is the weakest link whatever its share: a handful that happen to lie
    close together would pass for a well known small variance, and claim what is not there.

    Args:
        parts: each variance of a mean with the number of values that it comes from, at least 2.

    Returns:
        Between the smallest number of values less one and their sum; inf where all variances are zero.
    """
    total = sum(variance for variance, _ in parts)
    spread = sum(variance**2 / (count - 1) for variance, count in parts)
    return min(total**2 / spread, known_by(min(count for _, count in parts))) if spread else math.inf


def known_by(count: int) -> float:
    """The most degrees of freedom where the rarer label has `count` rows: inf from ten on."""
    return math.inf if count >= FEW else max(1.0, count - 1.0)
