"""A gate report as the JSON that other people's scripts read: a public contract.

model, version, baseline    baseline null: nothing was there to compare with
outcome         passed, failed, inconclusive: of the checks that block
policy          {hash, default}: default, where nobody wrote a policy for the model
candidate_digest, baseline_digest   SHA-256 of the versions' files, null where unknown
split           {fingerprint, rows, positives}
threshold, level    at which decisions were made; the confidence level of intervals
seal            stands for all that the report is bound to
checks          [{code, metric, columns, severity, outcome, reason, numbers: {name: number or null}, slices}];
                columns: whose slices it is of; severity: block, warn; outcome: also not_applicable;
                slices, worst first: [{column, value, rows, outcome, reason, numbers}]
"""

import math

from core.decision.gate_report import CheckResult, Finding, GateReport

JsonObject = dict[str, object]


def as_json(report: GateReport) -> JsonObject:
    """The report as plain dicts, lists, strings, numbers and None; sentences are in English."""
    return {
        "model": report.model,
        "version": report.version,
        "baseline": report.baseline,
        "outcome": report.outcome.value,
        "policy": {"hash": report.policy, "default": report.is_default},
        "candidate_digest": report.candidate_digest,
        "baseline_digest": report.baseline_digest,
        "split": {"fingerprint": report.fingerprint, "rows": report.rows, "positives": report.positives},
        "threshold": report.threshold,
        "level": report.level,
        "seal": report.seal,
        "checks": [_check(check) for check in report.checks],
    }


def _check(check: CheckResult) -> JsonObject:
    slices = [
        {"column": one.column, "value": str(one.label), "rows": one.rows} | _finding(one.finding)
        for one in check.slices
    ]
    return {
        "code": check.code,
        "metric": check.metric,
        "severity": check.severity.value,
        **_finding(check.finding),
        "slices": slices,
    }


def _finding(finding: Finding) -> JsonObject:
    numbers = {
        name: value if value is not None and math.isfinite(value) else None
        for name, value in finding.numbers.items()
    }
    return {"outcome": finding.outcome.value, "reason": str(finding.reason), "numbers": numbers}
