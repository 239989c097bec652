from dataclasses import replace
from typing import Any

from core.decision.gate_report import CheckOutcome, CheckResult, Finding, GateReport, SliceFinding
from core.gate_settings import Severity
from core.messages import message
from dashboard.components.promotion_gate import blocked_sentences, report_view, warnings_view
from tests.dashboard.deciding import make_gate
from tests.dashboard.showing import parts, said

UNSURE, FAILED = CheckOutcome.INCONCLUSIVE, CheckOutcome.FAILED


def check(code: str, outcome: CheckOutcome, severity: Severity = Severity.BLOCK, **facts: Any) -> CheckResult:
    numbers = facts.pop("numbers", {})
    finding = Finding(outcome=outcome, reason=message("Because."), numbers=numbers)
    return CheckResult(code=code, severity=severity, finding=finding, **facts)


def report(*checks: CheckResult) -> GateReport:
    return replace(make_gate(5), checks=checks)


def doubt(low: float | None, high: float | None, metric: str = "roc_auc", **facts: Any) -> str:
    """What is acknowledged where it cannot be told whether version 5 is worse."""
    ends = {"low": low, "high": high}
    found = check("no_worse_than", UNSURE, Severity.WARN, metric=metric, numbers=ends, **facts)
    return said(warnings_view(report(found)))


def test_what_the_split_cannot_show_is_said_by_its_rows_and_the_worst_loss() -> None:
    assert doubt(-0.058, 0.031) == ("143 rows cannot rule out that v5 is worse by up to 5.8 pp in ROC AUC.")


def test_of_a_loss_the_worst_is_the_upper_end() -> None:
    assert "worse by up to 0.031 in log loss" in doubt(-0.058, 0.031, "log_loss")


def test_what_has_no_interval_gives_its_reason() -> None:
    plain = "ROC AUC: no worse: Because."
    assert doubt(None, None) == plain
    assert doubt(float("-inf"), 1.0) == plain
    assert doubt(0.01, 0.02) == plain  # nothing is lost at the bad end


def test_the_checks_that_block_come_first_and_what_passed_is_folded_away() -> None:
    checks = [
        check("loads", CheckOutcome.PASSED),
        check("size_mb", CheckOutcome.NOT_APPLICABLE),
        check("requirements", FAILED, Severity.WARN),
        check("signature", UNSURE),
        check("max_broken", FAILED),
    ]
    shown = report_view(report(*checks))
    names = [said(part) for part in parts(shown) if type(part).__name__ == "B"][1:]
    assert names == ["rows broken", "signature", "requirements (only warns)", "loads", "size"]
    assert shown.open is True
    assert report_view(report(checks[0])).open is False


def test_slices_that_are_not_passed_stand_below_their_check() -> None:
    slices = tuple(
        SliceFinding(
            column="<b>",
            label=message("value"),
            rows=1200 + n,
            finding=Finding(outcome=FAILED if n else CheckOutcome.PASSED, reason=message("Too low.")),
        )
        for n in range(11)
    )
    text = said(report_view(report(check("at_least", FAILED, metric="recall", slices=slices))))
    assert text.count("Too low.") == 8
    assert "<b> = value (1,201 rows): Too low." in text
    assert "1,200 rows" not in text
    assert "2 more slices" in text


def test_what_blocks_is_said_in_words() -> None:
    told = blocked_sentences(report(check("at_least", FAILED, metric="f1"), check("signature", UNSURE)))
    assert told == ["v5 fails its gate: F1: at least.", "The gate of v5 cannot tell: signature."]
    assert blocked_sentences(report(check("signature", FAILED, Severity.WARN))) == []
