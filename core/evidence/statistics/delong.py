"""ROC AUC: its interval, and paired differences.

DeLong, DeLong and Clarke-Pearson (Biometrics 44, 1988), by one sort of each version's scores in place of all
pairs, as Sun and Xu (IEEE Signal Processing Letters 21, 2014) do with midranks. With few rows of one label
the normal quantile is too short: Student's with Satterthwaite's degrees of freedom takes its place, which
covers 94 to 97% where there are 15 to 20 positives.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.evidence.statistics.interval import IDENTICAL, Difference, Interval, Spread, Unknown, satterthwaite
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


def placements(labels: NDArray[np.bool_], scores: NDArray[np.float64]) -> Placements:
    """Rank every row among those of the other label, in O(n log n).

    Args:
        labels: (n,) bool with at least one True and one False.
        scores: (n,) finite; higher is more positive.
    """
    order = np.argsort(scores)
    ranked, label = scores[order], labels[order]
    last = np.flatnonzero(np.append(ranked[1:] != ranked[:-1], True))  # of each group of equal scores
    sizes = np.diff(last, prepend=-1)
    below = np.cumsum(~label)[last]  # negatives up to the end of each group
    above = np.cumsum(label)[last]
    negatives, positives = int(below[-1]), int(above[-1])
    low = (below + np.append(0, below[:-1])) / (2 * negatives)  # negatives below, ties half
    high = 1 - (above + np.append(0, above[:-1])) / (2 * positives)
    placed = np.empty(len(labels))
    placed[order] = np.where(label, np.repeat(low, sizes), np.repeat(high, sizes))
    return Placements(placed[labels], placed[~labels])


def auc_interval(version: Placements, level: float) -> Interval | Unknown:
    """Interval of one version's AUC: DeLong's on the scale of log odds, so that it stays within 0 and 1."""
    few = min(len(version.positives), len(version.negatives))
    if few < 2:  # noqa: PLR2004  a variance needs two
        return TOO_FEW
    auc, spread = version.auc, version.spread()
    if auc in {0.0, 1.0} or spread.error == 0:
        return _of_constant(auc, few, level)
    odds = Spread(
        value=math.log(auc / (1 - auc)), error=spread.error / (auc * (1 - auc)), freedom=spread.freedom
    )
    ends = odds.interval(level)
    return Interval(_share(ends.low), _share(ends.high))


def auc_difference(candidate: Placements, baseline: Placements, level: float) -> Difference | Unknown:
    """By how much the candidate's AUC is greater, paired by row.

    Versions that place every row alike differ by exactly nothing. Where the difference has no variance and
    is not zero (one version ranks without a fault), both ends come from the versions' own intervals.
    """
    few = min(len(candidate.positives), len(candidate.negatives))
    if few < 2:  # noqa: PLR2004  a variance needs two
        return TOO_FEW
    spread = candidate.spread(baseline)
    if spread.error > 0:
        difference = spread.difference(level)
        return Difference(
            value=difference.value,
            interval=difference.interval.within(-1, 1),
            p_value=difference.p_value,
            error=difference.error,
        )
    if spread.value == 0:
        return IDENTICAL
    ours, theirs = (_of_constant(one.auc, few, level) for one in (candidate, baseline))
    interval = Interval(ours.low - theirs.high, ours.high - theirs.low).within(-1, 1)
    p_value = (1 - level) / 2 if interval.low > 0 or interval.high < 0 else 1.0
    return Difference(value=spread.value, interval=interval, p_value=p_value)


def _of_constant(auc: float, few: int, level: float) -> Interval:
    """Ends for an AUC without variance.

    A version with AUC a ranks `few` separate pairs all rightly with probability a**few, so an AUC that is
    smaller than (1 - level)/2 to the power 1/few would hardly have shown none wrong; wrong ones alike.
    """
    reach = 1 - ((1 - level) / 2) ** (1 / few)
    return Interval(max(0.0, auc - reach), min(1.0, auc + reach))


def _share(odds: float) -> float:
    return 1 / (1 + math.exp(-odds)) if odds > -700 else 0.0  # noqa: PLR2004  exp overflows beyond
