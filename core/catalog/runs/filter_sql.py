"""Filters and column filters of runs as conditions in DuckDB's SQL on the tables of core.catalog.runs.tables.

Every name and value is a parameter. The meaning is that of MLflow on an SQL store: a run that lacks a metric,
param or tag fulfils no comparison with it, != included; a metric that is NaN fulfils != alone; LIKE and =
know the case of letters, ILIKE does not (of all letters, as on PostgreSQL; SQLite knows A to Z only).
"""

import sys

from core.catalog.runs.filter import And, Comparison, Filter, Node
from core.catalog.runs.filter_words import NULLITIES, Comparator, DatasetField, is_number
from core.catalog.runs.question import Condition, Field, Kind, Operator
from core.errors import FilterError
from core.messages import message

Sql = tuple[str, list[object]]

_CORRECT = message("Correct the filter of this column.")
_LARGEST = sys.float_info.max  # as which MLflow's databases keep an infinite metric
_RUN_NAME = "mlflow.runName"
_COLUMNS = {  # of `runs`; NULL where there is none
    "run_id": "runs.run_id",
    "run_name": "nullif(runs.name, '')",
    "status": "runs.status",
    "user_id": "nullif(runs.user_id, '')",
    "artifact_uri": "nullif(runs.artifact_uri, '')",
    "experiment_id": "runs.experiment",
    "start_time": "runs.started",
    "end_time": "runs.ended",
    "duration": "((runs.ended - runs.started) / 1000.0)",
}
_TABLES = {Kind.METRIC: "metrics", Kind.PARAM: "params", Kind.TAG: "tags"}


def condition(read: Filter) -> Sql:
    """The filter as a condition on `runs`, and its parameters; TRUE where it lets every run through."""
    return _node(read.root) if read.root else ("TRUE", [])


def column_condition(asked: Condition) -> Sql:
    """A column filter as a condition on `runs`, and its parameters.

    A number is compared with params and tags that are numbers; a text with the text of any field. CONTAINS
    and STARTS overlook the case of letters. NaN equals nothing and lies nowhere.

    Raises:
        FilterError: There is no such attribute, or a metric, a time or a duration is compared with what is no
            number.
    """
    field, operator = asked.field, asked.operator
    if field.kind is Kind.ATTRIBUTE and field.name not in _COLUMNS:
        raise FilterError(message("There is no attribute {it}.", it=field.name), _CORRECT)
    if operator in (Operator.EMPTY, Operator.FILLED):
        if field.kind is Kind.ATTRIBUTE:
            word = "IS NULL" if operator is Operator.EMPTY else "IS NOT NULL"
            return f"{_COLUMNS[field.name]} {word}", []
        return _has(field, is_negated=operator is Operator.EMPTY)
    test = _text_test if operator in (Operator.CONTAINS, Operator.STARTS) else _compared_test
    if field.kind is Kind.ATTRIBUTE:
        return test(asked, _COLUMNS[field.name])
    tested, parameters = test(asked, "value")
    return _any_row(field, tested, parameters)


def _node(node: Node) -> Sql:
    if isinstance(node, Comparison):
        return _comparison(node)
    parts = [_node(part) for part in node.parts]
    joined = (" AND " if isinstance(node, And) else " OR ").join(sql for sql, _ in parts)
    return f"({joined})", [value for _, values in parts for value in values]


def _comparison(asked: Comparison) -> Sql:
    field = asked.field
    if isinstance(field, DatasetField):
        return _dataset(asked, field)
    if field == Field(Kind.ATTRIBUTE, "run_name") and asked.operator not in NULLITIES:
        field = Field(Kind.TAG, _RUN_NAME)  # MLflow asks the tag, which may be gone while the name stays
    if field.kind is Kind.ATTRIBUTE:
        return _test(asked, _COLUMNS[field.name])
    if asked.operator in NULLITIES:
        return _has(field, is_negated=asked.operator is Comparator.IS_NULL)
    tested, parameters = _metric_test(asked) if field.kind is Kind.METRIC else _test(asked, "value")
    return _any_row(field, tested, parameters)


def _test(asked: Comparison, column: str) -> Sql:
    """The comparison of a column; the words of the operator are DuckDB's too."""
    match asked.operator:
        case Comparator.IS_NULL | Comparator.IS_NOT_NULL:
            return f"{column} {asked.operator}", []
        case Comparator.IN:
            return f"{column} IN (SELECT unnest(?::VARCHAR[]))", [list(_texts(asked))]
        case Comparator.NOT_IN:
            return f"{column} NOT IN (SELECT unnest(?::VARCHAR[]))", [list(_texts(asked))]
    kind = "" if is_number(asked.field) else "::VARCHAR"
    return f"{column} {asked.operator} ?{kind}", [asked.value]


def _metric_test(asked: Comparison) -> Sql:
    assert isinstance(asked.value, int | float)
    value = float(asked.value)
    column = "value"
    if abs(value) >= _LARGEST:
        column = f"greatest(least(value, {_LARGEST!r}::DOUBLE), {-_LARGEST!r}::DOUBLE)"
    if asked.operator is Comparator.NOT_EQUAL:
        return f"({column} != ?::DOUBLE OR isnan(value))", [value]
    return f"({column} {asked.operator} ?::DOUBLE AND NOT isnan(value))", [value]


def _dataset(asked: Comparison, field: DatasetField) -> Sql:
    """Any of a run's datasets fulfils it; each condition may be fulfilled by another one."""
    given = f"nullif({field.name}, '')"
    if asked.operator in NULLITIES:
        is_negated = asked.operator is Comparator.IS_NULL
        return _among("datasets", f"{given} IS NOT NULL", is_negated=is_negated), []
    tested, parameters = _test(asked, given)
    return _among("datasets", tested), parameters


def _texts(asked: Comparison) -> tuple[str, ...]:
    return asked.value if isinstance(asked.value, tuple) else ()


def _any_row(field: Field, tested: str, parameters: list[object]) -> Sql:
    return _among(_TABLES[field.kind], f"key = ? AND {tested}"), [field.name, *parameters]


def _has(field: Field, *, is_negated: bool) -> Sql:
    return _among(_TABLES[field.kind], "key = ?", is_negated=is_negated), [field.name]


def _among(table: str, tested: str, *, is_negated: bool = False) -> str:
    negation = "NOT " if is_negated else ""
    return f"runs.run {negation}IN (SELECT run FROM {table} WHERE {tested})"  # noqa: S608  our own words only


def _text_test(asked: Condition, column: str) -> Sql:
    function = "contains" if asked.operator is Operator.CONTAINS else "starts_with"
    value = f"{asked.value:g}" if isinstance(asked.value, float) else str(asked.value)
    return f"{function}(lower({column}::VARCHAR), lower(?::VARCHAR))", [value]


def _compared_test(asked: Condition, column: str) -> Sql:
    if is_number(asked.field):
        return _number_test(asked, f"{column}::DOUBLE")
    if isinstance(asked.value, str):
        return f"{column} {asked.operator} ?::VARCHAR", [asked.value]
    return _number_test(asked, f"try_cast({column} AS DOUBLE)")


def _number_test(asked: Condition, column: str) -> Sql:
    try:
        value = float(asked.value)
    except ValueError:
        raise FilterError(
            message("{name} is compared with a number; {it} is none.", name=str(asked.field), it=asked.value),
            _CORRECT,
        ) from None
    return f"({column} {asked.operator} ?::DOUBLE AND NOT isnan({column}))", [value]
