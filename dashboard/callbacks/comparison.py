"""The comparison page: choose, look, move the threshold, score."""

from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

import dash
from dash import ALL, ClientsideFunction, Input, Output, State, ctx, dcc, no_update

from core.errors import NotFound, RunoffError
from core.services import Services
from dashboard import shell
from dashboard.callbacks import differing, memo, promotion, rows, trend, verdicts
from dashboard.callbacks.comparison_reading import ComparisonReader
from dashboard.callbacks.triggers import only_changed
from dashboard.choice import chosen, read
from dashboard.components import states
from dashboard.components.promotion_ids import Ids as Promotion
from dashboard.figures import data
from dashboard.messages import _
from dashboard.moved import AIM_PATH, THRESHOLD_PATH, moved
from dashboard.pages import comparison_view as page
from dashboard.pages.comparison import Ids, data_id, remove_id
from dashboard.readings import readings

SHOWN = {
    "split": Output(Ids.SPLIT, "children"),
    "split_hidden": Output(Ids.SPLIT, "hidden"),
    "detectable": Output(Ids.DETECTABLE, "children"),
    "cards": Output(Ids.CARDS, "data"),
    "baseline": Output(Ids.BASELINE, "value"),
    "baseline_options": Output(Ids.BASELINE, "options"),
    "versions": Output(Ids.VERSIONS, "value"),
    "version_options": Output(Ids.VERSIONS, "options"),
    "tokens": Output(Ids.TOKENS, "children"),
    "missing": Output(Ids.MISSING, "children"),
    "notices": Output(Ids.NOTICES, "children"),
    "state": Output(Ids.STATES, "children"),
    "panels_hidden": Output(Ids.PANELS, "hidden"),
    "bars": Output(Ids.METRICS, "figure"),
    "roc": Output(Ids.ROC, "figure"),
    "precision_recall": Output(Ids.PR, "figure"),
    "calibration": Output(Ids.CALIBRATION, "figure"),
    "calibration_note": Output(Ids.CALIBRATION_NOTE, "children"),
    "gain": Output(Ids.GAIN, "figure"),
    "lift": Output(Ids.LIFT, "figure"),
    "moved": Output(Ids.MOVED, "data"),
    "drawn": Output(Ids.DRAWN, "data"),
    "address": Output(Ids.ADDRESS, "data"),
    "poll": Output(Ids.POLL, "n_intervals"),
    "poll_interval": Output(Ids.POLL, "interval"),
}
DRAWN = ("bars", "roc", "precision_recall", "calibration", "calibration_note", "gain", "lift", "moved")


def register(app: dash.Dash, services: Services) -> None:
    """Wire the comparison page."""
    reader = ComparisonReader(services)
    promotion.register(app, services, reader)
    verdicts.register(app, services, reader)
    rows.register(app, services, reader)
    memo.register(app, services, reader)
    differing.register(app, services, reader)
    trend.register(app, services, reader)
    _register_view(app, reader)
    _answer_thresholds(app, reader)
    _register_search(app, reader)
    _register_actions(app, reader)
    _register_clientside(app)


def _register_view(app: dash.Dash, reader: ComparisonReader) -> None:
    @app.callback(
        output=SHOWN,
        inputs={
            "baseline": Input(Ids.BASELINE, "value"),
            "versions": Input(Ids.VERSIONS, "value"),
            "scheme": Input(shell.Ids.SCHEME, "data"),
            "tick": Input(Ids.POLL, "n_intervals"),
            "moved": Input(Promotion.CHANGED, "data"),  # Production, by somebody: the store is read anew
        },
        state={
            "threshold": State(Ids.THRESHOLD, "value"),
            "mode": State(Ids.MODE, "value"),
            "target": State(Ids.TARGET_BOX, "value"),
            "model": State(Ids.MODEL, "data"),
            "drawn": State(Ids.DRAWN, "data"),
        },
    )
    def show(**sent: Any) -> Mapping[str, Any]:
        return _returned(reader.view(sent, is_look=only_changed(Ids.POLL)), sent)


def _answer_thresholds(app: dash.Dash, reader: ComparisonReader) -> None:
    """What a threshold moves, as JSON: a Dash callback would cost the browser more than all the rest."""

    @app.server.get(THRESHOLD_PATH)
    @app.server.get(AIM_PATH)
    def at(model: str, **query: str) -> tuple[Mapping[str, Any], int]:
        choice, problems = read(query)
        if problems:
            return {"problems": [_(problem) for problem in problems]}, HTTPStatus.BAD_REQUEST
        try:
            comparison = reader.compare(model, choice)
        except NotFound as error:
            return {"problems": [_(error.title)]}, HTTPStatus.NOT_FOUND
        except RunoffError as error:
            return {"problems": [_(error.title)]}, HTTPStatus.SERVICE_UNAVAILABLE
        return moved(comparison, readings(comparison), choice), HTTPStatus.OK


