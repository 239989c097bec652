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

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

_KINDS = ("metrics", "params", "tags")
_SCHEMA = """
CREATE TABLE runs (run INTEGER, experiment VARCHAR, run_id VARCHAR, name VARCHAR, status VARCHAR,
    user_id VARCHAR, started BIGINT, ended BIGINT, artifact_uri VARCHAR, parent VARCHAR);
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


class Tables:
    """The database; opened at the first use."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._database: duckdb.DuckDBPyConnection | None = None

    @contextmanager
    def reading(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection of one's own: it sees what was written before, and only whole changes."""
        cursor = self._open().cursor()
        try:
            cursor.execute("USE held")
            yield cursor
        finally:
            cursor.close()

    def close(self) -> None:
        """Forget everything."""
        with self._lock:
            if self._database is not None:
                self._database.close()
                self._database = None

    def _open(self) -> duckdb.DuckDBPyConnection:
        with self._lock:
            if self._database is None:
                database = duckdb.connect(":memory:")
                database.execute("ATTACH ':memory:' AS held (COMPRESS)")
                database.execute("USE held")
                database.execute(_SCHEMA)
                for kind in _KINDS:
                    database.execute(_VIEW.format(kind=kind))
                self._database = database
            return self._database
