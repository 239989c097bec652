from typing import Any

import numpy as np
import pytest

from core.errors import ScoringError
from core.evidence.certainty import Certainties
from core.evidence.comparison import ScoringState, Status, compare
from core.evidence.evaluation import evaluate
from core.evidence.judgement import Judged, judgement
from core.evidence.scores import ScoreKind
from core.evidence.statistics.delong import TOO_FEW
from core.evidence.statistics.power import typical_error
from core.evidence.statistics.verdict import Verdict
from core.messages import message
from core.settings import ModelSettings

SCORED = ScoringState(status=Status.SCORED)
FAILED = ScoringState(status=Status.FAILED, error=ScoringError(message("It hangs.")))
ROWS = 400


@pytest.fixture
def judged(version_of: Any, split_of: Any, scores_of: Any) -> Any:
    """Judges candidates against version 1 by their signal: how far positive rows stand above negative ones."""
    rng = np.random.default_rng(0)
    labels = (rng.random(ROWS) < 0.4).astype(int)
    shared = rng.normal(size=ROWS)

    def make(
        signals: dict[int, float],
        *,
        baseline: Any = 1,
        metric: str = "roc_auc",
        target: Any = labels,
        **terms: Any,
    ) -> Any:
        entries: list[Any] = []
        split, kept = split_of(list(target)), {}
        for number, signal in signals.items():
            noise = shared + (0 if number == 1 else 0.3 * np.random.default_rng(number).normal(size=ROWS))
            values = 1 / (1 + np.exp(1 - signal * labels - noise))
            scores = scores_of(values, ScoreKind.PROBABILITY, f"sha256:{number}", split.fingerprint)
            kept[number] = scores
            entries.append((version_of(number), SCORED, evaluate(scores, split)))
        entries.append((version_of(99), FAILED, None))
        comparison = compare(
            model="m", split=split, baseline=baseline, threshold=0.5, primary_metric=metric, entries=entries
        )
        settings = ModelSettings(primary_metric=metric, **terms)
        return judgement(comparison, settings, Certainties(), lambda one: kept[one.version.number])

    return make


def test_each_candidate_gets_the_verdict_that_its_interval_shows(judged: Any) -> None:
    found = judged({1: 1.5, 2: 3.0, 3: 0.2, 4: 1.55}, margins={"roc_auc": 0.2})
    verdicts = {number: one.verdict for number, one in found.verdicts.items()}
    assert verdicts == {2: Verdict.BETTER, 3: Verdict.WORSE, 4: Verdict.NO_WORSE}
    assert found.level == pytest.approx(1 - 0.05 / 3)
    assert set(found.certainties) == {1, 2, 3, 4}
    assert not found.is_few


def test_what_cannot_be_told_says_how_many_rows_would_do(judged: Any) -> None:
    found = judged({1: 1.5, 4: 1.55}, margins={"roc_auc": 0.001}).verdicts[4]
    assert isinstance(found, Judged)
    assert found.verdict is Verdict.CANNOT_TELL
    assert found.rows_needed is not None
    assert found.rows_needed > ROWS


def test_a_loss_is_judged_the_other_way_round(judged: Any) -> None:
    found = judged({1: 1.5, 2: 3.0}, metric="log_loss")
    assert found.verdicts[2].difference.value < 0
    assert found.verdicts[2].verdict is Verdict.BETTER


def test_the_split_says_what_it_can_show(judged: Any) -> None:
    compared = judged({1: 1.5, 2: 1.7, 3: 1.6}).detectable
    assert not compared.is_assumed
    errors = [one.difference.error for one in judged({1: 1.5, 2: 1.7, 3: 1.6}).verdicts.values()]
    assert 2.5 * min(errors) < compared.difference < 3.6 * max(errors)  # 2.24 and 0.84 errors, two candidates
    assert compared.rows > ROWS
    alone = judged({1: 1.5}).detectable
    assert alone.is_assumed
    positives = int((np.random.default_rng(0).random(ROWS) < 0.4).sum())
    typical = typical_error("roc_auc", positives, ROWS - positives)
    assert typical is not None
    assert alone.difference == pytest.approx(2.8016 * typical, rel=1e-3)
    assert judged({1: 1.5}, metric="mcc").detectable is None


def test_without_a_baseline_nothing_is_judged(judged: Any) -> None:
    found = judged({1: 1.5, 2: 1.7}, baseline=None)
    assert found.verdicts == {}
    assert set(found.certainties) == {1, 2}


def test_few_rows_of_a_label_are_said(judged: Any) -> None:
    rare = np.zeros(ROWS, dtype=int)
    rare[0] = 1
    found = judged({1: 1.5, 2: 1.7}, target=rare)
    assert found.is_few
    assert found.verdicts[2] is TOO_FEW
