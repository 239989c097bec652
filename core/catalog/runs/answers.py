"""Answers to questions about runs: rows, columns and groups, read from the tables."""

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from core.catalog.runs.facts import facts_of
from core.catalog.runs.query import (
    KEYED,
    TIMES,
    attribute_sql,
    field_sql,
    filter_sql,
    number_sql,
    order_sql,
    question_sql,
)
from core.catalog.runs.question import (
    Columns,
    Field,
    FieldFacts,
    Group,
    Kind,
    Order,
    Question,
    RunRow,
    Spread,
    Value,
)
from core.catalog.runs.tables import Tables

if TYPE_CHECKING:  # see core.catalog.runs.tables
    from duckdb import DuckDBPyConnection


Numbers = NDArray[np.int32]  # of runs

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ROW_FACTS = 6  # columns that every row needs, before those that were asked for
_COLUMN_FACTS = 3
_NOTHING = Spread(0, None, None, None)


class Answers:
    """Reads the tables; each call sees them as they are at one moment."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def matching(self, question: Question) -> Numbers:
        """The runs that match, in order; FilterError where the filter has a mistake."""
        sql, values = question_sql(self._tables, question)
        with self._tables.reading() as cursor:
            return np.asarray(cursor.execute(sql, values).fetchnumpy()["run"], dtype=np.int32)

    def thinned(self, base: Numbers, question: Question) -> Numbers:
        """Those of the runs that match, as they stood; FilterError where the filter has a mistake."""
        sql, values = filter_sql(question)
        with self._tables.reading() as cursor:
            found = np.asarray(cursor.execute(sql, values).fetchnumpy()["run"], dtype=np.int32)
        matches = np.zeros(1 + max(base.max(initial=-1), found.max(initial=-1)), dtype=bool)
        matches[found] = True
        return base[matches[base]]

    def ordered(self, base: Numbers, orders: Sequence[Order]) -> Numbers:
        """The same runs in another order, by metrics, params or tags; equal ones stay as they stood."""
        sql, values = order_sql(self._tables, orders)
        places = np.arange(len(base), dtype=np.int32)
        with self._tables.reading() as cursor:
            cursor.register("base", pa.table({"run": pa.array(base), "place": pa.array(places)}))
            return np.asarray(cursor.execute(sql, values).fetchnumpy()["run"], dtype=np.int32)

    def facts(self, experiments: Sequence[str]) -> tuple[FieldFacts, ...]:
        """Attributes first, then metrics, params and tags, the most used first."""
        with self._tables.reading() as cursor:
            return facts_of(cursor, experiments)

    def ids(self, numbers: Numbers) -> tuple[str, ...]:
        """The ids of runs, in the order of their numbers; a run that is gone by now is left out."""
        with self._wanted(numbers) as cursor:
            rows = cursor.execute("SELECT run, run_id FROM runs SEMI JOIN wanted USING (run)").fetchall()
        ids: dict[int, str] = dict(rows)
        return tuple(ids[number] for number in numbers.tolist() if number in ids)

    def rows(self, numbers: Numbers, fields: Sequence[Field]) -> tuple[RunRow, ...]:
        """Rows of runs, in the order of their numbers; a run that is gone by now is left out."""
        attributes = [field for field in fields if field.kind is Kind.ATTRIBUTE]
        told = "".join(f", {attribute_sql(field.name)}" for field in attributes)
        with self._wanted(numbers) as cursor:
            found = cursor.execute(
                f"SELECT run, run_id, name, experiment, status, parent{told}"  # noqa: S608  ours
                " FROM runs SEMI JOIN wanted USING (run)"
            ).fetchall()
            values = self._keyed(cursor, fields)
        for place, field in enumerate(attributes, start=_ROW_FACTS):
            values[field] = {row[0]: _told(field, row[place]) for row in found}
        facts = {row[0]: row[1:_ROW_FACTS] for row in found}
        columns = [values[field] for field in fields]
        return tuple(
            RunRow(
                id=run_id,
                name=name,
                experiment=experiment,
                status=status,
                parent=parent,
                values=tuple(column.get(number) for column in columns),
            )
            for number in numbers.tolist()
            if number in facts
            for run_id, name, experiment, status, parent in (facts[number],)
        )

    def columns(self, run_ids: Sequence[str], fields: Sequence[Field]) -> Columns:
        """Values of runs by their ids; None throughout for a run that is unknown."""
        attributes = [field for field in fields if field.kind is Kind.ATTRIBUTE]
        told = "".join(f", {attribute_sql(field.name)}" for field in attributes)
        with self._tables.reading() as cursor:
            cursor.register("ids", pa.table({"run_id": pa.array(list(run_ids), pa.string())}))
            known = cursor.execute(
                f"SELECT run, run_id, name{told} FROM runs SEMI JOIN ids USING (run_id)"  # noqa: S608  ours
            ).fetchall()
            cursor.register("wanted", pa.table({"run": pa.array([row[0] for row in known], pa.int32())}))
            values = self._keyed(cursor, fields)
        for place, field in enumerate(attributes, start=_COLUMN_FACTS):
            values[field] = {row[0]: _told(field, row[place]) for row in known}
        places = {run_id: (number, name) for number, run_id, name, *_ in known}
        found = [places.get(run_id, (-1, "")) for run_id in run_ids]
        return Columns(
            ids=tuple(run_ids),
            names=tuple(name for _, name in found),
            values={field: tuple(values[field].get(number) for number, _ in found) for field in fields},
        )

    def groups(self, numbers: Numbers, *, by: Field, fields: Sequence[Field]) -> tuple[Group, ...]:
        """Runs with the same value of a field, the largest group first."""
        source, before = field_sql(self._tables, by)
        with self._wanted(numbers) as cursor:
            sizes = cursor.execute(
                f"SELECT value, count(*) FROM wanted LEFT JOIN {source} AS grouped USING (run)"  # noqa: S608  ours
                " GROUP BY value ORDER BY count(*) DESC, value NULLS LAST",
                before,
            ).fetchall()
            spreads = [self._spreads(cursor, by=by, field=field) for field in fields]
        return tuple(
            Group(_told(by, value), runs, tuple(spread.get(_key(value), _NOTHING) for spread in spreads))
            for value, runs in sizes
        )

    @contextmanager
    def _wanted(self, numbers: Numbers) -> "Iterator[DuckDBPyConnection]":
        """A connection that knows these runs as the table `wanted`."""
        with self._tables.reading() as cursor:
            cursor.register("wanted", pa.table({"run": pa.array(numbers, pa.int32())}))
            yield cursor

    def _spreads(self, cursor: "DuckDBPyConnection", *, by: Field, field: Field) -> Mapping[Any, Spread]:
        grouped, before = field_sql(self._tables, by)
        measured, after = number_sql(self._tables, field)
        found = cursor.execute(
            "SELECT grouped.value, count(*), avg(measured.value), min(measured.value), max(measured.value)"  # noqa: S608  ours
            f" FROM wanted JOIN {measured} AS measured USING (run)"
            f" LEFT JOIN {grouped} AS grouped USING (run) GROUP BY grouped.value",
            [*after, *before],
        ).fetchall()
        return {_key(value): Spread(count, mean, least, most) for value, count, mean, least, most in found}

    def _keyed(self, cursor: "DuckDBPyConnection", fields: Sequence[Field]) -> dict[Field, dict[int, Value]]:
        """Metrics, params and tags of the runs in `wanted`, by run: one query for each kind."""
        found: dict[Field, dict[int, Value]] = {field: {} for field in fields}
        for kind, table in KEYED.items():
            names = {self._tables.name_id(field.name): field for field in found if field.kind is kind}
            if names:
                cursor.register("named", pa.table({"name": pa.array(list(names), pa.int32())}))
                for number, name, value in cursor.execute(
                    f"SELECT run, name, value FROM {table} SEMI JOIN wanted USING (run)"  # noqa: S608  ours
                    " SEMI JOIN named USING (name)"
                ).fetchall():
                    found[names[name]][number] = value
        return found


def _told(field: Field, value: Any) -> Value:
    if value is not None and field.kind is Kind.ATTRIBUTE and field.name in TIMES:
        try:
            return _EPOCH + timedelta(milliseconds=value)
        except OverflowError:  # no calendar has this time
            return None
    told: Value = value
    return told


def _key(value: Any) -> Any:
    return "NaN" if isinstance(value, float) and math.isnan(value) else value
