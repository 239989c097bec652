from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy.stats import bootstrap
from sklearn.metrics import average_precision_score

from core.evidence.statistics.influence import (
    TOO_FEW,
    Influence,
    average_precision,
    calibration_error,
    kolmogorov_smirnov,
)
from core.evidence.statistics.interval import Spread
from core.evidence.statistics.ranks import Ranks, ranks

Array = np.ndarray[Any, Any]
Weighted = Callable[[Array, Array, Array], float]


def weighted_precision(labels: Array, scores: Array, weights: Array) -> float:
    return float(average_precision_score(labels, scores, sample_weight=weights))


def weighted_distance(labels: Array, scores: Array, weights: Array) -> float:
    positive, negative = weights[labels].sum(), weights[~labels].sum()
    reached = [scores >= threshold for threshold in np.unique(scores)]
    return float(
        max(
            abs(weights[at & labels].sum() / positive - weights[at & ~labels].sum() / negative)
            for at in reached
        )
    )


def weighted_error(labels: Array, scores: Array, weights: Array) -> float:
    total = 0.0
    for low in np.arange(10) / 10:
        held = (scores > low) & (scores <= low + 0.1) if low else scores <= 0.1
        total += abs(float(np.sum(weights[held] * (scores[held] - labels[held]))))
    return total / float(weights.sum())


def of_ranks(measure: Callable[[Ranks], Influence]) -> Callable[[Array, Array], Influence]:
    return lambda labels, scores: measure(ranks(labels, scores))


BY_WEIGHT: list[tuple[Callable[[Array, Array], Influence], Weighted]] = [
    (of_ranks(average_precision), weighted_precision),
    (of_ranks(kolmogorov_smirnov), weighted_distance),
    (calibration_error, weighted_error),
]


@pytest.fixture(scope="module")
def rows() -> tuple[Array, Array, Array]:
    """Labels and the scores of two versions of 500 rows, some of them tied."""
    rng = np.random.default_rng(2)
    labels = rng.random(500) < 0.3
    first = 1 / (1 + np.exp(1 - 2 * labels - rng.normal(size=500)))
    second = np.clip(first + rng.normal(scale=0.1, size=500), 0.004, 0.996).round(3)
    return labels, first, second


@pytest.mark.parametrize(("influence", "weighted"), BY_WEIGHT)
def test_values_and_derivatives_are_those_of_the_weighted_metric(
    rows: tuple[Array, Array, Array], influence: Callable[[Array, Array], Influence], weighted: Weighted
) -> None:
    labels, _, scores = rows
    found = influence(labels, scores)
    assert found.value == pytest.approx(weighted(labels, scores, np.ones(500)), abs=1e-12)
    assert found.rows.sum() == pytest.approx(0, abs=1e-12)
    for row in range(0, 500, 25):
        weights = np.ones(500)
        weights[row] += 1e-6
        slope = (weighted(labels, scores, weights) - found.value) / 1e-6
        assert found.rows[row] == pytest.approx(slope, abs=1e-7)


@pytest.mark.parametrize(
    ("influence", "weighted", "wider"), [(*BY_WEIGHT[0], 1.0), (*BY_WEIGHT[1], 1.2), (*BY_WEIGHT[2], 1.1)]
)
def test_a_paired_interval_is_that_of_a_bootstrap_of_rows(
    rows: tuple[Array, Array, Array],
    influence: Callable[[Array, Array], Influence],
    weighted: Weighted,
    wider: float,  # where the metric has kinks, on the safe side
) -> None:
    labels, first, second = rows
    spread = influence(labels, second).spread(labels, influence(labels, first))
    assert isinstance(spread, Spread)

    def change(taken: Array) -> float:
        weights = np.bincount(taken, minlength=500).astype(float)
        return weighted(labels, second, weights) - weighted(labels, first, weights)

    drawn = bootstrap(
        (np.arange(500),), change, n_resamples=400, vectorized=False, method="percentile", rng=4
    )
    assert spread.error == pytest.approx(wider * drawn.standard_error, rel=0.15)
    ours, theirs = spread.interval(0.95), drawn.confidence_interval
    assert ours.high - ours.low == pytest.approx(wider * (theirs.high - theirs.low), rel=0.15)


def test_a_version_against_itself_differs_by_exactly_nothing(rows: tuple[Array, Array, Array]) -> None:
    labels, first, _ = rows
    found = average_precision(ranks(labels, first))
    spread = found.spread(labels, found)
    assert isinstance(spread, Spread)
    assert (spread.value, spread.error) == (0.0, 0.0)


def test_one_row_of_a_label_gives_no_interval() -> None:
    labels = np.array([True, False, False])
    assert average_precision(ranks(labels, np.array([0.5, 0.4, 0.6]))).spread(labels) is TOO_FEW
