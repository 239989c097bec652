from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import pytest

from core.evidence.amounts import Amounts, margin, value
from core.evidence.judgement import Detectable, Judged, Judgement
from core.evidence.metrics import METRIC, MetricValue
from core.evidence.sentences import (
    counted,
    detectable_sentence,
    difference_text,
    few_sentence,
    terms_sentence,
    verdict_sentence,
)
from core.evidence.statistics.interval import IDENTICAL, Difference, Interval, Unknown
from core.evidence.statistics.verdict import Verdict
from core.messages import message


@dataclass
class Compared:
    metrics: Mapping[str, MetricValue]


@dataclass
class Rows:
    rows: int = 143
    positives: int = 56


@dataclass
class HandComparison:
    """As much of a comparison as a sentence reads: two values of one metric, and rows."""

    ours: float
    theirs: float
    primary_metric: str = "roc_auc"
    rows: int = 143
    baseline: int = 2

    @property
    def split(self) -> Rows:
        return Rows(self.rows)

    def find(self, number: int) -> Compared:
        found = self.theirs if number == self.baseline else self.ours
        return Compared({self.primary_metric: MetricValue(found)})


def judged(
    verdict: Verdict,
    value: float,
    low: float,
    high: float,
    *,
    needed: int | None = None,
    candidates: int = 1,
    detectable: Detectable | None = None,
) -> Judgement:
    difference = Difference(value=value, interval=Interval(low, high), p_value=0.5, error=0.1)
    found = Judged(verdict=verdict, difference=difference, rows_needed=needed)
    return Judgement(
        level=1 - 0.05 / candidates,
        alpha=0.05,
        margin=0.01,
        certainties={},
        verdicts=dict.fromkeys(range(3, 3 + candidates), found),
        detectable=detectable,
        is_few=False,
    )


def said(comparison: Any, judgement: Judgement) -> str:
    return str(verdict_sentence(comparison, judgement, 3))


def test_a_better_candidate_is_higher_by_so_much() -> None:
    sentence = said(HandComparison(0.897, 0.740), judged(Verdict.BETTER, 0.157, 0.071, 0.243))
    assert sentence == "ROC AUC 0.897 against 0.740: higher by 15.7 pp (7.1 to 24.3 pp) on 143 rows. Better."


def test_a_worse_candidate_is_lower_by_so_much() -> None:
    sentence = said(HandComparison(0.70, 0.74), judged(Verdict.WORSE, -0.04, -0.07, -0.01))
    assert sentence == "ROC AUC 0.700 against 0.740: lower by 4.0 pp (1.0 to 7.0 pp) on 143 rows. Worse."


def test_a_smaller_loss_is_better_and_no_share() -> None:
    comparison = HandComparison(0.412, 0.55, primary_metric="log_loss", rows=20_000)
    sentence = said(comparison, judged(Verdict.BETTER, -0.138, -0.15, -0.126))
    assert sentence == (
        "log loss 0.4120 against 0.5500: lower by 0.138 (0.126 to 0.150) on 20,000 rows. Better."
    )


def test_what_cannot_be_told_names_the_rows_that_would_settle_it() -> None:
    judgement = judged(Verdict.CANNOT_TELL, 0.006, -0.045, 0.057, needed=11_612)
    assert said(HandComparison(0.826, 0.820), judgement) == (
        "ROC AUC 0.826 against 0.820 on 143 rows: +0.6 pp, but anything from −4.5 pp to +5.7 pp fits. "
        "Cannot tell; about 12,000 rows would settle it."
    )
    without = judged(Verdict.CANNOT_TELL, 0.0, -0.045, 0.045)
    assert said(HandComparison(0.82, 0.82), without).endswith(
        ": 0.0 pp, but anything from −4.5 pp to +4.5 pp fits. Cannot tell."
    )


def test_no_worse_names_the_margin() -> None:
    judgement = judged(Verdict.NO_WORSE, -0.002, -0.004, -0.001)
    assert said(HandComparison(0.818, 0.820), judgement).endswith("No worse: within the margin of 1 pp.")


def test_identical_versions_are_exactly_alike() -> None:
    alike = Judged(verdict=Verdict.NO_WORSE, difference=IDENTICAL)
    judgement = replace(judged(Verdict.NO_WORSE, 0, 0, 0), verdicts={3: alike})
    assert said(HandComparison(0.82, 0.82), judgement).startswith(
        "ROC AUC 0.820 on 143 rows, exactly as the baseline's."
    )


