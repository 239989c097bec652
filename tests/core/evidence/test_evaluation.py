import math
import tracemalloc
from typing import Any

import numpy as np
import pytest

from core.evidence.evaluation import evaluate
from core.evidence.metrics import METRICS
from core.evidence.scores import ScoreKind
from core.messages import message


def test_every_metric_in_the_order_of_the_contract(split_of: Any, scores_of: Any) -> None:
    evaluation = evaluate(scores_of([0.9, 0.6, 0.4, 0.1]), split_of([1, 0, 1, 0]))
    assert list(evaluation.at(0.5)) == [metric.name for metric in METRICS]
    assert evaluation.at(0.5)["accuracy"].value == 0.5
    assert evaluation.at(0.7)["accuracy"].value == 0.75
    assert evaluation.at(0.7)["roc_auc"].value == evaluation.at(0.5)["roc_auc"].value == 0.75


def test_what_the_scores_came_with_stays(split_of: Any, scores_of: Any) -> None:
    scores = scores_of([0.9, 0.1])
    note = message("scored with another version")
    for name, value in {"seconds": 1.5, "flavor": "sklearn", "notes": (note,)}.items():
        object.__setattr__(scores, name, value)
    evaluation = evaluate(scores, split_of([1, 0]))
    assert (evaluation.seconds, evaluation.flavor, evaluation.notes) == (1.5, "sklearn", (note,))
    assert (evaluation.digest, evaluation.fingerprint) == ("sha256:version", "sha256:split")


def test_scores_that_only_rank_carry_no_probability(split_of: Any, scores_of: Any) -> None:
    evaluation = evaluate(scores_of([2.5, -3.0, 0.5, -1e300], ScoreKind.RANKING), split_of([1, 0, 1, 0]))
    assert evaluation.calibration is None
    for name in ("log_loss", "brier"):
        assert evaluation.metrics[name].value is None
        assert "no probabilities" in str(evaluation.metrics[name].reason)
    assert evaluation.metrics["roc_auc"].value == 1.0
    assert evaluation.at(0.0)["accuracy"].value == 1.0


@pytest.mark.parametrize(("labels", "says"), [([1, 1, 1], "no negative row"), ([0, 0, 0], "no positive row")])
def test_one_class_leaves_nothing_to_rank(split_of: Any, scores_of: Any, labels: Any, says: Any) -> None:
    evaluation = evaluate(scores_of([0.1, 0.5, 0.9]), split_of(labels))
    for value in (evaluation.metrics["roc_auc"], evaluation.ks):
        assert value.value is None
        assert says in str(value.reason)
    assert len(evaluation.roc.x) == 0
    assert (evaluation.metrics["average_precision"].value is None) == (says == "no positive row")
    assert (len(evaluation.precision_recall.x) == 0) == (says == "no positive row")
    assert (len(evaluation.gain.x), len(evaluation.lift.x)) == ((0, 0) if not any(labels) else (4, 4))


def test_scores_of_another_split_are_refused(split_of: Any, scores_of: Any) -> None:
    with pytest.raises(ValueError, match="sha256:other"):
        evaluate(scores_of([0.1, 0.9]), split_of([0, 1], fingerprint="sha256:other"))


@pytest.mark.parametrize("value", [-1e-9, 1.0 + 1e-9])
def test_a_probability_outside_of_its_range_is_refused(split_of: Any, scores_of: Any, value: Any) -> None:
    with pytest.raises(ValueError, match="within"):
        evaluate(scores_of([0.5, value]), split_of([0, 1]))


def test_no_value_is_ever_nan(split_of: Any, scores_of: Any) -> None:
    for labels in ([0, 0], [0, 1], [1, 1]):
        for scores in ([0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]):
            evaluation = evaluate(scores_of(scores), split_of(labels))
            for threshold in (-math.inf, 0.0, 0.5, 1.0, 1.5, math.inf):
                for value in evaluation.at(threshold).values():
                    assert (value.value is None) == (value.reason is not None)
                    assert value.value is None or math.isfinite(value.value)


def test_calibration_counts_the_rows_of_bins_that_hold_their_upper_edge(
    split_of: Any, scores_of: Any
) -> None:
    evaluation = evaluate(scores_of([0.0, 0.1, 0.1000001, 0.95, 1.0]), split_of([0, 1, 0, 1, 1]))
    assert evaluation.calibration is not None
    np.testing.assert_array_equal(evaluation.calibration.rows, [2, 1, 2])
    np.testing.assert_allclose(evaluation.calibration.mean_score, [0.05, 0.1000001, 0.975])
    np.testing.assert_array_equal(evaluation.calibration.positive_share, [0.5, 0.0, 1.0])


def test_an_evaluation_is_lean(split_of: Any, scores_of: Any) -> None:
    rng = np.random.default_rng(5)
    rows = 200_000
    values = rng.random(rows)
    scores, split = scores_of(values), split_of(rng.random(rows) < values)
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        evaluation = evaluate(scores, split)
        kept, peak = (bytes_ - before for bytes_ in tracemalloc.get_traced_memory())
    finally:
        tracemalloc.stop()
    assert evaluation.nbytes == pytest.approx(24 * rows, rel=0.03)
    assert kept < 26 * rows
    assert peak < 90 * rows
