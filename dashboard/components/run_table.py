"""Runs as rows: their own facts, then metrics and params as columns."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from math import isfinite, isnan
from typing import Any, Final

from core.catalog.store import Run
from dashboard.components.grid import grid
from dashboard.messages import _

MOST_COLUMNS: Final = 100  # of metrics, and of params: of more, the most frequent


def run_table(id: object, runs: Sequence[Run], chosen: Sequence[str]) -> Any:  # noqa: A002 - Dash's word
    """A grid of runs, newest first as the store gives them, with ticks; those of `chosen` are ticked."""
    columns, rows = table(runs)
    wanted = set(chosen)
    return grid(
        id,
        columns,
        rows,
        row_id="id",
        options={
            "rowSelection": {"mode": "multiRow", "checkboxes": True, "headerCheckbox": False},
            "selectionColumnDef": {"pinned": "left", "width": 44, "context": {"pinFrom": 640}},
        },
        height="max(320px, 56dvh)",
        selectedRows={"ids": [run.id for run in runs if run.id in wanted]},
    )


def table(runs: Sequence[Run]) -> tuple[Sequence[Mapping[str, Any]], Sequence[Mapping[str, Any]]]:
    """Columns and rows of the grid.

    A metric that is no finite number comes as the word NaN, Infinity or -Infinity, since JSON has none
    of them; one that a run does not have is absent from its row.
    """
    metrics = _fields("m", (run.metrics for run in runs))
    params = _fields("p", (run.params for run in runs))
    rows = [_row(run, metrics, params) for run in runs]
    columns = [
        {"headerName": _("Run"), "children": [_name_column()]},
        *_run_columns(),
        {"headerName": _("Metrics"), "children": [_metric_column(*item) for item in metrics.items()]},
        {"headerName": _("Parameters"), "children": [_param_column(*item) for item in params.items()]},
    ]
    return [column for column in columns if column.get("children", True)], rows


def _fields(prefix: str, named: Iterable[Mapping[str, Any]]) -> Mapping[str, str]:
    """The grid's field for each key, keys in alphabetical order."""
    counts = Counter(key for values in named for key in values)
    keys = sorted((key for key, _count in counts.most_common(MOST_COLUMNS)), key=str.lower)
    return {key: f"{prefix}{index}" for index, key in enumerate(keys)}


def _row(run: Run, metrics: Mapping[str, str], params: Mapping[str, str]) -> Mapping[str, Any]:
    row: dict[str, Any] = {
        "id": run.id,
        "name": run.name or run.id,
        "status": status(run.status),
        "started": None if run.started is None else run.started.timestamp() * 1000,
        "seconds": run.seconds,
        "user": run.user,
        "commit": run.git_commit[:10],
    }
    row.update({metrics[key]: _number(value) for key, value in run.metrics.items() if key in metrics})
    row.update({params[key]: value for key, value in run.params.items() if key in params})
    return row


def _number(value: float) -> float | str:
    if isfinite(value):
        return value
    return "NaN" if isnan(value) else "Infinity" if value > 0 else "-Infinity"


def status(code: str) -> str:
    """MLflow's status in the reader's language."""
    words = {
        "RUNNING": _("running"),
        "SCHEDULED": _("scheduled"),
        "FINISHED": _("finished"),
        "FAILED": _("failed"),
        "KILLED": _("killed"),
    }
    return words.get(code, code)


def _name_column() -> Mapping[str, Any]:
    """In a group of its own: AG Grid's head of pinned columns is a row without cells otherwise."""
    return {
        "field": "name",
        "headerName": _("Name"),
        "width": 200,
        "initialPinned": "left",
        "context": {"pinFrom": 640},
        **_TEXT,
    }


def _run_columns() -> Sequence[Mapping[str, Any]]:
    return [
        {"field": "status", "headerName": _("Status"), "width": 104},
        {
            "field": "started",
            "headerName": _("Started"),
            "width": 178,
            "valueFormatter": {"function": "runoffMoment(params.value)"},
        },
        {
            "field": "seconds",
            "headerName": _("Duration"),
            "width": 110,
            "type": "rightAligned",
            "valueFormatter": {"function": "runoffDuration(params.value)"},
            "comparator": {"function": "runoffNumbers"},
        },
        {"field": "user", "headerName": _("User"), "width": 110, **_TEXT},
        {"field": "commit", "headerName": _("Git commit"), "width": 120, "cellClass": "mono"},
    ]


_TEXT: Final[Mapping[str, Any]] = {"comparator": {"function": "runoffText"}}


def _metric_column(name: str, field: str) -> Mapping[str, Any]:
    return {
        "field": field,
        "colId": f"metrics.{name}",
        "headerName": name,
        "headerTooltip": name,
        "width": 118,
        "type": "rightAligned",
        "sortingOrder": ["desc", "asc", None],
        "valueFormatter": {"function": "runoffMetric(params.value)"},
        "comparator": {"function": "runoffNumbers"},
    }


def _param_column(name: str, field: str) -> Mapping[str, Any]:
    return {
        "field": field,
        "colId": f"params.{name}",
        "headerName": name,
        "headerTooltip": name,
        "width": 130,
        "tooltipField": field,
        **_TEXT,
    }
