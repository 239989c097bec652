"""The runs as tables of one DuckDB database in memory, shared by all threads of a process.

What a query sees; a filter becomes a condition on `runs`, with subqueries on the others:

    runs(run INTEGER, experiment VARCHAR, run_id VARCHAR, name VARCHAR, status VARCHAR, user_id VARCHAR,
         started BIGINT, ended BIGINT, artifact_uri VARCHAR, parent VARCHAR)
    metrics(run INTEGER, key VARCHAR, value DOUBLE)
    params(run INTEGER, key VARCHAR, value VARCHAR)
    tags(run INTEGER, key VARCHAR, value VARCHAR)
    datasets(run INTEGER, name VARCHAR, digest VARCHAR, context VARCHAR)

`run` is a number that this process gave the run and never gives another. `started` and `ended` are
milliseconds since 1970, NULL where there is none; `status` is MLflow's word; `name`, `user_id`,
`artifact_uri` and `parent` (the run that it is nested in) are '' where there is none. A metric is its
latest value; it may be NaN or infinite. A run has a key once. Only active runs are in the tables.

metrics, params and tags are views: names are kept once, as numbers, so that thousands of them cost
nothing, and a condition such as `key = ?` is a comparison of numbers.
"""

import atexit
import threading
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from core.catalog.runs.batch import RunBatch

if TYPE_CHECKING:  # DuckDB complains at the end of a process where a thread still reaches its module
    from duckdb import DuckDBPyConnection


_KINDS = ("metrics", "params", "tags")
_PARTS = ("metrics_of", "params_of", "tags_of", "datasets", "runs")
_SCHEMA = """
CREATE TABLE runs (run INTEGER, experiment VARCHAR, run_id VARCHAR, name VARCHAR, status VARCHAR,
    user_id VARCHAR, started BIGINT, ended BIGINT, artifact_uri VARCHAR, parent VARCHAR, digest BIGINT);
CREATE TABLE names (id INTEGER, name VARCHAR);
CREATE TABLE metrics_of (run INTEGER, name INTEGER, value DOUBLE);
CREATE TABLE params_of (run INTEGER, name INTEGER, value VARCHAR);
CREATE TABLE tags_of (run INTEGER, name INTEGER, value VARCHAR);
CREATE TABLE datasets (run INTEGER, name VARCHAR, digest VARCHAR, context VARCHAR);
"""
_VIEW = (
    "CREATE VIEW {kind} AS SELECT {kind}_of.run, names.name AS key, {kind}_of.value"
    " FROM {kind}_of JOIN names ON names.id = {kind}_of.name"
)
_CONFIG: dict[str, str | bool | int | float | list[str]] = {  # nothing but the tables is within reach of SQL
    "temp_directory": "",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "python_enable_replacements": "false",
}
_SECONDS_TO_END = 10.0  # for whoever reads or writes
_ROWS_TO_TIDY = 200_000  # deleted rows that memory is taken back from at once


@dataclass(frozen=True, slots=True)
class Span:
    """Runs of an experiment that started after `after` and at `until` or before; None: no such bound."""

    experiment: str
    after: int | None
    until: int | None


