"""create_app(services): shell, pages, wiring, error handling."""

import html
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from pathlib import Path
from typing import Any, NamedTuple

import dash
import flask
from werkzeug.exceptions import HTTPException

from core.services import Services
from dashboard import caching, errors, headers, request, shell
from dashboard.callbacks import comparison as comparison_callbacks
from dashboard.callbacks import history as history_callbacks
from dashboard.callbacks import model_history as model_history_callbacks
from dashboard.callbacks import models as models_callbacks
from dashboard.callbacks import run as run_callbacks
from dashboard.callbacks import run_comparison as run_comparison_callbacks
from dashboard.callbacks import runs as runs_callbacks
from dashboard.callbacks import shell as shell_callbacks
from dashboard.health import Health
from dashboard.messages import _, reader
from dashboard.pages import Page, comparison, history, models, run, run_comparison, runs
from dashboard.router import Router

ASSETS = Path(__file__).parent.parent / "assets"
MAX_BODY_BYTES = 2_000_000  # of a callback request; the largest that a page sends is a selection


class Wired(NamedTuple):
    """A page and the function that wires it."""

    page: Page
    register: Callable[[dash.Dash, Services], None]


PAGES: tuple[Wired, ...] = (
    Wired(models, models_callbacks.register),
    Wired(comparison, comparison_callbacks.register),
    Wired(runs, runs_callbacks.register),
    Wired(run_comparison, run_comparison_callbacks.register),
    Wired(history, history_callbacks.register),
    Wired(run, run_callbacks.register),  # after /runs/compare: its pattern holds any name
)


class Application(dash.Dash):  # type: ignore[misc]  # Dash has no types
    """Dash, with a page's title, language and HTTP status known before any script runs."""

    def __init__(self, router: Router, **settings: Any) -> None:
        super().__init__(**settings)
        self.router = router

    def index(self, *_args: object, **_names: object) -> flask.Response:
        """The document; 404 where the address names no page."""
        status = HTTPStatus.OK if self.router.find(request.current_path()) else HTTPStatus.NOT_FOUND
        return flask.Response(super().index(), status=status, mimetype="text/html")

    def interpolate_index(self, **parts: str) -> str:
        """Dash's parts in our document."""
        title = html.escape(shell_callbacks.title(self.router.find(request.current_path())))
        noscript, loading = (html.escape(text) for text in (_("Runoff needs JavaScript."), _("Loading…")))
        return f"""<!DOCTYPE html>
<html lang="{reader.get().language}">
<head>
<title>{title}</title>
{parts["metas"]}
<meta name="color-scheme" content="light dark">
<script>{headers.HEAD_SCRIPT}</script>
<link rel="icon" type="image/svg+xml" href="/assets/icons/runoff.svg">
<link rel="stylesheet" href="/assets/vendor/bootstrap-5.3.9.min.css">
{parts["css"]}
</head>
<body>
<noscript>{noscript}</noscript>
<div id="react-entry-point"><p class="opening">{loading}</p></div>
<footer>{parts["config"]}{parts["scripts"]}{parts["renderer"]}</footer>
</body>
</html>"""


def create_app(services: Services) -> dash.Dash:
    """The dashboard over one set of services; nothing is asked of them until a page is opened."""
    router = Router([wired.page for wired in PAGES])
    health = Health({"store": services.store.check})  # what the dot in the header shows
    others = Health({"scorer": services.scorer.check, "ledger": services.decisions.check})
    app = Application(
        router,
        name="runoff",
        assets_folder=str(ASSETS),
        assets_path_ignore=["vendor", "icons"],
        compress=True,
        enable_mcp=False,
        on_error=errors.show,
        suppress_callback_exceptions=True,
        title="Runoff",
        update_title=None,
    )
    app.server.config["MAX_CONTENT_LENGTH"] = MAX_BODY_BYTES
    app.layout = lambda: shell.layout(services.store.address)
    shell_callbacks.register(app, services, router=router, health=health)
    for wired in PAGES:
        wired.register(app, services)
    model_history_callbacks.register(app, services)
    _guard(app)
    _answer_probes(app.server, (health, others))
    caching.allow(app)
    headers.send(app)
    return app


def _guard(app: Application) -> None:
    """Set the reader of each request, turn away what is no request of ours, and hide no failure."""
    server: flask.Flask = app.server

    @server.before_request
    def read() -> flask.Response | None:
        reader.set(request.current_reader())
        refusal = request.forbidden()
        if refusal is not None:
            return _plain(refusal, HTTPStatus.FORBIDDEN)
        reason = request.malformed_callback(app.callback_map) if request.is_callback() else None
        return None if reason is None else _plain(reason, HTTPStatus.BAD_REQUEST)

    @server.errorhandler(HTTPException)
    def refuse(error: HTTPException) -> flask.Response:
        if error.code == HTTPStatus.NOT_FOUND and request.wants_page():
            return app.index()  # Flask's pattern for pages stops at a line break, which a name may hold
        return _plain(error.name, error.code or HTTPStatus.INTERNAL_SERVER_ERROR)

    @server.errorhandler(Exception)
    def fail(error: Exception) -> flask.Response:
        text = f"{_('Something went wrong inside Runoff.')} {errors.told(error)}"
        return _plain(text, HTTPStatus.INTERNAL_SERVER_ERROR)


def _plain(text: str, status: int) -> flask.Response:
    return flask.Response(f"{text}\n", status=status, mimetype="text/plain")


def _answer_probes(server: flask.Flask, asked: Sequence[Health]) -> None:
    @server.get("/healthz")
    def alive() -> Mapping[str, str]:
        return {"status": "alive"}

    @server.get("/readyz")
    def ready() -> tuple[Mapping[str, Any], int]:
        failures = {name: error for health in asked for name, error in health.failures().items()}
        if not failures:
            return {"status": "ready"}, HTTPStatus.OK
        reasons = {name: _(error.title) for name, error in failures.items()}
        return {"status": "not ready", "reasons": reasons}, HTTPStatus.SERVICE_UNAVAILABLE
