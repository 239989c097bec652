"""Which fields runs have: how many runs each, whether all of its values are numbers, whether it varies."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from core.catalog.runs.query import NUMERIC_ATTRIBUTES, attribute_sql
from core.catalog.runs.question import ATTRIBUTES, Field, FieldFacts, Kind

if TYPE_CHECKING:  # see core.catalog.runs.tables
    from duckdb import DuckDBPyConnection


_HERE = "(SELECT run FROM runs WHERE list_contains(?, experiment)) AS here"
_COUNTED = (
    "SELECT names.name, counted.* EXCLUDE (name) FROM ("
    "SELECT name, count(*) AS runs, min(value) = max(value) AS constant, {number} AS number"
    " FROM {kind}_of SEMI JOIN {here} USING (run) GROUP BY name"
    ") AS counted JOIN names ON names.id = counted.name ORDER BY runs DESC, names.name"
)
_IS_NUMBER = {
    Kind.METRIC: "TRUE",
    Kind.PARAM: "bool_and(TRY_CAST(value AS DOUBLE) IS NOT NULL)",
    Kind.TAG: "FALSE",
}


def facts_of(cursor: "DuckDBPyConnection", experiments: Sequence[str]) -> tuple[FieldFacts, ...]:
    """Attributes first, then metrics, params and tags, the most used first."""
    total, attributes = _attributes(cursor, experiments)
    return (
        *attributes,
        *(
            FieldFacts(
                field=Field(kind, name),
                runs=runs,
                is_number=number,
                is_constant=bool(constant) and runs == total,
            )
            for kind in _IS_NUMBER
            for name, runs, constant, number in _counted(cursor, kind, experiments)
            if name
        ),
    )


def _attributes(
    cursor: "DuckDBPyConnection", experiments: Sequence[str]
) -> tuple[int, tuple[FieldFacts, ...]]:
    columns = [attribute_sql(name) for name in ATTRIBUTES]
    terms = [f"count({column}), min({column}) = max({column})" for column in columns]
    row = cursor.execute(
        f"SELECT count(*), {', '.join(terms)} FROM runs WHERE list_contains(?, experiment)",  # noqa: S608  ours
        [list(experiments)],
    ).fetchone()
    total, *found = row or (0,)
    return total, tuple(
        FieldFacts(
            field=Field(Kind.ATTRIBUTE, name),
            runs=runs,
            is_number=name in NUMERIC_ATTRIBUTES,
            is_constant=bool(constant) and runs == total,
        )
        for name, runs, constant in zip(ATTRIBUTES, found[::2], found[1::2], strict=True)
    )


def _counted(
    cursor: "DuckDBPyConnection", kind: Kind, experiments: Sequence[str]
) -> Iterator[tuple[Any, ...]]:
    sql = _COUNTED.format(number=_IS_NUMBER[kind], kind=kind.value, here=_HERE)
    yield from cursor.execute(sql, [list(experiments)]).fetchall()
