"""The compared runs as rows: the fields that the pictures show."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from math import isfinite, isnan
from typing import Any
from urllib.parse import quote

from core.catalog.compared_runs import DURATION, STARTED, STATUS, Compared
from core.catalog.runs.question import Field, Kind, Value
from dashboard.components.run_table import status
from dashboard.messages import _
from dashboard.run_axes import title


def table_columns(fields: Sequence[Field]) -> Sequence[Mapping[str, Any]]:
    """The columns of the table: the run, how it went, and the fields that the pictures show."""
    own = [
        {
            "field": "name", "headerName": _("Run"), "cellRenderer": "RunoffLink", "minWidth": 160, "flex": 2,
            "comparator": {"function": "runoffText"},
        },
        {"field": "status", "headerName": _("Status"), "width": 110},
        {
            "field": "started", "headerName": _("Started"), "width": 170,
            "valueFormatter": {"function": "runoffMoment(params.value)"},
        },
        {
            "field": "seconds", "headerName": _("Duration"), "width": 110,
            "valueFormatter": {"function": "runoffDuration(params.value)"},
        },
    ]  # fmt: skip
    return [*own, *(_table_column(field, at) for at, field in enumerate(fields))]


def _table_column(field: Field, at: int) -> Mapping[str, Any]:
    column: dict[str, Any] = {"field": f"f{at}", "headerName": title(field), "flex": 1, "minWidth": 110}
    column["comparator"] = {"function": "runoffNumbers" if field.kind is Kind.METRIC else "runoffText"}
    if field.kind is Kind.METRIC:
        column["valueFormatter"] = {"function": "runoffMetric(params.value)"}
    return column


def table_rows(compared: Compared, fields: Sequence[Field]) -> Sequence[Mapping[str, Any]]:
    """A row for each run; STATUS, STARTED, DURATION and the fields must have been read."""
    return [
        {
            "id": run,
            "name": compared.names[at],
            "href": f"/runs/{quote(run, safe='')}",
            "status": status(str(compared.values[STATUS][at] or "")),
            "started": _plain(compared.values[STARTED][at]),
            "seconds": compared.values[DURATION][at],
            **{f"f{place}": _plain(compared.values[field][at]) for place, field in enumerate(fields)},
        }
        for at, run in enumerate(compared.ids)
    ]


def _plain(value: Value) -> str | float | None:
    """Times in milliseconds; JSON has no NaN and no infinity, assets/grid.js reads them as words."""
    if isinstance(value, datetime):
        return value.timestamp() * 1000
    if not isinstance(value, float) or isfinite(value):
        return value
    return "NaN" if isnan(value) else "Infinity" if value > 0 else "-Infinity"
