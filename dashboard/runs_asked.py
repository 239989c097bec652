"""What the runs' table asks for, as values, and what it must be told so that it asks for a view.

A column's filter in the grid and a condition of the view are the same thing in two languages: `model`
and `conditions` translate. A condition that the grid cannot show (a time that is no midnight, a field
without a filter of its own) stays with the view.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any, Final, TypeGuard

from core.catalog.runs.question import Condition, Field, Operator, Order
from dashboard.components.run_columns import is_filtered_in_grid, is_moment
from dashboard.runs_choice import RunsChoice, field

_TYPES: Final = {
    "contains": Operator.CONTAINS,
    "startsWith": Operator.STARTS,
    "equals": Operator.EQUAL,
    "notEqual": Operator.NOT_EQUAL,
    "lessThan": Operator.LESS,
    "lessThanOrEqual": Operator.AT_MOST,
    "greaterThan": Operator.GREATER,
    "greaterThanOrEqual": Operator.AT_LEAST,
    "blank": Operator.EMPTY,
    "notBlank": Operator.FILLED,
}
_NAMES: Final = {operator: name for name, operator in _TYPES.items()}
_VALUELESS: Final = (Operator.EMPTY, Operator.FILLED)
_LONGEST: Final = 1_000  # characters of a column filter
_DAY: Final = timedelta(days=1)
_RANGE: Final = 2  # conditions


def asked(
    request: Mapping[str, Any], choice: RunsChoice, zone: tzinfo, *, is_of_grid: bool
) -> tuple[int, int, RunsChoice]:
    """First row, row after the last, and the view that the grid shows.

    `is_of_grid`: the grid has been told of the view, so its own sorting and filters count from here on.
    """
    start, end = (at if isinstance(at := request.get(name), int) else 0 for name in ("startRow", "endRow"))
    if not is_of_grid:
        return start, end, choice
    kept = [one for one in choice.where if one.field not in models(choice.where, zone)]
    sorts, filters = request.get("sortModel"), request.get("filterModel")
    where = conditions(filters if isinstance(filters, dict) else {}, zone)
    order = _orders(sorts if isinstance(sorts, list) else [])
    return start, end, replace(choice, order=order, where=_in_order(choice.where, [*kept, *where]))


def _in_order(before: Sequence[Condition], now: Sequence[Condition]) -> tuple[Condition, ...]:
    """Conditions that stay keep their places."""
    return (*(one for one in before if one in now), *(one for one in now if one not in before))


def _orders(model: Sequence[Any]) -> tuple[Order, ...]:
    items = [item for item in model if isinstance(item, dict)]
    named = ((field(item.get("colId")), item.get("sort") == "desc") for item in items)
    return tuple(Order(known, descending=down) for known, down in named if known is not None)


def conditions(filters: Mapping[str, Any], zone: tzinfo) -> tuple[Condition, ...]:
    """The conditions of AG Grid's filter model; what makes no sense in it is left out."""
    found: list[Condition] = []
    for name, one in filters.items():
        known = field(name)
        if known is not None and isinstance(one, dict):
            found += _days(known, one, zone) if is_moment(known) else _comparisons(known, one)
    return tuple(found)


def _comparisons(named: Field, one: Mapping[str, Any]) -> Sequence[Condition]:
    kind, value, most = one.get("type"), one.get("filter"), one.get("filterTo")
    if kind == "inRange":
        bounds = ((Operator.AT_LEAST, value), (Operator.AT_MOST, most))
        return [Condition(named, by, float(number)) for by, number in bounds if _is_number(number)]
    operator = _TYPES.get(str(kind))
    if operator is None:
        return []
    if operator in _VALUELESS:
        return [Condition(named, operator)]
    if isinstance(value, str):
        return [Condition(named, operator, value[:_LONGEST])]
    return [Condition(named, operator, float(value))] if _is_number(value) else []


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _days(named: Field, one: Mapping[str, Any], zone: tzinfo) -> Sequence[Condition]:
    """Days of the reader's clock as moments: from a midnight on, up to before another."""
    first, last = _day(one.get("dateFrom")), _day(one.get("dateTo"))
    if first is None:
        return []
    since = Condition(named, Operator.AT_LEAST, _midnight(first, zone))
    match one.get("type"):
        case "greaterThan":
            return [since]
        case "lessThan":
            return [Condition(named, Operator.LESS, _midnight(first, zone))]
        case "equals":
            return [since, Condition(named, Operator.LESS, _midnight(first + _DAY, zone))]
        case "inRange" if last is not None:
            return [since, Condition(named, Operator.LESS, _midnight(last + _DAY, zone))]
        case _:
            return []


def _day(text: object) -> date | None:
    try:
        found = date.fromisoformat(str(text)[:10])
    except ValueError:
        return None
    return found if date.min < found < date.max else None


def _midnight(day: date, zone: tzinfo) -> float:
    return datetime.combine(day, time(), zone).timestamp() * 1000


def models(where: Sequence[Condition], zone: tzinfo) -> Mapping[Field, Mapping[str, Any]]:
    """AG Grid's filter of each field whose conditions it can show."""
    fields = dict.fromkeys(one.field for one in where if is_filtered_in_grid(one.field))
    found = {known: _model([one for one in where if one.field == known], zone) for known in fields}
    return {known: model for known, model in found.items() if model is not None}


def _model(where: Sequence[Condition], zone: tzinfo) -> Mapping[str, Any] | None:
    if is_moment(where[0].field):
        return _days_model(where, zone)
    bounds = {one.operator: one.value for one in where}
    if len(where) == _RANGE and set(bounds) == {Operator.AT_LEAST, Operator.AT_MOST}:
        low, high = bounds[Operator.AT_LEAST], bounds[Operator.AT_MOST]
        return {"filterType": "number", "type": "inRange", "filter": low, "filterTo": high}
    if len(where) != 1:
        return None
    (one,) = where
    kind = {"filterType": "text" if isinstance(one.value, str) else "number", "type": _NAMES[one.operator]}
    return kind if one.operator in _VALUELESS else {**kind, "filter": one.value}


def _days_model(where: Sequence[Condition], zone: tzinfo) -> Mapping[str, Any] | None:
    days = {one.operator: _local(one.value, zone) for one in where}
    since, until = days.get(Operator.AT_LEAST), days.get(Operator.LESS)
    if (
        len(days) != len(where)
        or None in days.values()
        or len(days) != (since is not None) + (until is not None)
    ):
        return None
    if since is None:
        return _shown_days("lessThan", until)
    if until is None:
        return _shown_days("greaterThan", since)
    last = until - _DAY
    return _shown_days("equals", since) if last == since else _shown_days("inRange", since, last)


def _shown_days(kind: str, first: date | None, last: date | None = None) -> Mapping[str, Any]:
    return {"filterType": "date", "type": kind, "dateFrom": _written(first), "dateTo": _written(last)}


def _local(value: str | float, zone: tzinfo) -> date | None:
    """The day that begins at a moment; None where none does."""
    try:
        when = datetime.fromtimestamp(float(value) / 1000, UTC).astimezone(zone)
    except (ValueError, OverflowError, OSError):
        return None
    return when.date() if when.timetz().replace(tzinfo=None) == time() else None


def _written(day: date | None) -> str | None:
    return None if day is None else f"{day.isoformat()} 00:00:00"
