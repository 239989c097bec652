"""Checks of what a version takes: milliseconds, megabytes, and the libraries that it asks for."""

from collections.abc import Sequence
from typing import Final

from core.decision.gate_metrics import inconclusive
from core.decision.gate_report import CheckOutcome, Finding, Numbers
from core.evidence.libraries import Presence, Required
from core.gate_settings import Resource, ResourceGate
from core.messages import Message, message

BYTES_A_MEGABYTE: Final = 1_000_000
_UNKNOWN: Final = {
    Resource.LATENCY: message("How long it takes to score could not be measured."),
    Resource.SIZE: message("Its MLmodel file does not say how large it is."),
}
_UNKNOWN_BASELINE: Final = {
    Resource.LATENCY: message("How long the baseline takes to score could not be measured."),
    Resource.SIZE: message("The baseline's MLmodel file does not say how large it is."),
}
_TAKEN: Final = {
    Resource.LATENCY: message("{value} ms for 1,000 rows; at most {bound} ms are allowed."),
    Resource.SIZE: message("{value} MB; at most {bound} MB are allowed."),
}
_TAKEN_RELATIVE: Final = {
    Resource.LATENCY: message(
        "{value} ms for 1,000 rows, {ratio} times the {baseline} ms of the baseline; "
        "at most {bound} times is allowed."
    ),
    Resource.SIZE: message(
        "{value} MB, {ratio} times the {baseline} MB of the baseline; at most {bound} times is allowed."
    ),
}


def check_resource(gate: ResourceGate, value: float | None, baseline: float | Finding | None) -> Finding:
    """What a version takes against its limit; equal is enough.

    Args:
        gate: the check.
        value: of the candidate, in the check's unit; None: unknown.
        baseline: of the baseline; None: unknown. A Finding: there is none to compare with.
    """
    if gate.relative and isinstance(baseline, Finding):
        return baseline
    if value is None:
        return inconclusive(_UNKNOWN[gate.resource])
    if not gate.relative:
        return _limited(gate, value, value, {"value": value, "bound": gate.at_most}, _TAKEN)
    if not isinstance(baseline, float) or baseline <= 0:
        return inconclusive(_UNKNOWN_BASELINE[gate.resource], {"value": value})
    ratio = value / baseline
    numbers = {"value": value, "baseline": baseline, "ratio": ratio, "bound": gate.at_most}
    return _limited(gate, ratio, value, numbers, _TAKEN_RELATIVE)


def check_requirements(requirements: Sequence[Required]) -> Finding:
    """Whether the libraries of requirements.txt are installed where versions are scored."""
    if not requirements:
        return inconclusive(message("It has no requirements.txt that says what it needs."))
    numbers: Numbers = {"requirements": len(requirements)}
    for presence, outcome, reason in (
        (Presence.MISSING, CheckOutcome.FAILED, message("Not installed here: {names}.")),
        (Presence.OTHER, CheckOutcome.FAILED, message("Installed here in another version: {names}.")),
        (Presence.UNREADABLE, CheckOutcome.INCONCLUSIVE, message("Cannot be looked up: {names}.")),
    ):
        told = [one for one in requirements if one.presence is presence]
        if told:
            names = ", ".join(one.line if one.here is None else f"{one.line} ({one.here})" for one in told)
            return Finding(
                outcome=outcome, reason=Message(reason.template, {"names": names}), numbers=numbers
            )
    reason = message("All {count} required libraries are installed here.", count=len(requirements))
    return Finding(outcome=CheckOutcome.PASSED, reason=reason, numbers=numbers)


def _limited(
    gate: ResourceGate,
    taken: float,
    value: float,
    numbers: Numbers,
    sentences: dict[Resource, Message],
) -> Finding:
    shown = {name: f"{number:.4g}" for name, number in numbers.items() if number is not None}
    return Finding(
        outcome=CheckOutcome.PASSED if taken <= gate.at_most else CheckOutcome.FAILED,
        reason=Message(sentences[gate.resource].template, shown | {"value": f"{value:.4g}"}),
        numbers=numbers,
    )
