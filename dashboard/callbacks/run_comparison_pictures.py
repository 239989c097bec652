"""The pictures of compared runs: parallel axes, scatter, boxes, curves."""

from typing import Any

import dash
from dash import Input, Output, State, no_update

from core.catalog.compared_runs import ENDED
from core.catalog.runs.question import Kind
from core.errors import RunoffError
from core.evidence.run_curves import MOST_SMOOTH, Axis, Drawing
from dashboard import run_comparing as comparing
from dashboard.callbacks.triggers import only_changed
from dashboard.components import states
from dashboard.pages import run_comparison_drawing as drawing
from dashboard.pages import run_comparison_view as view
from dashboard.pages.run_comparison import CURVES, MOST_CURVES
from dashboard.pages.run_comparison_ids import Ids
from dashboard.run_comparing import RunComparing
from dashboard.run_narrowing import Narrowing
from dashboard.shell import Ids as Shell
from dashboard.theme import Scheme


def register(app: dash.Dash, runs: RunComparing) -> None:
    """Wire the pictures; all but the first wait until that one is painted."""
    _register_plain(app, runs)
    _register_curves(app, runs)


def _register_plain(app: dash.Dash, runs: RunComparing) -> None:
    @app.callback(
        Output(Ids.PARALLEL_DATA, "data"),
        Input(Ids.METRIC, "value"),
        Input(Ids.DIRECTION, "value"),
        Input(Ids.AXES, "value"),
        Input(Ids.NARROW, "data"),
        Input(Shell.SCHEME, "data"),
        State(Ids.RUNS, "data"),
        State(Ids.ORIGIN, "data"),
        prevent_initial_call=True,
    )
    def draw_parallel(metric: Any, direction: Any, axes: Any, narrow: Any, scheme: Any, *state: Any) -> Any:
        asked, origin = state
        if origin == "axes" and only_changed(Ids.NARROW):
            return no_update  # it shows the brush already
        by, fields = comparing.read_field(metric), comparing.read_fields(axes)
        looked = runs.look(asked, [*fields, *comparing.some(by)]).all.first()
        is_higher = comparing.higher(direction, by)
        return drawing.parallel_figure(
            looked, fields, by, Scheme.of(scheme), is_higher=is_higher, narrowing=Narrowing.read(narrow)
        )

    @app.callback(
        Output(Ids.SCATTER, "figure"),
        Output(Ids.SCATTER_NOTE, "children"),
        Input(Ids.DRAWN, "data"),
        Input(Ids.METRIC, "value"),
        Input(Ids.DIRECTION, "value"),
        Input(Ids.X, "value"),
        Input(Ids.Y, "value"),
        Input(Ids.COLOR, "value"),
        Input(Ids.NARROW, "data"),
        Input(Shell.SCHEME, "data"),
        State(Ids.RUNS, "data"),
        prevent_initial_call=True,
    )
    def draw_scatter(_drawn: Any, metric: Any, direction: Any, *sent: Any) -> Any:
        x, up, color, narrow, scheme, asked = sent
        y = comparing.read_field(up) or comparing.read_field(metric)
        across, hue = comparing.read_field(x), comparing.read_field(color)
        if y is None or across is None:
            return view.no_picture(), view.choose_more()
        looked = runs.look(asked, [across, y, *comparing.some(hue)], narrow).shown.first()
        is_higher = comparing.higher(direction, hue) if hue and hue.kind is Kind.METRIC else None
        return drawing.scatter_view(looked, (across, y), hue, Scheme.of(scheme), is_higher=is_higher)

    @app.callback(
        Output(Ids.BOX, "figure"),
        Output(Ids.BOX_NOTE, "children"),
        Input(Ids.DRAWN, "data"),
        Input(Ids.METRIC, "value"),
        Input(Ids.BY, "value"),
        Input(Ids.NARROW, "data"),
        Input(Shell.SCHEME, "data"),
        State(Ids.RUNS, "data"),
        prevent_initial_call=True,
    )
    def draw_box(_drawn: Any, metric: Any, by: Any, narrow: Any, scheme: Any, asked: Any) -> Any:
        spread, groups = comparing.read_field(metric), comparing.read_field(by)
        if spread is None or groups is None:
            return view.no_picture(), view.choose_more()
        looked = runs.look(asked, [groups, spread], narrow).shown.first()
        return drawing.box_view(looked, groups, spread, Scheme.of(scheme))


def _register_curves(app: dash.Dash, runs: RunComparing) -> None:
    @app.callback(
        Output(Ids.CURVES, "figure"),
        Output(Ids.CURVES_NOTE, "children"),
        Output(Ids.CURVES_STATE, "children"),
        Output(Ids.MORE, "hidden"),
        Output(Ids.CURVES_POLL, "n_intervals"),
        Input(Ids.DRAWN, "data"),
        Input(Ids.METRIC, "value"),
        Input(Ids.DIRECTION, "value"),
        Input(Ids.HISTORY, "value"),
        Input(Ids.OVER, "value"),
        Input(Ids.LOG, "value"),
        Input(Ids.SMOOTH, "value"),
        Input(Ids.MORE, "n_clicks"),
        Input(Ids.NARROW, "data"),
        Input(Shell.SCHEME, "data"),
        Input(Ids.CURVES_POLL, "n_intervals"),
        State(Ids.RUNS, "data"),
        prevent_initial_call=True,
    )
    def draw(_drawn: Any, metric: Any, direction: Any, history: Any, *sent: Any) -> Any:
        *how, more, narrow, scheme, _ticks, asked = sent
        by = comparing.read_field(metric)
        drawn = comparing.read_field(history) or by
        if drawn is None:
            return view.no_picture(), view.no_metric(), None, True, no_update
        count = MOST_CURVES if more else CURVES
        looked = runs.look(asked, [ENDED, *comparing.some(by)], narrow).shown
        best = comparing.best(looked, by, count, is_higher=comparing.higher(direction, by))
        style = _style(*how)
        try:
            found = runs.curves.read(comparing.wanted(best), drawn.name, style)
        except RunoffError as error:
            return no_update, "", view.failed(error, is_final=False), True, states.AGAIN
        if not any(one.values for one in found.curves.values()) and not found.waiting:
            return view.no_picture(), view.no_history(), None, True, no_update
        figure = drawing.curves_figure(found, best, style, Scheme.of(scheme), metric=drawn)
        note = view.curves_note(found, looked_at=len(looked.ids), asked=len(best.ids))
        is_over = len(looked.ids) <= CURVES or bool(more)
        return figure, note, None, is_over, states.AGAIN if found.waiting else no_update


def _style(over: Any, log: Any, smooth: Any) -> Drawing:
    strength = float(smooth) if isinstance(smooth, int | float) else 0.0
    return Drawing(
        axis=Axis(over) if over in list(Axis) else Axis.STEP,
        is_log=log == "log",
        smoothing=min(max(strength, 0.0), MOST_SMOOTH),
    )
