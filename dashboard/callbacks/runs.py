"""The runs page: one read for the table, one for the rest of a long one, one for the ticked runs."""

import time
from typing import Any

import dash
from dash import ClientsideFunction, Input, Output, State, no_update

from core.errors import FilterError, RunoffError
from core.services import Services
from dashboard.components import states
from dashboard.components.run_comparison import MOST_RUNS as MOST_COMPARED
from dashboard.components.run_comparison import Ids as ComparisonIds
from dashboard.components.run_comparison import run_comparison
from dashboard.components.run_table import table
from dashboard.pages import runs as page
from dashboard.pages.runs import Ids
from dashboard.shell import Ids as Shell
from dashboard.theme import Scheme


def register(app: dash.Dash, services: Services) -> None:
    """Wire the runs page."""

    @app.callback(
        Output(Ids.EXPERIMENT, "options"),
        Output(Ids.EXPERIMENT, "value"),
        Output(Ids.CONTENT, "children"),
        Output(Ids.COUNT, "children"),
        Output(Ids.FILTER_STATE, "children"),
        Output(Ids.MORE, "data"),
        Output(Ids.POLL, "n_intervals"),
        Input(Ids.EXPERIMENT, "value"),
        Input(Ids.FILTER, "value"),
        Input(Ids.POLL, "n_intervals"),
        State(Ids.CHOSEN, "data"),
    )
    def show(experiment: Any, filter_text: Any, _ticks: Any, chosen: Any) -> tuple[Any, ...]:
        view = _view(services, text(experiment), text(filter_text), texts(chosen))
        again = states.AGAIN if view.again else no_update
        known = (view.options, view.experiment) if view.options else (no_update, no_update)
        more = no_update if view.more is None else {**view.more, "asked": time.time_ns()}
        return *known, view.content, view.count, view.filter_state, more, again

    @app.callback(
        Output(Ids.TABLE, "columnDefs"),
        Output(Ids.TABLE, "rowData"),
        Output(Ids.COUNT, "children", allow_duplicate=True),
        Input(Ids.MORE, "data"),
        prevent_initial_call=True,
    )
    def show_the_rest(more: Any) -> tuple[Any, ...]:
        asked = more if isinstance(more, dict) else {}
        wanted = [text(asked.get("experiment"))]
        found = services.store.runs(wanted, text(asked.get("filter")), limit=page.MOST_RUNS)
        return *table(found.runs), page.count(found)

    @app.callback(
        Output(Ids.COMPARE, "children"),
        Output(Ids.TICKED, "children"),
        Input(Ids.CHOSEN, "data"),
        Input(Shell.SCHEME, "data"),
    )
    def compare(chosen: Any, scheme: Any) -> tuple[Any, Any]:
        ids = texts(chosen)
        if not ids:
            return None, None
        known = services.store.runs_by_id(ids[:MOST_COMPARED])
        runs = [known[run] for run in ids if run in known]
        compared = (
            run_comparison(runs, Scheme.of(scheme), left_out=len(ids[MOST_COMPARED:])) if runs else None
        )
        return compared, page.ticked(len(ids))

    _register_clientside(app)


def _register_clientside(app: dash.Dash) -> None:
    app.clientside_callback(
        ClientsideFunction("runs", "chosen"),
        Output(Ids.CHOSEN, "data"),
        Input(Ids.TABLE, "selectedRows"),
        State(Ids.TABLE, "rowData"),
        State(Ids.CHOSEN, "data"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("runs", "tick"),
        Output(Ids.TABLE, "selectedRows"),
        Input(Ids.TABLE, "rowData"),
        State(Ids.CHOSEN, "data"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("runs", "remember"),
        Input(Ids.EXPERIMENT, "value"),
        Input(Ids.FILTER, "value"),
        Input(Ids.CHOSEN, "data"),
    )
    app.clientside_callback(
        ClientsideFunction("runs", "same"),
        Output(ComparisonIds.LINES, "className"),
        Output(ComparisonIds.SAME, "aria-pressed"),
        Input(ComparisonIds.SAME, "n_clicks"),
        prevent_initial_call=True,
    )


def _view(services: Services, experiment: str, filter_text: str, chosen: list[str]) -> page.View:
    try:
        experiments = services.store.experiments()
        if not experiments:
            return page.empty_view(services.store.address)
        known = {item.id for item in experiments}
        wanted = experiment if experiment in known else experiments[0].id
        try:
            found = services.store.runs([wanted], filter_text, limit=page.FIRST_RUNS)
        except FilterError as error:
            return page.refused_view(experiments, wanted, error)
    except RunoffError as error:
        return page.failed_view(error)
    return page.build_view(experiments, experiment=wanted, filter_text=filter_text, page=found, chosen=chosen)


def text(value: Any) -> str:
    """A text that the browser sent; empty for anything else."""
    return value.strip() if isinstance(value, str) else ""


def texts(value: Any) -> list[str]:
    """The texts in a list that the browser sent, each once."""
    return (
        list(dict.fromkeys(item for item in value if isinstance(item, str)))
        if isinstance(value, list)
        else []
    )
