"""Registered models: which there are, what is in Production, and where to compare."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final
from urllib.parse import quote

from dash import dcc, html

from core.catalog.store import RegisteredModel
from core.errors import RunoffError
from core.lifecycle.background import DemoProgress
from core.messages import message
from dashboard.components import states
from dashboard.components.grid import grid
from dashboard.messages import _, _n
from dashboard.pages import Address

PATH = "/"
TITLE = message("Models")
POLL_SECONDS: Final = 2


class Ids(StrEnum):
    """Elements of the page."""

    TABLE = "models-table"
    SEARCH = "models-search"
    COUNT = "models-count"
    CONTENT = "models-content"
    UNCOUNTED = "models-uncounted"  # data: changes when rows lack their number of versions
    POLL = "models-poll"


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What the page shows: a table, or what stands in its place, or both while the demo fills."""

    content: Sequence[Any]
    count: str = ""
    uncounted: bool = False
    again: bool = False  # ask again by itself


def layout(address: Address) -> Any:
    """Heading, search box and the table, which waits for its rows."""
    box = dcc.Input(
        id=Ids.SEARCH,
        type="search",
        value=address.query.get("search", ""),
        placeholder=_("Search models"),
        className="search",
    )
    label = html.Span(_("Search models"), className="visually-hidden")
    search = html.Label([label, box], className="search-label")
    head = [html.H1(_("Models")), html.Span(id=Ids.COUNT, className="note", role="status"), search]
    return html.Div(
        [
            html.Div(head, className="page-head"),
            html.Div(states.loading(_("Reading the registry…")), id=Ids.CONTENT),
            dcc.Store(id=Ids.UNCOUNTED),
            states.poll(Ids.POLL, seconds=POLL_SECONDS),
        ]
    )


def _table(rows: Sequence[Mapping[str, Any]]) -> Any:
    columns = [
        {
            "field": "name",
            "headerName": _("Model"),
            "cellRenderer": "RunoffLink",
            "flex": 4,
            "minWidth": 130,
            "wrapText": True,
            "autoHeight": True,
            "sort": "asc",
            "comparator": {"function": "runoffText"},
        },
        {
            "field": "production",
            "headerName": "Production",
            "flex": 3,
            "minWidth": 120,
            "wrapText": True,
            "autoHeight": True,
            "cellClassRules": {"cell-warn": "params.data.conflict"},
            "comparator": {"function": "runoffProduction"},
        },
        {
            "field": "versions",
            "headerName": _("Versions"),
            "type": "rightAligned",
            "width": 104,
            "context": {"from": 340},
            "valueFormatter": {"function": "runoffCount(params.value)"},
            "comparator": {"function": "runoffNumbers"},
        },
        {
            "field": "updated",
            "headerName": _("Last update"),
            "width": 170,
            "valueFormatter": {"function": "runoffMoment(params.value)"},
            "context": {"from": 560},
        },
        {
            "field": "description",
            "headerName": _("Description"),
            "flex": 6,
            "minWidth": 200,
            "context": {"from": 820},
            "tooltipField": "description",
        },
    ]
    return grid(Ids.TABLE, columns, rows, row_id="name")


def build_view(
    models: Sequence[RegisteredModel], *, alias: str, address: str, progress: DemoProgress | None
) -> View:
    """The rows of the registry at `address`; the demo's progress, or what to do where it is empty."""
    rows = table_rows(models, alias)
    table = [_table(rows)] if rows else []
    count = _n("{count} model", "{count} models", len(rows)) if rows else ""
    if progress is not None and progress.error is not None:
        return View(content=[states.failed(progress.error), *table], count=count)
    if progress is not None and is_under_way(progress):
        return View(content=[_progress(progress), *table], count=count, again=True)
    uncounted = any(model.version_count is None for model in models)
    return View(content=table or [_empty(address)], count=count, uncounted=uncounted)


def is_under_way(progress: DemoProgress | None) -> bool:
    """The demo is being made: its store may not be readable yet."""
    return progress is not None and not progress.done and progress.error is None


def failed_view(error: RunoffError) -> View:
    """The store did not answer; the page asks again until it does."""
    return View(content=[states.failed(error, retrying=True)], again=True)


def table_rows(models: Sequence[RegisteredModel], alias: str) -> Sequence[Mapping[str, Any]]:
    """The rows of the table; `alias` is the one that names Production."""
    return [_row(model, alias) for model in models]


def _row(model: RegisteredModel, alias: str) -> Mapping[str, Any]:
    by_stage, by_alias = model.production_by_stage, model.aliases.get(alias)
    return {
        "name": model.name,
        "href": f"/models/{quote(model.name, safe='')}",
        "production": _production(by_stage, by_alias),
        "production_number": max([*by_stage, *([by_alias] if by_alias is not None else [])], default=0),
        "conflict": _conflict(by_stage, by_alias),
        "versions": model.version_count,
        "updated": None if model.updated is None else model.updated.timestamp() * 1000,
        "description": model.description,
    }


def _conflict(by_stage: tuple[int, ...], by_alias: int | None) -> bool:
    return len(by_stage) > 1 or (bool(by_stage) and by_alias is not None and by_stage != (by_alias,))


def _production(by_stage: tuple[int, ...], by_alias: int | None) -> str:
    """v2 where stage and alias agree; otherwise which of the two says what."""
    stage = ", ".join(f"v{number}" for number in by_stage)
    if by_alias is None:
        if len(by_stage) > 1:
            return _("⚠ {stage} by stage", stage=stage)
        return _("{stage} by stage", stage=stage) if stage else ""
    if not stage:
        return _("v{alias} by alias", alias=by_alias)
    if by_stage == (by_alias,):
        return stage
    return _("⚠ {stage} by stage, v{alias} by alias", stage=stage, alias=by_alias)


def _progress(progress: DemoProgress) -> Any:
    label = _(progress.text)
    bar = html.Progress(value=str(progress.step), max=str(max(progress.total, 1)), **{"aria-label": label})
    title = html.P(_("The demo is being made."), className="state-title")
    return html.Div([title, bar, html.P(label, className="state-note")], className="state", role="status")


def _empty(address: str) -> Any:
    code = (
        f'mlflow.set_tracking_uri("{address}")\n'
        'mlflow.sklearn.log_model(model, name="model", registered_model_name="my-model")'
    )
    return states.empty(
        _("This store has no registered model yet."),
        html.P(_("Register one where you train:")),
        states.command(code),
        html.P(_("Or look around in the demo:")),
        states.command("python app.py serve --demo"),
    )
