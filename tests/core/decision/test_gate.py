"""Reports of whole candidates: what they hold, when they pass, and what makes them void."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from core.catalog.mlmodel import ModelCard
from core.decision.gate_evidence import evidence_of
from core.decision.gate_report import CheckOutcome
from core.errors import ArtifactError, EvidenceError, NotFound, StoreUnreachable, UsageError
from core.evidence.comparison import ScoringState, Status
from core.evidence.failures import scoring_error
from core.evidence.scores import ScoreKind
from core.gate_settings import Severity
from core.messages import message
from core.settings import ModelSettings
from tests.core.decision.gating import MODEL, Case, card, split_of

ROWS = 300
PASSED, FAILED = CheckOutcome.PASSED, CheckOutcome.FAILED
INCONCLUSIVE, NOT_APPLICABLE = CheckOutcome.INCONCLUSIVE, CheckOutcome.NOT_APPLICABLE
EVERYTHING = (
    "{metric: roc_auc, at_least: 0}",
    "{metric: f1, at_most: 1, surely: true}",
    "{metric: accuracy, better_than: production}",
    "{metric: brier, no_worse_than: production, margin: 1}",
    "{metric: recall, at_least: 0, slices: [sex]}",
    "{metric: recall, no_worse_than: production, margin: 1, slices: [sex]}",
    "{max_broken: 1}",
    "{signature: compatible}",
    "{latency_ms_per_1000: {at_most: 1.5, relative: true}}",
    "{size_mb: {at_most: 100}}",
    "{requirements: satisfied}",
)


def make_case(signal: float = 2.0, *, rows: int = ROWS, labels: Any = None, **facts: Any) -> Case:
    """Version 1 tells labels apart by a signal of 1, version 2 by `signal`; their noise is mostly shared."""
    random = np.random.default_rng(7)
    given = random.random(rows) < 0.4 if labels is None else np.asarray(labels, dtype=bool)
    shared, own = random.normal(size=rows), random.normal(size=rows)
    columns = {"sex": np.where(random.random(rows) < 0.5, "f", "m")}
    logits = {1: given + shared, 2: signal * given + shared + 0.2 * own}
    known: dict[str, Any] = {
        "cards": {n: card({"age": "double"}, size_bytes=10**6, requirements=("numpy",)) for n in (1, 2)},
        "times": {1: 10.0, 2: 12.0},
    }
    return Case(
        split=split_of(given, columns),
        given={number: 1 / (1 + np.exp(0.5 - logit)) for number, logit in logits.items()},
        **known | facts,
    )


def outcomes(case: Case, *checks: str, **options: Any) -> dict[str, CheckOutcome]:
    return {check.name: check.outcome for check in case.report(*checks, **options).checks}


def test_a_report_says_what_it_is_of() -> None:
    report = make_case().report("{max_broken: 1}", threshold=0.4)
    assert (report.model, report.version, report.baseline) == (MODEL, 2, 1)
    assert (report.candidate_digest, report.baseline_digest) == ("sha256:2", "sha256:1")
    assert (report.rows, report.threshold, report.level) == (ROWS, 0.4, 0.95)
    assert [check.code for check in report.checks] == ["loads", "scores", "max_broken"]
    assert not report.is_default


def test_without_a_policy_the_default_holds() -> None:
    report = make_case(settings=ModelSettings(primary_metric="mcc", margins={"mcc": 0.5})).report()
    assert report.is_default
    assert [(check.name, check.severity) for check in report.checks] == [
        ("loads", Severity.BLOCK),
        ("scores", Severity.BLOCK),
        ("signature", Severity.BLOCK),
        ("mcc no_worse_than", Severity.WARN),
    ]
    assert report.checks[-1].finding.numbers["margin"] == 0.5
    assert report.outcome is PASSED


def test_a_better_candidate_passes_everything() -> None:
    report = make_case(signal=3.0).report(*EVERYTHING)
    assert {check.outcome for check in report.checks} == {PASSED}
    assert report.outcome is PASSED
    assert not report.warnings


def test_the_worst_check_that_blocks_decides() -> None:
    case = make_case()
    fails, unsure = "{max_broken: 0, severity: %s}", "{metric: f1, at_least: 0, slices: [x], severity: %s}"
    assert case.report(fails % "block", unsure % "block").outcome is FAILED
    assert case.report(fails % "warn", unsure % "block").outcome is INCONCLUSIVE
    report = case.report(fails % "warn", unsure % "warn")
    assert report.outcome is PASSED
    assert [check.code for check in report.warnings] == ["max_broken", "at_least"]
    assert not report.blocking


def test_a_first_version_has_nothing_to_be_compared_with() -> None:
    found = outcomes(make_case(production=None), *EVERYTHING)
    relative = {name for name, outcome in found.items() if outcome is NOT_APPLICABLE}
    assert relative == {
        "accuracy better_than",
        "brier no_worse_than",
        "recall no_worse_than by sex",
        "max_broken",
        "signature",
        "latency_ms_per_1000",
    }
    assert {outcome for name, outcome in found.items() if name not in relative} == {PASSED}
    assert make_case(production=None).report(*EVERYTHING).outcome is PASSED


def test_production_itself_is_compared_with_nothing() -> None:
    report = make_case(production=2).report(
        "{metric: f1, better_than: production}", "{signature: compatible}"
    )
    assert [check.outcome for check in report.checks[2:]] == [NOT_APPLICABLE, NOT_APPLICABLE]
    assert (report.baseline, report.baseline_digest) == (2, None)


def test_another_baseline_than_production() -> None:
    report = make_case(production=None).report("{max_broken: 1}", baseline=1)
    assert (report.baseline, report.checks[-1].outcome) == (1, PASSED)


def test_against_an_unscored_production_nothing_can_be_told() -> None:
    states = {1: ScoringState(status=Status.FAILED, error=scoring_error("crashed", {"signal": "9"}))}
    found = outcomes(make_case(states=states), *EVERYTHING)
    assert {name for name, outcome in found.items() if outcome is INCONCLUSIVE} == {
        "accuracy better_than",
        "brier no_worse_than",
        "recall no_worse_than by sex",
        "max_broken",
        "latency_ms_per_1000",
    }
    assert found["signature"] is PASSED  # its card can be read all the same


@pytest.mark.parametrize(
    ("state", "loads", "scores"),
    [
        (ScoringState(status=Status.NOT_SCORED), INCONCLUSIVE, INCONCLUSIVE),
        (ScoringState(status=Status.WAITING), INCONCLUSIVE, INCONCLUSIVE),
        (ScoringState(status=Status.FAILED, error=scoring_error("load_raised", {})), FAILED, FAILED),
        (ScoringState(status=Status.FAILED, error=scoring_error("not_finite", {})), PASSED, FAILED),
        (ScoringState(status=Status.FAILED, error=ArtifactError(message("Too large."))), FAILED, FAILED),
        (
            ScoringState(status=Status.FAILED, error=StoreUnreachable(message("Nobody answers."))),
            INCONCLUSIVE,
            INCONCLUSIVE,
        ),
    ],
)
def test_a_version_without_scores_passes_no_check_of_them(
    state: ScoringState, loads: CheckOutcome, scores: CheckOutcome
) -> None:
    case = make_case(states={2: state})
    found = outcomes(case, *EVERYTHING)
    assert (found.pop("loads"), found.pop("scores")) == (loads, scores)
    assert {name for name, outcome in found.items() if outcome is PASSED} == {
        "signature",
        "size_mb",
        "requirements",
    }
    assert case.report(*EVERYTHING).outcome is not PASSED
    assert not case.timed


@pytest.mark.parametrize("label", [0, 1])
def test_rows_of_one_label_pass_nothing(label: int) -> None:
    found = outcomes(make_case(rows=50, labels=[label] * 50), *EVERYTHING[:7])
    assert {found.pop("loads"), found.pop("scores")} == {PASSED}
    assert set(found.values()) == {INCONCLUSIVE}


def test_scores_that_are_no_probabilities_pass_no_check_that_needs_them() -> None:
    case = make_case(kinds={2: ScoreKind.RANKING})
    assert case.check("{metric: brier, at_most: 1}").outcome is INCONCLUSIVE
    assert case.check("{metric: brier, no_worse_than: production, margin: 1}").outcome is INCONCLUSIVE
    assert case.check("{metric: brier, at_most: 1, slices: [sex]}").outcome is INCONCLUSIVE
    assert case.check("{metric: roc_auc, at_least: 0.5}").outcome is PASSED


def test_versions_of_different_splits_are_never_compared() -> None:
    case = make_case()
    comparison = case.gates().comparisons.compare(MODEL, versions=[2], request=False)
    other = replace(comparison, split=replace(comparison.split, fingerprint="sha256:other"))
    with pytest.raises(EvidenceError, match="scored on different test splits"):
        evidence_of(other, 2, None, lambda _compared: pytest.fail("read"))


def test_times_are_measured_side_by_side_and_only_where_asked_for() -> None:
    case = make_case()
    case.report("{max_broken: 1}")
    assert case.timed == []
    assert case.check("{latency_ms_per_1000: {at_most: 12}}").outcome is PASSED
    assert case.check("{latency_ms_per_1000: {at_most: 1.2, relative: true}}").outcome is PASSED
    assert case.check("{latency_ms_per_1000: {at_most: 1.19, relative: true}}").outcome is FAILED
    assert case.timed == [[2], [2, 1], [2, 1]]


@pytest.mark.parametrize("missing", [1, 2])
def test_what_could_not_be_measured_passes_nothing(missing: int) -> None:
    case = make_case(times={3 - missing: 10.0})
    assert case.check("{latency_ms_per_1000: {at_most: 9, relative: true}}").outcome is INCONCLUSIVE


@pytest.mark.parametrize("number", [1, 2])
@pytest.mark.parametrize("error", [ArtifactError(message("Not YAML.")), NotFound(message("No MLmodel."))])
def test_a_card_that_cannot_be_read_passes_nothing(number: int, error: Exception) -> None:
    case = make_case()
    case.cards[number] = error
    assert case.check("{signature: compatible}").outcome is INCONCLUSIVE
    assert case.check("{size_mb: {at_most: 9, relative: true}}").outcome is INCONCLUSIVE


def test_a_size_that_nobody_wrote_passes_nothing() -> None:
    case = make_case()
    case.cards[1] = ModelCard()
    assert case.check("{size_mb: {at_most: 9}}").outcome is PASSED
    assert case.check("{size_mb: {at_most: 9, relative: true}}").outcome is INCONCLUSIVE
    case.cards[2] = ModelCard()
    assert case.check("{size_mb: {at_most: 9}}").outcome is INCONCLUSIVE


def test_a_store_that_does_not_answer_is_no_outcome() -> None:
    case = make_case()
    case.cards[2] = StoreUnreachable(message("Nobody answers."))
    with pytest.raises(StoreUnreachable):
        case.report("{signature: compatible}")


def test_what_does_not_exist_is_refused() -> None:
    with pytest.raises(NotFound, match="has no version 9"):
        make_case().report(version=9)
    with pytest.raises(UsageError, match="outside of 0 to 1"):
        make_case().report(threshold=2)


Change = Callable[[Case], Any]


@pytest.mark.parametrize(
    ("change", "checks", "part"),
    [
        (lambda case: case.digests.update({2: "sha256:x"}), ("{max_broken: 1}",), "candidate"),
        (lambda case: case.digests.update({1: "sha256:x"}), ("{max_broken: 1}",), "baseline"),
        (
            lambda case: setattr(case, "split", replace(case.split, fingerprint="sha256:y")),
            ("{max_broken: 1}",),
            "split",
        ),
        (lambda _case: None, ("{max_broken: 0.99}",), "policy"),
        (lambda case: setattr(case, "settings", ModelSettings(alpha=0.1)), ("{max_broken: 1}",), "policy"),
    ],
)
def test_a_change_voids_what_was_seen(change: Change, checks: tuple[str, ...], part: str) -> None:
    case = make_case()
    seal = case.report("{max_broken: 1}").seal
    assert case.report("{max_broken: 1}").changes_since(seal) == ()
    change(case)
    assert case.report(*checks).changes_since(seal) == (part,)


def test_a_threshold_and_an_outcome_void_it_too() -> None:
    case = make_case()
    seal = case.report("{latency_ms_per_1000: {at_most: 15}}").seal
    assert case.report("{latency_ms_per_1000: {at_most: 15}}", threshold=0.4).changes_since(seal) == (
        "threshold",
    )
    case.times[2] = 16.0
    assert case.report("{latency_ms_per_1000: {at_most: 15}}").changes_since(seal) == ("outcomes",)
    assert len(case.report().changes_since("no seal")) == 6


def test_a_margin_from_elsewhere_is_part_of_the_policy() -> None:
    check = "{metric: f1, no_worse_than: production}"
    one, other = (
        make_case(settings=ModelSettings(margins={"f1": margin})).report(check) for margin in (0.1, 0.2)
    )
    assert one.policy != other.policy
    assert one.checks[-1].finding.numbers["margin"] == 0.1


def test_the_difference_is_that_of_one_candidate() -> None:
    """The level is not shared with versions that happen to stand beside it on a page."""
    case = make_case()
    found = case.check("{metric: roc_auc, better_than: production}").finding
    comparisons = case.gates().comparisons
    judged = comparisons.judge(comparisons.compare(MODEL, versions=[2], request=False)).verdicts[2]
    difference: Any = getattr(judged, "difference")  # noqa: B009  Unknown has none
    assert (found.numbers["low"], found.numbers["high"]) == (
        difference.interval.low,
        difference.interval.high,
    )
    assert found.numbers["level"] == 0.95
