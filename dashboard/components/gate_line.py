"""The gate of one candidate: what came of it, its checks as chips, and their reasons one key away."""

from types import MappingProxyType
from typing import Final

from core.decision.gate_report import CheckOutcome, CheckResult, GateReport
from core.evidence.metrics import METRIC
from core.gate_settings import Severity
from core.messages import message
from dashboard.components.elements import Element, element
from dashboard.messages import _, _n

SIGNS: Final = MappingProxyType(
    {
        CheckOutcome.PASSED: "✓",
        CheckOutcome.FAILED: "✗",
        CheckOutcome.INCONCLUSIVE: "?",
        CheckOutcome.NOT_APPLICABLE: "–",  # noqa: RUF001 - a dash
    }
)
_OUTCOMES: Final = MappingProxyType(
    {
        CheckOutcome.PASSED: message("gate passed"),
        CheckOutcome.FAILED: message("gate failed"),
        CheckOutcome.INCONCLUSIVE: message("gate inconclusive"),
        CheckOutcome.NOT_APPLICABLE: message("no gate applies"),
    }
)
SAID: Final = MappingProxyType(  # to screen readers, for the signs
    {
        CheckOutcome.PASSED: message("passed"),
        CheckOutcome.FAILED: message("failed"),
        CheckOutcome.INCONCLUSIVE: message("inconclusive"),
        CheckOutcome.NOT_APPLICABLE: message("not applicable"),
    }
)
_CHECKS: Final = MappingProxyType(
    {
        "loads": message("loads"),
        "scores": message("scores"),
        "at_least": message("at least"),
        "at_most": message("at most"),
        "better_than": message("better"),
        "no_worse_than": message("no worse"),
        "max_broken": message("rows broken"),
        "signature": message("signature"),
        "latency_ms_per_1000": message("latency"),
        "size_mb": message("size"),
        "requirements": message("requirements"),
    }
)


def gate_line(report: GateReport) -> Element:
    """Everything that the report says; a check that warns is marked as such."""
    chips = [_chip(check) for check in report.checks]
    reasons = [_reason(check) for check in report.checks]
    policy = (
        _("No policy is written for this model: these are the default checks.") if report.is_default else None
    )
    return element(
        "details",
        element("summary", outcome_mark(report), *chips),
        element("p", policy, class_="card-note") if policy else None,
        element("ul", *reasons),
        class_="gate",
    )


def gate_trouble(text: str) -> Element:
    """The gate cannot be looked at, and why."""
    return element("p", _("gate: {reason}", reason=text), class_="gate-trouble card-note")


def check_name(check: CheckResult) -> str:
    """The check in a few words: ROC AUC: no worse, by Sex."""
    word = _(_CHECKS[check.code])
    name = f"{_(METRIC[check.metric].title)}: {word}" if check.metric else word
    columns = ", ".join(dict.fromkeys(one.column for one in check.slices))
    return _("{check} by {columns}", check=name, columns=columns) if columns else name


def outcome_mark(report: GateReport) -> Element:
    """What came of all checks, and how many warn."""
    text = _(_OUTCOMES[report.outcome])
    if report.warnings:
        warned = len(report.warnings)
        text = _(
            "{outcome}, {warnings}", outcome=text, warnings=_n("{count} warning", "{count} warnings", warned)
        )
    return element(
        "b", f"{SIGNS[report.outcome]} {text}", class_="gate-outcome", data_outcome=report.outcome.value
    )


def _chip(check: CheckResult) -> Element:
    return element(
        "span",
        element("span", SIGNS[check.outcome], aria_hidden="true"),
        element("span", _(SAID[check.outcome]), class_="visually-hidden"),
        f" {check_name(check)}",
        class_="gate-chip",
        data_outcome=check.outcome.value,
        data_severity=check.severity.value,
    )


def _reason(check: CheckResult) -> Element:
    warns = f" ({_('only warns')})" if check.is_open and check.severity is Severity.WARN else ""
    name = element("b", f"{SIGNS[check.outcome]} {check_name(check)}{warns}")
    return element("li", name, f" {_(check.finding.reason)}")