@dataclass(frozen=True, slots=True)
class Change:
    """What a batch changed."""

    new: tuple[str, ...] = ()
    updated: int = 0
    removed: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Whether a reader would see it."""
        return bool(self.new or self.updated or self.removed)


class ClosedError(Exception):
    """The tables are gone: the process is about to end."""


class Tables:
    """The database; opened at the first use. Any number of threads read and write."""

    def __init__(self) -> None:
        self._opening = threading.Condition()
        self._writing = threading.Lock()
        self._readers = 0
        self._closed = False
        self._database: DuckDBPyConnection | None = None
        self._names: dict[str, int] = {}
        self._next_run = 0
        self._untidy = 0

    @contextmanager
    def reading(self) -> "Iterator[DuckDBPyConnection]":
        """A connection of one's own: it sees what was written before, and only whole changes.

        Raises:
            ClosedError: The process is about to end.
        """
        with self._opening:
            cursor = self._open().cursor()
            self._readers += 1
        try:
            cursor.execute("USE held")
            yield cursor
        finally:
            cursor.close()
            with self._opening:
                self._readers -= 1
                self._opening.notify_all()

    def name_id(self, name: str) -> int:
        """The number of a metric's, param's or tag's name; -1 where no run has such a name."""
        return self._names.get(name, -1)

    def put(self, batch: RunBatch, covers: Span | None = None) -> Change:
        """Keep the runs of a batch, in place of what was known of them.

        Args:
            batch: Active runs.
            covers: Runs of this span that are not in the batch are no longer there, and are removed.
        """
        with self._changing() as cursor:
            cursor.register("batch_runs", batch.runs)
            known = _known(cursor)
            digests = batch.runs["digest"].to_numpy()
            ids = batch.ids
            fresh = [
                place for place, run_id in enumerate(ids) if known.get(run_id, (0, None))[1] != digests[place]
            ]
            stale = [known[ids[place]][0] for place in fresh if ids[place] in known]
            gone = _missing(cursor, covers, ids) if covers else {}
            self._delete(cursor, [*stale, *gone])
            self._insert(cursor, batch, fresh, {run_id: number for run_id, (number, _) in known.items()})
            cursor.unregister("batch_runs")
        new = tuple(ids[place] for place in fresh if ids[place] not in known)
        return Change(new, len(stale), tuple(gone.values()))

    def remove(self, run_ids: Collection[str]) -> Change:
        """Forget runs."""
        if not run_ids:
            return Change()
        with self._changing() as cursor:
            gone = _numbers(cursor, "list_contains(?, run_id)", [list(run_ids)])
            self._delete(cursor, list(gone))
        return Change(removed=tuple(gone.values()))

    def drop(self, experiment: str) -> None:
        """Forget the runs of an experiment."""
        with self._changing() as cursor:
            self._delete(cursor, list(_numbers(cursor, "experiment = ?", [experiment])))

    def count(self, experiment: str) -> int:
        """How many runs of an experiment there are."""
        with self.reading() as cursor:
            found = cursor.execute("SELECT count(*) FROM runs WHERE experiment = ?", [experiment]).fetchone()
        return int(found[0]) if found else 0

    def close(self) -> None:
        """Forget everything, when nobody reads any more.

        The interpreter must not end before: it would end threads inside of DuckDB, which aborts the process.
        """
        atexit.unregister(self.close)
        with self._opening:
            self._closed = True
            self._opening.wait_for(lambda: not self._readers, _SECONDS_TO_END)
            if self._database is not None:
                self._database.close()
                self._database = None

    def _open(self) -> "DuckDBPyConnection":
        if self._closed:
            raise ClosedError
        if self._database is None:
            import duckdb  # noqa: PLC0415  as said at the top

            database = duckdb.connect(":memory:", config=_CONFIG)
            database.execute("ATTACH ':memory:' AS held (COMPRESS)")
            database.execute("SET enable_external_access = false")
            database.execute("USE held")
            database.execute(_SCHEMA)
            for kind in _KINDS:
                database.execute(_VIEW.format(kind=kind))
            self._database = database
            atexit.register(self.close)
        return self._database

    @contextmanager
    def _changing(self) -> "Iterator[DuckDBPyConnection]":
        with self._writing, self.reading() as cursor:
            names = len(self._names)
            cursor.begin()
            try:
                yield cursor
            except BaseException:
                cursor.rollback()
                for name in list(self._names)[names:]:
                    del self._names[name]
                raise
            cursor.commit()
            if self._untidy > _ROWS_TO_TIDY:
                cursor.execute("CHECKPOINT held")
                self._untidy = 0

    def _delete(self, cursor: "DuckDBPyConnection", numbers: Sequence[int]) -> None:
        if not numbers:
            return
        cursor.register("unwanted", pa.table({"run": pa.array(numbers, pa.int32())}))
        for table in _PARTS:
            deleted = cursor.execute(
                f"DELETE FROM {table} WHERE run IN (SELECT run FROM unwanted)"  # noqa: S608  our own names
            ).fetchone()
            self._untidy += int(deleted[0]) if deleted else 0
        cursor.unregister("unwanted")

    def _insert(
        self,
        cursor: "DuckDBPyConnection",
        batch: RunBatch,
        fresh: Sequence[int],
        known: dict[str, int],
    ) -> None:
        """Add the runs at these places of a batch; those that are known keep their numbers."""
        if not fresh:
            return
        ids, numbers = batch.ids, np.full(len(batch), -1, dtype=np.int32)
        for place in fresh:
            number = known.get(ids[place])
            if number is None:
                number, self._next_run = self._next_run, self._next_run + 1
            numbers[place] = number
        runs = batch.runs.append_column("run", pa.array(numbers)).take(pa.array(fresh, pa.int32()))
        _append(cursor, "runs", runs)
        for table, part in zip(_PARTS, (batch.metrics, batch.params, batch.tags), strict=False):
            kept = _numbered(part, numbers)
            _append(cursor, table, kept.set_column(1, "name", self._name_ids(cursor, kept["key"])))
        _append(cursor, "datasets", _numbered(batch.datasets, numbers))

    def _name_ids(self, cursor: "DuckDBPyConnection", keys: pa.ChunkedArray) -> pa.Array:
        coded = pc.dictionary_encode(keys.combine_chunks())
        words = coded.dictionary.to_pylist()
        new = [word for word in words if word not in self._names]
        if new:
            first = len(self._names)
            self._names.update({word: first + place for place, word in enumerate(new)})
            added = pa.table({"id": pa.array([self._names[word] for word in new], pa.int32()), "name": new})
            _append(cursor, "names", added)
        return pa.array([self._names[word] for word in words], pa.int32()).take(coded.indices)


