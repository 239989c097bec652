"""The gate in the dialog of a promotion: its checks, what keeps it from going on, what a click takes on."""

import math
from collections.abc import Sequence
from typing import Any, Final

from dash import html

from core.decision.gate_report import WORST_FIRST, CheckOutcome, CheckResult, GateReport, SliceFinding
from core.evidence.amounts import Amounts
from core.evidence.metrics import METRIC
from core.evidence.statistics.interval import Interval
from core.gate_settings import Rule, Severity
from core.messages import Message
from dashboard.components.elements import component
from dashboard.components.gate_line import SAID, SIGNS, check_name, outcome_mark
from dashboard.messages import _, _n
from dashboard.theme import integer

_MOST_SLICES: Final = 8  # of one check; worst first
_OPEN: Final = (CheckOutcome.FAILED, CheckOutcome.INCONCLUSIVE)


def checking() -> Any:
    """While the report is made."""
    spinner = html.Span(className="spinner-border spinner-border-sm", **{"aria-hidden": "true"})
    return html.P([spinner, " ", _("Checking the gate…")], className="note dialog-checking")


def report_view(report: GateReport) -> Any:
    """Every check with its reason, those that block first; folded away where all is well."""
    ranked = sorted(report.checks, key=_rank)
    is_open = bool(report.blocking or report.warnings)
    default = _("No policy is written for this model: these are the default checks.")
    return html.Details(
        [
            html.Summary(component(outcome_mark(report))),
            html.P(default, className="note") if report.is_default else None,
            html.Ul([_line(check) for check in ranked], className="gate-checks"),
        ],
        open=is_open,
        className="dialog-gate",
    )


def warnings_view(report: GateReport) -> Sequence[Any]:
    """What stands right above the button: why it cannot act, and what a click acknowledges."""
    blocked = [html.P(html.Strong(text)) for text in blocked_sentences(report)]
    return [*blocked, *(html.P(_warning(report, check)) for check in report.warnings)]


def blocked_sentences(report: GateReport) -> Sequence[str]:
    """Which checks keep the version from Production, in words; empty where none does."""
    failed = _names(report.blocking, CheckOutcome.FAILED)
    unsure = _names(report.blocking, CheckOutcome.INCONCLUSIVE)
    told = []
    if failed:
        told.append(_("v{number} fails its gate: {checks}.", number=report.version, checks=failed))
    if unsure:
        told.append(_("The gate of v{number} cannot tell: {checks}.", number=report.version, checks=unsure))
    return told


def _names(checks: Sequence[CheckResult], outcome: CheckOutcome) -> str:
    return ", ".join(check_name(check) for check in checks if check.outcome is outcome)


def _warning(report: GateReport, check: CheckResult) -> str:
    """What the split cannot show, by its number of rows; of other checks, the reason."""
    worst = _worst_loss(check)
    if worst is None:
        return f"{check_name(check)}: {_(check.finding.reason)}"
    return _(
        "{rows} rows cannot rule out that v{number} is worse by up to {size} in {metric}.",
        rows=integer(report.rows),
        number=report.version,
        size=worst,
        metric=_(METRIC[check.metric].title),
    )


def _worst_loss(check: CheckResult) -> Message | str | None:
    """The bad end of the interval of a comparison that cannot be told; None where it is no such check."""
    low, high = check.finding.numbers.get("low"), check.finding.numbers.get("high")
    is_relative = check.code == Rule.NO_WORSE_THAN and check.outcome is CheckOutcome.INCONCLUSIVE
    if not is_relative or low is None or high is None or not math.isfinite(low + high):
        return None
    metric = METRIC[check.metric]
    loss = -low if metric.greater_is_better else high
    return Amounts.of(metric, Interval(low, high)).size(loss) if loss > 0 else None


def _rank(check: CheckResult) -> tuple[bool, bool, int]:
    """Blocking ones first, then those that warn; of each, the failed before the inconclusive."""
    return not check.is_open, check.severity is not Severity.BLOCK, WORST_FIRST.index(check.outcome)


def _line(check: CheckResult) -> Any:
    warns = f" ({_('only warns')})" if check.is_open and check.severity is Severity.WARN else ""
    shown = [one for one in check.slices if one.finding.outcome in _OPEN]
    slices: list[Any] = [_slice(one) for one in shown[:_MOST_SLICES]]
    if len(shown) > _MOST_SLICES:
        slices.append(html.Li(_n("{count} more slice", "{count} more slices", len(shown) - _MOST_SLICES)))
    return html.Li(
        [
            html.Span(SIGNS[check.outcome], className="gate-sign", **{"aria-hidden": "true"}),
            html.Span(_(SAID[check.outcome]), className="visually-hidden"),
            html.B(f"{check_name(check)}{warns}"),
            " ",
            html.Span(_(check.finding.reason)),
            html.Ul(slices) if slices else None,
        ],
        **{"data-outcome": check.outcome.value, "data-severity": check.severity.value},
    )


def _slice(one: SliceFinding) -> Any:
    name = _(
        "{column} = {value} ({rows} rows)", column=one.column, value=_(one.label), rows=integer(one.rows)
    )
    return html.Li(f"{name}: {_(one.finding.reason)}")
