"""What is worth looking at first among many runs: the params that vary, and those that move the metric."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.catalog.compared_runs import numbers_of
from core.catalog.runs.question import Field, FieldFacts, Kind, Value
from core.evidence.metric_direction import higher_is_better
from core.evidence.metrics import METRIC

FEW_VALUES: Final = 12  # of a field by which runs are put into boxes
MOST_PARAMS: Final = 6  # axes that open
_FEWEST_PAIRS: Final = 4

Values = Mapping[Field, Sequence[Value]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Defaults:
    """Fields by which a comparison opens; None or empty where nothing is fit for it."""

    axes: tuple[Field, ...] = ()
    x: Field | None = None
    by: Field | None = None
    color: Field | None = None


def main_metrics(facts: Sequence[FieldFacts]) -> tuple[Field, ...]:
    """All metrics, what runs are most likely compared by first: the most used one.

    Of those that are used as often, MLflow's own measurements of the machine come last, and what is of a
    test or a validation, or known to be about quality, comes before losses and times.
    """
    metrics = [one for one in facts if one.field.kind is Kind.METRIC]
    return tuple(one.field for one in sorted(metrics, key=_likely))


def _likely(facts: FieldFacts) -> tuple[bool, int, bool, bool, bool]:
    name = facts.field.name.lower()
    return (
        name.startswith("system/"),
        -facts.runs,
        not any(word in name for word in ("val", "test", "eval")),
        name.removeprefix("val_").removeprefix("test_") not in METRIC,
        not higher_is_better(name),
    )


def choose(values: Values, metric: Field | None, *, second: Field | None = None) -> Defaults:
    """Params that vary, those first that go with the metric most; then the metrics.

    Args:
        values: Of all params that come into question, and of both metrics.
        metric: What is compared; None where no run has a metric.
        second: Another metric for the last axis but one.
    """
    varying = [field for field in values if field.kind is Kind.PARAM and varies(values[field])]
    target = numbers_of(values[metric]) if metric is not None else None
    strength = {field: 0.0 if target is None else association(values[field], target) for field in varying}
    ranked = sorted(varying, key=lambda field: -strength[field])
    numeric = [field for field in ranked if numbers_of(values[field]) is not None]
    few = [field for field in ranked if len(set(values[field]) - {None}) <= FEW_VALUES]
    metrics = [field for field in (second, metric) if field is not None]
    return Defaults(
        axes=(*ranked[:MOST_PARAMS], *metrics),
        x=next(iter(numeric), second),
        by=next(iter(few), None),
        color=next((field for field in ranked if field != next(iter(numeric), None)), None),
    )


def varies(values: Sequence[Value]) -> bool:
    """Whether there are several values of it, and not another one for each run."""
    return len(set(values) - {None}) > 1 and not _is_name(values)


def association(values: Sequence[Value], target: Sequence[float | None]) -> float:
    """How much of the target's order goes with the values, from 0 to 1.

    Of numbers the square of Spearman's rank correlation, of texts the share of the variance of the
    target's ranks between groups (eta squared, less what as many groups of noise would have).
    """
    numbers = numbers_of(values)
    pairs = [at for at, goal in enumerate(target) if goal is not None and (numbers or values)[at] is not None]
    if len(pairs) < _FEWEST_PAIRS:
        return 0.0
    ranks = _ranks([target[at] for at in pairs])
    if not np.ptp(ranks):
        return 0.0
    if numbers is not None:
        others = _ranks([numbers[at] for at in pairs])
        return float(np.corrcoef(others, ranks)[0, 1] ** 2) if np.ptp(others) else 0.0
    return _between([str(values[at]) for at in pairs], ranks)


def _between(texts: Sequence[str], ranks: NDArray[np.float64]) -> float:
    _names, groups = np.unique(np.array(texts, object).astype(str), return_inverse=True)
    sizes = np.bincount(groups)
    if len(sizes) < 2 or len(sizes) >= len(ranks):  # noqa: PLR2004 - one group, or a group a run, says nothing
        return 0.0
    means = np.bincount(groups, weights=ranks) / sizes
    share = float((sizes * (means - ranks.mean()) ** 2).sum() / ((ranks - ranks.mean()) ** 2).sum())
    by_chance = (len(sizes) - 1) / (len(ranks) - 1)
    return max(0.0, (share - by_chance) / (1 - by_chance))


def _ranks(values: Sequence[float | None]) -> NDArray[np.float64]:
    """Ranks from 1, equal values at the mean of theirs; as scipy's, whose import takes seconds."""
    _distinct, places, sizes = np.unique(
        np.array(values, np.float64), return_inverse=True, return_counts=True
    )
    last = np.cumsum(sizes)
    return np.asarray((last - (sizes - 1) / 2)[places], np.float64)


def _is_name(values: Sequence[Value]) -> bool:
    """Texts that name each run apart, such as a path or an id, show nothing on an axis."""
    known = [value for value in values if value is not None]
    return len(known) > FEW_VALUES and numbers_of(known) is None and len(set(known)) > 0.5 * len(known)
