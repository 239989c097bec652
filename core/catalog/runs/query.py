"""Questions about runs as SQL over the tables.

Names, texts and numbers of a question are parameters; only our own words are in the SQL.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from core.catalog.runs.filter import parse
from core.catalog.runs.filter_sql import column_condition, condition
from core.catalog.runs.question import Field, Kind, Order, Question
from core.catalog.runs.tables import Tables

Sql = tuple[str, list[Any]]  # with a question mark for each value

TIMES = frozenset({"start_time", "end_time"})
NUMERIC_ATTRIBUTES = TIMES | {"duration"}
KEYED = {Kind.METRIC: "metrics_of", Kind.PARAM: "params_of", Kind.TAG: "tags_of"}
_ATTRIBUTES = {
    "run_name": "nullif(runs.name, '')",
    "status": "nullif(runs.status, '')",
    "start_time": "runs.started",
    "end_time": "runs.ended",
    "duration": "((runs.ended - runs.started) / 1000.0)",
    "user_id": "nullif(runs.user_id, '')",
    "run_id": "runs.run_id",
    "experiment_id": "runs.experiment",
    "artifact_uri": "nullif(runs.artifact_uri, '')",
}


def question_sql(tables: Tables, question: Question) -> Sql:
    """The numbers of the runs that match, in order.

    Raises:
        FilterError: The filter has a mistake.
    """
    where, values = _where(question)
    joins, order, before = _order(tables, question.order, "runs")
    select = f"SELECT runs.run FROM runs {joins} WHERE {where}"  # noqa: S608  values are parameters
    return f"{select} ORDER BY {order} runs.started DESC NULLS LAST, runs.run_id", [*before, *values]


def filter_sql(question: Question) -> Sql:
    """The numbers of the runs that match, in no order.

    Raises:
        FilterError: The filter has a mistake.
    """
    where, values = _where(question)
    return f"SELECT runs.run FROM runs WHERE {where}", values  # noqa: S608  values are parameters


def order_sql(tables: Tables, orders: Sequence[Order]) -> Sql:
    """All runs of the table `base`, ordered anew; its column `place` says how they stood.

    For orders by metrics, params and tags: half the work of `question_sql`.
    """
    joins, order, values = _order(tables, orders, "base")
    return f"SELECT base.run FROM base {joins} ORDER BY {order} base.place", values  # noqa: S608  ours


def attribute_sql(name: str) -> str:
    """An attribute of `runs`; NULL where there is none, and where nobody knows such an attribute."""
    return _ATTRIBUTES.get(name, "NULL::VARCHAR")


def field_sql(tables: Tables, field: Field) -> Sql:
    """A subquery of run and value: the runs that have the field."""
    if field.kind is Kind.ATTRIBUTE:
        return f"(SELECT run, {attribute_sql(field.name)} AS value FROM runs)", []  # noqa: S608  ours
    table = KEYED[field.kind]
    return f"(SELECT run, value FROM {table} WHERE name = ?)", [tables.name_id(field.name)]  # noqa: S608  ours


def number_sql(tables: Tables, field: Field) -> Sql:
    """A subquery of run and value: the runs that have the field as a number, NaN left out."""
    source, values = field_sql(tables, field)
    return (
        f"(SELECT run, TRY_CAST(value AS DOUBLE) AS value FROM {source}"  # noqa: S608  ours
        " WHERE NOT isnan(TRY_CAST(value AS DOUBLE)))"
    ), values


def _where(question: Question) -> Sql:
    parts, values = ["list_contains(?, runs.experiment)"], list[Any]([list(question.experiments)])
    for sql, more in (condition(parse(question.filter)), *map(column_condition, question.conditions)):
        parts.append(f"({sql})")
        values.extend(more)
    return " AND ".join(parts), values


def _order(tables: Tables, orders: Sequence[Order], runs: str) -> tuple[str, str, list[Any]]:
    """Joins, terms with a comma after each, and the values of the joins."""
    joins, terms, values = list[str](), list[str](), list[Any]()
    for place, order in enumerate(orders):
        if order.field.kind is Kind.ATTRIBUTE:
            terms.extend(_terms(attribute_sql(order.field.name), order))
            continue
        source, before = field_sql(tables, order.field)
        joins.append(f"LEFT JOIN {source} AS by_{place} ON by_{place}.run = {runs}.run")
        values.extend(before)
        terms.extend(_terms(f"by_{place}.value", order))
    return " ".join(joins), "".join(f"{term}, " for term in terms), values


def _terms(value: str, order: Order) -> Iterator[str]:
    """Numbers by size, NaN after them, then texts by their letters, and last the runs that lack it.

    DuckDB has NaN above all numbers: it comes last where numbers ascend, and so it does where those with
    the other sign do.
    """
    sign, way = ("-", "DESC") if order.descending else ("", "ASC")
    if order.field.kind is Kind.METRIC:
        yield f"{sign}{value} ASC NULLS LAST"
        return
    if order.field.kind is not Kind.ATTRIBUTE:
        yield f"({value} IS NULL)"
        yield f"{sign}TRY_CAST({value} AS DOUBLE) ASC NULLS LAST"
    yield f"{value} {way} NULLS LAST"
