"""The models page: one read of the registry, then one for what takes its time: counts and the ledger."""

import time
from typing import Any

import dash
from dash import ClientsideFunction, Input, Output, State, no_update

from core.errors import RunoffError
from core.services import Services
from dashboard.components import states
from dashboard.pages import models as page
from dashboard.pages.models import Ids


def register(app: dash.Dash, services: Services) -> None:
    """Wire the models page."""

    @app.callback(
        Output(Ids.CONTENT, "children"),
        Output(Ids.COUNT, "children"),
        Output(Ids.REST, "data"),
        Output(Ids.POLL, "n_intervals"),
        Input(Ids.POLL, "n_intervals"),
    )
    def show(_ticks: Any) -> tuple[Any, ...]:
        view = _view(services)
        rest = no_update if view.is_whole else time.time_ns()
        return view.content, view.count, rest, states.AGAIN if view.again else no_update

    @app.callback(
        Output(Ids.TABLE, "rowData"),
        Output(Ids.NOTICE, "children"),
        Input(Ids.REST, "data"),
        prevent_initial_call=True,
    )
    def complete(_asked: Any) -> tuple[Any, Any]:
        models, alias = services.store.models(counted=True), services.settings.alias
        try:
            standings = services.decisions.standings()
        except RunoffError as error:
            return page.table_rows(models, alias, {}), page.ledger_notice({}, error)
        return page.table_rows(models, alias, standings), page.ledger_notice(standings)

    app.clientside_callback(
        ClientsideFunction("models", "search"),
        Output(Ids.TABLE, "dashGridOptions"),
        Input(Ids.SEARCH, "value"),
        State(Ids.TABLE, "dashGridOptions"),
    )


def _view(services: Services) -> page.View:
    progress = services.demo.progress()
    try:
        models = services.store.models()
    except RunoffError as error:
        if not page.is_under_way(progress):
            return page.failed_view(error)
        models = ()
    address = services.store.address
    return page.build_view(models, alias=services.settings.alias, address=address, progress=progress)
