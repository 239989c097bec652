"""Does a candidate still take what Production's callers send, and answer in the same kind?"""

import json
from collections.abc import Iterator, Mapping
from typing import Final

from core.catalog.mlmodel import Column, ModelCard
from core.decision.gate_report import CheckOutcome, Finding
from core.messages import Message, message
from core.quoting import quoted

# What MLflow casts to the type that a signature names; everything else it refuses.
ACCEPTED: Final[Mapping[str, frozenset[str]]] = {
    "integer": frozenset({"integer"}),
    "long": frozenset({"long", "integer"}),
    "float": frozenset({"float"}),
    "double": frozenset({"double", "float", "integer"}),
    "boolean": frozenset({"boolean"}),
    "string": frozenset({"string"}),
    "binary": frozenset({"binary", "string"}),
    "datetime": frozenset({"datetime"}),
}
_FAMILY: Final[Mapping[str, str]] = {  # of single outputs; how many bytes a number has is no other kind
    "integer": "whole number",
    "long": "whole number",
    "float": "number",
    "double": "number",
}
_TENSOR_FAMILY: Final = (("int", "whole number"), ("uint", "whole number"), ("float", "number"))
_UNDECLARED: Final = message("Neither version declares its inputs and outputs.")


def check_signature(candidate: ModelCard, baseline: ModelCard) -> Finding:
    """Whether whoever calls the baseline may call the candidate instead.

    A signature that only one of the two has makes it inconclusive, as do outputs that nobody declares.
    """
    if not any((candidate.raw_inputs, candidate.outputs, baseline.raw_inputs, baseline.outputs)):
        return Finding(outcome=CheckOutcome.NOT_APPLICABLE, reason=_UNDECLARED)
    refusals = [*_inputs(candidate, baseline), *_outputs(candidate, baseline)]
    for outcome in (CheckOutcome.FAILED, CheckOutcome.INCONCLUSIVE):
        for found, reason in refusals:
            if found is outcome:
                return Finding(outcome=outcome, reason=reason, numbers={"refusals": len(refusals)})
    columns = len(baseline.inputs or ())
    reason = message(
        "Takes all that the baseline's callers send ({count} columns), and answers in the same kind.",
        count=columns,
    )
    if baseline.inputs is None:
        reason = message("Takes and answers what the baseline does.")
    return Finding(outcome=CheckOutcome.PASSED, reason=reason)


Refusal = tuple[CheckOutcome, Message]


def _inputs(candidate: ModelCard, baseline: ModelCard) -> Iterator[Refusal]:
    if candidate.raw_inputs == baseline.raw_inputs:
        if not candidate.raw_inputs:
            yield _unknown(message("Neither version declares its inputs."))
        return
    if not candidate.raw_inputs or not baseline.raw_inputs:
        which = (
            message("The version does not declare its inputs.")
            if not candidate.raw_inputs
            else message("The baseline does not declare its inputs, the version does.")
        )
        yield _unknown(which)
        return
    if candidate.inputs is None or baseline.inputs is None:
        yield _unknown(message("The inputs are declared otherwise, and not as named columns."))
        return
    sent = {column.name: column for column in baseline.inputs}
    for column in candidate.inputs:
        refusal = _column(column, sent.get(column.name))
        if refusal is not None:
            yield refusal


def _column(asked: Column, sent: Column | None) -> Refusal | None:
    """Why the callers do not send what the candidate asks for; None where they do."""
    name = quoted(asked.name)
    if sent is None:
        if not asked.required:
            return None
        reason = message("It needs the input {name}, which the baseline's callers do not send.", name=name)
        return CheckOutcome.FAILED, reason
    if asked.required and not sent.required:
        reason = message("It needs the input {name}, which the baseline's callers may leave out.", name=name)
        return CheckOutcome.FAILED, reason
    if sent.type in ACCEPTED.get(asked.type, ()):
        return None
    values = {"name": name, "asked": asked.type or "?", "sent": sent.type or "?"}
    if asked.type in ACCEPTED and sent.type in ACCEPTED:
        return CheckOutcome.FAILED, message(
            "It takes {asked} for the input {name}; the baseline's callers send {sent}.", **values
        )
    return _unknown(message("Whether {asked} takes {sent} for the input {name} cannot be told.", **values))


def _outputs(candidate: ModelCard, baseline: ModelCard) -> Iterator[Refusal]:
    if not candidate.outputs or not baseline.outputs:
        both = not candidate.outputs and not baseline.outputs
        yield _unknown(
            message("Neither version declares its outputs.")
            if both
            else message("Only one of the two versions declares its outputs.")
        )
        return
    if candidate.outputs == baseline.outputs:
        return
    ours, theirs = _kinds(candidate.outputs), _kinds(baseline.outputs)
    if ours is None or theirs is None:
        yield _unknown(message("The declared outputs cannot be read."))
    elif ours != theirs:
        reason = message(
            "It answers with {ours}; the baseline's callers get {theirs}.",
            ours=quoted(", ".join(ours)),
            theirs=quoted(", ".join(theirs)),
        )
        yield CheckOutcome.FAILED, reason


def _kinds(outputs: str) -> tuple[str, ...] | None:
    """Each declared output in words that are the same for the same kind; None: it is no such list."""
    try:
        specs = json.loads(outputs)
    except (ValueError, RecursionError):
        return None
    if not isinstance(specs, list) or not all(isinstance(spec, dict) for spec in specs):
        return None
    return tuple(map(_kind, specs))


def _kind(spec: Mapping[str, object]) -> str:
    name = f"{spec['name']}: " if spec.get("name") else ""
    tensor = spec.get("tensor-spec")
    if isinstance(tensor, dict):
        dtype = str(tensor.get("dtype"))
        family = next((word for start, word in _TENSOR_FAMILY if dtype.startswith(start)), dtype)
        return f"{name}{family} of shape {json.dumps(tensor.get('shape'))}"
    kind = str(spec.get("type"))
    if set(spec) <= {"name", "type", "required"}:
        return f"{name}{_FAMILY.get(kind, kind)}"
    return json.dumps(spec, sort_keys=True)


def _unknown(reason: Message) -> Refusal:
    return CheckOutcome.INCONCLUSIVE, reason
