"""Which runs a reader looks at, and how: read from an address or from what the browser keeps, and written."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote, urlencode

from core.catalog.runs.question import Condition, Field, Operator, Order, Question

MOST: Final = 100  # items of a list: of columns, of orders, of experiments
LONGEST: Final = 20_000  # characters of a filter


@dataclass(frozen=True, slots=True, kw_only=True)
class RunsChoice:
    """A view of the runs."""

    experiments: tuple[str, ...] = ()
    filter: str = ""
    where: tuple[Condition, ...] = ()
    order: tuple[Order, ...] = ()
    columns: tuple[Field, ...] | None = None  # None: nobody chose, the page does
    pinned: tuple[Field, ...] = ()
    group: Field | None = None

    @property
    def question(self) -> Question:
        """What is asked of the index."""
        return Question(
            experiments=self.experiments, filter=self.filter, conditions=self.where, order=self.order
        )

    @property
    def needed(self) -> tuple[Field, ...]:
        """Fields that must be columns, since the table is sorted or filtered by them."""
        named = [*(order.field for order in self.order), *(one.field for one in self.where)]
        return tuple(dict.fromkeys(named))

    @property
    def search(self) -> str:
        """The query of this view's address, with its question mark; empty where it says nothing."""
        query = {name: _listed(value) if isinstance(value, list) else value for name, value in self._parts()}
        text = urlencode({name: value for name, value in query.items() if value}, quote_via=quote, safe=",")
        return f"?{text}" if text else ""

    @property
    def kept(self) -> Mapping[str, Any]:
        """What the browser keeps of it; `chosen` reads it."""
        return dict(self._parts())

    def _parts(self) -> Iterable[tuple[str, Any]]:
        yield "experiments", list(self.experiments)
        yield "filter", self.filter
        yield "where", [_written(one) for one in self.where]
        yield "order", [f"{'-' * order.descending}{order.field}" for order in self.order]
        yield "columns", None if self.columns is None else [str(field) for field in self.columns]
        yield "pinned", [str(field) for field in self.pinned]
        yield "group", "" if self.group is None else str(self.group)


def read(query: Mapping[str, str]) -> RunsChoice:
    """The view that an address asks for; what makes no sense in it counts as not said."""
    lists = ("experiments", "where", "order", "columns", "pinned")
    sent: dict[str, Any] = {name: _items(query[name]) for name in lists if query.get(name)}
    if "experiments" not in sent and query.get("experiment"):
        sent["experiments"] = [query["experiment"]]
    return chosen({**sent, "filter": query.get("filter"), "group": query.get("group")})


def chosen(sent: object) -> RunsChoice:
    """The view that the browser holds; anything may come."""
    kept = sent if isinstance(sent, dict) else {}
    columns = kept.get("columns")
    return RunsChoice(
        experiments=tuple(_texts(kept.get("experiments"))),
        filter=text(kept.get("filter"))[:LONGEST],
        where=tuple(filter(None, map(_condition, _texts(kept.get("where"))))),
        order=_distinct(filter(None, map(_order, _texts(kept.get("order"))))),
        columns=fields(columns, MOST) if isinstance(columns, list) else None,
        pinned=fields(kept.get("pinned"), MOST),
        group=field(kept.get("group")),
    )


def field(value: object) -> Field | None:
    """A field that somebody named, or None where the text names none."""
    if not isinstance(value, str):
        return None
    try:
        return Field.read(value)
    except ValueError:
        return None


def fields(value: object, most: int) -> tuple[Field, ...]:
    """Fields in a list that the browser sent."""
    return tuple(found for item in ids(value, most) if (found := field(item)))


def text(value: object) -> str:
    """A text that the browser sent, without blanks around it; empty for anything else."""
    return value.strip() if isinstance(value, str) else ""


def ids(value: object, most: int) -> tuple[str, ...]:
    """Ids in a list that the browser sent, each once, in its order."""
    given = value if isinstance(value, list) else []
    return tuple(dict.fromkeys(item for item in given if isinstance(item, str) and item))[:most]


def _texts(value: object) -> Sequence[str]:
    return ids(value, MOST)


def _order(item: str) -> Order | None:
    named = field(item.removeprefix("-"))
    return None if named is None else Order(named, descending=item.startswith("-"))


def _distinct(orders: Iterable[Order]) -> tuple[Order, ...]:
    found: dict[Field, Order] = {}
    for order in orders:
        found.setdefault(order.field, order)
    return tuple(found.values())


def _condition(item: str) -> Condition | None:
    """Field, operator and value with tildes between them; the value is a number where it has a mark."""
    named, _tilde, rest = item.partition("~")
    operator, _tilde, value = rest.partition("~")
    known = field(_read(named))
    if known is None or operator not in set(Operator):
        return None
    if not value.startswith("#"):
        return Condition(known, Operator(operator), _read(value.removeprefix("'")))
    try:
        number = float(value[1:])
    except ValueError:
        return None
    return None if math.isnan(number) else Condition(known, Operator(operator), number)


def _written(condition: Condition) -> str:
    value = condition.value
    said = f"'{_quoted(value)}" if isinstance(value, str) else f"#{value!r}"
    return f"{_quoted(str(condition.field))}~{condition.operator}~{said}"


def _quoted(item: str) -> str:
    return item.replace("%", "%25").replace("~", "%7E")


def _read(item: str) -> str:
    return item.replace("%7E", "~").replace("%25", "%")


def _listed(items: Sequence[str]) -> str:
    """Items with commas between them; a comma in an item is %2C."""
    return ",".join(item.replace("%", "%25").replace(",", "%2C") for item in items)


def _items(written: str) -> Sequence[str]:
    return [item.replace("%2C", ",").replace("%25", "%") for item in written.split(",") if item]
