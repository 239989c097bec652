"""Gate reports for tests of what is made of them."""

from typing import Any

from core.decision.gate_report import CheckOutcome, CheckResult, Finding, GateReport, SliceFinding
from core.gate_settings import Severity
from core.messages import message

WEIRD = "<b>|`x`\x07\n# 日本"


def check(
    code: str, outcome: str, severity: str = "block", *, reason: str = "Because.", **facts: Any
) -> CheckResult:
    finding = Finding(
        outcome=CheckOutcome(outcome),
        reason=message("{reason}", reason=reason),
        numbers={"value": 0.5, "low": None, "high": float("inf")},
    )
    return CheckResult(code=code, severity=Severity(severity), finding=finding, **facts)


def sliced(outcome: str = "failed") -> CheckResult:
    slices = tuple(
        SliceFinding(
            column="Sex",
            label=message("{low} to below {high}", low="1", high="2"),
            rows=40 + n,
            finding=Finding(outcome=CheckOutcome(outcome), reason=message("Nested: {it}", it=message("it"))),
        )
        for n in range(2)
    )
    return check("no_worse_than", outcome, metric="recall", columns=("Sex",), slices=slices)


def report(*checks: CheckResult, **facts: Any) -> GateReport:
    known: dict[str, Any] = {
        "model": "m",
        "version": 3,
        "baseline": 1,
        "candidate_digest": "sha256:3",
        "baseline_digest": "sha256:1",
        "fingerprint": "sha256:" + "5" * 64,
        "policy": "sha256:policy",
        "is_default": False,
        "threshold": 0.5,
        "level": 0.95,
        "rows": 143,
        "positives": 53,
    }
    return GateReport(checks=checks, **known | facts)
