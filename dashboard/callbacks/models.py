"""The models page: one read of the registry."""

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
        Output(Ids.POLL, "n_intervals"),
        Input(Ids.POLL, "n_intervals"),
    )
    def show(_ticks: Any) -> tuple[Any, ...]:
        view = _view(services)
        return view.content, view.count, states.AGAIN if view.again else no_update

    app.clientside_callback(
        ClientsideFunction("models", "search"),
        Output(Ids.TABLE, "dashGridOptions"),
        Input(Ids.SEARCH, "value"),
        State(Ids.TABLE, "dashGridOptions"),
    )


def _view(services: Services) -> page.View:
    try:
        models = services.store.models()
    except RunoffError as error:
        return page.failed_view(error)
    return page.build_view(
        models,
        alias=services.settings.alias,
        address=services.store.address,
        progress=services.demo.progress(),
    )
