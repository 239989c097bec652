"""Navigation, title, language, theme, and the store's dot."""

from typing import Any

import dash
from dash import ClientsideFunction, Input, Output

from core.messages import Message
from core.services import Services
from dashboard import shell
from dashboard.components import states
from dashboard.health import Health
from dashboard.messages import _
from dashboard.pages import Page
from dashboard.router import Route, Router
from dashboard.shell import Ids

CALM_SECONDS = 30
DOWN_SECONDS = 4


def register(app: dash.Dash, services: Services, *, router: Router, health: Health) -> None:
    """Wire the shell."""

    @app.callback(
        Output(Ids.PAGE, "children"),
        Output(Ids.TITLE, "data"),
        Output(Ids.NAV, "children"),
        Input(Ids.LOCATION, "pathname"),
        Input(Ids.LOCATION, "search"),
    )
    def show_page(path: Any, search: Any) -> tuple[Any, Any, Any]:
        route = router.find(path, search)
        page = shell.missing() if route is None else route.page.layout(route.address)
        return page, {"title": title(route), "path": path}, shell.navigation(str(path))

    @app.callback(
        Output(Ids.STORE, "children"),
        Output(Ids.STORE_POLL, "interval"),
        Output(Ids.STORE_POLL, "n_intervals"),
        Input(Ids.STORE_POLL, "n_intervals"),
    )
    def show_store(_ticks: Any) -> tuple[Any, int, int]:
        error = health.failures().get("store")
        seconds = CALM_SECONDS if error is None else DOWN_SECONDS
        return shell.store(services.store.address, error, asked=True), seconds * 1000, states.AGAIN

    _register_clientside(app)


def _register_clientside(app: dash.Dash) -> None:
    app.clientside_callback(
        ClientsideFunction("shell", "scheme"), Output(Ids.SCHEME, "data"), Input(Ids.THEME, "n_clicks")
    )
    app.clientside_callback(ClientsideFunction("shell", "title"), Input(Ids.TITLE, "data"))
    app.clientside_callback(
        ClientsideFunction("shell", "language"), Input(Ids.LANGUAGE, "n_clicks"), prevent_initial_call=True
    )


def remember(app: dash.Dash, store_id: str) -> None:
    """Put the query in a page's `dcc.Store` ("?a=b" or "") into the address bar whenever it changes."""
    app.clientside_callback(ClientsideFunction("shell", "remember"), Input(store_id, "data"))


def title(route: Route | None) -> str:
    """The tab's title for an address."""
    if route is None:
        return f"{_('There is no such page')} · Runoff"
    page: Page = route.page
    return f"{_(Message(page.TITLE.template, route.address.names))} · Runoff"
