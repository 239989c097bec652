"""Metric over versions: read once the card has come into sight, in the background where there are many."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import dash
from dash import ClientsideFunction, Input, Output, State, ctx, dcc, no_update

from core.decision.standing import Reign
from core.errors import RunoffError
from core.evidence.metrics import METRIC, METRICS, Metric
from core.evidence.trend import Trend
from core.services import Services
from dashboard import shell
from dashboard.callbacks.comparison_reading import ComparisonReader
from dashboard.callbacks.picked_versions import picked
from dashboard.callbacks.triggers import only_changed
from dashboard.choice import chosen
from dashboard.components import states, trend_card
from dashboard.components.graph import blank
from dashboard.components.promotion_ids import Ids as Promotion
from dashboard.components.trend_card import Ids
from dashboard.figures import trend as picture
from dashboard.marks import Mark
from dashboard.messages import _
from dashboard.pages.comparison import Ids as Page
from dashboard.readings import primary_first
from dashboard.theme import Scheme

_CHOICE: Final = {
    "model": State(Page.MODEL, "data"),
    "baseline": State(Page.BASELINE, "value"),
    "versions": State(Page.VERSIONS, "value"),
    "slider": State(Page.THRESHOLD, "value"),
}


class _Found(NamedTuple):
    """A trend and what it is drawn with."""

    trend: Trend
    metric: Metric
    reigns: Sequence[Reign]
    look: Mapping[int, Mark]


@dataclass(frozen=True, slots=True)
class _Trends:
    """Asks core for what the browser asks for."""

    services: Services
    reader: ComparisonReader

    def read(self, sent: Mapping[str, Any], *, is_look: bool) -> _Found:
        """Raises RunoffError."""
        model = str(sent["model"])
        chosen_versions = picked(self.reader, sent)
        split = self.services.splits.load(model)
        metric = self.metric(model, sent["metric"])
        at = sent.get("at")
        threshold = chosen(None, None, sent["slider"] if at is None else at).threshold
        trend = self.services.trends.of(
            chosen_versions.listed,
            split,
            threshold=threshold if metric.needs_threshold else None,
            is_look=is_look,
        )
        return _Found(trend, metric, self.services.decisions.reigns(model), chosen_versions.look)

    def metric(self, model: str, name: object) -> Metric:
        """The one that was chosen, else the deciding one."""
        primary = self.services.settings.for_model(model).primary_metric
        return METRIC[name if isinstance(name, str) and name in METRIC else primary]

    def score(self, sent: Mapping[str, Any]) -> None:
        """Start to score the newest versions that are not."""
        found = self.read(sent, is_look=True)
        split = self.services.splits.load(str(sent["model"]))
        for version in found.trend.not_scored[: trend_card.AT_A_TIME]:
            self.services.scorer.request(version, split)


def register(app: dash.Dash, services: Services, reader: ComparisonReader) -> None:
    """Wire the card."""
    trends = _Trends(services, reader)
    _register_view(app, trends)
    _register_score(app, trends)
    _register_download(app, trends)
    app.clientside_callback(
        ClientsideFunction("trend", "watch"),
        Output(Ids.SEEN, "data"),
        Input(Page.DRAWN, "data"),  # before the panels are there, the card is in sight by chance
        State(Ids.SEEN, "data"),
    )


def _register_view(app: dash.Dash, trends: _Trends) -> None:
    @app.callback(
        output={
            "figure": Output(Ids.GRAPH, "figure"),
            "options": Output(Ids.METRIC, "options"),
            "metric": Output(Ids.METRIC, "value"),
            "said": Output(Ids.SAID, "children"),
            "score": Output(Ids.SCORE, "children"),
            "score_hidden": Output(Ids.SCORE, "hidden"),
            "poll": Output(Ids.POLL, "n_intervals"),
        },
        inputs={
            "seen": Input(Ids.SEEN, "data"),
            "metric": Input(Ids.METRIC, "value"),
            "at": Input(Ids.THRESHOLD, "data"),
            "scheme": Input(shell.Ids.SCHEME, "data"),
            "drawn": Input(Page.DRAWN, "data"),
            "tick": Input(Ids.POLL, "n_intervals"),
            "moved": Input(Promotion.CHANGED, "data"),
        },
        state=dict(_CHOICE),  # Dash adds the inputs to it
    )
    def show(**sent: Any) -> Mapping[str, Any]:
        nothing = dict.fromkeys(ctx.outputs_grouping, no_update)
        if not sent["seen"] or not isinstance(sent["versions"], list):
            return nothing
        try:
            found = trends.read(sent, is_look=only_changed(Ids.POLL, Ids.METRIC, shell.Ids.SCHEME))
        except RunoffError as error:
            return {**nothing, "figure": blank(), "said": _(error.title), "score_hidden": True}
        return {**nothing, **_shown(found, sent)}


def _shown(found: _Found, sent: Mapping[str, Any]) -> Mapping[str, Any]:
    """The view as values of the outputs; options and metric only where the page has none yet."""
    trend = found.trend
    shown: dict[str, Any] = {
        "figure": picture.figure(trend, found.metric, found.reigns, found.look, Scheme.of(sent["scheme"])),
        "said": trend_card.said(trend, found.metric),
        "score": trend_card.button(trend),
        "score_hidden": not trend_card.button(trend),
    }
    if sent["metric"] is None:
        named = primary_first(METRICS, found.metric.name)
        shown["options"] = [{"label": _(metric.title), "value": metric.name} for metric in named]
        shown["metric"] = found.metric.name
    if not trend.is_whole or trend.is_scoring:
        shown["poll"] = states.AGAIN
    return shown


def _register_score(app: dash.Dash, trends: _Trends) -> None:
    @app.callback(
        output=Output(Ids.POLL, "n_intervals", allow_duplicate=True),
        inputs={"clicks": Input(Ids.SCORE, "n_clicks")},
        state={**_CHOICE, "metric": State(Ids.METRIC, "value"), "at": State(Ids.THRESHOLD, "data")},
        prevent_initial_call=True,
    )
    def score(**sent: Any) -> int:
        trends.score(sent)
        return states.AGAIN


def _register_download(app: dash.Dash, trends: _Trends) -> None:
    @app.callback(
        output=Output(Ids.DOWNLOAD, "data"),
        inputs={"clicks": Input(Ids.CSV, "n_clicks")},
        state={**_CHOICE, "metric": State(Ids.METRIC, "value"), "at": State(Ids.THRESHOLD, "data")},
        prevent_initial_call=True,
    )
    def download(**sent: Any) -> Any:
        found = trends.read(sent, is_look=True)
        text = trend_card.rows(found.trend, found.metric, found.reigns)
        return dcc.send_string(text, "metric-over-versions.csv", type="text/csv")
