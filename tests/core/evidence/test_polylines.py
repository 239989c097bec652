"""What is drawn against the whole curve: the true distance, on smooth, ragged and adversarial rows."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score

from core.evidence import polylines
from core.evidence.curves import Polyline, threshold_curve

BOUND = 0.0020002


def drawings(curve: Any) -> Any:
    """Each drawing with the whole curve, on the scale of the unit square."""
    precision = polylines.precision_at(curve)
    tpr, fpr = curve.tp / curve.positives, curve.fp / curve.negatives
    called = (curve.tp + curve.fp) / curve.rows
    lift = polylines.lift(curve, precision)
    flat = Polyline(x=lift.x, y=lift.y * curve.positives / curve.rows, thresholds=lift.thresholds, steps=True)
    return {
        "roc": (polylines.roc(curve), whole(fpr, tpr, 0.0)),
        "gain": (polylines.gain(curve), whole(called, tpr, 0.0)),
        "precision_recall": (
            polylines.precision_recall(curve, precision),
            whole(tpr, precision, 1.0, steps=True),
        ),
        "lift": (flat, whole(called, precision, precision[0], steps=True)),
    }


def whole(x: Any, y: Any, start: Any, *, steps: Any = False) -> Any:
    return Polyline(x=np.append(0.0, x), y=np.append(start, y), steps=steps)


def check(curve: Any, furthest: Any) -> None:
    for name, (drawn, true) in drawings(curve).items():
        assert len(drawn.x) == len(drawn.y) == len(drawn.thresholds) <= 1_000, name
        assert drawn.steps == true.steps
        assert drawn.thresholds[0] == math.inf
        at = len(curve.thresholds) - 1 - np.searchsorted(curve.thresholds[::-1], drawn.thresholds[1:])
        np.testing.assert_array_equal(curve.thresholds[at], drawn.thresholds[1:])
        np.testing.assert_allclose(drawn.x, np.append(0.0, true.x[1:][at]), rtol=0, atol=1e-15)
        np.testing.assert_allclose(drawn.y, np.append(true.y[0], true.y[1:][at]), rtol=0, atol=1e-15)
        assert furthest(true, drawn) <= BOUND, name


def in_order(labels: Any) -> Any:
    """The curve of rows whose distinct scores fall in the order given."""
    return threshold_curve(np.asarray(labels, dtype=bool), np.arange(len(labels), 0, -1, dtype=np.float64))


@pytest.mark.parametrize("rows", [1_500, 20_000])
@pytest.mark.parametrize("share", [0.003, 0.4, 0.97])
@pytest.mark.parametrize("skill", [0.0, 0.6, 3.0])
def test_random_rows(furthest: Any, rows: Any, share: Any, skill: Any) -> None:
    rng = np.random.default_rng(rows)
    labels = rng.random(rows) < share
    check(threshold_curve(labels, rng.normal(size=rows) + skill * labels), furthest)


@pytest.mark.parametrize("decimals", [2, 3, 4])
def test_tied_scores(furthest: Any, decimals: Any) -> None:
    rng = np.random.default_rng(decimals)
    scores = rng.beta(0.4, 0.6, size=30_000).round(decimals)
    check(threshold_curve(rng.random(30_000) < scores, scores), furthest)


def saw(rows: Any, high: Any, low: Any) -> Any:
    """Rows in an order in which precision swings between two values from the first row to the last."""
    parts, seen, found, up = [], 0, 0, True
    while seen < rows:
        if up:
            length = max(1, math.ceil((high * seen - found) / (1 - high)))
        else:
            length = max(1, math.ceil(found / low - seen))
        length = min(length, rows - seen)
        parts.append(np.full(length, up))
        seen, found, up = seen + length, found + length * up, not up
    return np.concatenate(parts)


@pytest.mark.parametrize("swing", [0.002, 0.0035, 0.01, 0.3])
@pytest.mark.parametrize("rows", [2_000, 7_700])
def test_precision_that_swings_all_the_way(furthest: Any, rows: Any, swing: Any) -> None:
    check(in_order(saw(rows, 0.5 + swing / 2, 0.5 - swing / 2)), furthest)


def test_orders_that_people_would_call_hostile(furthest: Any) -> None:
    rng = np.random.default_rng(11)
    orders = {
        "worst": np.arange(4_000) >= 2_000,
        "best": np.arange(4_000) < 2_000,
        "negatives first": np.concatenate([np.zeros(1_500), rng.random(2_500) < 0.8]),
        "alternating": np.arange(4_000) % 2,
        "leaps": np.repeat(rng.random(40) < 0.5, 100),
    }
    for labels in orders.values():
        check(in_order(labels), furthest)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.floats(0, 1), st.integers(1, 900)), min_size=2, max_size=12),
    st.sampled_from([1, 2, 7, 60]),
    st.integers(0, 2**32),
)
def test_any_course_of_labels_and_ties(furthest: Any, stretches: Any, tie: Any, seed: Any) -> None:
    rng = np.random.default_rng(seed)
    labels = np.concatenate([[True, False], *(rng.random(rows) < share for share, rows in stretches)])
    scores = -(np.arange(len(labels)) // tie).astype(np.float64)
    check(threshold_curve(labels, scores), furthest)


def test_many_rows_with_leaps(furthest: Any) -> None:
    rng = np.random.default_rng(2)
    scores = np.where(rng.random(150_000) < 0.3, rng.random(150_000).round(1), rng.random(150_000))
    check(threshold_curve(rng.random(150_000) < scores**2, scores), furthest)


def test_a_short_curve_is_whole() -> None:
    rng = np.random.default_rng(1)
    curve = threshold_curve(rng.random(999) < 0.4, rng.random(999))
    for drawn, true in drawings(curve).values():
        np.testing.assert_allclose(drawn.x, true.x, rtol=1e-15)
        np.testing.assert_allclose(drawn.y, true.y, rtol=1e-15)


def test_a_curve_of_few_corners_is_exact_however_many_rows_it_has(furthest: Any) -> None:
    labels = np.repeat([True, False] * 100, 700)
    curve = in_order(labels)
    for name in ("roc", "gain"):
        drawn, true = drawings(curve)[name]
        assert len(drawn.x) == 201
        assert set(zip(true.x[::700], true.y[::700], strict=True)) == set(zip(drawn.x, drawn.y, strict=True))
    drawn, _ = drawings(in_order(np.arange(200_000) < 90_000))["precision_recall"]
    np.testing.assert_allclose(drawn.x, [0, 1, 1], rtol=1e-12)
    np.testing.assert_allclose(drawn.y, [1, 1, 0.45], rtol=1e-12)


def test_the_area_under_the_steps_is_the_average_precision() -> None:
    rng = np.random.default_rng(4)
    labels = rng.random(300) < 0.4
    scores = rng.random(300).round(1)
    curve = threshold_curve(labels, scores)
    drawn = polylines.precision_recall(curve, polylines.precision_at(curve))
    area = float(np.sum(np.diff(drawn.x) * drawn.y[1:]))
    assert area == pytest.approx(average_precision_score(labels, scores), abs=1e-12)


def test_lift_is_a_multiple_of_the_base_rate() -> None:
    curve = threshold_curve(np.array([True, False, True, False]), np.array([0.9, 0.8, 0.7, 0.6]))
    drawn = polylines.lift(curve, polylines.precision_at(curve))
    np.testing.assert_allclose(drawn.x, [0, 0.25, 0.5, 0.75, 1])
    np.testing.assert_allclose(drawn.y, [2, 2, 1, 4 / 3, 1])


def test_a_class_without_rows_has_no_curve() -> None:
    for label in (True, False):
        curve = threshold_curve(np.array([label, label]), np.array([0.1, 0.2]))
        assert len(polylines.roc(curve).x) == 0
    assert len(polylines.gain(curve).x) == len(polylines.lift(curve, polylines.precision_at(curve)).x) == 0