def test_without_a_verdict_the_reason_is_said() -> None:
    judgement = replace(judged(Verdict.BETTER, 1, 1, 1), verdicts={3: Unknown(reason=message("No rows."))})
    assert said(HandComparison(1, 1), judgement) == "There is no verdict: No rows."


@pytest.mark.parametrize("verdict", Verdict)
def test_no_sentence_holds_a_p_value(verdict: Verdict) -> None:
    sentence = said(HandComparison(0.9, 0.8), judged(verdict, 0.1, -0.05, 0.2, needed=900))
    assert "p =" not in sentence
    assert "0.5" not in sentence


@pytest.mark.parametrize(
    ("half", "written"),
    [(0.05, "1.2 pp"), (0.0034, "1.23 pp"), (0.00004, "1.2346 pp"), (0.4, "1.2 pp"), (0.0, "1.2 pp")],
)
def test_an_amount_has_the_digits_that_its_interval_carries(half: float, written: str) -> None:
    amounts = Amounts.of(METRIC["roc_auc"], Interval(0.012346 - half, 0.012346 + half))
    assert str(amounts.size(0.012346)) == written


def test_amounts_have_signs_but_for_zero() -> None:
    amounts = Amounts(is_share=True, digits=1)
    assert [str(amounts.signed(one)) for one in (0.01, -0.01, 0.0001, -0.0001)] == [
        "+1.0 pp", "−1.0 pp", "0.0 pp", "0.0 pp"
    ]  # fmt: skip
    assert str(Amounts(is_share=False, digits=3).span(Interval(-0.1, 0.2))) == "−0.100 to +0.200"
    assert (str(margin(METRIC["f1"], 0.005)), str(margin(METRIC["mcc"], 0.005))) == ("0.5 pp", "0.005")
    assert (str(value(None, 1)), str(value(-0.25, 1))) == ("n/a", "−0.250")


def test_a_difference_comes_with_its_interval() -> None:
    difference = Difference(value=0.006, interval=Interval(-0.045, 0.057), p_value=0.8)
    assert str(difference_text("f1", difference)) == "+0.6 pp, interval −4.5 to +5.7 pp"


@pytest.mark.parametrize(
    ("found", "sentence"),
    [
        ((0.0612, 5_123, False), "143 rows: can only see differences in ROC AUC of 6.1 pp and more; about 5,200 rows would be needed for the margin of 1 pp"),
        ((0.004, 60, False), "143 rows: can only see differences in ROC AUC of 0.4 pp and more; that is enough for the margin of 1 pp"),
        ((0.06, None, True), "143 rows: can probably only see differences in ROC AUC of 6 pp and more"),
    ],
)  # fmt: skip
def test_the_split_says_what_it_can_show(found: tuple[float, int | None, bool], sentence: str) -> None:
    detectable = Detectable(metric="roc_auc", difference=found[0], rows=found[1], is_assumed=found[2])
    judgement = judged(Verdict.BETTER, 1, 1, 1, detectable=detectable)
    comparison: Any = HandComparison(0.8, 0.8)
    assert str(detectable_sentence(comparison, judgement)) == sentence
    assert detectable_sentence(comparison, replace(judgement, detectable=None)) is None


def test_the_terms_are_those_of_all_candidates_together() -> None:
    comparison: Any = HandComparison(0.8, 0.8)
    several = str(terms_sentence(comparison, judged(Verdict.BETTER, 1, 1, 1, candidates=3)))
    assert "98.33% each" in several
    assert "all 3 candidates are judged with 95% together" in several
    assert "A loss of up to 1 pp in ROC AUC counts as no worse." in several
    one = str(terms_sentence(comparison, judged(Verdict.BETTER, 1, 1, 1)))
    assert one.startswith("Interval of the difference: 95%.")


def test_few_rows_of_a_label_are_counted() -> None:
    comparison: Any = HandComparison(0.8, 0.8, rows=60)
    assert "Positive rows: 56, negative rows: 4." in str(few_sentence(comparison))


def test_rows_are_counted_in_the_singular_and_the_plural() -> None:
    assert [str(counted(rows)) for rows in (1, 2, 1_200)] == ["1 row", "2 rows", "1,200 rows"]
