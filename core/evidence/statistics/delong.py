"""ROC AUC: its interval, and paired differences.

DeLong, DeLong and Clarke-Pearson (Biometrics 44, 1988), by one sort of each version's scores in place of all
pairs, as Sun and Xu (IEEE Signal Processing Letters 21, 2014) do with midranks. With few rows of one label
the normal quantile is too short: Student's with Satterthwaite's degrees of freedom takes its place, which
covers 94 to 97% where there are 15 to 20 positives.
"""

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from core.evidence.statistics.interval import IDENTICAL, Difference, Interval, Spread, Unknown, satterthwaite
from core.evidence.statistics.ranks import Ranks
from core.messages import message

TOO_FEW = Unknown(reason=message("An interval needs at least two rows of each label."))


@dataclass(frozen=True, slots=True, eq=False)
class Placements:
    """For each row the share of rows of the other label that are ranked on its right side, ties half.

    `positives` is (m,): share of negatives below each positive row. `negatives` is (n,): share of positives
    above each negative row. The mean of either is the AUC. Rows are in the order of the split.
    """

    positives: NDArray[np.float64]
    negatives: NDArray[np.float64]

    @property
    def auc(self) -> float:
        """Area under the ROC curve."""
        return float(self.positives.mean())

    def spread(self, other: "Placements | None" = None) -> Spread:
        """The AUC, or by how much it is greater than another version's on the same rows."""
        positives = self.positives if other is None else self.positives - other.positives
        negatives = self.negatives if other is None else self.negatives - other.negatives
        parts = (
            (float(positives.var(ddof=1)) / len(positives), len(positives)),
            (float(negatives.var(ddof=1)) / len(negatives), len(negatives)),
        )
        error = math.sqrt(parts[0][0] + parts[1][0])
        return Spread(value=float(positives.mean()), error=error, freedom=satterthwaite(parts))


def placements(ranks: Ranks) -> Placements:
    """Rank every row among those of the other label; both labels must occur."""
    below = 1 - _middle(ranks.fp) / ranks.negatives
    above = _middle(ranks.tp) / ranks.positives
    placed = ranks.spread(below, above)
    return Placements(placed[ranks.labels], placed[~ranks.labels])


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking:
    """What is left of placements when their rows are forgotten: enough for an interval at any level.

    `spread` is of one AUC, or of how much greater it is than `baseline`'s. `few` is the number of rows of
    the rarer label.
    """

    spread: Spread
    few: int
    auc: float
    baseline: float | None = None

    def interval(self, level: float) -> Interval:
        """Interval of one AUC: DeLong's on the scale of log odds, so that it stays within 0 and 1."""
        if self.auc in {0.0, 1.0} or self.spread.error == 0:
            return _of_constant(self.auc, self.few, level)
        slope = self.auc * (1 - self.auc)
        odds = Spread(
            value=math.log(self.auc / (1 - self.auc)),
            error=self.spread.error / slope,
            freedom=self.spread.freedom,
        )
        ends = odds.interval(level)
        return Interval(_share(ends.low), _share(ends.high))

    def difference(self, level: float) -> Difference:
        """By how much the AUC is greater than the baseline's, paired by row.

        Versions that place every row alike differ by exactly nothing. Where the difference has no variance
        and is not zero (one version ranks without a fault), both ends come from intervals of their own.
        """
        if self.spread.error > 0:
            found = self.spread.difference(level)
            return replace(found, interval=found.interval.within(-1, 1))
        if self.spread.value == 0 or self.baseline is None:
            return IDENTICAL
        ours, theirs = (_of_constant(auc, self.few, level) for auc in (self.auc, self.baseline))
        interval = Interval(ours.low - theirs.high, ours.high - theirs.low).within(-1, 1)
        p_value = (1 - level) / 2 if interval.low > 0 or interval.high < 0 else 1.0
        return Difference(value=self.spread.value, interval=interval, p_value=p_value)


def rank(version: Placements, baseline: Placements | None = None) -> Ranking | Unknown:
    """One version's AUC, or how it compares with the baseline's on the same rows."""
    few = min(len(version.positives), len(version.negatives))
    if few < 2:  # noqa: PLR2004  a variance needs two
        return TOO_FEW
    return Ranking(
        spread=version.spread(baseline),
        few=few,
        auc=version.auc,
        baseline=None if baseline is None else baseline.auc,
    )


def _of_constant(auc: float, few: int, level: float) -> Interval:
    """Ends for an AUC without variance.

    A version with AUC a ranks `few` separate pairs all rightly with probability a**few, so an AUC that is
    smaller than (1 - level)/2 to the power 1/few would hardly have shown none wrong; wrong ones alike.
    """
    reach = 1 - ((1 - level) / 2) ** (1 / few)
    return Interval(max(0.0, auc - reach), min(1.0, auc + reach))


def _middle(counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """Rows above each distinct score, and half of those at it."""
    middle: NDArray[np.float64] = (counts + np.append(0, counts[:-1])) / 2
    return middle


def _share(odds: float) -> float:
    return 1 / (1 + math.exp(-odds)) if odds > -700 else 0.0  # noqa: PLR2004  exp overflows beyond
