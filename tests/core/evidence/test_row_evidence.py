from dataclasses import replace
from pathlib import Path

import pytest

from core.evidence.comparing import Comparisons
from core.evidence.comparison import Comparison, ScoringState, Status
from core.evidence.flips import Order, Which
from core.evidence.row_evidence import MOST_ROWS, RowEvidence
from core.evidence.slice_evidence import SliceTerms, slice_evidence
from core.evidence.slices import slices_of
from core.settings import ModelSettings
from tests.dashboard.comparing import MODEL, HandScorer, OneSplit, VersionStore, make_services, make_version
from tests.dashboard.row_by_row import make_pair, make_row_scores, make_row_split

SPLIT = make_row_split()


@pytest.fixture
def scorer() -> HandScorer:
    scorer = HandScorer(SPLIT)
    scorer.made = {number: make_row_scores(SPLIT, number, hurts=number == 2) for number in range(1, 4)}
    return scorer


@pytest.fixture
def comparisons(scorer: HandScorer, tmp_path: Path) -> Comparisons:
    return make_services(VersionStore([make_version(n) for n in range(1, 4)]), scorer, tmp_path).comparisons


def compared(comparisons: Comparisons, threshold: float = 0.5, baseline: int | None = 1) -> Comparison:
    return comparisons.compare(MODEL, versions=[2, 3], baseline=baseline, threshold=threshold)


def test_slices_are_judged_as_the_model_is_configured(comparisons: Comparisons) -> None:
    configured = {MODEL: ModelSettings(primary_metric="recall", alpha=0.2)}
    comparisons = replace(comparisons, settings=replace(comparisons.settings, models=configured))
    comparison = compared(comparisons)
    expected = slice_evidence(
        slices_of(SPLIT),
        make_pair(SPLIT, hurts=True),
        SliceTerms(metric="recall", threshold=0.5, alpha=0.2, candidates=2),
    )
    sliced = RowEvidence(comparisons).slices(comparison, 2)
    assert (sliced.level, sliced.candidates) == (expected.level, 2)
    assert [one.difference for one in sliced.slices] == [one.difference for one in expected.slices]


def test_what_knows_no_threshold_is_made_once(comparisons: Comparisons) -> None:
    evidence = RowEvidence(comparisons)
    first, second = compared(comparisons), compared(comparisons, 0.7)
    assert evidence.slices(first, 2) is evidence.slices(second, 2)
    assert evidence.slices(first, 2, metric="f1") is not evidence.slices(second, 2, metric="f1")
    assert evidence.finding(first, 2, is_new=False) is None
    found = evidence.finding(first, 2)
    assert found is evidence.finding(second, 2, is_new=False)
    assert evidence.finding(first, 3, is_new=False) is None


def test_versions_are_looked_at_where_they_are_operated(comparisons: Comparisons) -> None:
    evidence, comparison = RowEvidence(comparisons), compared(comparisons)
    own = comparison.at({1: 0.2, 2: 0.8})
    assert evidence.flips(own, 2) != evidence.flips(comparison, 2)
    found = evidence.rows(own, 2, Which.BASELINE_FP, Order(), start=0, end=1)
    assert found.rows == own.find(1).confusion.fp  # type: ignore[union-attr]  # it is scored
    assert evidence.slices(own, 2, metric="f1") is not evidence.slices(comparison, 2, metric="f1")


def test_scores_that_changed_are_never_mixed_up(comparisons: Comparisons, scorer: HandScorer) -> None:
    evidence = RowEvidence(comparisons)
    before = evidence.flips(compared(comparisons), 2)
    other = make_row_split(seed=5)
    assert isinstance(comparisons.splits, OneSplit)
    comparisons.splits.split = other
    scorer.made = {number: make_row_scores(other, number) for number in range(1, 4)}
    assert evidence.flips(compared(comparisons), 2) != before


def test_pages_of_rows_follow_each_other_and_are_never_too_long(comparisons: Comparisons) -> None:
    evidence, comparison = RowEvidence(comparisons), compared(comparisons)
    whole = evidence.rows(comparison, 2, Which.TN, Order(), start=0, end=10_000)
    assert whole.rows == comparison.find(2).confusion.tn  # type: ignore[union-attr]  # it is scored
    assert len(whole.lines) == min(MOST_ROWS, whole.rows)
    parts = [evidence.rows(comparison, 2, Which.TN, Order(), start=at, end=at + 100).lines for at in (0, 100)]
    assert (*parts[0], *parts[1]) == whole.lines[:200]
    assert evidence.rows(comparison, 2, Which.TN, Order(), start=99_999, end=100_099).lines == ()
    assert evidence.rows(comparison, 2, Which.TN, Order(), start=-5, end=-1).lines == ()


def test_without_a_scored_baseline_a_version_is_looked_at_alone(
    comparisons: Comparisons, scorer: HandScorer
) -> None:
    evidence = RowEvidence(comparisons)
    scorer.states[1] = ScoringState(status=Status.FAILED)
    for comparison in (compared(comparisons), compared(comparisons, baseline=None)):
        assert evidence.flips(comparison, 2).broken == 0
        found = evidence.rows(comparison, 2, Which.FN, Order(), start=0, end=10)
        assert found.rows == comparison.find(2).confusion.fn  # type: ignore[union-attr]  # it is scored


def test_a_candidate_of_another_comparison_is_none(comparisons: Comparisons) -> None:
    with pytest.raises(KeyError):
        RowEvidence(comparisons).flips(compared(comparisons), 9)
