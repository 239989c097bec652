"""How sure the comparison page is: asked for on its own, after the panels are drawn."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import dash
from dash import ClientsideFunction, Input, Output, State, ctx, dcc, no_update

from core.errors import NotFound, RunoffError
from core.services import Services
from dashboard.callbacks.comparison_reading import ComparisonReader
from dashboard.choice import chosen, read
from dashboard.components.elements import Element
from dashboard.components.gate_line import gate_line, gate_trouble
from dashboard.figures import data
from dashboard.judged import GATES_PATH, SURE_AIM_PATH, SURE_PATH, judged
from dashboard.messages import _
from dashboard.pages.comparison import Ids, data_id
from dashboard.theme import Scheme


def register(app: dash.Dash, services: Services, reader: ComparisonReader) -> None:
    """Wire verdicts, intervals, the forest plot and the gates."""
    _answer(app, reader)
    _answer_gates(app, services)
    _register_download(app, reader)
    app.clientside_callback(ClientsideFunction("verdicts", "cards"), Input(Ids.CARDS, "data"))


def _answer(app: dash.Dash, reader: ComparisonReader) -> None:
    """As JSON, like what a threshold moves."""

    @app.server.get(SURE_PATH)
    @app.server.get(SURE_AIM_PATH)
    def sure(model: str, scheme: str, **query: str) -> tuple[Mapping[str, Any], int]:
        choice, problems = read(query)
        if problems:
            return {"problems": [_(problem) for problem in problems]}, HTTPStatus.BAD_REQUEST
        try:
            comparison, judgement, marks = reader.judge(model, choice)
        except NotFound as error:
            return {"problems": [_(error.title)]}, HTTPStatus.NOT_FOUND
        except RunoffError as error:
            return {"problems": [_(error.title)]}, HTTPStatus.SERVICE_UNAVAILABLE
        return judged(comparison, judgement, marks, Scheme.of(scheme), choice.tail), HTTPStatus.OK


def _answer_gates(app: dash.Dash, services: Services) -> None:
    """The gate of each candidate: measuring how long it takes to score may be one of its checks."""

    @app.server.get(GATES_PATH)
    def gates(model: str, points: str) -> tuple[Mapping[str, Any], int]:
        found = {}
        for point in points.split(","):
            version, _at, threshold = point.partition("@")
            choice, problems = read({"versions": version, "threshold": threshold})
            if problems or not choice.versions:
                return {"problems": [_(problem) for problem in problems]}, HTTPStatus.BAD_REQUEST
            found[version] = _gate(services, model, choice.versions[0], choice.threshold)
        return {"gates": found}, HTTPStatus.OK


def _gate(services: Services, model: str, version: int, threshold: float) -> Element:
    try:
        return gate_line(services.decisions.gate(model, version, threshold=threshold))
    except RunoffError as error:
        return gate_trouble(_(error.title))


def _register_download(app: dash.Dash, reader: ComparisonReader) -> None:
    @app.callback(
        Output(Ids.DOWNLOAD, "data", allow_duplicate=True),
        Input(data_id("deltas"), "n_clicks"),
        State(Ids.MODEL, "data"),
        State(Ids.BASELINE, "value"),
        State(Ids.VERSIONS, "value"),
        State(Ids.THRESHOLD, "value"),
        State(Ids.MODE, "value"),
        State(Ids.TARGET_BOX, "value"),
        prevent_initial_call=True,
    )
    def download(clicks: Any, model: Any, *controls: Any) -> Any:
        if not clicks or not ctx.triggered:
            return no_update  # the button appeared; nobody pressed it
        baseline, versions, threshold, mode, target = controls
        choice = chosen(baseline, versions, threshold, (mode, target))
        comparison, judgement, _marks = reader.judge(str(model), choice)
        return dcc.send_string(data.deltas(comparison, judgement), "deltas.csv", type="text/csv")
