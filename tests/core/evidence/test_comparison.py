from typing import Any

import numpy as np
import pytest

from core.errors import EvidenceError, ScoringError
from core.evidence.comparison import ScoringState, Status, compare
from core.evidence.curves import Confusion
from core.evidence.evaluation import evaluate
from core.evidence.scores import ScoreKind
from core.messages import message

LABELS = [1, 1, 0, 0, 0]
SCORED = ScoringState(status=Status.SCORED)
FAILED = ScoringState(status=Status.FAILED, error=ScoringError(message("It hangs."), message("Try again.")))


@pytest.fixture
def entry(version_of: Any, split_of: Any, scores_of: Any) -> Any:
    def make(number: Any, values: Any, *, kind: Any = ScoreKind.PROBABILITY, split: Any = None) -> Any:
        split = split or split_of(LABELS)
        scores = scores_of(values, kind, f"sha256:{number}", split.fingerprint)
        return version_of(number), SCORED, evaluate(scores, split)

    return make


@pytest.fixture
def comparison(entry: Any, version_of: Any, split_of: Any) -> Any:
    def make(baseline: Any = 2, threshold: Any = 0.5) -> Any:
        entries = [
            entry(5, [0.9, 0.8, 0.1, 0.2, 0.6]),
            (version_of(4), FAILED, None),
            entry(3, [9.0, 8.0, -1.0, -2.0, 0.6], kind=ScoreKind.RANKING),
            entry(2, [0.9, 0.3, 0.1, 0.2, 0.6]),
        ]
        return compare(
            model="titanic-survival",
            split=split_of(LABELS),
            baseline=baseline,
            threshold=threshold,
            primary_metric="roc_auc",
            entries=entries,
        )

    return make


def test_the_baseline_comes_first_and_the_rest_as_given(comparison: Any) -> None:
    assert [compared.version.number for compared in comparison().versions] == [2, 5, 4, 3]
    assert [compared.version.number for compared in comparison(baseline=None).versions] == [5, 4, 3, 2]


def test_metrics_and_cells_are_those_at_the_threshold(comparison: Any) -> None:
    at_half, higher = comparison(), comparison(threshold=0.7)
    assert at_half.find(5).confusion == Confusion(tn=2, fp=1, fn=0, tp=2)
    assert higher.find(5).confusion == Confusion(tn=3, fp=0, fn=0, tp=2)
    assert at_half.find(5).metrics["accuracy"].value == 0.8
    assert higher.find(5).metrics["accuracy"].value == 1.0
    failed = at_half.find(4)
    assert (failed.metrics, failed.confusion, failed.evaluation, failed.state) == (None, None, None, FAILED)


def test_deltas_are_signed_and_none_where_a_value_is_missing(comparison: Any) -> None:
    compared = comparison()
    assert compared.delta(5, "recall") == pytest.approx(0.5)
    assert compared.delta(5, "roc_auc") == pytest.approx(1 / 6)
    assert compared.delta(5, "log_loss") < 0
    assert compared.delta(2, "recall") == 0.0
    assert compared.delta(4, "recall") is None
    assert compared.delta(3, "log_loss") is None
    assert comparison(baseline=4).delta(5, "recall") is None
    assert comparison(baseline=None).delta(5, "recall") is None
    assert comparison(threshold=0.95).delta(5, "precision") is None


def test_a_version_or_metric_that_is_not_there_is_a_mistake(comparison: Any) -> None:
    for version, metric in ((9, "recall"), (5, "nonsense")):
        with pytest.raises(KeyError):
            comparison().delta(version, metric)


def test_the_change_of_the_cells(comparison: Any) -> None:
    compared = comparison()
    assert compared.confusion_change(5) == Confusion(tn=0, fp=0, fn=-1, tp=1)
    assert compared.confusion_change(4) is None
    assert comparison(baseline=None).confusion_change(5) is None


def test_evaluations_of_another_split_are_never_compared(entry: Any, split_of: Any) -> None:
    other = split_of(LABELS, fingerprint="sha256:other")
    entries = [entry(1, np.linspace(0, 1, 5)), entry(2, np.linspace(0, 1, 5), split=other)]
    with pytest.raises(EvidenceError, match="Version 2 was scored on another test split"):
        compare(
            model="m",
            split=split_of(LABELS),
            baseline=1,
            threshold=0.5,
            primary_metric="roc_auc",
            entries=entries,
        )


@pytest.mark.parametrize("case", ["baseline missing", "twice", "no evaluation", "evaluation of a failure"])
def test_entries_that_contradict_themselves_are_refused(
    case: Any, entry: Any, version_of: Any, split_of: Any
) -> None:
    good = entry(1, np.linspace(0, 1, 5))
    entries = {
        "baseline missing": [entry(2, np.linspace(0, 1, 5))],
        "twice": [good, good],
        "no evaluation": [good, (version_of(2), SCORED, None)],
        "evaluation of a failure": [good, (version_of(2), FAILED, good[2])],
    }[case]
    with pytest.raises(ValueError, match="version"):
        compare(
            model="m",
            split=split_of(LABELS),
            baseline=1,
            threshold=0.5,
            primary_metric="roc_auc",
            entries=entries,
        )
