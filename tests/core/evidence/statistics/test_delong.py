import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from sklearn.metrics import roc_auc_score

from core.evidence.statistics.delong import (
    TOO_FEW,
    Placements,
    Ranking,
    placements,
    rank,
)
from core.evidence.statistics.interval import IDENTICAL, Difference, Interval
from core.evidence.statistics.ranks import ranks

Array = np.ndarray[Any, Any]


def by_pairs(labels: Array, scores: Array) -> Placements:
    """DeLong's components from all pairs, as the paper defines them."""
    positive, negative = scores[labels], scores[~labels]
    wins = (positive[:, None] > negative) + 0.5 * (positive[:, None] == negative)
    return Placements(wins.mean(axis=1), wins.mean(axis=0))


def covariance_by_pairs(labels: Array, versions: list[Array]) -> Array:
    parts = [by_pairs(labels, scores) for scores in versions]
    of_positives = np.cov([part.positives for part in parts])
    of_negatives = np.cov([part.negatives for part in parts])
    return np.asarray(of_positives / labels.sum() + of_negatives / (~labels).sum())


def difference(labels: Array, candidate: Array, baseline: Array, level: float = 0.95) -> Difference:
    found = rank(placements(ranks(labels, candidate)), placements(ranks(labels, baseline)))
    assert isinstance(found, Ranking)
    return found.difference(level)


def interval_of(labels: Array, scores: Array, level: float) -> Interval:
    found = rank(placements(ranks(labels, scores)))
    assert isinstance(found, Ranking)
    return found.interval(level)


@settings(max_examples=60, deadline=None)
@given(
    some.lists(some.tuples(some.booleans(), some.integers(0, 6)), min_size=2, max_size=60).filter(
        lambda rows: len({label for label, _ in rows}) == 2
    )
)
def test_placements_are_those_of_all_pairs(rows: list[tuple[bool, int]]) -> None:
    labels = np.array([label for label, _ in rows])
    scores = np.array([score / 7 for _, score in rows])
    found, expected = placements(ranks(labels, scores)), by_pairs(labels, scores)
    np.testing.assert_allclose(found.positives, expected.positives, rtol=0, atol=1e-12)
    np.testing.assert_allclose(found.negatives, expected.negatives, rtol=0, atol=1e-12)
    assert found.auc == pytest.approx(roc_auc_score(labels, scores), abs=1e-12)


def test_the_error_is_that_of_the_covariance_of_all_pairs() -> None:
    rng = np.random.default_rng(3)
    labels = rng.random(300) < 0.3
    first = np.round(rng.normal(size=300) + labels, 1)  # with ties
    second = first + rng.normal(scale=0.4, size=300)
    covariance = covariance_by_pairs(labels, [first, second])
    variance = covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1]
    found = difference(labels, second, first)
    assert found.error == pytest.approx(math.sqrt(variance), abs=1e-12)
    assert found.value == pytest.approx(
        roc_auc_score(labels, second) - roc_auc_score(labels, first), abs=1e-12
    )
    one = placements(ranks(labels, first)).spread()
    assert one.error == pytest.approx(math.sqrt(covariance[0, 0]), abs=1e-12)


def test_a_case_worked_by_hand() -> None:
    labels = np.array([True, True, False, False])
    ranked = placements(ranks(labels, np.array([0.9, 0.4, 0.6, 0.1])))  # 0.4 stands below one negative
    assert ranked.positives.tolist() == [1.0, 0.5]
    assert ranked.negatives.tolist() == [0.5, 1.0]
    assert ranked.auc == 0.75
    spread = ranked.spread()  # variances 0.125 of two values each: 0.0625 + 0.0625
    assert spread.error == pytest.approx(math.sqrt(0.125))
    assert spread.freedom == 1.0  # two rows of a label know no better than one value does


def test_the_same_order_of_rows_is_no_difference_at_all() -> None:
    labels = np.array([True, False, True, False, True])
    scores = np.array([0.9, 0.8, 0.3, 0.1, 0.7])
    assert difference(labels, scores, scores) == IDENTICAL
    assert difference(labels, scores / 2, scores) == IDENTICAL  # a rank metric sees no scale


def test_swapping_versions_turns_the_difference_round() -> None:
    rng = np.random.default_rng(5)
    labels = rng.random(80) < 0.5
    first, second = rng.random(80), rng.random(80)
    one, other = difference(labels, first, second), difference(labels, second, first)
    assert one.value == -other.value
    assert one.interval.low == pytest.approx(-other.interval.high)
    assert one.p_value == pytest.approx(other.p_value)


def test_without_variance_the_number_of_rows_still_counts() -> None:
    labels = np.array([True] * 20 + [False] * 30)
    right = np.where(labels, 1.0, 0.0)
    interval = interval_of(labels, right, 0.95)
    assert interval.high == 1.0
    assert interval.low == pytest.approx(0.025 ** (1 / 20))
    wrong = difference(labels, 1 - right, right)
    assert wrong.value == -1
    assert wrong.interval.low == -1
    assert -1 < wrong.interval.high < -0.6
    assert wrong.p_value < 0.05


def test_an_interval_stays_within_zero_and_one_and_holds_the_auc() -> None:
    labels = np.array([True] * 5 + [False] * 40)
    scores = np.concatenate([[0.9, 0.8, 0.95, 0.7, 0.55], np.linspace(0, 0.6, 40)])
    interval = interval_of(labels, scores, 0.99)
    assert 0 < interval.low < roc_auc_score(labels, scores) < interval.high < 1


def test_one_row_of_a_label_gives_no_interval() -> None:
    labels = np.array([True, False, False])
    ranked = placements(ranks(labels, np.array([0.5, 0.4, 0.6])))
    assert rank(ranked) is TOO_FEW
    assert rank(ranked, ranked) is TOO_FEW
