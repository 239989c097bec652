from typing import Any

import numpy as np
import pytest
from sklearn import metrics as sk

from core.evidence.statistics.cells import RARELY_DEFINED, EightCells, eight_cells
from core.evidence.statistics.interval import Difference

BY_DECISION = {
    "accuracy": sk.accuracy_score,
    "balanced_accuracy": sk.balanced_accuracy_score,
    "precision": sk.precision_score,
    "recall": sk.recall_score,
    "f1": sk.f1_score,
    "mcc": sk.matthews_corrcoef,
}
Array = np.ndarray[Any, Any]


@pytest.fixture(scope="module")
def rows() -> tuple[Array, Array, Array]:
    """Labels, baseline's and candidate's decisions of 600 rows; the candidate is a little better."""
    rng = np.random.default_rng(11)
    labels = rng.random(600) < 0.4
    baseline = labels ^ (rng.random(600) < 0.25)
    candidate = np.where(rng.random(600) < 0.2, labels, baseline)
    return labels, baseline, candidate


def difference(cells: EightCells, metric: str, level: float = 0.95, cost_ratio: float = 1.0) -> Difference:
    found = cells.differences(level, cost_ratio)[metric]
    assert isinstance(found, Difference)
    return found


def test_rows_are_counted_by_label_and_both_decisions() -> None:
    labels = np.array([True, True, False, False, True])
    baseline = np.array([True, False, False, True, True])
    candidate = np.array([False, True, False, False, True])
    cells = eight_cells(labels, baseline, candidate)
    assert cells.counts.tolist() == [[[1, 0], [1, 0]], [[0, 1], [1, 1]]]
    assert (cells.fixed, cells.broken) == (2, 1)


@pytest.mark.parametrize("metric", BY_DECISION)
def test_differences_are_scikit_learns(rows: tuple[Array, Array, Array], metric: str) -> None:
    labels, baseline, candidate = rows
    found = difference(eight_cells(labels, baseline, candidate), metric)
    measure = BY_DECISION[metric]
    assert found.value == pytest.approx(measure(labels, candidate) - measure(labels, baseline), abs=1e-12)
    assert found.interval.low < found.value < found.interval.high


@pytest.mark.parametrize("metric", ["balanced_accuracy", "precision", "recall", "f1", "mcc"])
def test_intervals_are_those_of_a_bootstrap_of_rows(rows: tuple[Array, Array, Array], metric: str) -> None:
    labels, baseline, candidate = rows
    measure, rng, drawn = BY_DECISION[metric], np.random.default_rng(1), []
    for _ in range(1_000):
        take = rng.integers(0, len(labels), len(labels))
        drawn.append(measure(labels[take], candidate[take]) - measure(labels[take], baseline[take]))
    low, high = np.quantile(drawn, [0.025, 0.975])
    found = difference(eight_cells(*rows), metric).interval
    assert found.low == pytest.approx(low, abs=0.15 * (high - low))
    assert found.high == pytest.approx(high, abs=0.15 * (high - low))


def test_interval_and_p_value_agree(rows: tuple[Array, Array, Array]) -> None:
    found = difference(eight_cells(*rows), "recall")
    assert (found.interval.low > 0 or found.interval.high < 0) == (found.p_value < 0.05)
    level = 1 - found.p_value
    near = difference(eight_cells(*rows), "recall", level).interval
    assert min(abs(near.low), abs(near.high)) < 0.01  # its end stands at zero at just that level


def test_the_work_is_the_same_for_any_number_of_rows_and_the_interval_shrinks(
    rows: tuple[Array, Array, Array],
) -> None:
    cells = eight_cells(*rows)
    many = EightCells(cells.counts * 10_000)
    small, large = difference(cells, "f1").interval, difference(many, "f1").interval
    assert (large.high - large.low) == pytest.approx((small.high - small.low) / 100, rel=0.1)
    assert difference(many, "f1") == difference(many, "f1")  # the seed is fixed


def test_equal_decisions_on_few_rows_do_not_prove_equality() -> None:
    cells = EightCells(np.array([[[60, 0], [0, 10]], [[5, 0], [0, 25]]]))
    found = difference(cells, "recall")
    assert found.value == 0
    assert found.interval.low < -0.01 < 0.01 < found.interval.high
    assert found.p_value > 0.9


def test_what_a_missed_positive_costs_is_weighed() -> None:
    cells = EightCells(np.array([[[50, 10], [0, 0]], [[0, 4], [0, 36]]]))  # 4 found, 10 false alarms
    assert difference(cells, "cost", cost_ratio=1).value == pytest.approx((10 - 4) / 100)
    assert difference(cells, "cost", cost_ratio=5).value == pytest.approx((10 - 5 * 4) / 100)


def test_a_metric_that_most_samples_leave_undefined_has_no_difference() -> None:
    cells = EightCells(np.array([[[99, 0], [0, 0]], [[1, 0], [0, 0]]]))  # nobody calls anything positive
    found = cells.differences(0.95)
    assert found["precision"] is RARELY_DEFINED
    assert found["mcc"] is RARELY_DEFINED
    assert isinstance(found["accuracy"], Difference)
