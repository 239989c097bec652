"""Values of compared runs as something that can be drawn: positions, what stands beside them, groups."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from math import ceil, floor, isfinite, log10
from typing import Any, Final

from core.catalog.compared_runs import numbers_of
from core.catalog.runs.question import Field, Kind, Value
from dashboard.messages import _
from dashboard.theme import moment, significant

MOST_GROUPS: Final = 12
_BINS: Final = 6  # of a number with more values than groups
_WIDE: Final = 1_000  # from this ratio of the largest to the smallest on, a scale is logarithmic
_TICKS: Final = 5
_HAIR: Final = 1e-9  # of a step: 0.3 / 0.05 is a little less than 6
_DIGITS: Final = re.compile(r"(\d+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class RunAxis:
    """A field over the compared runs.

    `positions` are what is drawn, in the order of the runs: numbers, their decimal logarithms where
    `is_log`, or places in `categories`; None where a run has nothing to draw. `span` is from the least to
    the greatest position; (0, 1) where there is none.
    """

    field: Field
    positions: tuple[float | None, ...]
    values: Sequence[Value]
    span: tuple[float, float]
    categories: tuple[str, ...] = ()
    is_log: bool = False
    is_time: bool = False

    @property
    def has_missing(self) -> bool:
        """Whether some run has nothing to draw."""
        return None in self.positions

    def placed(self, span: tuple[float, float]) -> tuple[float, float]:
        """Where a span of the field's own numbers lies on the axis."""
        if not self.is_log:
            return span
        low, high = (log10(end) if end > 0 else self.span[0] for end in span)
        return low, high

    def ticks(self) -> tuple[Sequence[float], Sequence[str]]:
        """A few positions, and what stands beside them."""
        if self.categories:
            step = ceil(len(self.categories) / 20)
            at = range(0, len(self.categories), step)
            return [float(place) for place in at], [short(self.categories[place]) for place in at]
        places = _places(*self.span, whole=self.is_log)
        return places, [self._tick(place) for place in places]

    def _tick(self, place: float) -> str:
        if self.is_time:
            return moment(datetime.fromtimestamp(place / 1000, UTC))
        return significant(10**place if self.is_log else place)


def axis(field: Field, values: Sequence[Value]) -> RunAxis:
    """The field as an axis: numbers where all values are, logarithmic where they span thousands."""
    numbers = numbers_of(values)
    if numbers is None:
        categories = tuple(sorted({text(value) for value in values if value is not None}, key=natural))
        places = {category: float(at) for at, category in enumerate(categories)}
        positions = tuple(None if value is None else places[text(value)] for value in values)
        return RunAxis(
            field=field, positions=positions, values=values, span=_span(positions), categories=categories
        )
    known = [number for number in numbers if number is not None]
    is_time = any(isinstance(value, datetime) for value in values)
    is_log = not is_time and min(known) > 0 and max(known) / min(known) >= _WIDE
    drawn = tuple(None if number is None else log10(number) if is_log else number for number in numbers)
    return RunAxis(
        field=field, positions=drawn, values=values, span=_span(drawn), is_log=is_log, is_time=is_time
    )


def _span(positions: Sequence[float | None]) -> tuple[float, float]:
    known = [one for one in positions if one is not None]
    return (min(known), max(known)) if known else (0.0, 1.0)


def grouped(field: Field, values: Sequence[Value]) -> tuple[Sequence[str], Sequence[int | None]]:
    """Names of groups in their order, and each run's group; None for those that lack the field.

    A number of many values is cut into groups of about as many runs; of many texts the rarer are one.
    """
    numbers = numbers_of(values)
    distinct = {text(value) for value in values if value is not None}
    if numbers is not None and len(distinct) > MOST_GROUPS:
        return _binned(numbers, said=axis(field, values))
    names = sorted(distinct, key=natural)
    others: set[str] = set()
    if len(names) > MOST_GROUPS:
        common = Counter(text(value) for value in values if value is not None).most_common(MOST_GROUPS - 1)
        kept = {name for name, _count in common}
        others = distinct - kept
        names = sorted(kept, key=natural)
    places = {name: at for at, name in enumerate(names)} | dict.fromkeys(others, len(names))
    groups = [None if value is None else places[text(value)] for value in values]
    return [*map(short, names), *([_("others")] if others else [])], groups


def _binned(numbers: Sequence[float | None], *, said: RunAxis) -> tuple[Sequence[str], Sequence[int | None]]:
    order = sorted(number for number in numbers if number is not None)
    edges = sorted({order[len(order) * cut // _BINS] for cut in range(1, _BINS)} - {order[0]})
    at = [None if number is None else sum(number >= edge for edge in edges) for number in numbers]
    inside = [[n for n, place in zip(numbers, at, strict=True) if place == group and n is not None]
              for group in range(len(edges) + 1)]  # fmt: skip
    names = [
        _("{low} to {high}", low=_number(min(group), said), high=_number(max(group), said))
        for group in inside
    ]
    return names, at


def _number(value: float, said: RunAxis) -> str:
    return moment(datetime.fromtimestamp(value / 1000, UTC)) if said.is_time else significant(value)


def title(field: Field) -> str:
    """What a field is called: its name, or for an attribute the reader's word."""
    if field.kind is not Kind.ATTRIBUTE:
        return field.name
    words = {
        "run_name": _("Run"),
        "status": _("Status"),
        "start_time": _("Started"),
        "end_time": _("Ended"),
        "duration": _("Duration (s)"),
        "user_id": _("User"),
        "experiment_id": _("Experiment"),
    }
    return words.get(field.name, field.name)


def options(fields: Sequence[Field]) -> Sequence[Mapping[str, Any]]:
    """Fields to choose from; params and metrics may have the same name, so the kind is said."""
    kinds = {Kind.METRIC: _("metric"), Kind.PARAM: _("param"), Kind.TAG: _("tag")}
    return [
        {
            "label": f"{title(field)} · {kinds[field.kind]}" if field.kind in kinds else title(field),
            "value": str(field),
        }
        for field in fields
    ]


def text(value: Value) -> str:
    """A value as text, such as a category has it."""
    return value.isoformat() if isinstance(value, datetime) else str(value)


def told(value: Value) -> str:
    """A value as people read it."""
    if value is None:
        return _("n/a")
    if isinstance(value, datetime):
        return moment(value)
    return short(value, 120) if isinstance(value, str) else significant(value)


def short(name: str, most: int = 24) -> str:
    """A long text cut in its middle, where names differ least."""
    half = (most - 1) // 2
    return name if len(name) <= most else f"{name[:half]}…{name[-half:]}"


def natural(name: str) -> tuple[tuple[int, float, str], ...]:
    """A key that sorts 2 before 10."""
    parts = _DIGITS.split(name.casefold())
    return tuple((0, float(part[:300]), "") if part.isdecimal() else (1, 0.0, part) for part in parts)


def _places(low: float, high: float, *, whole: bool) -> Sequence[float]:
    """Round numbers from `low` to `high`, about _TICKS of them; `whole`: integers, powers of ten."""
    if high <= low:
        return [low]
    if not isfinite(high - low):
        return [low, 0.0, high]
    rough = (high - low) / _TICKS
    size = 10.0 ** floor(log10(rough))
    step = next((factor * size for factor in (1, 2, 5) if factor * size >= rough), 10 * size)
    step = max(1.0, round(step)) if whole else step
    first, last = ceil(low / step - _HAIR), floor(high / step + _HAIR)
    return [round(at * step, 12) if abs(step) > 1e-9 else at * step for at in range(first, last + 1)]  # noqa: PLR2004 - no 0.30000000000000004
