"""Column filters, and what filters ask beyond MLflow, on a few rows in the tables of the runs."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from core.catalog.runs.filter import parse
from core.catalog.runs.filter_sql import Sql, column_condition, condition
from core.catalog.runs.question import Condition, Field, Operator
from core.errors import FilterError

if TYPE_CHECKING:  # DuckDB grumbles at the end of a process that holds on to its module
    from duckdb import DuckDBPyConnection

TABLES = """
CREATE TABLE runs (run INTEGER, experiment VARCHAR, run_id VARCHAR, name VARCHAR, status VARCHAR,
    user_id VARCHAR, started BIGINT, ended BIGINT, artifact_uri VARCHAR);
CREATE TABLE metrics (run INTEGER, key VARCHAR, value DOUBLE);
CREATE TABLE params (run INTEGER, key VARCHAR, value VARCHAR);
CREATE TABLE tags (run INTEGER, key VARCHAR, value VARCHAR);
CREATE TABLE datasets (run INTEGER, name VARCHAR, digest VARCHAR, context VARCHAR);
INSERT INTO runs VALUES
    (1, '7', 'a', 'Swift hare', 'FINISHED', 'ada', 1000, 3500, 's3://x'),
    (2, '7', 'b', 'swift fox', 'RUNNING', '', 2000, NULL, ''),
    (3, '8', 'c', '', 'FAILED', 'Bob', NULL, NULL, 's3://y');
INSERT INTO metrics VALUES (1, 'm', 0.5), (2, 'm', 'NaN'), (3, 'n', 'Infinity');
INSERT INTO params VALUES (1, 'p', '10'), (2, 'p', '9.0'), (3, 'p', 'nan'), (3, 'q', 'Relu'), (1, 'q', '50%');
INSERT INTO tags VALUES (1, 'mlflow.runName', 'Swift hare'), (3, 't', ''), (2, 'u', 'École');
INSERT INTO datasets VALUES (1, 'd', '1', '');
"""


@pytest.fixture(scope="module")
def database() -> "Iterator[DuckDBPyConnection]":
    import duckdb  # noqa: PLC0415  as said above

    with duckdb.connect() as connection:
        connection.execute(TABLES)
        yield connection


def found(database: "DuckDBPyConnection", asked: Sql) -> str:
    sql, parameters = asked
    rows = database.execute(f"SELECT run_id FROM runs WHERE {sql} ORDER BY run_id", parameters).fetchall()
    return "".join(run_id for (run_id,) in rows)


@pytest.mark.parametrize(
    ("field", "operator", "value", "runs"),
    [
        ("metrics.m", "=", 0.5, "a"),
        ("metrics.m", "!=", 0.0, "a"),  # neither NaN nor a run without it
        ("metrics.m", ">", "0.1", "a"),
        ("metrics.n", ">", 1e300, "c"),
        ("metrics.m", "empty", "", "c"),
        ("metrics.m", "filled", "", "ab"),
        ("metrics.m", "contains", "0.", "a"),
        ("params.p", ">", 9.5, "a"),
        ("params.p", "<=", 10, "ab"),
        ("params.p", "=", "9.0", "b"),
        ("params.p", "=", 9, "b"),
        ("params.p", ">", "9", "bc"),
        ("params.p", "!=", 9, "a"),
        ("params.q", "contains", "REL", "c"),
        ("params.q", "contains", "%", "a"),
        ("params.q", "starts", "re", "c"),
        ("params.q", "starts", "elu", ""),
        ("params.q", "empty", "", "b"),
        ("tags.t", "filled", "", "c"),
        ("attributes.run_name", "contains", "SWIFT", "ab"),
        ("attributes.run_name", "=", "Swift hare", "a"),
        ("attributes.run_name", "empty", "", "c"),
        ("attributes.user_id", "filled", "", "ac"),
        ("attributes.user_id", "!=", "ada", "c"),
        ("attributes.start_time", ">=", 2000, "b"),
        ("attributes.end_time", "empty", "", "bc"),
        ("attributes.duration", ">", 2.4, "a"),
        ("attributes.duration", "<", 2.5, ""),
        ("attributes.duration", "starts", "2.5", "a"),
        ("attributes.experiment_id", "=", "8", "c"),
    ],
)
def test_a_column_filter_finds_runs(
    database: "DuckDBPyConnection", field: str, operator: str, value: str | float, runs: str
) -> None:
    asked = Condition(Field.read(field), Operator(operator), value)
    assert found(database, column_condition(asked)) == runs


@pytest.mark.parametrize(
    ("text", "runs"),
    [
        ("metrics.m IS NULL", "c"),
        ("metrics.m IS NOT NULL", "ab"),
        ("end_time is null", "bc"),
        ("run_name IS NULL", "c"),
        ("run_name LIKE 'Swift%'", "a"),
        ("user_id IS NULL", "b"),
        ("duration >= 2.5", "a"),
        ("experiment_id IN ('7')", "ab"),
        ("status NOT IN ('FAILED', 'RUNNING')", "a"),
        ("params.p IN ('10', '9')", "a"),
        ("params.q NOT IN ('x')", "ac"),
        ("datasets.name IS NULL", "bc"),
        ("datasets.context IS NULL", "abc"),
        ("datasets.context != 'x'", ""),
        ("start_time >= '1970-01-01T00:00:02'", "b"),
        ("run_name ILIKE 'swift%' OR metrics.m != 1", "ab"),
        ("tags.t = ''", "c"),
        ("tags.u ILIKE '%éCOLE'", "b"),  # SQLite knows the case of A to Z only, PostgreSQL of every letter
    ],
)
def test_a_filter_asks_more_than_mlflow_knows(database: "DuckDBPyConnection", text: str, runs: str) -> None:
    assert found(database, condition(parse(text))) == runs


def test_no_value_gets_into_the_sql() -> None:
    for asked in (
        condition(parse('params.`x; DROP TABLE runs` = "\'; DROP TABLE runs"')),
        column_condition(Condition(Field.read("tags.DROP TABLE runs"), Operator.CONTAINS, "DROP TABLE runs")),
    ):
        assert "DROP" not in asked[0]
        assert len(asked[1]) == 2


@pytest.mark.parametrize(
    ("field", "value", "title"),
    [
        ("metrics.m", "high", "metrics.m is compared with a number; high is none."),
        ("attributes.duration", "", "attributes.duration is compared with a number"),
        ("attributes.nothing", "1", "There is no attribute nothing."),
    ],
)
def test_a_wrong_column_filter_is_explained(field: str, value: str, title: str) -> None:
    with pytest.raises(FilterError, match=title):
        column_condition(Condition(Field.read(field), Operator.LESS, value))
