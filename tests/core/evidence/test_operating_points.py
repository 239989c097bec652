"""Operating points against a look at every threshold there is."""

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import UsageError
from core.evidence.certainty import Certainties
from core.evidence.comparison import Comparison
from core.evidence.judgement import judgement
from core.evidence.operating_points import Mode, operating_points, require_target
from core.evidence.statistics.interval import Difference
from core.settings import ModelSettings
from tests.dashboard.comparing import make_comparison, make_scores, make_split

TARGETS = st.one_of(st.sampled_from([0.0, 0.1, 0.3, 0.5, 0.7, 1.0]), st.floats(0, 1))
RATIOS = st.one_of(
    st.sampled_from([0.001, 0.1, 1.0, 2.0, 5.0, 1000.0]), st.floats(0.001, 1000).map(lambda x: round(x, 3))
)


def compared(values: list[float], labels: list[bool]) -> Comparison:
    """One version with these scores."""
    split = make_split(len(labels), share=0)
    split.labels[:] = labels
    scores = make_scores(split, 1)
    made = type(scores)(key=scores.key, kind=scores.kind, values=np.array(values, dtype=float))
    return make_comparison([1], split=split, scores={1: made})


ROWS = st.integers(1, 40).flatmap(
    lambda n: st.tuples(
        st.lists(st.sampled_from([k / 8 for k in range(9)]), min_size=n, max_size=n),  # ties abound
        st.lists(st.booleans(), min_size=n, max_size=n),
    )
)


def every(values: list[float], labels: list[bool]) -> list[tuple[float, int, int, int]]:
    """(threshold, rows called, misses, false alarms) of every different decision, the highest threshold first."""
    found = []
    for threshold in [math.nextafter(max(values), math.inf), *sorted(set(values), reverse=True)]:
        called = [value >= threshold for value in values]
        misses = sum(label and not call for label, call in zip(labels, called, strict=True))
        alarms = sum(call and not label for label, call in zip(labels, called, strict=True))
        found.append((threshold, sum(called), misses, alarms))
    return found


def point(rows: tuple[list[float], list[bool]], mode: Mode, target: float) -> float:
    return operating_points(compared(*rows), mode, target)[1]


@given(ROWS, TARGETS)
@settings(max_examples=150, deadline=None)
def test_recall_is_reached_by_the_highest_threshold_that_does(rows: Any, target: float) -> None:
    positives, exact = sum(rows[1]), Fraction(repr(target))
    good = [
        threshold
        for threshold, _called, misses, _alarms in every(*rows)
        if positives - misses >= exact * positives
    ]
    assert point(rows, Mode.RECALL, target) == max(good)


@given(ROWS, TARGETS)
@settings(max_examples=150, deadline=None)
def test_alerts_are_as_many_as_allowed(rows: Any, target: float) -> None:
    exact = Fraction(repr(target))
    good = [
        threshold for threshold, called, _misses, _alarms in every(*rows) if called <= exact * len(rows[0])
    ]
    assert point(rows, Mode.ALERTS, target) == min(good)


@given(ROWS, RATIOS)
@settings(max_examples=150, deadline=None)
def test_cost_is_least_and_of_several_the_highest(rows: Any, ratio: float) -> None:
    exact = Fraction(repr(ratio))
    costs = {threshold: exact * misses + alarms for threshold, _called, misses, alarms in every(*rows)}
    least = min(costs.values())
    assert point(rows, Mode.COST, ratio) == max(
        threshold for threshold, cost in costs.items() if cost == least
    )


def test_the_same_threshold_is_the_same() -> None:
    comparison = make_comparison([1, 2, 3], baseline=1)
    assert operating_points(comparison, Mode.THRESHOLD, 0.3) == {1: 0.3, 2: 0.3, 3: 0.3}


def test_versions_meet_a_recall_at_thresholds_of_their_own() -> None:
    comparison = make_comparison([1, 2, 3], baseline=1)
    found = operating_points(comparison, Mode.RECALL, 0.8)
    assert len(set(found.values())) == 3
    moved = comparison.at(found)
    for number, threshold in found.items():
        assert moved.threshold_of(number) == threshold
        one = moved.find(number)
        assert one.metrics is not None
        assert one.evaluation is not None
        assert one.metrics == one.evaluation.at(threshold)
        assert one.confusion == one.evaluation.confusion(threshold)
        recall = one.metrics["recall"].value
        assert recall is not None
        assert 0.8 <= recall < 0.8 + 1 / comparison.split.positives
    assert comparison.thresholds == {}


def test_without_positive_rows_nothing_is_called_for_a_recall() -> None:
    comparison = compared([0.2, 0.9], [False, False])
    confusion = comparison.at(operating_points(comparison, Mode.RECALL, 0.9)).find(1).confusion
    assert confusion is not None
    assert confusion.tp + confusion.fp == 0


def test_versions_without_scores_have_no_point() -> None:
    assert operating_points(make_comparison([]), Mode.COST, 1.0) == {}


@pytest.mark.parametrize(
    ("mode", "target"),
    [(Mode.RECALL, 1.1), (Mode.ALERTS, -0.1), (Mode.COST, 0.0), (Mode.COST, 1e4), (Mode.RECALL, math.nan)],
)
def test_a_target_out_of_range_is_refused(mode: Mode, target: float) -> None:
    with pytest.raises(UsageError, match="is outside of"):
        require_target(mode, target)


def test_how_sure_it_is_follows_each_versions_own_threshold() -> None:
    comparison = make_comparison([1, 2], baseline=1)
    moved = comparison.at({1: 0.3, 2: 0.6})
    found = judgement(
        moved,
        ModelSettings(),
        Certainties(),
        lambda one: make_scores(comparison.split, one.version.number),
    ).certainties[2]
    labels = comparison.split.labels
    ours = make_scores(comparison.split, 2).values >= 0.6
    theirs = make_scores(comparison.split, 1).values >= 0.3
    assert found.flips is not None
    assert found.flips.fixed == int(((ours == labels) & (theirs != labels)).sum())
    assert found.flips.broken == int(((ours != labels) & (theirs == labels)).sum())
    assert found.differences is not None
    recall = found.differences["recall"]
    assert isinstance(recall, Difference)
    assert recall.value == pytest.approx(moved.delta(2, "recall"))