def _register_search(app: dash.Dash, reader: ComparisonReader) -> None:
    """The options follow what is typed into a dropdown: a model may have ten thousand versions."""
    controls = {
        "baseline": State(Ids.BASELINE, "value"),
        "versions": State(Ids.VERSIONS, "value"),
        "model": State(Ids.MODEL, "data"),
        "scheme": State(shell.Ids.SCHEME, "data"),
    }

    def follow(control: str, options: Callable[[page.Picker], Sequence[Any]]) -> None:
        @app.callback(
            output=Output(control, "options", allow_duplicate=True),
            inputs={"search": Input(control, "search_value")},
            state=controls,
            prevent_initial_call=True,
        )
        def search(**sent: Any) -> Sequence[Any]:
            return options(reader.picker(sent))

    follow(Ids.BASELINE, lambda picker: picker.baseline_options)
    follow(Ids.VERSIONS, lambda picker: picker.version_options)


def _register_actions(app: dash.Dash, reader: ComparisonReader) -> None:
    @app.callback(
        Output(Ids.POLL, "n_intervals", allow_duplicate=True),
        Input(Ids.ACT, "data"),
        State(Ids.MODEL, "data"),
        prevent_initial_call=True,
    )
    def score(pressed: Any, model: Any) -> Any:
        if not isinstance(pressed, dict):
            return no_update
        reader.act(str(model), pressed.get("version"), pressed.get("action"))
        return states.AGAIN

    @app.callback(
        Output(Ids.DOWNLOAD, "data"),
        Input(data_id(ALL), "n_clicks"),
        State(Ids.MODEL, "data"),
        State(Ids.BASELINE, "value"),
        State(Ids.VERSIONS, "value"),
        State(Ids.THRESHOLD, "value"),
        State(Ids.MODE, "value"),
        State(Ids.TARGET_BOX, "value"),
        prevent_initial_call=True,
    )
    def download(_clicks: Any, model: Any, *controls: Any) -> Any:
        chart = str(ctx.triggered_id["chart"]) if ctx.triggered_id else ""
        if chart not in data.CHARTS or not ctx.triggered[0]["value"]:
            return no_update  # the button appeared; nobody pressed it
        baseline, versions, threshold, mode, target = controls
        comparison = reader.compare(str(model), chosen(baseline, versions, threshold, (mode, target)))
        return dcc.send_string(data.table(comparison, chart), f"{chart}.csv", type="text/csv")


def _register_clientside(app: dash.Dash) -> None:
    app.clientside_callback(
        ClientsideFunction("comparison", "follow"),
        Output(Ids.THRESHOLD, "value"),
        Output(Ids.THRESHOLD_BOX, "value"),
        Input(Ids.THRESHOLD, "value"),
        Input(Ids.THRESHOLD_BOX, "value"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("comparison", "aim"),
        Output(Ids.TARGET, "value"),
        Output(Ids.TARGET_BOX, "value"),
        Input(Ids.MODE, "value"),
        Input(Ids.TARGET, "value"),
        Input(Ids.TARGET_BOX, "value"),
        State(Ids.THRESHOLD, "value"),
        prevent_initial_call=True,
    )
    app.clientside_callback(ClientsideFunction("comparison", "show"), Input(Ids.MOVED, "data"))
    app.clientside_callback(ClientsideFunction("comparison", "remember"), Input(Ids.ADDRESS, "data"))
    app.clientside_callback(
        ClientsideFunction("comparison", "remove"),
        Output(Ids.VERSIONS, "value", allow_duplicate=True),
        Input(remove_id(ALL), "n_clicks"),
        State(Ids.VERSIONS, "value"),
        prevent_initial_call=True,
    )


def _keys(sent: Mapping[str, Any]) -> Mapping[str, Any]:
    """What the browser says that it shows already."""
    return sent["drawn"] if isinstance(sent["drawn"], dict) else {}


def _returned(view: page.View, sent: Mapping[str, Any]) -> Mapping[str, Any]:
    """The view as values of SHOWN; what the page shows already is not sent again."""
    keys = dict(_keys(sent))
    values: dict[str, Any] = dict.fromkeys(SHOWN, no_update)
    values |= {
        "split": list(view.split),
        "split_hidden": not view.split,
        "missing": no_update if only_changed(Ids.POLL) else view.missing,
        "notices": view.notices,
        "state": list(view.state),
        "panels_hidden": not view.is_drawn and view.drawing is None,
    }
    if view.picker is not None and view.picker.key != keys.get("picker"):
        keys["picker"] = view.picker.key
        values |= _picker_values(view.picker, sent)
    if view.drawing is not None:
        keys["panels"] = view.drawing.key
        values |= {name: getattr(view.drawing, name) for name in DRAWN}
    if view.detectable is not None:
        values["detectable"] = view.detectable
    if list(view.cards) != keys.get("cards"):
        keys["cards"] = values["cards"] = list(view.cards)
    if view.seconds is not None:
        values |= {"poll": states.AGAIN, "poll_interval": int(view.seconds * 1000)}
    if view.picker is not None and view.picker.search != keys.get("search"):
        if "search" in keys:  # the address that opened the page stays as it was written
            values["address"] = view.picker.search
        keys["search"] = view.picker.search
    return values | {"drawn": keys}


def _picker_values(picker: page.Picker, sent: Mapping[str, Any]) -> Mapping[str, Any]:
    """Options and tokens; a value only where it is another one, for the reader may have gone on choosing."""
    return {
        "baseline": no_update if sent["baseline"] == picker.baseline else picker.baseline,
        "baseline_options": picker.baseline_options,
        "versions": no_update if sent["versions"] == picker.versions else picker.versions,
        "version_options": picker.version_options,
        "tokens": picker.tokens,
    }
