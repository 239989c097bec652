import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.evidence.curves import Confusion, threshold_curve

finite = st.floats(allow_nan=False, allow_infinity=False)
adversarial = st.one_of(
    st.sampled_from([0.0, -0.0, 1.0, 5e-324, -5e-324, 0.5, -0.5, np.nextafter(0.5, 1), -1.7e308, 1.7e308]),
    finite,
    st.floats(width=32, allow_nan=False, allow_infinity=False),
)
rows = st.lists(st.tuples(st.booleans(), adversarial), min_size=1, max_size=60)


def arrays(pairs: Any) -> Any:
    return np.array([label for label, _ in pairs]), np.array([score for _, score in pairs], dtype=np.float64)


@given(rows)
def test_counts_are_those_of_the_predicate_at_every_threshold(pairs: Any) -> None:
    labels, scores = arrays(pairs)
    curve = threshold_curve(labels, scores)
    np.testing.assert_array_equal(curve.thresholds, np.unique(scores + 0.0)[::-1])
    called = scores >= curve.thresholds[:, None]
    np.testing.assert_array_equal(curve.tp, (called & labels).sum(axis=1))
    np.testing.assert_array_equal(curve.fp, (called & ~labels).sum(axis=1))
    assert (curve.positives, curve.negatives) == (labels.sum(), (~labels).sum())


@given(rows, adversarial)
def test_a_row_is_positive_where_its_score_reaches_the_threshold(pairs: Any, threshold: Any) -> None:
    labels, scores = arrays(pairs)
    curve = threshold_curve(labels, scores)
    near = [math.nextafter(one, to) for one in scores for to in (-math.inf, math.inf)]
    for at in [threshold, *scores, *near, -math.inf, math.inf]:
        called = scores >= at
        assert curve.confusion(float(at)) == Confusion(
            tn=int((~called & ~labels).sum()),
            fp=int((called & ~labels).sum()),
            fn=int((~called & labels).sum()),
            tp=int((called & labels).sum()),
        )


def test_float32_scores_keep_their_exact_values() -> None:
    scores = np.array([0.1, 0.3, 0.1], dtype=np.float32)
    curve = threshold_curve(np.array([True, False, False]), scores)
    assert curve.thresholds.dtype == np.float64
    np.testing.assert_array_equal(curve.thresholds, np.float64(np.array([0.3, 0.1], dtype=np.float32)))
    assert curve.confusion(0.1) == Confusion(tn=0, fp=2, fn=0, tp=1)


def test_the_scores_given_stay_as_they_are() -> None:
    scores = np.array([0.25, -0.0, 0.75])
    threshold_curve(np.array([True, False, True]), scores)
    np.testing.assert_array_equal(scores, [0.25, 0.0, 0.75])
    assert np.signbit(scores[1])


def test_a_million_rows_give_the_counts_of_a_plain_sort() -> None:
    rng = np.random.default_rng(3)
    scores = np.round(rng.normal(size=1_000_000), 4)
    labels = rng.random(1_000_000) < 0.3
    curve = threshold_curve(labels, scores)
    order = np.argsort(-scores, kind="stable")
    last = np.flatnonzero(np.append(np.diff(scores[order]) != 0, True))
    np.testing.assert_array_equal(curve.thresholds, scores[order][last])
    np.testing.assert_array_equal(curve.tp, np.cumsum(labels[order])[last])
    np.testing.assert_array_equal(curve.tp + curve.fp, last + 1)


@pytest.mark.parametrize(
    ("labels", "scores", "says"),
    [
        ([True], [0.1, 0.2], "must be"),
        ([], [], "no rows"),
        ([True, False], [0.1, math.nan], "finite"),
        ([True, False], [0.1, math.inf], "finite"),
        ([[True], [False]], [[0.1], [0.2]], "must be"),
        ([1, 0], [0.1, 0.2], "must be"),
    ],
)
def test_what_is_no_row_of_scores_is_refused(labels: Any, scores: Any, says: Any) -> None:
    given_labels = np.array(labels) if labels else np.array([], dtype=bool)
    with pytest.raises(ValueError, match=says):
        threshold_curve(given_labels, np.array(scores, dtype=np.float64))


def test_nan_is_no_threshold() -> None:
    with pytest.raises(ValueError, match="NaN"):
        threshold_curve(np.array([True]), np.array([0.5])).confusion(math.nan)


def test_a_miss_costs_so_many_false_alarms() -> None:
    cells = Confusion(tn=70, fp=17, fn=15, tp=41)
    assert cells.cost(1.0) == 32 / 143
    assert cells.cost(5.0) == 92 / 143


def test_the_change_of_cells_is_signed() -> None:
    assert Confusion(tn=70, fp=17, fn=15, tp=41) - Confusion(tn=71, fp=16, fn=19, tp=37) == Confusion(
        tn=-1, fp=1, fn=-4, tp=4
    )
