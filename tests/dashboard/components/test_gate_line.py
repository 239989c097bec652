from typing import Any

from core.decision.gate_report import CheckOutcome, CheckResult, Finding, SliceFinding
from core.gate_settings import Severity
from core.messages import message
from dashboard.components.gate_line import check_name, gate_line, gate_trouble
from tests.dashboard.deciding import make_gate


def words(part: Any) -> str:
    return part if isinstance(part, str) else " ".join(filter(None, map(words, part["children"])))


def test_the_outcome_comes_first_and_every_check_has_its_reason() -> None:
    shown = words(gate_line(make_gate(3)))
    assert shown.startswith("✓ gate passed")
    assert "ROC AUC: no worse" in shown
    assert "Its files load." in shown
    assert "No policy is written" in shown
    assert "No policy is written" not in words(gate_line(make_gate(3, is_default=False)))


def test_a_check_that_only_warns_is_counted_and_marked() -> None:
    shown = words(gate_line(make_gate(3, outcome=CheckOutcome.INCONCLUSIVE)))
    assert shown.startswith("✓ gate passed, 1 warning")
    assert "? ROC AUC: no worse (only warns)" in shown


def test_a_check_that_blocks_decides() -> None:
    finding = Finding(outcome=CheckOutcome.FAILED, reason=message("Too slow."))
    check = CheckResult(code="latency_ms_per_1000", severity=Severity.BLOCK, finding=finding)
    line = gate_line(make_gate(3, checks=(check,)))
    assert words(line).startswith("✗ gate failed")
    assert "Too slow." in words(line)
    assert "only warns" not in words(line)


def test_checks_of_slices_name_their_columns() -> None:
    finding = Finding(outcome=CheckOutcome.PASSED, reason=message("Good."))
    slices = tuple(
        SliceFinding(column=column, label=message("x"), rows=9, finding=finding)
        for column in ("Sex", "Sex", "Age")
    )
    check = CheckResult(
        code="at_least", severity=Severity.BLOCK, finding=finding, metric="recall", slices=slices
    )
    assert check_name(check) == "recall: at least by Sex, Age"


def test_a_gate_that_cannot_be_looked_at_says_why() -> None:
    assert words(gate_trouble("Away.")) == "gate: Away."
