"""Checks in each slice, by hand: 100 women and 100 men, 10 children of either, half of all positive."""

from typing import Any

import numpy as np
import pytest

from core.decision.gate_report import CheckOutcome
from tests.core.decision.gating import Case, split_of

PASSED, FAILED = CheckOutcome.PASSED, CheckOutcome.FAILED
INCONCLUSIVE, NOT_APPLICABLE = CheckOutcome.INCONCLUSIVE, CheckOutcome.NOT_APPLICABLE
SEX = np.array(["f"] * 100 + ["m"] * 100 + ["child"] * 10)
LABELS = np.arange(210) % 2 == 0


def make_case(right: dict[str, int], **facts: Any) -> Case:
    """Production has all rows right; the candidate the first `right` rows of each slice, the others wrong."""
    called = LABELS.copy()
    for value in dict.fromkeys(SEX):
        rows = np.flatnonzero(value == SEX)
        wrong = rows[right.get(value, len(rows)) :]
        called[wrong] = ~LABELS[wrong]
    given = {1: np.where(LABELS, 0.9, 0.1), 2: np.where(called, 0.9, 0.1)}
    known: dict[str, Any] = {"split": split_of(LABELS, {"sex": SEX, "one": ["x"] * 210}), "given": given}
    return Case(**known | facts)


def found(case: Case, check: str) -> dict[str, CheckOutcome]:
    result = case.check(check)
    return {str(one.label): one.finding.outcome for one in result.slices} | {"": result.outcome}


def test_one_slice_that_fails_fails_the_check() -> None:
    case = make_case({"f": 90, "m": 79})
    result = case.check("{metric: accuracy, at_least: 0.8, slices: [sex]}")
    assert result.outcome is FAILED
    assert [(str(one.label), one.rows, one.finding.outcome) for one in result.slices] == [
        ("m", 100, FAILED),  # worst first
        ("f", 100, PASSED),
    ]
    assert [one.finding.numbers["value"] for one in result.slices] == [0.79, 0.9]
    assert result.finding.numbers == {"slices": 2, "failed": 1, "inconclusive": 0, "left_out": 1}
    assert result.name == "accuracy at_least by sex"


def test_small_slices_are_left_out_unless_they_are_asked_for() -> None:
    case = make_case({"child": 1})
    assert found(case, "{metric: accuracy, at_least: 0.8, slices: [sex]}") == {
        "f": PASSED,
        "m": PASSED,
        "": PASSED,
    }
    assert found(case, "{metric: accuracy, at_least: 0.8, slices: [sex], min_rows: 10}")["child"] is FAILED
    assert found(case, "{metric: accuracy, at_least: 0.8, slices: [sex], min_rows: 11}")[""] is PASSED


def test_where_no_slice_is_large_enough_nothing_passes() -> None:
    finding = make_case({}).check("{metric: accuracy, at_least: 0, slices: [sex], min_rows: 101}").finding
    assert (finding.outcome, str(finding.reason)) == (INCONCLUSIVE, "No slice has 101 rows.")


def test_a_loss_in_one_slice_fails_though_all_rows_together_are_no_worse() -> None:
    check = "{metric: accuracy, no_worse_than: production, margin: 0.18%s}"
    case = make_case({"m": 75})
    assert case.check(check % "").outcome is PASSED
    assert found(case, check % ", slices: [sex]") == {"m": FAILED, "f": PASSED, "": FAILED}


def test_one_slice_that_cannot_be_told_is_inconclusive() -> None:
    case = make_case({"m": 98})  # two of a hundred broken, none fixed: -0.02, and anything from -0.06 to 0.02
    check = "{metric: accuracy, no_worse_than: production, margin: 0.05, slices: [sex]}"
    assert found(case, check) == {"m": INCONCLUSIVE, "f": PASSED, "": INCONCLUSIVE}


def test_surely_asks_the_interval_of_each_slice() -> None:
    case = make_case({"f": 90, "m": 99})  # Wilson at 97.5%: 0.813 to 0.950, 0.936 to 0.999
    check = "{metric: accuracy, at_least: %s, surely: true, slices: [sex]}"
    assert found(case, check % 0.81) == {"f": PASSED, "m": PASSED, "": PASSED}
    assert found(case, check % 0.82) == {"f": INCONCLUSIVE, "m": PASSED, "": INCONCLUSIVE}
    assert found(case, check % 0.955) == {"f": FAILED, "m": INCONCLUSIVE, "": FAILED}


def test_the_share_of_wrong_claims_is_shared_by_the_slices() -> None:
    result = make_case({"m": 90}).check("{metric: accuracy, no_worse_than: production, slices: [sex]}")
    assert [one.finding.numbers["level"] for one in result.slices] == pytest.approx([1 - 0.05 / 2] * 2)


def test_a_slice_of_one_label_passes_nothing() -> None:
    labels = LABELS.copy()
    labels[SEX == "f"] = True
    scores = np.where(labels, 0.9, 0.1)
    case = make_case({}, split=split_of(labels, {"sex": SEX}), given={1: scores, 2: scores})
    for check in ("at_least: 0", "better_than: production", "no_worse_than: production, margin: 1"):
        outcome = found(case, f"{{metric: accuracy, {check}, slices: [sex]}}")
        assert outcome["f"] is INCONCLUSIVE
        assert outcome[""] is not PASSED


def test_a_column_that_is_not_there_passes_nothing() -> None:
    finding = make_case({}).check("{metric: accuracy, at_least: 0, slices: [sec]}").finding
    assert finding.outcome is INCONCLUSIVE
    assert str(finding.reason) == 'data/test.csv has no column "sec".'


def test_a_bound_needs_no_production_and_a_difference_does() -> None:
    case = make_case({"m": 79}, production=None)
    assert found(case, "{metric: accuracy, at_least: 0.8, slices: [sex]}")[""] is FAILED
    relative = case.check("{metric: accuracy, no_worse_than: production, slices: [sex]}")
    assert (relative.outcome, relative.slices) == (NOT_APPLICABLE, ())
