"""A gate report as plain JSON values and back, as an entry of the ledger holds it."""

from collections.abc import Mapping
from typing import Any

from core.decision.gate_report import CheckOutcome, CheckResult, Finding, GateReport, SliceFinding
from core.decision.plain_facts import Facts, facts_of_message, float_of, message_of_facts, plain_float
from core.gate_settings import Severity

_AS_THEY_ARE = (
    "model",
    "version",
    "baseline",
    "candidate_digest",
    "baseline_digest",
    "fingerprint",
    "policy",
    "is_default",
    "threshold",
    "level",
    "rows",
    "positives",
)


def facts_of_report(report: GateReport) -> Facts:
    """The whole report."""
    facts = {name: getattr(report, name) for name in _AS_THEY_ARE}
    return facts | {"checks": [_facts_of_check(check) for check in report.checks]}


def report_of_facts(facts: Mapping[str, Any]) -> GateReport:
    """The report of such values.

    Raises:
        KeyError, TypeError, ValueError: they are no report that this Runoff knows.
    """
    known = {name: facts[name] for name in _AS_THEY_ARE}
    return GateReport(**known, checks=tuple(map(_check, facts["checks"])))


def _facts_of_check(check: CheckResult) -> Facts:
    slices = [
        {"column": one.column, "label": facts_of_message(one.label), "rows": int(one.rows)}
        | _facts_of_finding(one.finding)
        for one in check.slices
    ]
    return {
        "code": check.code,
        "severity": check.severity.value,
        "metric": check.metric,
        "columns": list(check.columns),
        **_facts_of_finding(check.finding),
        "slices": slices,
    }


def _facts_of_finding(finding: Finding) -> Facts:
    return {
        "outcome": finding.outcome.value,
        "reason": facts_of_message(finding.reason),
        "numbers": {name: plain_float(value) for name, value in finding.numbers.items()},
    }


def _check(facts: Mapping[str, Any]) -> CheckResult:
    return CheckResult(
        code=facts["code"],
        severity=Severity(facts["severity"]),
        metric=facts["metric"],
        columns=tuple(facts["columns"]),
        finding=_finding(facts),
        slices=tuple(
            SliceFinding(
                column=one["column"],
                label=message_of_facts(one["label"]),
                rows=one["rows"],
                finding=_finding(one),
            )
            for one in facts["slices"]
        ),
    )


def _finding(facts: Mapping[str, Any]) -> Finding:
    return Finding(
        outcome=CheckOutcome(facts["outcome"]),
        reason=message_of_facts(facts["reason"]),
        numbers={name: float_of(value) for name, value in facts["numbers"].items()},
    )
