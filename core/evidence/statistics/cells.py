"""Metrics of decisions: differences from draws over the eight cells (label, baseline, candidate).

Whatever is computed from two confusion matrices of the same rows depends on eight counts alone, so a
bootstrap of rows is a multinomial draw of those counts, the same work for a hundred rows and a million.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.evidence.curves import Confusion
from core.evidence.statistics.interval import Difference, Interval, Unknown, quantile
from core.evidence.statistics.proportions import Discordant, wilson
from core.messages import message

DRAWS: Final = 10_000
SEED: Final = 20_191_119
UNSEEN: Final = (
    0.5  # rows added to each cell of rows on which two versions differ, as if half a row were seen
)
MANY: Final = 1_000  # rows in every cell, from which on draws are normal
MOST_UNDEFINED: Final = 0.05  # share of draws in which a metric may be undefined

RARELY_DEFINED = Unknown(reason=message("The metric is undefined for too many samples of these rows."))
Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Decided:
    """Rows by label and decision, as arrays of draws or as single numbers; positive first."""

    tp: Values
    fn: Values
    fp: Values
    tn: Values

    @property
    def rows(self) -> Values:
        """All rows of each draw."""
        return self.tp + self.fn + self.fp + self.tn


Measure = Callable[[Decided], Values]


@dataclass(frozen=True, slots=True)
class EightCells:
    """Rows by (label, baseline's decision, candidate's decision), each 1 for positive: (2, 2, 2) int64."""

    counts: NDArray[np.int64]

    @property
    def fixed(self) -> int:
        """Rows that the candidate has right and the baseline wrong."""
        return int(self.counts[1, 0, 1] + self.counts[0, 1, 0])

    @property
    def broken(self) -> int:
        """Rows that the baseline has right and the candidate wrong."""
        return int(self.counts[1, 1, 0] + self.counts[0, 0, 1])

    def differences(self, level: float, cost_ratio: float = 1.0) -> Mapping[str, Difference | Unknown]:
        """Candidate less baseline for every metric of decisions, by metric name.

        Args:
            level: confidence level in (0, 1).
            cost_ratio: what a missed positive costs, where a false alarm costs 1.
        """
        drawn = _both(self._drawn())
        return {name: self._difference(name, drawn, level, cost_ratio) for name in measures(cost_ratio)}

    def difference(self, name: str, level: float, cost_ratio: float = 1.0) -> Difference | Unknown:
        """Candidate less baseline for one metric of decisions; KeyError where it is none."""
        return self._difference(name, None, level, cost_ratio)

    def values(self, name: str, cost_ratio: float = 1.0) -> tuple[float | None, float | None]:
        """A metric of decisions of the baseline and of the candidate, None where undefined."""
        measure = measures(cost_ratio)[name]
        found = (measure(one).item() for one in _both(self.counts.astype(np.float64)[..., np.newaxis]))
        first, second = (None if math.isnan(value) else float(value) for value in found)
        return first, second

    def _difference(
        self, name: str, drawn: tuple[Decided, Decided] | None, level: float, cost_ratio: float
    ) -> Difference | Unknown:
        if name == "accuracy":
            return Discordant(self.fixed, self.broken, int(self.counts.sum())).difference(level)
        baseline, candidate = self.values(name, cost_ratio)
        if baseline is None or candidate is None:
            return RARELY_DEFINED
        measure = measures(cost_ratio)[name]
        before, after = _both(self._drawn()) if drawn is None else drawn
        return _difference(candidate - baseline, measure(after) - measure(before), level)

    def _drawn(self) -> Values:
        """(2, 2, 2, draws) counts; cells where the versions differ are never quite empty."""
        counts = self.counts.astype(np.float64)
        counts[:, 0, 1] += UNSEEN
        counts[:, 1, 0] += UNSEEN
        return _draws(counts)


def eight_cells(
    labels: NDArray[np.bool_], baseline: NDArray[np.bool_], candidate: NDArray[np.bool_]
) -> EightCells:
    """Count the rows by (n,) labels and (n,) decisions of two versions; eight rows at a time, in bits."""
    label, first, second = (np.packbits(each) for each in (labels, baseline, candidate))
    called = label & first
    counts = np.empty((2, 2, 2), dtype=np.int64)
    counts[1] = _two_by_two(_bits(label), _bits(called), _bits(label & second), _bits(called & second))
    everywhere = _two_by_two(len(labels), _bits(first), _bits(second), _bits(first & second))
    counts[0] = everywhere - counts[1]
    return EightCells(counts)


def _two_by_two(rows: int, first: int, second: int, both: int) -> NDArray[np.int64]:
    """Rows by the decisions of two versions, from how many rows each and both call positive."""
    return np.array([[rows - first - second + both, second - both], [first - both, both]])


def _bits(packed: NDArray[np.uint8]) -> int:
    return int(np.bitwise_count(packed).sum(dtype=np.int64))


def intervals(
    confusion: Confusion, level: float, cost_ratio: float = 1.0
) -> Mapping[str, Interval | Unknown]:
    """Intervals of one version's metrics of decisions, `cost` among them, by name.

    Shares of rows by Wilson, the rest from draws over the four cells, with half a row added to each.
    """
    tn, fp, fn, tp = confusion.tn, confusion.fp, confusion.fn, confusion.tp
    shares = {
        "accuracy": (tp + tn, tn + fp + fn + tp),
        "precision": (tp, tp + fp),
        "recall": (tp, tp + fn),
        "specificity": (tn, tn + fp),
    }
    found: dict[str, Interval | Unknown] = {
        name: wilson(hits, rows, level) if rows else RARELY_DEFINED for name, (hits, rows) in shares.items()
    }
    counts = np.array([[tn, fp], [fn, tp]], dtype=np.float64)
    seen, drawn = _decided(counts[..., np.newaxis]), _decided(_draws(counts + UNSEEN))
    found["cost"] = _of_cost(confusion, level, cost_ratio)
    for name in ("balanced_accuracy", "f1", "mcc"):
        measure = measures()[name]
        one = _difference(measure(seen).item(), measure(drawn), level)
        found[name] = one.interval if isinstance(one, Difference) else one
    return found


def _of_cost(confusion: Confusion, level: float, ratio: float) -> Interval:
    """Of a mean over rows that cost `ratio`, 1 or nothing, with half a row more of each mistake."""
    rows = confusion.tn + confusion.fp + confusion.fn + confusion.tp + 2 * UNSEEN
    missed, alarms = (confusion.fn + UNSEEN) / rows, (confusion.fp + UNSEEN) / rows
    middle = ratio * missed + alarms
    reach = quantile(level) * math.sqrt((ratio**2 * missed + alarms - middle**2) / rows)
    return (
        Interval(middle - reach, middle + reach).within(0.0, max(ratio, 1.0)).holding(confusion.cost(ratio))
    )


def measures(cost_ratio: float = 1.0) -> Mapping[str, Measure]:
    """Metrics of decisions by name, NaN where undefined; `cost` is the mean cost of a row."""
    return {
        "accuracy": lambda at: (at.tp + at.tn) / at.rows,
        "balanced_accuracy": lambda at: (_share(at.tp, at.fn) + _share(at.tn, at.fp)) / 2,
        "precision": lambda at: _share(at.tp, at.fp),
        "recall": lambda at: _share(at.tp, at.fn),
        "specificity": lambda at: _share(at.tn, at.fp),
        "f1": lambda at: _share(2 * at.tp, at.fp + at.fn),
        "mcc": _matthews,
        "cost": lambda at: (cost_ratio * at.fn + at.fp) / at.rows,
    }


def _matthews(at: Decided) -> Values:
    sides = (at.tp + at.fp) * (at.tp + at.fn) * (at.tn + at.fp) * (at.tn + at.fn)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(sides > 0, (at.tp * at.tn - at.fp * at.fn) / np.sqrt(sides), np.nan)


def _share(part: Values, rest: Values) -> Values:
    with np.errstate(invalid="ignore"):
        return part / (part + rest)


def _draws(counts: Values) -> Values:
    """Multinomial draws of as many rows as `counts` hold, one more axis at the end.

    Where every cell holds a thousand rows or more, normal draws with the same mean and covariance take their
    place: their skewness, below 0.03, is less than 10,000 draws can show, and they take a third of the time.
    """
    rng, shape = np.random.default_rng(SEED), (*counts.shape, DRAWS)
    if counts.min() >= MANY:
        apart = rng.standard_normal(shape) * np.sqrt(counts)[..., np.newaxis]
        share = (counts / counts.sum())[..., np.newaxis]
        drawn: Values = counts[..., np.newaxis] + apart - share * apart.sum(axis=tuple(range(counts.ndim)))
        return drawn
    draws = rng.multinomial(round(counts.sum()), (counts / counts.sum()).ravel(), DRAWS)
    return np.ascontiguousarray(draws.T, dtype=np.float64).reshape(shape)


def _both(counts: Values) -> tuple[Decided, Decided]:
    """Baseline's and candidate's decisions of (2, 2, 2, draws) counts."""
    return _decided(counts[:, :, 0] + counts[:, :, 1]), _decided(counts[:, 0] + counts[:, 1])


def _decided(table: Values) -> Decided:
    """Of (label, decision, draws)."""
    return Decided(tp=table[1, 1], fn=table[1, 0], fp=table[0, 1], tn=table[0, 0])


def _difference(seen: float, drawn: Values, level: float) -> Difference | Unknown:
    defined = drawn[~np.isnan(drawn)]
    if math.isnan(seen) or len(defined) < (1 - MOST_UNDEFINED) * len(drawn):
        return RARELY_DEFINED
    tails = int(np.count_nonzero(defined <= 0)), int(np.count_nonzero(defined >= 0))
    return Difference(
        value=seen,
        interval=_percentiles(defined, level).holding(seen),
        p_value=min(1.0, 2 * (min(tails) + 1) / (len(defined) + 1)),
        error=float(defined.std()),
    )


def _percentiles(drawn: Values, level: float) -> Interval:
    """Both ends of the middle share `level`, each between two neighbours by a straight line."""
    ends = [0.5 * (1 + sign * level) * (len(drawn) - 1) for sign in (-1, 1)]
    lower = [min(int(end), len(drawn) - 2) for end in ends]
    ordered = np.partition(drawn, [at + step for at in lower for step in (0, 1)])
    low, high = (
        float(ordered[at] + (end - at) * (ordered[at + 1] - ordered[at]))
        for at, end in zip(lower, ends, strict=True)
    )
    return Interval(low, high)
