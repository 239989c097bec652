"""Shares of rows: Wilson's interval, McNemar's exact test, and the difference of paired shares."""

import math
from dataclasses import dataclass

from core.evidence.statistics.interval import Difference, Interval, Spread, quantile


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

        The adjusted Wald interval of Bonett and Price (Journal of Educational and Behavioral Statistics
        37, 2012): one row more is counted as fixed and one as broken. It covers where hardly any row is
        discordant, which draws from the counts as they are do not.
        """
        value = (self.fixed - self.broken) / self.rows
        fixed, broken = ((count + 1) / (self.rows + 2) for count in (self.fixed, self.broken))
        error = math.sqrt((fixed + broken - (fixed - broken) ** 2) / (self.rows + 2))
        spread = Spread(value=fixed - broken, error=error, freedom=math.inf).difference(level)
        return Difference(
            value=value,
            interval=spread.interval.within(-1, 1).holding(value),
            p_value=spread.p_value,
            error=error,
        )
