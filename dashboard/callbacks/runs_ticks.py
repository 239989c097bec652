"""Ticked runs: those that the address names, all that match, and the way to their comparison."""

from typing import Any

import dash
from dash import ClientsideFunction, Input, Output, State, no_update

from core.catalog.selections import MOST, Selections
from core.errors import FilterError, RunoffError
from core.services import Services
from dashboard.callbacks.triggers import has_changed
from dashboard.messages import _
from dashboard.pages import runs_view as view
from dashboard.pages.runs import Ids
from dashboard.runs_choice import chosen, ids, text

COMPARISON_PATH = "/runs/compare"


def register(app: dash.Dash, services: Services) -> None:
    """Wire the ticks."""
    selections = Selections(services.settings.data_dir / "selections")
    _register_sets(app, services, selections)
    _register_comparison(app, selections)
    app.clientside_callback(ClientsideFunction("runs", "ticked"), Input(Ids.CHOSEN, "data"))
    app.clientside_callback(
        ClientsideFunction("runs", "untick"),
        Output(Ids.CHOSEN, "data", allow_duplicate=True),
        Input(Ids.UNTICK, "n_clicks"),
        prevent_initial_call=True,
    )


def _register_sets(app: dash.Dash, services: Services, selections: Selections) -> None:
    @app.callback(
        Output(Ids.CHOSEN, "data"),
        Output(Ids.TICKS_NOTE, "children"),
        Input(Ids.TICK_ALL, "n_clicks"),
        Input(Ids.RESTORE, "data"),
        State(Ids.CHOICE, "data"),
        State(Ids.CHOSEN, "data"),
        running=[(Output(Ids.TICK_ALL, "disabled"), True, False)],
    )
    def tick(clicks: Any, key: Any, kept: Any, before: Any) -> tuple[Any, Any]:
        if has_changed(Ids.TICK_ALL) and clicks:
            return _tick_all(services, kept, before)
        if not text(key):
            return list(ids(before, MOST)), no_update  # what counts them waits for this
        try:
            return list(selections.read(text(key))), ""
        except RunoffError as error:
            return list(ids(before, MOST)), error_said(error)


def _tick_all(services: Services, kept: Any, before: Any) -> tuple[Any, Any]:
    choice = chosen(kept)
    if not choice.experiments:
        return no_update, no_update
    try:
        matching = services.runs.ids(choice.question, limit=MOST + 1)
    except FilterError as error:
        return no_update, error_said(error)
    every = list(dict.fromkeys([*ids(before, MOST), *matching]))
    left = len(every) > MOST
    note = _("The first {most} are ticked; narrow it down with a filter.", most=f"{MOST:,}") if left else ""
    return every[:MOST], note


def error_said(error: RunoffError) -> str:
    """An error in the reader's language, as one line."""
    return f"{_(error.title)} {_(error.hint) if error.hint.template else ''}".strip()


def _register_comparison(app: dash.Dash, selections: Selections) -> None:
    @app.callback(
        Output(Ids.COMPARE, "href"),
        Output(Ids.WAY, "data"),
        Output(Ids.COMPARE, "hidden"),
        Output(Ids.UNTICK, "hidden"),
        Output(Ids.TICKED, "children"),
        Input(Ids.CHOSEN, "data"),
    )
    def count(sent: Any) -> tuple[Any, ...]:
        wanted = ids(sent, MOST)
        if not wanted:
            return COMPARISON_PATH, None, True, True, ""
        way = f"{COMPARISON_PATH}?{selections.query(wanted)}"
        return way, {"href": way, "count": len(wanted)}, False, False, view.ticked(len(wanted))

    app.clientside_callback(ClientsideFunction("runs", "lead"), Input(Ids.WAY, "data"))
