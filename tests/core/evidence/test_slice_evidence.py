from dataclasses import replace

import numpy as np
import pytest
from sklearn import metrics as sk

from core.evidence.certainty import Certainties, Terms
from core.evidence.metrics import METRICS
from core.evidence.paired import Paired
from core.evidence.row_parts import Scored
from core.evidence.scores import ScoreKind
from core.evidence.slice_evidence import Sliced, SliceEvidence, SliceTerms, slice_evidence
from core.evidence.slices import slices_of
from core.evidence.statistics.interval import Difference, Interval, Unknown
from tests.dashboard.row_by_row import make_pair, make_row_split

THRESHOLD = 0.4
PAIR = make_pair(make_row_split(), hurts=True)
BY_SKLEARN = {
    "accuracy": lambda y, s: sk.accuracy_score(y, s >= THRESHOLD),
    "balanced_accuracy": lambda y, s: sk.balanced_accuracy_score(y, s >= THRESHOLD),
    "precision": lambda y, s: sk.precision_score(y, s >= THRESHOLD),
    "recall": lambda y, s: sk.recall_score(y, s >= THRESHOLD),
    "specificity": lambda y, s: sk.recall_score(~y, s < THRESHOLD),
    "f1": lambda y, s: sk.f1_score(y, s >= THRESHOLD),
    "mcc": lambda y, s: sk.matthews_corrcoef(y, s >= THRESHOLD),
    "roc_auc": sk.roc_auc_score,
    "average_precision": sk.average_precision_score,
    "log_loss": sk.log_loss,
    "brier": sk.brier_score_loss,
}


def judged(metric: str, pair: Paired = PAIR, **terms: object) -> Sliced:
    facts: dict[str, object] = {"metric": metric, "threshold": THRESHOLD, **terms}
    return slice_evidence(slices_of(pair.split), pair, SliceTerms(**facts))  # type: ignore[arg-type]  # mixed kinds


def found(one: SliceEvidence) -> Difference:
    assert isinstance(one.difference, Difference)
    return one.difference


@pytest.mark.parametrize("metric", BY_SKLEARN)
def test_values_are_scikit_learns_on_the_slices_rows(metric: str) -> None:
    sliced = judged(metric)
    assert len(sliced.slices) == 11
    for one in sliced.slices:
        rows, y = one.slice.mask(), PAIR.split.labels[one.slice.mask()]
        expected = [BY_SKLEARN[metric](y, scores[rows]) for scores in (PAIR.before, PAIR.after)]
        assert [one.baseline, one.candidate] == pytest.approx(expected, abs=1e-12)
        assert found(one).value == pytest.approx(expected[1] - expected[0], abs=1e-12)


@pytest.mark.parametrize("metric", BY_SKLEARN)
def test_intervals_are_those_of_the_rows_alone_at_the_shared_level(metric: str) -> None:
    sliced = judged(metric, candidates=2)
    assert sliced.level == 1 - 0.05 / (2 * 11)
    one = sliced.slices[0]
    mask = one.slice.mask()
    baseline, candidate = (
        Scored(key=scored.key, kind=scored.kind, values=scored.values[mask])
        for scored in (PAIR.baseline, PAIR.candidate)
    )
    terms = Terms(threshold=THRESHOLD, alpha=1 - sliced.level)
    _base, certainty = Certainties().of(PAIR.split.labels[mask], baseline, [candidate], terms)
    assert certainty.differences is not None
    expected = certainty.differences[metric]
    assert isinstance(expected, Difference)
    assert found(one).p_value == pytest.approx(expected.p_value, abs=1e-12)
    assert found(one).interval.low == pytest.approx(expected.interval.low, abs=1e-12)


@pytest.mark.parametrize("metric", [metric.name for metric in METRICS])
def test_the_worst_lower_bound_comes_first(metric: str) -> None:
    sliced = judged(metric)
    sign = 1 if sliced.metric.greater_is_better else -1
    ends = [min(sign * found(one).interval.low, sign * found(one).interval.high) for one in sliced.slices]
    assert ends == sorted(ends)
    assert sliced.slices[0].slice.name in {"Sex = male", "Age = 50 and above"}
    assert sliced.slices[0].is_clear or metric in {"recall", "precision", "f1"}


def test_slices_that_are_too_small_come_last_and_claim_nothing() -> None:
    sliced = judged("accuracy", min_rows=290)
    small = [one.is_small for one in sliced.slices]
    assert small == sorted(small)
    assert 0 < sliced.judged < len(small)
    assert sliced.level == 1 - 0.05 / sliced.judged
    assert not any(one.is_clear for one in sliced.slices if one.is_small)
    assert {one.slice.rows >= 290 for one in sliced.slices if not one.is_small} == {True}


def test_a_slice_with_few_rows_of_a_label_is_small() -> None:
    split = make_row_split()
    rare = replace(split, labels=split.labels & (np.arange(split.rows) < 60))
    sliced = slice_evidence(
        slices_of(rare), replace(PAIR, split=rare), SliceTerms(metric="brier", threshold=0.5)
    )
    for one in sliced.slices:
        assert one.is_small == (one.slice.positives < 10)


def test_a_slice_of_one_label_has_no_ranking_but_a_loss() -> None:
    split = make_row_split()
    one_sided = replace(split, labels=split.labels & (split.frame["Sex"] == 0).to_numpy())
    pair = replace(PAIR, split=one_sided)
    for metric in ("roc_auc", "average_precision", "recall", "mcc"):
        last = judged(metric, pair).slices[-1]
        assert last.slice.name == "Sex = female"
        assert isinstance(last.difference, Unknown)
        assert last.is_small
        assert not last.is_clear
    assert all(isinstance(one.difference, Difference) for one in judged("log_loss", pair).slices)


def test_scores_that_only_rank_have_no_loss() -> None:
    pair = make_pair(make_row_split(), kind=ScoreKind.RANKING)
    assert {type(one.difference) for one in judged("brier", pair).slices} == {Unknown}
    assert {type(one.difference) for one in judged("roc_auc", pair).slices} == {Difference}


@pytest.mark.parametrize("metric", BY_SKLEARN)
def test_the_same_scores_differ_nowhere(metric: str) -> None:
    for one in judged(metric, replace(PAIR, candidate=PAIR.baseline)).slices:
        assert found(one).interval == Interval(0, 0)
        assert found(one).p_value == 1.0


def test_each_version_may_have_a_threshold_of_its_own() -> None:
    for one in judged("recall", baseline_threshold=0.7).slices:
        y, rows = PAIR.split.labels[one.slice.mask()], one.slice.mask()
        assert one.baseline == sk.recall_score(y, PAIR.before[rows] >= 0.7)
        assert one.candidate == sk.recall_score(y, PAIR.after[rows] >= THRESHOLD)


def test_no_slices_are_no_error() -> None:
    assert slice_evidence((), PAIR, SliceTerms(metric="roc_auc", threshold=0.5)).slices == ()


def test_intervals_never_claim_more_than_the_draws_can_show() -> None:
    narrow, wide = judged("f1", alpha=0.2), judged("f1", alpha=1e-5)
    for one in wide.slices:
        other = next(
            each
            for each in narrow.slices
            if each.slice is not one.slice and each.slice.name == one.slice.name
        )
        error = found(one).error
        assert error is not None
        assert found(one).interval.low < found(other).interval.low
        assert found(one).interval.low <= found(one).value - 4.4 * error


def test_scores_of_another_split_are_refused() -> None:
    with pytest.raises(ValueError, match="are not of"):
        Paired(make_row_split(100), PAIR.baseline, PAIR.candidate)
