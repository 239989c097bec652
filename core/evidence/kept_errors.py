"""Errors as JSON and back: templates and values, so that a kept failure is read in any language."""

import math
from collections.abc import Mapping
from typing import Any

from core.errors import NO_HINT, ArtifactError, ScoringError
from core.messages import Message

_KINDS: Mapping[str, type[ScoringError]] = {"ScoringError": ScoringError, "ArtifactError": ArtifactError}


def facts_of_error(error: ScoringError) -> dict[str, Any]:
    """The error as plain JSON values."""
    kind = "ArtifactError" if isinstance(error, ArtifactError) else "ScoringError"
    return {"kind": kind, "title": facts_of_message(error.title), "hint": facts_of_message(error.hint)}


def error_from_facts(facts: Mapping[str, Any]) -> ScoringError:
    """The error of such values."""
    hint = message_from_facts(facts["hint"]) if facts["hint"]["template"] else NO_HINT
    return _KINDS[facts["kind"]](message_from_facts(facts["title"]), hint)


def facts_of_message(message: Message) -> dict[str, Any]:
    """Template and values; numbers stay numbers, anything else becomes text."""
    return {
        "template": message.template,
        "values": {name: _plain(value) for name, value in message.values.items()},
    }


def message_from_facts(facts: Mapping[str, Any]) -> Message:
    """The message of such values."""
    return Message(facts["template"], dict(facts["values"]))


def _plain(value: object) -> object:
    if isinstance(value, bool | int) or (isinstance(value, float) and math.isfinite(value)):
        return value
    return str(value)
