"""Sentences and numbers as plain JSON values and back, for what the ledger keeps for years."""

import math
from collections.abc import Mapping
from typing import Any

from core.messages import Message

Facts = dict[str, Any]


def facts_of_message(said: Message) -> Facts:
    """Template and values; a value may be a message of its own."""
    return {
        "template": said.template,
        "values": {name: _plain(value) for name, value in said.values.items()},
    }


def message_of_facts(facts: Mapping[str, Any]) -> Message:
    """The message of such values."""
    return Message(facts["template"], {name: _value(value) for name, value in facts["values"].items()})


def plain_float(value: float | None) -> float | str | None:
    """JSON has no infinity and no NaN: they are words."""
    return value if value is None or math.isfinite(value) else str(float(value))


def float_of(value: float | str | None) -> float | None:
    """The number of such a value."""
    return None if value is None else float(value)


def _plain(value: object) -> object:
    if isinstance(value, Message):
        return facts_of_message(value)
    if value is None or isinstance(value, bool | int) or (isinstance(value, float) and math.isfinite(value)):
        return value
    return str(value)


def _value(value: object) -> object:
    return message_of_facts(value) if isinstance(value, dict) else value
