"""The comparison page: choose, look, move the threshold, score."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import dash
from dash import ALL, ClientsideFunction, Input, Output, State, ctx, dcc, no_update

from core.catalog.store import Version
from core.errors import RunoffError, SplitError, SplitNotConfigured
from core.evidence.comparison import Comparison
from core.evidence.selection import default_versions, production_version
from core.messages import Message
from core.services import Services
from core.settings import split_example
from dashboard import shell
from dashboard.callbacks.shell import remember
from dashboard.choice import Choice, chosen, read, settled
from dashboard.components import scoring_state, states
from dashboard.components.version_options import Listing, matching
from dashboard.components.version_token import words as version_words
from dashboard.figures import data
from dashboard.messages import _
from dashboard.moved import THRESHOLD_PATH, moved
from dashboard.pages import comparison_view as page
from dashboard.pages.comparison import Ids, data_id, remove_id, scoring_id
from dashboard.readings import readings
from dashboard.theme import Scheme

SHOWN = {
    "split": Output(Ids.SPLIT, "children"),
    "split_hidden": Output(Ids.SPLIT, "hidden"),
    "baseline": Output(Ids.BASELINE, "value"),
    "baseline_options": Output(Ids.BASELINE, "options"),
    "versions": Output(Ids.VERSIONS, "value"),
    "version_options": Output(Ids.VERSIONS, "options"),
    "tokens": Output(Ids.TOKENS, "children"),
    "notices": Output(Ids.NOTICES, "children"),
    "state": Output(Ids.STATES, "children"),
    "panels_hidden": Output(Ids.PANELS, "hidden"),
    "bars": Output(Ids.METRICS, "figure"),
    "roc": Output(Ids.ROC, "figure"),
    "precision_recall": Output(Ids.PR, "figure"),
    "calibration": Output(Ids.CALIBRATION, "figure"),
    "calibration_note": Output(Ids.CALIBRATION_NOTE, "children"),
    "gain": Output(Ids.GAIN, "figure"),
    "moved": Output(Ids.MOVED, "data"),
    "drawn": Output(Ids.DRAWN, "data"),
    "address": Output(Ids.ADDRESS, "data"),
    "poll": Output(Ids.POLL, "n_intervals"),
    "poll_interval": Output(Ids.POLL, "interval"),
}
DRAWN = ("bars", "roc", "precision_recall", "calibration", "calibration_note", "gain", "moved")


def register(app: dash.Dash, services: Services) -> None:
    """Wire the comparison page."""
    remember(app, Ids.ADDRESS)
    _register_view(app, services)
    _answer_thresholds(app, services)
    _register_search(app, services)
    _register_actions(app, services)
    _register_clientside(app)


def _register_view(app: dash.Dash, services: Services) -> None:
    @app.callback(
        output=SHOWN,
        inputs={
            "baseline": Input(Ids.BASELINE, "value"),
            "versions": Input(Ids.VERSIONS, "value"),
            "scheme": Input(shell.Ids.SCHEME, "data"),
            "tick": Input(Ids.POLL, "n_intervals"),
        },
        state={
            "threshold": State(Ids.THRESHOLD, "value"),
            "model": State(Ids.MODEL, "data"),
            "drawn": State(Ids.DRAWN, "data"),
        },
    )
    def show(**sent: Any) -> Mapping[str, Any]:
        view = _view(services, sent, request=ctx.triggered_id != Ids.POLL)
        return _returned(view, sent)


def _answer_thresholds(app: dash.Dash, services: Services) -> None:
    """What a threshold moves, as JSON: a Dash callback would cost the browser more than all the rest."""

    @app.server.get(THRESHOLD_PATH)
    def at(model: str, **query: str) -> tuple[Mapping[str, Any], int]:
        choice, problems = read(query)
        if problems:
            return {"problems": [_(problem) for problem in problems]}, HTTPStatus.BAD_REQUEST
        try:
            comparison = _compare(services, model, choice, request=False)
        except RunoffError as error:
            return {"problems": [_(error.title)]}, HTTPStatus.SERVICE_UNAVAILABLE
        return moved(comparison, readings(comparison), choice), HTTPStatus.OK


def _register_search(app: dash.Dash, services: Services) -> None:
    """The options follow what is typed into a dropdown: a model may have ten thousand versions."""
    controls = [
        State(Ids.BASELINE, "value"),
        State(Ids.VERSIONS, "value"),
        State(Ids.MODEL, "data"),
        State(shell.Ids.SCHEME, "data"),
    ]

    def picker(search: Any, baseline: Any, versions: Any, model: Any, scheme: Any) -> page.Picker:
        known = services.versions(str(model))
        choice, _problems = _settled(services, chosen(baseline, versions, None), known)
        listing = _listing(services, known, choice, search=str(search or ""))
        return page.build_picker(listing, choice, Scheme.of(scheme))

    @app.callback(
        Output(Ids.BASELINE, "options", allow_duplicate=True),
        Input(Ids.BASELINE, "search_value"),
        *controls,
        prevent_initial_call=True,
    )
    def search_baseline(*sent: Any) -> Sequence[Any]:
        return picker(*sent).baseline_options

    @app.callback(
        Output(Ids.VERSIONS, "options", allow_duplicate=True),
        Input(Ids.VERSIONS, "search_value"),
        *controls,
        prevent_initial_call=True,
    )
    def search_versions(*sent: Any) -> Sequence[Any]:
        return picker(*sent).version_options


def _register_actions(app: dash.Dash, services: Services) -> None:
    @app.callback(
        Output(Ids.POLL, "n_intervals", allow_duplicate=True),
        Input(scoring_id(ALL, ALL), "n_clicks"),
        State(Ids.MODEL, "data"),
        prevent_initial_call=True,
    )
    def score(_clicks: Any, model: Any) -> Any:
        if not ctx.triggered or not ctx.triggered[0]["value"]:
            return no_update  # the button appeared; nobody pressed it
        _act(services, str(model), ctx.triggered_id["version"], ctx.triggered_id["action"])
        return states.AGAIN

    @app.callback(
        Output(Ids.DOWNLOAD, "data"),
        Input(data_id(ALL), "n_clicks"),
        State(Ids.MODEL, "data"),
        State(Ids.BASELINE, "value"),
        State(Ids.VERSIONS, "value"),
        State(Ids.THRESHOLD, "value"),
        prevent_initial_call=True,
    )
    def download(_clicks: Any, model: Any, baseline: Any, versions: Any, threshold: Any) -> Any:
        if not ctx.triggered or not ctx.triggered[0]["value"]:
            return no_update
        chart = ctx.triggered_id["chart"]
        comparison = _compare(services, str(model), chosen(baseline, versions, threshold), request=False)
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
    app.clientside_callback(ClientsideFunction("comparison", "show"), Input(Ids.MOVED, "data"))
    app.clientside_callback(
        ClientsideFunction("comparison", "remove"),
        Output(Ids.VERSIONS, "value", allow_duplicate=True),
        Input(remove_id(ALL), "n_clicks"),
        State(Ids.VERSIONS, "value"),
        prevent_initial_call=True,
    )


def _view(services: Services, sent: Mapping[str, Any], *, request: bool) -> page.View:
    """What the controls ask for, or what stands in its way."""
    model, scheme = str(sent["model"]), Scheme.of(sent["scheme"])
    choice = chosen(sent["baseline"], sent["versions"], sent["threshold"])
    try:
        known = services.versions(model)
        if not known:
            return page.no_versions_view(model)
        choice, problems = _settled(services, choice, known)
        listing = _listing(services, known, choice)
        try:
            comparison = _compare(services, model, choice, request=request)
        except SplitError as error:
            lines = _split_lines(services, known, error)
            return page.no_split_view(error, listing, choice, scheme=scheme, lines=lines)
    except RunoffError as error:
        return page.failed_view(error)
    return page.build_view(
        comparison, listing, choice, scheme=scheme, problems=problems, drawn=_keys(sent).get("panels")
    )


def _settled(
    services: Services, choice: Choice, known: Sequence[Version]
) -> tuple[Choice, Sequence[Message]]:
    default = default_versions(known, services.settings.alias)
    numbers = {version.number for version in known}
    return settled(choice, numbers, {number for number in (*default.candidates, default.baseline) if number})


def _listing(services: Services, known: Sequence[Version], choice: Choice, *, search: str = "") -> Listing:
    production = production_version(known, services.settings.alias)
    keep = {number for number in (production, choice.baseline, *(choice.versions or ())) if number}
    shown, more = matching(known, search, keep)
    unnamed = [version.run_id for version in shown if version.run_id and not version.description.strip()]
    runs = services.store.runs_by_id(unnamed) if unnamed else {}
    names = {run.id: run.name for run in runs.values()}
    words = {version.number: version_words(version, names.get(version.run_id or "", "")) for version in shown}
    return Listing(shown=shown, more=more, search=search, words=words, production=production)


def _compare(services: Services, model: str, choice: Choice, *, request: bool) -> Comparison:
    return services.compare(
        model,
        versions=choice.versions,
        baseline=choice.baseline,
        threshold=choice.threshold,
        request=request,
    )


def _split_lines(services: Services, known: Sequence[Version], error: SplitError) -> str:
    """The YAML that would name a split, where none is configured."""
    if not isinstance(error, SplitNotConfigured):
        return ""
    inputs = services.store.card(known[0]).inputs or ()
    return split_example(known[0].model, [column.name for column in inputs])


def _act(services: Services, model: str, number: object, action: object) -> None:
    """Score a version, or stop scoring it; a number or an action that nobody has does nothing."""
    version = next((known for known in services.versions(model) if known.number == number), None)
    if version is None:
        return
    split = services.splits.load(model)
    if action == scoring_state.CANCEL:
        services.scorer.cancel(version, split)
    elif action in {scoring_state.AGAIN, scoring_state.SCORE}:
        services.scorer.request(version, split, again=action == scoring_state.AGAIN)


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
    if view.seconds is not None:
        values |= {"poll": states.AGAIN, "poll_interval": int(view.seconds * 1000)}
    if ctx.triggered_id in {Ids.BASELINE, Ids.VERSIONS} and view.picker is not None:
        values["address"] = view.picker.search
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
