"""Shares of rows: Wilson's interval, McNemar's exact test, and the difference of paired shares."""

import math
from dataclasses import dataclass
from typing import Final

from core.evidence.statistics.interval import Difference, Interval, quantile

_ALL_BUT: Final = 1e-12
_ALL: Final = 1 - _ALL_BUT  # as good as every row


def wilson(hits: int, rows: int, level: float) -> Interval:
    """Interval of a share (Wilson, JASA 22, 1927).

    Args:
        hits: 0 to `rows`.
        rows: at least 1.
        level: confidence level in (0, 1).
    """
    share, z2 = hits / rows, quantile(level) ** 2
    middle = (share + z2 / (2 * rows)) / (1 + z2 / rows)
    reach = math.sqrt(z2 * (share * (1 - share) / rows + z2 / (4 * rows**2))) / (1 + z2 / rows)
    return Interval(middle - reach, middle + reach).within(0, 1).holding(share)


def mcnemar(fixed: int, broken: int) -> float:
    """Exact two-sided p-value that a row is as likely fixed as broken (McNemar, Psychometrika 12, 1947).

    `fixed` rows are right by the candidate alone, `broken` ones by the baseline alone; 1.0 without any.
    """
    from scipy.special import bdtr  # noqa: PLC0415  a page answers before SciPy is imported

    return min(1.0, 2 * float(bdtr(min(fixed, broken), fixed + broken, 0.5)))


@dataclass(frozen=True, slots=True)
class Discordant:
    """Rows that one of two versions has right and the other wrong, among `rows`."""

    fixed: int
    broken: int
    rows: int

    def difference(self, level: float) -> Difference:
        """Share of rows that the candidate has right, less the baseline's.

        Tango's score interval (Statistics in Medicine 17, 1998): the differences that the counts do not
        speak against, each tried with the discordant share that fits it best. It covers where hardly any
        row is discordant, which draws from the counts as they are do not. The p-value is its own, of
        McNemar's statistic. `error` is that of one row more fixed and one more broken (Bonett and Price,
        Journal of Educational and Behavioral Statistics 37, 2012), so it is never zero.
        """
        reach = quantile(level)
        ends = Interval(self._end(-1, reach), self._end(1, reach))
        fixed, broken = ((count + 1) / (self.rows + 2) for count in (self.fixed, self.broken))
        return Difference(
            value=self._value,
            interval=ends.holding(self._value),
            p_value=math.erfc(abs(self._score(0.0)) / math.sqrt(2)),
            error=math.sqrt((fixed + broken - (fixed - broken) ** 2) / (self.rows + 2)),
        )

    @property
    def _value(self) -> float:
        return (self.fixed - self.broken) / self.rows

    def _end(self, side: int, reach: float) -> float:
        """The furthest difference on a side (1: greater, -1: less) that is `reach` errors away at most."""
        from scipy.optimize import brentq  # noqa: PLC0415  a page answers before SciPy is imported

        def beyond(difference: float) -> float:
            return -side * self._score(difference) - reach

        most = side * _ALL
        if abs(self._value) >= _ALL or beyond(most) <= 0:
            return float(side)
        return float(brentq(beyond, self._value, most, xtol=_ALL_BUT))

    def _score(self, difference: float) -> float:
        """How many standard errors the counts are above a difference in (-1, 1), if that is the true one."""
        rows, apart = self.rows, self.fixed - self.broken
        linear = (2 * rows - apart) * difference - self.fixed - self.broken
        constant = -self.broken * difference * (1 - difference)
        broken = (math.sqrt(max(0.0, linear**2 - 8 * rows * constant)) - linear) / (4 * rows)
        variance = rows * (2 * broken + difference * (1 - difference))
        return (apart - rows * difference) / math.sqrt(variance) if variance > 0 else 0.0