def _known(cursor: "DuckDBPyConnection") -> dict[str, tuple[int, int]]:
    """Number and digest of those runs of the batch that are in the tables."""
    rows = cursor.execute(
        "SELECT run_id, run, digest FROM runs WHERE run_id IN (SELECT run_id FROM batch_runs)"
    ).fetchall()
    return {run_id: (run, digest) for run_id, run, digest in rows}


def _missing(cursor: "DuckDBPyConnection", covers: Span, ids: Sequence[str]) -> dict[int, str]:
    """Runs of the span that are in the tables, but not in the batch."""
    where, values = ["experiment = ?"], list[Any]([covers.experiment])
    for condition, value in (("started > ?", covers.after), ("started <= ?", covers.until)):
        if value is not None:
            where.append(condition)
            values.append(value)
    here = set(ids)
    found = _numbers(cursor, " AND ".join(where), values)
    return {number: run_id for number, run_id in found.items() if run_id not in here}


def _numbers(cursor: "DuckDBPyConnection", where: str, values: Sequence[Any]) -> dict[int, str]:
    rows = cursor.execute(f"SELECT run, run_id FROM runs WHERE {where}", values).fetchall()  # noqa: S608  ours
    return dict(rows)


def _numbered(part: pa.Table, numbers: NDArray[np.int32]) -> pa.Table:
    """Rows of the runs that have a number, with it in place of their place in the batch."""
    of = numbers[part["run"].to_numpy()]
    return part.set_column(0, "run", pa.array(of)).filter(pa.array(of >= 0))


def _append(cursor: "DuckDBPyConnection", table: str, rows: pa.Table) -> None:
    cursor.register("added", rows)
    cursor.execute(f"INSERT INTO {table} BY NAME SELECT * FROM added")  # noqa: S608  our own names
    cursor.unregister("added")
