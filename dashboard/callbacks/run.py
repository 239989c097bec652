"""The run page: the run itself, then its models and relatives, then the version that becomes of a model."""

import time
from collections.abc import Iterator, Mapping
from typing import Any, Final
from uuid import uuid4

import dash
import numpy as np
from dash import ClientsideFunction, Input, Output, State, no_update

from core.catalog.address import public_uri
from core.catalog.mlmodel import ModelCard
from core.catalog.store import LoggedModel
from core.decision.access import Permission, may
from core.decision.registering import Request
from core.errors import RunoffError
from core.services import Services
from dashboard.callbacks.run_artifacts import answer_artifacts
from dashboard.components import run_models, run_register, states
from dashboard.identity import current_actor
from dashboard.messages import _
from dashboard.pages import run as page
from dashboard.pages import run_view as view
from dashboard.pages.run import Ids
from dashboard.recent import Recent

NAMES_SECONDS: Final = 5.0  # for which the names of registered models are taken as known
RANGES_SECONDS: Final = 1.5  # for looking up smallest and largest values


def register(app: dash.Dash, services: Services) -> None:
    """Wire the run page."""
    _register_run(app, services)
    _register_relatives(app, services)
    _register_form(app, services)
    answer_artifacts(app.server, services)
    app.clientside_callback(
        ClientsideFunction("run", "lines"), Input(Ids.LINES, "data"), Input(Ids.RANGES, "data")
    )
    app.clientside_callback(ClientsideFunction("run", "places"), Input(Ids.PLACES, "data"))


def _register_run(app: dash.Dash, services: Services) -> None:
    @app.callback(
        Output(Ids.NAME, "children"),
        Output(Ids.STATUS, "children"),
        Output(Ids.STATE, "children"),
        Output(Ids.FACTS, "children"),
        Output(Ids.LINES, "data"),
        Output(Ids.DATASETS, "children"),
        Output(Ids.BODY, "hidden"),
        Output(Ids.ASK, "data"),
        Output(Ids.POLL, "n_intervals"),
        Input(Ids.RUN, "data"),
        Input(Ids.POLL, "n_intervals"),
        State(Ids.ASK, "data"),
    )
    def show(run_id: Any, _ticks: Any, before: Any) -> tuple[Any, ...]:
        shown = _view(services, _text(run_id))
        asked = no_update if shown.asked is None or shown.asked == before else shown.asked
        again = states.AGAIN if shown.again else no_update
        lines = no_update if shown.lines is None else shown.lines
        said = (shown.name, shown.status, shown.state, shown.facts, lines, shown.datasets)
        return *said, shown.lines is None, asked, again


def _register_relatives(app: dash.Dash, services: Services) -> None:
    @app.callback(
        Output(Ids.MODELS, "children"),
        Output(Ids.PLACES, "data"),
        Output(Ids.MODEL, "options"),
        Output(Ids.MODEL, "value"),
        Output(Ids.MODEL_FIELD, "hidden"),
        Output(Ids.FORM, "hidden"),
        Input(Ids.ASK, "data"),
        State(Ids.MODEL, "value"),
        prevent_initial_call=True,
    )
    def show_models(asked: Any, chosen: Any) -> tuple[Any, ...]:
        run_id = _asked_run(asked)
        try:
            found = services.store.run_models(run_id)
            shown = list(_shown(services, run_id, found))
        except RunoffError as error:
            return states.failed(error), {"run": run_id, "models": []}, [], None, True, True
        uri = public_uri(services.settings.tracking_uri)
        uris = [model.uri for model in found]
        value = chosen if chosen in uris else next(reversed(uris), None)
        places = [[model.id, model.name] for model in found if model.id]
        return (
            run_models.models(shown, run_id, tracking_uri=uri),
            {"run": run_id, "models": places},
            run_models.options(found),
            value,
            len(found) < 2,  # noqa: PLR2004 - there is nothing to choose
            not found,
        )

    @app.callback(
        Output(Ids.FAMILY, "children"),
        Output(Ids.RANGES, "data"),
        Input(Ids.ASK, "data"),
        prevent_initial_call=True,
    )
    def show_family(asked: Any) -> tuple[Any, Any]:
        if not _asked_run(asked):
            return None, {}
        try:
            return _family(services, asked), view.ranges(dict(_ranges(services, asked)))
        except RunoffError:
            return None, {}  # the page says so where the run is


