"""Average precision, calibration error and Kolmogorov-Smirnov: how much each row moves them.

The infinitesimal jackknife (Jaeckel 1972; Efron, The Jackknife, the Bootstrap and Other Resampling Plans,
1982, chapter 6): the derivative of a metric by the weight of each row. Its squares add up to the variance
that a bootstrap of rows would find, for any number of rows and without a draw; for two versions the
derivatives are subtracted row by row first, so the difference is paired.
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.evidence.statistics.interval import Spread, Unknown, satterthwaite
from core.evidence.statistics.ranks import Ranks
from core.messages import message

BINS: Final = 10  # of equal width, for the calibration error
TOO_FEW = Unknown(reason=message("An interval needs at least two rows of each label."))


@dataclass(frozen=True, slots=True, eq=False)
class Influence:
    """A metric's value and its (n,) derivatives by the weights of the rows, in the split's order.

    Derivatives add up to zero for each metric here: doubling all weights changes nothing.
    """

    value: float
    rows: NDArray[np.float64]

    def spread(self, labels: NDArray[np.bool_], other: "Influence | None" = None) -> Spread | Unknown:
        """The metric, or by how much it is greater than another version's on the same rows."""
        rows = self.rows if other is None else self.rows - other.rows
        value = self.value if other is None else self.value - other.value
        parts = []
        for side in (rows[labels], rows[~labels]):
            if len(side) < 2:  # noqa: PLR2004  a variance needs two
                return TOO_FEW
            # By label, since a metric may hang on the few rows of one; their numbers are random, too.
            parts.append((float(np.sum(np.square(side))) * len(side) / (len(side) - 1), len(side)))
        error = math.sqrt(parts[0][0] + parts[1][0])
        return Spread(value=value, error=error, freedom=satterthwaite((parts[0], parts[1])))


def average_precision(ranks: Ranks) -> Influence:
    """Precision at each threshold, weighted by the recall gained there; both labels must occur."""
    positives = float(ranks.tp[-1])
    precision = ranks.tp / (ranks.tp + ranks.fp)
    gained = np.diff(ranks.tp, prepend=0)
    value = float(np.sum(gained * precision)) / positives
    # A row counts in every precision from its own threshold on, a positive one in the gain there as well.
    weight = gained / np.square(ranks.tp + ranks.fp)
    by_positive = precision + _from_here(weight * ranks.fp) - value
    by_negative = -_from_here(weight * ranks.tp)
    return Influence(value, ranks.spread(by_positive / positives, by_negative / positives))


def kolmogorov_smirnov(ranks: Ranks) -> Influence:
    """Largest distance of true and false positive rate; its place is held fixed."""
    positives, negatives = float(ranks.tp[-1]), float(ranks.fp[-1])
    recall, alarms = ranks.tp / positives, ranks.fp / negatives
    furthest = int(np.argmax(np.abs(recall - alarms)))
    apart = float(recall[furthest] - alarms[furthest])
    reached = np.arange(len(recall)) <= furthest
    sign = math.copysign(1.0, apart)
    return Influence(
        abs(apart),
        ranks.spread(
            sign * (reached - recall[furthest]) / positives, sign * (alarms[furthest] - reached) / negatives
        ),
    )


def calibration_error(labels: NDArray[np.bool_], scores: NDArray[np.float64]) -> Influence:
    """Expected calibration error: mean distance of score and label in ten bins of equal width.

    `scores` are probabilities. Near zero it is biased upwards (Nixon et al., CVPR workshops 2019), for
    both versions of a comparison alike.
    """
    edges = np.linspace(0.0, 1.0, BINS + 1)[1:-1]
    held = np.searchsorted(edges, scores, side="left")
    apart = np.subtract(scores, labels, dtype=np.float64)
    sums = np.bincount(held, weights=apart, minlength=BINS)
    value = float(np.sum(np.abs(sums))) / len(labels)
    return Influence(value, (np.sign(sums)[held] * apart - value) / len(labels))


def _from_here(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sum of each value and all after it."""
    return np.cumsum(values[::-1])[::-1]
