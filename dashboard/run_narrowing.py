"""Which of the compared runs are looked at: ranges of fields that the reader has brushed or typed."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite
from types import MappingProxyType
from typing import Any, Final

from core.catalog.compared_runs import Compared, numbers_of
from core.catalog.runs.question import Field, Value
from dashboard.messages import _
from dashboard.run_axes import text
from dashboard.theme import significant

_MOST: Final = 50  # ranges; whoever sends more is no page of ours

Span = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Allowed:
    """What a field may be: numbers in one of the spans, ends included, or one of some texts; or missing."""

    spans: tuple[Span, ...] = ()
    texts: tuple[str, ...] = ()
    is_missing: bool = False

    def keeps(self, values: Sequence[Value]) -> Sequence[bool]:
        """For each run whether it is looked at."""
        numbers = numbers_of(values) if self.spans else None
        return [self._has(value, numbers[at] if numbers else None) for at, value in enumerate(values)]

    def _has(self, value: Value, number: float | None) -> bool:
        if self.spans:
            if number is None:
                return self.is_missing
            return any(low <= number <= high for low, high in self.spans)
        return self.is_missing if value is None else text(value) in self.texts


@dataclass(frozen=True, slots=True)
class Narrowing:
    """What each field may be; a run is looked at that fits all of them."""

    fields: Mapping[Field, Allowed] = field(default_factory=lambda: MappingProxyType({}))

    @classmethod
    def read(cls, data: object) -> "Narrowing":
        """What the browser or an address sent; what makes no sense is left out."""
        if isinstance(data, str):
            try:
                data = json.loads(data)
            except (ValueError, RecursionError):
                return cls()
        items = list(data.items())[:_MOST] if isinstance(data, dict) else []
        return cls({one: allowed for name, value in items for one, allowed in _read(name, value)})

    def data(self) -> Mapping[str, Any]:
        """As `read` takes it."""
        return {
            str(name): {
                **({"in": [list(span) for span in one.spans]} if one.spans else {}),
                **({"of": list(one.texts)} if one.texts else {}),
                **({"missing": True} if one.is_missing else {}),
            }
            for name, one in self.fields.items()
        }

    def of(self, compared: Compared) -> Compared:
        """The runs that are looked at; those of fields that were not read are not asked about."""
        kept = [True] * len(compared.ids)
        for name, allowed in self.fields.items():
            if name in compared.values:
                kept = [a and b for a, b in zip(kept, allowed.keeps(compared.values[name]), strict=True)]
        return compared if all(kept) else compared.only(kept)


def said(allowed: Allowed) -> str:
    """The ranges as a person reads them."""
    parts = [
        _("{low} to {high}", low=significant(low), high=significant(high)) for low, high in allowed.spans
    ]
    parts += allowed.texts
    if allowed.is_missing:
        parts.append(_("n/a"))
    return ", ".join(parts)


def _read(name: object, value: object) -> Iterable[tuple[Field, Allowed]]:
    if not isinstance(name, str) or not isinstance(value, dict):
        return
    try:
        one = Field.read(name)
    except ValueError:
        return
    spans = tuple(span for item in _list(value.get("in")) if (span := _span(item)) is not None)
    texts = tuple(item for item in _list(value.get("of")) if isinstance(item, str))
    is_missing = value.get("missing") is True
    if spans or texts or is_missing:
        yield one, Allowed(spans, texts, is_missing)


def _list(value: object) -> list[Any]:
    return value[: 20 * _MOST] if isinstance(value, list) else []


def _span(item: object) -> Span | None:
    match item:
        case [int() | float() as low, int() | float() as high] if isfinite(low) and isfinite(high):
            return (float(low), float(high)) if low <= high else (float(high), float(low))
    return None
