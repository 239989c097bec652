"""Where each row stands among the others, from one sort of a version's scores."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Ranks:
    """Distinct scores from high to low: rows of each label up to each, and where each row stands.

    `labels` and `at` are (n,) in the order of the split: `at` is the index of the row's score among the
    distinct ones. `tp` and `fp` are (k,): positive and negative rows with that score or a higher one.
    """

    labels: NDArray[np.bool_]
    at: NDArray[np.int64]
    tp: NDArray[np.int64]
    fp: NDArray[np.int64]

    @property
    def positives(self) -> int:
        """Rows with the positive label."""
        return int(self.tp[-1])

    @property
    def negatives(self) -> int:
        """Rows with the negative label."""
        return int(self.fp[-1])

    def spread(self, positive: NDArray[np.float64], negative: NDArray[np.float64]) -> NDArray[np.float64]:
        """(n,) of each row, from (k,) values by distinct score for either label."""
        return np.where(self.labels, positive[self.at], negative[self.at])


def ranks(labels: NDArray[np.bool_], scores: NDArray[np.float64]) -> Ranks:
    """Sort (n,) finite scores, n >= 1; higher is more positive."""
    order = np.argsort(scores)[::-1]
    ranked, label = scores[order], labels[order]
    last = np.flatnonzero(np.append(ranked[1:] != ranked[:-1], True))  # of each group of equal scores
    at = np.empty(len(scores), dtype=np.int64)
    at[order] = np.repeat(np.arange(len(last)), np.diff(last, prepend=-1))
    tp = np.cumsum(label, dtype=np.int64)[last]
    return Ranks(labels, at, tp, np.subtract(last + 1, tp, dtype=np.int64))
