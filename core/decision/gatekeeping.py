"""What a promotion makes of a gate report: go, go against it with a reason, or no."""

from collections.abc import Mapping, Sequence
from typing import Final

from core.decision.access import Actor, Permission, may
from core.decision.gate_report import CheckOutcome, CheckResult, GateReport
from core.errors import GateChanged, GateRefused
from core.messages import Message, message

_CHANGED: Final[Mapping[str, Message]] = {
    "candidate": message("The files of version {version} have changed since its gate was shown."),
    "baseline": message("What version {version} is compared with has changed since its gate was shown."),
    "split": message("The test split has changed since the gate of version {version} was shown."),
    "policy": message("The promotion policy has changed since the gate of version {version} was shown."),
    "threshold": message("The threshold is not the one at which the gate of version {version} was shown."),
    "outcomes": message("A check of version {version} has come out otherwise since its gate was shown."),
}
_LOOK: Final = message("Look at the gate again, and decide anew.")
_OVERRIDE: Final = message("Choose another version, or override the gate and say why.")
_ASK: Final = message("Choose another version, or ask an administrator, who may override the gate.")
_ACKNOWLEDGE: Final = message("Acknowledge what they say, or choose another version.")
_MOST_NAMED = 5


def require_unchanged(report: GateReport, seal: str | None) -> None:
    """Raise GateChanged where the person saw another report than holds now; None: they saw none."""
    changes = () if seal is None else report.changes_since(seal)
    if changes:
        raise GateChanged(Message(_CHANGED[changes[0]].template, {"version": report.version}), _LOOK)


def require_acknowledged(report: GateReport, *, acknowledged: bool | None) -> None:
    """Raise GateRefused where a person was asked about warnings and has not said yes; None: nobody asked."""
    if acknowledged is False and report.warnings:
        title = message(
            "Version {version} has warnings that nobody has acknowledged: {checks}.",
            version=report.version,
            checks=named(report.warnings),
        )
        raise GateRefused(title, _ACKNOWLEDGE)


def require_not_refused(report: GateReport, actor: Actor, *, override: bool) -> None:
    """Raise GateRefused where the gate is not passed, and nobody who may overrides it."""
    if not report.blocking:
        return
    is_allowed = may(actor, Permission.ADMIN)
    if not (override and is_allowed):
        raise GateRefused(_refusal(report, report.blocking), _OVERRIDE if is_allowed else _ASK)


def named(checks: Sequence[CheckResult]) -> str:
    """The names of the first few checks."""
    names = [check.name for check in checks[:_MOST_NAMED]]
    return ", ".join([*names, "…"] if len(checks) > _MOST_NAMED else names)


def _refusal(report: GateReport, blocking: Sequence[CheckResult]) -> Message:
    failed = [check for check in blocking if check.outcome is CheckOutcome.FAILED]
    unsure = [check for check in blocking if check.outcome is CheckOutcome.INCONCLUSIVE]
    if not unsure:
        return message(
            "Version {version} fails its gate: {failed}.", version=report.version, failed=named(failed)
        )
    if not failed:
        return message(
            "Version {version} does not pass its gate, which cannot tell: {unsure}.",
            version=report.version,
            unsure=named(unsure),
        )
    return message(
        "Version {version} fails its gate: {failed}; it cannot tell: {unsure}.",
        version=report.version,
        failed=named(failed),
        unsure=named(unsure),
    )