def _register_form(app: dash.Dash, services: Services) -> None:
    names: Recent[str, tuple[str, ...]] = Recent(seconds=NAMES_SECONDS, most=1)

    def known() -> tuple[str, ...]:
        listed = names.get("all")
        if listed is None:
            listed = names.put("all", tuple(model.name for model in services.store.models()))
        return listed

    @app.callback(
        Output(Ids.REGISTERED, "options"),
        Input(Ids.REGISTERED, "search_value"),
        Input(Ids.ASK, "data"),
        State(Ids.REGISTERED, "value"),
    )
    def offer(search: Any, _asked: Any, chosen: Any) -> Any:
        try:
            listed = known()
        except RunoffError:
            listed = ()  # the page says so where the run is
        return run_register.names(listed, _text(search), _text(chosen) or None)

    @app.callback(Output(Ids.REGISTER, "disabled"), Output(Ids.REGISTER, "title"), Input(Ids.ASK, "data"))
    def allow(_asked: Any) -> tuple[bool, str]:
        if may(current_actor(), Permission.WRITE):
            return False, ""
        return True, _("You may look, and not register: that needs the permission write.")

    @app.callback(
        Output(Ids.OUTCOME, "children"),
        Output(Ids.KEY, "data"),
        Output(Ids.ASK, "data", allow_duplicate=True),
        Output(Ids.DESCRIPTION, "value"),
        Input(Ids.REGISTER, "n_clicks"),
        State(Ids.RUN, "data"),
        State(Ids.MODEL, "value"),
        State(Ids.REGISTERED, "value"),
        State(Ids.DESCRIPTION, "value"),
        State(Ids.KEY, "data"),
        State(Ids.ASK, "data"),
        running=[(Output(Ids.REGISTER, "disabled"), True, False)],
        prevent_initial_call=True,
    )
    def make(_clicks: Any, *sent: Any) -> tuple[Any, ...]:
        run_id, uri, name, description, key, asked = sent
        request = Request(
            name=_text(name),
            run_id=_text(run_id),
            uri=_text(uri),
            description=_text(description),
            key=_text(key) or str(uuid4()),
        )
        try:
            done = services.registering.register(current_actor(), request)
        except RunoffError as error:
            return run_register.refused(error), no_update, no_update, no_update
        if (listed := names.get("all")) is not None:
            names.put("all", tuple(dict.fromkeys([*listed, done.name])))
        again = {**(asked if isinstance(asked, Mapping) else {}), "made": time.time_ns()}
        return run_register.registered(done), str(uuid4()), again, ""


def _view(services: Services, run_id: str) -> view.View:
    try:
        run = services.store.runs_by_id([run_id]).get(run_id)
        if run is None:
            return view.missing_view(run_id)
        experiments = services.store.experiments()
    except RunoffError as error:
        return view.failed_view(run_id, error)
    return view.build_view(run, experiments, tracking_uri=public_uri(services.settings.tracking_uri))


def _family(services: Services, asked: Mapping[str, Any]) -> Any:
    above, experiment = _text(asked.get("parent")), _text(asked.get("experiment"))
    parent = services.store.runs_by_id([above]).get(above) if above else None
    children = services.store.child_runs(_asked_run(asked), experiment, limit=page.MOST_CHILDREN)
    return view.family(parent, children)


def _ranges(services: Services, asked: Mapping[str, Any]) -> Iterator[tuple[str, tuple[float, float]]]:
    """Smallest and largest value of the metrics, as far as they are quickly had."""
    until = time.monotonic() + RANGES_SECONDS
    run_id, metrics = _asked_run(asked), asked.get("metrics")
    for metric in metrics[: page.MOST_RANGES] if isinstance(metrics, list) else []:
        if time.monotonic() > until:
            return
        history = services.store.histories([run_id], str(metric)).get(run_id)
        values = None if history is None else history.values[~np.isnan(history.values)]
        if values is not None and values.size > 1:
            yield metric, (float(values.min()), float(values.max()))


def _shown(services: Services, run_id: str, found: tuple[LoggedModel, ...]) -> Iterator[run_models.Shown]:
    versions = services.store.run_versions(run_id)
    for place, model in enumerate(reversed(found)):
        card = _card(services, run_id, model) if place < page.MOST_CARDS else None
        yield run_models.Shown(model=model, card=card, versions=run_models.of_model(versions, model))


def _card(services: Services, run_id: str, model: LoggedModel) -> ModelCard | RunoffError:
    try:
        return services.store.run_model_card(run_id, model)
    except RunoffError as error:
        return error


def _asked_run(asked: Any) -> str:
    return _text(asked.get("run")) if isinstance(asked, Mapping) else ""


def _text(value: Any) -> str:
    """A text that the browser sent; empty for anything else."""
    return value.strip() if isinstance(value, str) else ""
