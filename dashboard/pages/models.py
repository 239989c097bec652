"""Registered models: which there are, what is in Production by MLflow and by the ledger, where to compare."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from dash import dcc, html

from core.catalog.store import RegisteredModel
from core.decision.standing import Standing
from core.errors import RunoffError
from core.lifecycle.background import DemoProgress
from core.messages import message
from dashboard.components import states
from dashboard.components.grid import grid
from dashboard.components.notices import notices
from dashboard.entry_words import by_whom, model_address, version_name
from dashboard.messages import _, _n
from dashboard.pages import Address
from looks.language import translate

PATH = "/"
TITLE = message("Models")
POLL_SECONDS: Final = 2


class Ids(StrEnum):
    """Elements of the page."""

    TABLE = "models-table"
    SEARCH = "models-search"
    COUNT = "models-count"
    CONTENT = "models-content"
    REST = "models-rest"  # data: changes when rows lack what takes its time: counts, and the ledger
    NOTICE = "models-notice"
    POLL = "models-poll"


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What the page shows: a table, or what stands in its place, or both while the demo fills."""

    content: Sequence[Any]
    count: str = ""
    is_whole: bool = True  # the rows lack nothing
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
            html.Div(id=Ids.NOTICE),
            html.Div(states.loading(_("Reading the registry…")), id=Ids.CONTENT),
            dcc.Store(id=Ids.REST),
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
            "headerName": _("In MLflow's Production"),
            "flex": 3,
            "minWidth": 104,
            "wrapText": True,
            "autoHeight": True,
            "wrapHeaderText": True,
            "cellClassRules": {"cell-warn": "params.data.conflict"},
            "comparator": {"function": "runoffProduction"},
        },
        {
            "field": "ledger",
            "headerName": _("By the ledger"),
            "wrapHeaderText": True,
            "cellRenderer": "RunoffStanding",
            "flex": 3,
            "minWidth": 104,
            "wrapText": True,
            "autoHeight": True,
            "cellClassRules": {"cell-warn": "params.data.differs || params.data.undecided"},
            "comparator": {"function": "runoffLedger"},
        },
        {
            "field": "since",
            "headerName": _("Since"),
            "width": 170,
            "valueFormatter": {"function": "runoffMoment(params.value)"},
            "comparator": {"function": "runoffNumbers"},
            "context": {"from": 760},
        },
        {
            "field": "by",
            "headerName": _("By"),
            "width": 120,
            "context": {"from": 920},
            "comparator": {"function": "runoffText"},
        },
        {
            "field": "versions",
            "headerName": _("Versions"),
            "type": "rightAligned",
            "width": 104,
            "context": {"from": 480},
            "valueFormatter": {"function": "runoffCount(params.value)"},
            "comparator": {"function": "runoffNumbers"},
        },
        {
            "field": "updated",
            "headerName": _("Last update"),
            "width": 170,
            "valueFormatter": {"function": "runoffMoment(params.value)"},
            "context": {"from": 1080},
        },
        {
            "field": "description",
            "headerName": _("Description"),
            "flex": 6,
            "minWidth": 200,
            "context": {"from": 1280},
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
    return View(content=table or [_empty(address)], count=count, is_whole=not rows)


def is_under_way(progress: DemoProgress | None) -> bool:
    """The demo is being made: its store may not be readable yet."""
    return progress is not None and not progress.done and progress.error is None


def failed_view(error: RunoffError) -> View:
    """The store did not answer; the page asks again until it does."""
    return View(content=[states.failed(error, retrying=True)], again=True)


def ledger_notice(standings: Mapping[str, Standing], error: RunoffError | None = None) -> Any:
    """What keeps the ledger from telling or from taking entries; None where nothing does."""
    troubles = (standing.trouble for standing in standings.values() if standing.trouble is not None)
    trouble = error or next(troubles, None)
    if trouble is None:
        return None
    return notices([_("The ledger: {trouble}", trouble=trouble.read(translate))])


def table_rows(
    models: Sequence[RegisteredModel], alias: str, standings: Mapping[str, Standing] | None = None
) -> Sequence[Mapping[str, Any]]:
    """The rows of the table; `alias` names Production, `standings` None: the ledger is not read yet."""
    return [_row(model, alias, standings) for model in models]


def _row(model: RegisteredModel, alias: str, standings: Mapping[str, Standing] | None) -> Mapping[str, Any]:
    by_stage, by_alias = model.production_by_stage, model.aliases.get(alias)
    standing = None if standings is None else standings.get(model.name)
    since = None if standing is None else standing.since
    return {
        "name": model.name,
        "href": model_address(model.name),
        "production": _production(by_stage, by_alias),
        "production_number": max([*by_stage, *([by_alias] if by_alias is not None else [])], default=0),
        "conflict": _conflict(by_stage, by_alias),
        "ledger": "…" if standings is None else _by_ledger(standing),
        "ledger_number": standing.production.number if standing and standing.production else 0,
        "differs": standing is not None and standing.differs is not None,
        "undecided": standing is not None and bool(standing.undecided),
        "since": None if since is None else since.timestamp() * 1000,
        "by": "" if standing is None else by_whom(standing),
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


def _by_ledger(standing: Standing | None) -> str:
    """v2; where MLflow has another, or several, in words with a sign."""
    if standing is None:
        return ""
    if standing.undecided:
        numbers = ", ".join(f"v{number}" for number in standing.undecided)
        return _("⚠ to be chosen: {versions}", versions=numbers)
    version = version_name(standing.production)
    if standing.differs is not None:
        return _("⚠ {version}, MLflow differs", version=version)
    if standing.pending is not None and standing.pending.version is not None:
        return _("{version}; v{number} is under way", version=version, number=standing.pending.version)
    return "" if standing.production is None else version


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
