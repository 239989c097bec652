"""How sure the comparison page is: asked for on its own, after the panels are drawn."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import dash
from dash import ClientsideFunction, Input, Output, State, ctx, dcc, no_update

from core.errors import NotFound, RunoffError
from dashboard.callbacks.comparison_reading import ComparisonReader
from dashboard.choice import chosen, read
from dashboard.figures import data
from dashboard.judged import SURE_PATH, judged
from dashboard.messages import _
from dashboard.pages.comparison import Ids, data_id
from dashboard.theme import Scheme


def register(app: dash.Dash, reader: ComparisonReader) -> None:
    """Wire verdicts, intervals and the forest plot."""
    _answer(app, reader)
    _register_download(app, reader)
    app.clientside_callback(ClientsideFunction("verdicts", "cards"), Input(Ids.CARDS, "data"))


def _answer(app: dash.Dash, reader: ComparisonReader) -> None:
    """As JSON, like what a threshold moves."""

    @app.server.get(SURE_PATH)
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
        return judged(comparison, judgement, marks, Scheme.of(scheme)), HTTPStatus.OK


def _register_download(app: dash.Dash, reader: ComparisonReader) -> None:
    @app.callback(
        Output(Ids.DOWNLOAD, "data", allow_duplicate=True),
        Input(data_id("deltas"), "n_clicks"),
        State(Ids.MODEL, "data"),
        State(Ids.BASELINE, "value"),
        State(Ids.VERSIONS, "value"),
        State(Ids.THRESHOLD, "value"),
        prevent_initial_call=True,
    )
    def download(clicks: Any, model: Any, baseline: Any, versions: Any, threshold: Any) -> Any:
        if not clicks or not ctx.triggered:
            return no_update  # the button appeared; nobody pressed it
        comparison, judgement, _marks = reader.judge(str(model), chosen(baseline, versions, threshold))
        return dcc.send_string(data.deltas(comparison, judgement), "deltas.csv", type="text/csv")
