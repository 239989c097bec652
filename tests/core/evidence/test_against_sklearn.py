"""The evaluation against scikit-learn's own functions, on random and adversarial rows."""

from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.stats import ks_2samp
from sklearn import metrics as sk
from sklearn.calibration import calibration_curve

from core.evidence.evaluation import Evaluation, evaluate
from core.evidence.scores import ScoreKind

BY_DECISION = {
    "accuracy": sk.accuracy_score,
    "balanced_accuracy": sk.balanced_accuracy_score,
    "precision": sk.precision_score,
    "recall": sk.recall_score,
    "f1": sk.f1_score,
    "mcc": sk.matthews_corrcoef,
}
BY_SCORE = {
    "roc_auc": sk.roc_auc_score,
    "average_precision": sk.average_precision_score,
    "log_loss": sk.log_loss,
    "brier": sk.brier_score_loss,
}

ulps_around_half = st.integers(-3, 3).map(lambda ulps: 0.5 + ulps * 2.0**-53)
probability = st.one_of(
    st.sampled_from([0.0, 1.0, 5e-324, 2.0**-53, 1.0 - 2.0**-53, 0.1, 0.2, 0.3, 0.5, 0.7]),
    ulps_around_half,
    st.floats(0, 1),
    st.floats(0, 1, width=32),
)
few = st.lists(probability, min_size=1, max_size=3)
score_lists = st.one_of(
    st.lists(probability, min_size=2, max_size=80),
    few.flatmap(lambda values: st.lists(st.sampled_from(values), min_size=2, max_size=80)),
)


@st.composite
def rows(draw: Any) -> Any:
    """Both classes, at times one positive only; ties, constants, scores of 0 and 1, 1 ulp apart."""
    scores = np.array(draw(score_lists))
    labels = np.zeros(len(scores), dtype=bool)
    if draw(st.booleans()):
        labels[draw(st.integers(0, len(scores) - 1))] = True
    else:
        labels[:] = draw(st.lists(st.booleans(), min_size=len(scores), max_size=len(scores)))
    assume(0 < labels.sum() < len(labels))
    return labels, scores


def close(ours: Any, theirs: Any) -> None:
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-12)


def check_calibration(labels: Any, scores: Any, evaluation: Evaluation) -> None:
    share, mean = calibration_curve(labels, scores, n_bins=10)
    bins = evaluation.calibration
    assert bins is not None
    close(bins.positive_share, share)
    close(bins.mean_score, mean)
    assert bins.rows.sum() == len(labels)


def check(labels: Any, scores: Any, evaluation: Any, thresholds: Any) -> None:
    for name, function in BY_SCORE.items():
        assert evaluation.metrics[name].value == pytest.approx(function(labels, scores), abs=1e-12, rel=0)
    below = [
        np.searchsorted(np.sort(some), scores, side="right") for some in (scores[labels], scores[~labels])
    ]
    apart = np.abs(below[0] / labels.sum() - below[1] / (~labels).sum()).max()
    assert evaluation.ks.value == pytest.approx(apart, abs=1e-12)
    for threshold in thresholds:
        called = scores >= threshold
        cells = evaluation.confusion(float(threshold))
        assert [[cells.tn, cells.fp], [cells.fn, cells.tp]] == sk.confusion_matrix(labels, called).tolist()
        values = evaluation.at(float(threshold))
        for name, function in BY_DECISION.items():
            if values[name].value is not None:
                assert values[name].value == pytest.approx(function(labels, called), abs=1e-12, rel=0), name
        specificity = sk.recall_score(labels, called, pos_label=0)
        assert values["specificity"].value == pytest.approx(specificity, abs=1e-12, rel=0)
        undefined = {name for name, value in values.items() if value.value is None}
        assert undefined == expected_undefined(called)


def expected_undefined(called: Any) -> Any:
    if not called.any():
        return {"precision", "mcc"}
    return {"mcc"} if called.all() else set()


@settings(max_examples=100, deadline=None)
@given(rows(), st.integers(0, 1_000))
def test_metrics_at_thresholds(split_of: Any, scores_of: Any, drawn: Any, which: Any) -> None:
    labels, scores = drawn
    evaluation = evaluate(scores_of(scores), split_of(labels))
    score = scores[which % len(scores)]
    check(labels, scores, evaluation, [0.5, score, np.nextafter(score, 2)])


@settings(max_examples=150, deadline=None)
@given(rows())
def test_curves(split_of: Any, scores_of: Any, drawn: Any) -> None:
    labels, scores = drawn
    evaluation = evaluate(scores_of(scores), split_of(labels))
    fpr, tpr, thresholds = sk.roc_curve(labels, scores, drop_intermediate=False)
    close(evaluation.roc.x, fpr)
    close(evaluation.roc.y, tpr)
    np.testing.assert_array_equal(evaluation.roc.thresholds, thresholds)
    precision, recall, _ = sk.precision_recall_curve(labels, scores)
    close(evaluation.precision_recall.x, recall[::-1])
    close(evaluation.precision_recall.y, precision[::-1])
    check_calibration(labels, scores, evaluation)


@settings(max_examples=100, deadline=None)
@given(rows(), st.floats(1, 1e300))
def test_scores_that_only_rank(split_of: Any, scores_of: Any, drawn: Any, wide: Any) -> None:
    labels, probabilities = drawn
    scores = (probabilities - 0.5) * wide
    evaluation = evaluate(scores_of(scores, ScoreKind.RANKING), split_of(labels))
    for name in ("roc_auc", "average_precision"):
        assert evaluation.metrics[name].value == pytest.approx(BY_SCORE[name](labels, scores), abs=1e-12)


@pytest.mark.parametrize("shape", ["smooth", "float32", "rounded", "extreme"])
def test_many_rows(split_of: Any, scores_of: Any, shape: Any) -> None:
    rng = np.random.default_rng(7)
    scores = rng.random(100_003)
    labels = rng.random(len(scores)) < scores
    if shape == "float32":
        scores = scores.astype(np.float32).astype(np.float64)
    elif shape == "rounded":
        scores = scores.round(2)
    elif shape == "extreme":
        scores = np.where(rng.random(len(scores)) < 0.4, scores > 0.5, scores)
    evaluation = evaluate(scores_of(scores), split_of(labels))
    check(labels, scores, evaluation, [0.0, 0.25, 0.5, 0.99, 1.0])
    distance = ks_2samp(scores[labels], scores[~labels], method="asymp").statistic
    assert evaluation.ks.value == pytest.approx(distance, abs=1e-12)
    check_calibration(labels, scores, evaluation)


def test_one_class_has_the_losses_that_scikit_learn_gives_it(split_of: Any, scores_of: Any) -> None:
    scores = np.array([0.0, 0.2, 1.0])
    for labels in ([True] * 3, [False] * 3):
        evaluation = evaluate(scores_of(scores), split_of(labels))
        expected = sk.log_loss(labels, scores, labels=[False, True])
        assert evaluation.metrics["log_loss"].value == pytest.approx(expected, abs=1e-12)
        expected = np.mean((np.array(labels) - scores) ** 2)
        assert evaluation.metrics["brier"].value == pytest.approx(expected, abs=1e-12)
