"""How a candidate differs from the baseline in each slice, paired by row, and how sure that is.

```
   slices ─► rows of each ─► metric of both and their paired difference ─► worst lower bound first
```
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.evidence.metrics import METRIC, Metric
from core.evidence.paired import Paired
from core.evidence.row_parts import NO_PROBABILITY
from core.evidence.scores import ScoreKind
from core.evidence.slices import Slice
from core.evidence.statistics import cells, influence, losses
from core.evidence.statistics.delong import placements, rank
from core.evidence.statistics.interval import IDENTICAL, Difference, Interval, Unknown, quantile
from core.evidence.statistics.ranks import ranks
from core.evidence.statistics.verdict import oriented
from core.messages import message

MIN_ROWS: Final = 30
MIN_OF_LABEL: Final = 10  # rows of either label below which intervals are but a hint

ONE_LABEL: Final = Unknown(reason=message("All rows of the slice have the same label."))
UNDEFINED: Final = Unknown(reason=message("The metric is undefined for the decisions in this slice."))

Labels = NDArray[np.bool_]
Scores = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class SliceTerms:
    """On what terms slices are judged; `candidates` that are looked at share alpha with the slices."""

    metric: str
    threshold: float
    baseline_threshold: float | None = None  # None: the same
    alpha: float = 0.05
    candidates: int = 1
    min_rows: int = MIN_ROWS
    cost_ratio: float = 1.0  # what a missed positive costs, where a false alarm costs 1


@dataclass(frozen=True, slots=True, kw_only=True)
class SliceEvidence:
    """A metric of both versions on a slice's rows, None where undefined, and the paired difference."""

    slice: Slice
    baseline: float | None
    candidate: float | None
    difference: Difference | Unknown
    is_small: bool  # too few rows, of a label or in all, to be judged

    @property
    def is_clear(self) -> bool:
        """Whether the interval leaves out zero, on rows enough."""
        if self.is_small or isinstance(self.difference, Unknown):
            return False
        return self.difference.interval.low > 0 or self.difference.interval.high < 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Sliced:
    """Slices of a candidate, worst first; those that are too small or undefined come last."""

    metric: Metric
    alpha: float
    level: float  # of each interval: 1 - alpha / (slices that are judged x candidates), Bonferroni
    judged: int  # slices that are not too small
    candidates: int
    slices: tuple[SliceEvidence, ...]


class _Measured(NamedTuple):
    baseline: float | None
    candidate: float | None
    difference: Difference | Unknown


class _Rows(NamedTuple):
    """The rows of a slice."""

    labels: Labels
    baseline: Scores
    candidate: Scores


def slice_evidence(slices: Sequence[Slice], paired: Paired, terms: SliceTerms) -> Sliced:
    """Judge a candidate on each slice by one metric.

    The level is shared by all slices that are large enough and by all candidates, so the chance that any
    of them shows a difference where there is none is at most alpha.

    Raises:
        KeyError: no such metric.
    """
    metric = METRIC[terms.metric]
    small = [_is_small(one, terms.min_rows) for one in slices]
    judged = small.count(False)
    level = 1 - terms.alpha / max(1, judged * terms.candidates)
    measure = _measure(metric, paired, terms, level)
    labels, baseline, candidate = paired.split.labels, paired.baseline.values, paired.candidate.values
    found = []
    for one, is_small in zip(slices, small, strict=True):
        mask = one.mask()
        measured = measure(_Rows(labels[mask], baseline[mask], candidate[mask]))
        found.append(SliceEvidence(slice=one, is_small=is_small, **measured._asdict()))
    found.sort(key=lambda one: _order(one, metric))
    return Sliced(
        metric=metric,
        alpha=terms.alpha,
        level=level,
        judged=judged,
        candidates=terms.candidates,
        slices=tuple(found),
    )


def _is_small(one: Slice, min_rows: int) -> bool:
    return one.rows < min_rows or min(one.positives, one.rows - one.positives) < MIN_OF_LABEL


def _order(one: SliceEvidence, metric: Metric) -> tuple[bool, bool, float]:
    if isinstance(one.difference, Unknown):
        return True, True, 0.0
    low = oriented(one.difference.interval, greater_is_better=metric.greater_is_better).low
    return one.is_small, False, low


def _measure(metric: Metric, paired: Paired, terms: SliceTerms, level: float) -> Callable[[_Rows], _Measured]:
    if metric.needs_threshold:
        return lambda rows: _decided(rows, metric.name, terms, level)
    if metric.needs_probability:
        kinds = {paired.baseline.kind, paired.candidate.kind}
        if kinds != {ScoreKind.PROBABILITY}:
            return lambda _rows: _Measured(None, None, NO_PROBABILITY)
        return lambda rows: _lost(rows, metric.name, level)
    return lambda rows: _ranked(rows, metric.name, level)


def _decided(rows: _Rows, name: str, terms: SliceTerms, level: float) -> _Measured:
    theirs = terms.threshold if terms.baseline_threshold is None else terms.baseline_threshold
    both = cells.eight_cells(rows.labels, rows.baseline >= theirs, rows.candidate >= terms.threshold)
    baseline, candidate = both.values(name, terms.cost_ratio)
    if baseline is None or candidate is None:
        return _Measured(baseline, candidate, UNDEFINED)
    if not both.fixed and not both.broken:
        return _Measured(baseline, candidate, IDENTICAL)
    difference = both.difference(name, level, terms.cost_ratio)
    return _Measured(baseline, candidate, _beyond_draws(difference, level))


def _beyond_draws(difference: Difference | Unknown, level: float) -> Difference | Unknown:
    """Widened to the normal reach of its error where hardly any draw lies as far out as the level asks."""
    if isinstance(difference, Unknown) or not difference.error:
        return difference
    if (1 - level) / 2 * cells.DRAWS >= MIN_OF_LABEL:
        return difference
    reach = difference.error * quantile(level)
    drawn = difference.interval
    wide = Interval(min(drawn.low, difference.value - reach), max(drawn.high, difference.value + reach))
    return replace(difference, interval=wide)


def _lost(rows: _Rows, name: str, level: float) -> _Measured:
    lost = LOSSES[name]
    baseline, candidate = lost(rows.labels, rows.baseline), lost(rows.labels, rows.candidate)
    spread = losses.mean(candidate - baseline, rows.labels)
    difference = spread if isinstance(spread, Unknown) else spread.difference(level)
    return _Measured(float(baseline.mean()), float(candidate.mean()), difference)


def _ranked(rows: _Rows, name: str, level: float) -> _Measured:
    if rows.labels.all() or not rows.labels.any():
        return _Measured(None, None, ONE_LABEL)
    baseline, candidate = (ranks(rows.labels, scores) for scores in (rows.baseline, rows.candidate))
    if name == "roc_auc":
        theirs, ours = placements(baseline), placements(candidate)
        ranking = rank(ours, theirs)
        difference = ranking if isinstance(ranking, Unknown) else ranking.difference(level)
        return _Measured(theirs.auc, ours.auc, difference)
    before, after = influence.average_precision(baseline), influence.average_precision(candidate)
    spread = after.spread(rows.labels, before)
    moved = spread if isinstance(spread, Unknown) else spread.difference(level)
    return _Measured(before.value, after.value, moved)


LOSSES: Final[Mapping[str, Callable[[Labels, Scores], Scores]]] = {
    "log_loss": losses.log_losses,
    "brier": losses.squared_errors,
}
