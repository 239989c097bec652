"""Runs as rows: sorted, filtered and sent by the server, as many as come into sight."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from math import isfinite, isnan
from typing import Any, Final
from urllib.parse import quote

from core.catalog.runs.question import Field, Kind, RunRow, RunRows, Value
from dashboard.components.grid import paged_grid, words
from dashboard.components.run_columns import COMMIT, NAME, is_moment
from dashboard.messages import _

PAGE: Final = 100  # rows that the table asks for at a time
_COMMIT_SHOWN: Final = 10  # characters, as git shows it


def run_table(id: object) -> Any:  # noqa: A002 - Dash's word
    """The empty grid; ticks are kept by assets/runs.js, which knows of those that are out of sight."""
    return paged_grid(
        id,
        row_id="id",
        page=PAGE,
        height="max(320px, calc(100dvh - 300px))",
        options={
            "rowSelection": {
                "mode": "multiRow",
                "checkboxes": True,
                "headerCheckbox": False,
                "enableClickSelection": False,
            },
            "selectionColumnDef": {"pinned": "left", "width": 44, "context": {"pinFrom": 640}},
            "maxBlocksInCache": 5,
            "suppressOverlays": ["noRows", "noMatchingRows"],  # the page says it, and why
            "multiSortKey": None,
            "localeText": {**words(), **_filter_words()},
            "rowClassRules": {"runs-best-row": "runoffIsBest(params)"},
        },
        listeners={
            "selectionChanged": ["runoffTicked(params)"],
            "modelUpdated": ["runoffTickAgain(params)"],
            "columnMoved": ["runoffColumns(params)"],
            "columnPinned": ["runoffColumns(params)"],
            "dragStopped": ["runoffColumns(params)"],
        },
    )


def grid_rows(found: RunRows, fields: Sequence[Field]) -> Mapping[str, Any]:
    """The answer to the grid's request for rows; `fields` are those that were asked of the index.

    A number that is none comes as the word NaN, Infinity or -Infinity, since JSON has none of them; what
    a run lacks is absent from its row; times are milliseconds.
    """
    return {"rowData": [_row(row, fields) for row in found.rows], "rowCount": found.total}


def _row(row: RunRow, fields: Sequence[Field]) -> Mapping[str, Any]:
    own = {
        "id": row.id,
        "href": run_path(row.id),
        "parent": row.parent,
        str(NAME): row.name or row.id,
    }
    pairs = zip(fields, row.values, strict=True)
    return own | {str(field): sent(field, value) for field, value in pairs if value is not None}


def run_path(run_id: str) -> str:
    """The address of a run's own page."""
    return f"/runs/{quote(run_id, safe='')}"


def sent(field: Field, value: Value) -> str | float | None:
    """A value as JSON can hold it and assets/grid.js shows it."""
    if isinstance(value, datetime):
        return value.timestamp() * 1000
    if isinstance(value, float) and not isfinite(value):
        return "NaN" if isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if field == COMMIT and isinstance(value, str):
        return value[:_COMMIT_SHOWN]
    if field == Field(Kind.ATTRIBUTE, "status"):
        return status(str(value))
    return value


def shown(field: Field, value: Value) -> str:
    """A value as one short text, outside of a grid."""
    if value is None or value == "":
        return _("none")
    if is_moment(field) or isinstance(value, datetime):
        return str(value)
    return str(sent(field, value))


def status(code: str) -> str:
    """MLflow's status in the reader's language."""
    known = {
        "RUNNING": _("running"),
        "SCHEDULED": _("scheduled"),
        "FINISHED": _("finished"),
        "FAILED": _("failed"),
        "KILLED": _("killed"),
    }
    return known.get(code, code)


def _filter_words() -> Mapping[str, str]:
    """AG Grid's own sentences of a column's filter."""
    return {
        "filterOoo": _("Filter…"),
        "ariaFilterColumn": _("Press Ctrl Enter to filter"),
        "ariaFilterMenuOpen": _("Filter this column"),
        "ariaFilteringOperator": _("How to compare"),
        "ariaFilterValue": _("Value"),
        "ariaFilterFromValue": _("From"),
        "ariaFilterToValue": _("To"),
        "ariaLabelColumnFilter": _("Filter of the column"),
        "ariaLabelSelectField": _("Choose"),
        "ariaDateFilterInput": _("Date"),
        "ariaColumnFiltered": _("filtered"),
        "contains": _("contains"),
        "equals": _("is"),
        "notEqual": _("is not"),
        "startsWith": _("begins with"),
        "blank": _("is missing"),
        "notBlank": _("is there"),
        "greaterThan": _("above"),
        "greaterThanOrEqual": _("at least"),
        "lessThan": _("below"),
        "lessThanOrEqual": _("at most"),
        "inRange": _("between"),
        "inRangeStart": _("From"),
        "inRangeEnd": _("To"),
        "before": _("before"),
        "after": _("after"),
        "resetFilter": _("Reset"),
    }
