"""Questions about runs as SQL over the tables, and the answers as values.

Names, texts and numbers of a question are parameters; only our own words are in the SQL.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from core.catalog.run_filter import parse
from core.catalog.run_filter_sql import column_condition, condition
from core.catalog.run_question import (
    Columns,
    Field,
    Group,
    Kind,
    Order,
    Question,
    RunRow,
    Spread,
    Value,
)
from core.catalog.run_tables import Tables

Numbers = NDArray[np.int32]  # of runs
Sql = tuple[str, list[Any]]  # with a question mark for each value

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ATTRIBUTE_COLUMNS = {
    "run_name": "name",
    "status": "status",
    "start_time": "started",
    "end_time": "ended",
    "duration": "((ended - started) / 1000.0)",
    "user_id": "user_id",
    "run_id": "run_id",
    "experiment_id": "experiment",
    "artifact_uri": "artifact_uri",
}
_TIMES = frozenset({"start_time", "end_time"})
NUMERIC_ATTRIBUTES = _TIMES | {"duration"}
_TABLES = {Kind.METRIC: "metrics_of", Kind.PARAM: "params_of", Kind.TAG: "tags_of"}


def matching(tables: Tables, cursor: duckdb.DuckDBPyConnection, question: Question) -> Numbers:
    """The runs that match, in order.

    Raises:
        FilterError: The filter has a mistake.
    """
    where, values = _where(question)
    joins, order, before = _order(tables, question.order)
    found = cursor.execute(
        f"SELECT runs.run FROM runs {joins} WHERE {where}"  # noqa: S608  values are parameters
        f" ORDER BY {order} started DESC NULLS LAST, run_id",
        [*before, *values],
    ).fetchnumpy()
    return np.asarray(found["run"], dtype=np.int32)


def rows_of(
    tables: Tables, cursor: duckdb.DuckDBPyConnection, numbers: Numbers, fields: Sequence[Field]
) -> tuple[RunRow, ...]:
    """Rows of runs, in the order of their numbers."""
    cursor.register("wanted", _table_of(numbers))
    facts = {
        row[0]: row[1:]
        for row in cursor.execute(
            "SELECT run, run_id, name, experiment, status, parent FROM runs SEMI JOIN wanted USING (run)"
        ).fetchall()
    }
    values = _values(tables, cursor, fields)
    return tuple(
        RunRow(
            id=run_id,
            name=name,
            experiment=experiment,
            status=status,
            parent=parent,
            values=tuple(column.get(number) for column in values),
        )
        for number in numbers.tolist()
        if number in facts
        for run_id, name, experiment, status, parent in (facts[number],)
    )


def ids_of(cursor: duckdb.DuckDBPyConnection, numbers: Numbers) -> tuple[str, ...]:
    """The ids of runs, in the order of their numbers."""
    cursor.register("wanted", _table_of(numbers))
    rows = cursor.execute("SELECT run, run_id FROM runs SEMI JOIN wanted USING (run)").fetchall()
    ids: dict[int, str] = dict(rows)
    return tuple(ids[number] for number in numbers.tolist() if number in ids)


def columns_of(
    tables: Tables, cursor: duckdb.DuckDBPyConnection, run_ids: Sequence[str], fields: Sequence[Field]
) -> Columns:
    """Values of runs by their ids, as a list for each field; None throughout for a run that is unknown."""
    cursor.register("ids", pa.table({"run_id": pa.array(list(run_ids), pa.string())}))
    known = {
        run_id: (number, name)
        for run_id, number, name in cursor.execute(
            "SELECT run_id, run, name FROM runs SEMI JOIN ids USING (run_id)"
        ).fetchall()
    }
    cursor.register("wanted", _table_of([number for number, _ in known.values()]))
    places = [known.get(run_id, (-1, "")) for run_id in run_ids]
    values = _values(tables, cursor, fields)
    return Columns(
        ids=tuple(run_ids),
        names=tuple(name for _, name in places),
        values={field: _column(column, places) for field, column in zip(fields, values, strict=True)},
    )


def groups_of(
    tables: Tables,
    cursor: duckdb.DuckDBPyConnection,
    numbers: Numbers,
    *,
    by: Field,
    fields: Sequence[Field],
) -> tuple[Group, ...]:
    """Runs with the same value of a field, the largest group first."""
    cursor.register("wanted", _table_of(numbers))
    source, before = _source(tables, by)
    sizes = cursor.execute(
        f"SELECT value, count(*) FROM wanted LEFT JOIN {source} AS grouped USING (run)"  # noqa: S608  ours
        " GROUP BY value ORDER BY count(*) DESC, value NULLS LAST",
        before,
    ).fetchall()
    spreads = [_spreads(tables, cursor, by=by, field=field) for field in fields]
    return tuple(
        Group(
            _told(by, value),
            runs,
            tuple(spread.get(_key(value), Spread(0, None, None, None)) for spread in spreads),
        )
        for value, runs in sizes
    )


def _spreads(
    tables: Tables, cursor: duckdb.DuckDBPyConnection, *, by: Field, field: Field
) -> Mapping[Any, Spread]:
    grouped, before = _source(tables, by)
    measured, after = _number_source(tables, field)
    found = cursor.execute(
        "SELECT grouped.value, count(*), avg(measured.value), min(measured.value), max(measured.value)"  # noqa: S608  ours
        f" FROM wanted JOIN {measured} AS measured USING (run) LEFT JOIN {grouped} AS grouped USING (run)"
        " WHERE measured.value IS NOT NULL AND NOT isnan(measured.value) GROUP BY grouped.value",
        [*after, *before],
    ).fetchall()
    return {_key(value): Spread(count, mean, least, most) for value, count, mean, least, most in found}


def _where(question: Question) -> Sql:
    parts, values = ["list_contains(?, experiment)"], list[Any]([list(question.experiments)])
    for sql, more in (condition(parse(question.filter)), *map(column_condition, question.conditions)):
        parts.append(f"({sql})")
        values.extend(more)
    return " AND ".join(parts), values


def _order(tables: Tables, orders: Sequence[Order]) -> tuple[str, str, list[Any]]:
    """Joins, terms with a comma after each, and the values of the joins."""
    joins, terms, values = list[str](), list[str](), list[Any]()
    for place, order in enumerate(orders):
        source, before = _source(tables, order.field)
        name = f"by_{place}"
        joins.append(f"LEFT JOIN {source} AS {name} ON {name}.run = runs.run")
        values.extend(before)
        terms.extend(_terms(f"{name}.value", order))
    return " ".join(joins), "".join(f"{term}, " for term in terms), values


def _terms(value: str, order: Order) -> Iterator[str]:
    """Numbers by size, NaN after them, then texts by their letters, and last those that lack it."""
    way = "DESC" if order.descending else "ASC"
    yield f"({value} IS NULL)"
    if order.field.kind is Kind.METRIC:
        yield f"isnan({value})"
        yield f"{value} {way}"
    elif order.field.kind is Kind.ATTRIBUTE:
        yield f"{value} {way}"
    else:
        number = f"TRY_CAST({value} AS DOUBLE)"
        yield f"({number} IS NULL)"
        yield f"isnan({number})"
        yield f"{number} {way}"
        yield f"{value} {way}"


def _source(tables: Tables, field: Field) -> Sql:
    """Run and value of the runs that have the field."""
    if field.kind is Kind.ATTRIBUTE:
        return f"(SELECT run, {ATTRIBUTE_COLUMNS[field.name]} AS value FROM runs)", []  # noqa: S608  ours
    name = tables.name_id(field.name)
    return f"(SELECT run, value FROM {_TABLES[field.kind]} WHERE name = ?)", [name]  # noqa: S608  ours


def _number_source(tables: Tables, field: Field) -> Sql:
    source, values = _source(tables, field)
    return f"(SELECT run, TRY_CAST(value AS DOUBLE) AS value FROM {source})", values  # noqa: S608  ours


def _values(
    tables: Tables, cursor: duckdb.DuckDBPyConnection, fields: Sequence[Field]
) -> list[Mapping[int, Value]]:
    """For each field its values by run, of the runs in the table `wanted`: one query for each kind."""
    found: dict[Field, dict[int, Value]] = {field: {} for field in fields}
    attributes = [field for field in found if field.kind is Kind.ATTRIBUTE]
    if attributes:
        columns = ", ".join(ATTRIBUTE_COLUMNS[field.name] for field in attributes)
        rows = cursor.execute(f"SELECT run, {columns} FROM runs SEMI JOIN wanted USING (run)").fetchall()  # noqa: S608  ours
        for place, field in enumerate(attributes, start=1):
            found[field] = {row[0]: _told(field, row[place]) for row in rows}
    for kind, table in _TABLES.items():
        names = {tables.name_id(field.name): field for field in found if field.kind is kind}
        if names:
            cursor.register("named", pa.table({"name": pa.array(names, pa.int32())}))
            for number, name, value in cursor.execute(
                f"SELECT run, name, value FROM {table} SEMI JOIN wanted USING (run)"  # noqa: S608  ours
                " SEMI JOIN named USING (name)"
            ).fetchall():
                found[names[name]][number] = value
    return [found[field] for field in fields]


def _told(field: Field, value: Any) -> Value:
    if value is not None and field.kind is Kind.ATTRIBUTE and field.name in _TIMES:
        return _EPOCH + timedelta(milliseconds=value)
    told: Value = value
    return told


def _column(values: Mapping[int, Value], places: Sequence[tuple[int, str]]) -> tuple[Value, ...]:
    return tuple(values.get(number) for number, _ in places)


def _key(value: Any) -> Any:
    return "NaN" if isinstance(value, float) and math.isnan(value) else value


def _table_of(numbers: Numbers | Sequence[int]) -> pa.Table:
    return pa.table({"run": pa.array(numbers, pa.int32())})
