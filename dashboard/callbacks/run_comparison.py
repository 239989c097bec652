"""The comparison of runs: what it opens with, its pictures, and what follows the runs that are looked at."""

from collections.abc import Mapping
from typing import Any, Final

import dash
from dash import ClientsideFunction, Input, Output, State, no_update

from core.catalog.compared_runs import DURATION, STARTED, STATUS
from core.catalog.selections import MOST
from core.errors import NotFound, RunoffError, UsageError
from core.evidence.run_defaults import main_metrics
from core.services import Services
from dashboard import run_comparing as comparing
from dashboard.callbacks import run_comparison_pictures, run_comparison_report
from dashboard.components import states
from dashboard.components.compared_table import table_columns, table_rows
from dashboard.components.run_lines import MOST_RUNS, bars, lines
from dashboard.figures.best_so_far import best_so_far
from dashboard.pages import run_comparison_view as view
from dashboard.pages.run_comparison_ids import FIELDS, Ids
from dashboard.run_comparing import PARENT_TAG, RunComparing
from dashboard.run_narrowing import Narrowing
from dashboard.shell import Ids as Shell
from dashboard.theme import Scheme

_GIVEN: Final = (Ids.METRIC, Ids.AXES, Ids.X, Ids.Y, Ids.COLOR, Ids.BY, Ids.HISTORY)
_OFFERED: Final = (*_GIVEN, Ids.NARROW_FIELD)
_UNCHANGED: Final[Mapping[str, Any]] = {
    "options": dict.fromkeys(_OFFERED, no_update),
    "values": dict.fromkeys(_GIVEN, no_update),
    **dict.fromkeys(("defaults", "count", "links", "state", "hidden", "look", "again"), no_update),
}


def register(app: dash.Dash, services: Services) -> None:
    """Wire the page."""
    runs = RunComparing(services)
    _register_opening(app, runs)
    _register_choices(app, runs)
    run_comparison_pictures.register(app, runs)
    _register_looked_at(app, runs)
    _register_lines(app, runs)
    _register_selections(app, runs)
    _register_clientside(app)
    run_comparison_report.register(app, runs)


def _register_opening(app: dash.Dash, runs: RunComparing) -> None:
    @app.callback(
        output={
            "options": {one: Output(one, "options") for one in _OFFERED},
            "values": {one: Output(one, "value") for one in _GIVEN},
            "defaults": Output(Ids.DEFAULTS, "data"),
            "count": Output(Ids.COUNT, "children"),
            "links": Output(Ids.LINKS, "children"),
            "state": Output(Ids.STATE, "children"),
            "hidden": Output(Ids.BODY, "hidden"),
            "look": Output(Ids.BODY, "className"),
            "again": Output(Ids.POLL, "n_intervals"),
        },
        inputs={"asked": Input(Ids.RUNS, "data"), "_ticks": Input(Ids.POLL, "n_intervals")},
        state={"given": {one: State(one, "value") for one in _GIVEN}},
    )
    def show(asked: Any, _ticks: Any, given: Any) -> Mapping[str, Any]:
        try:
            opened = _opened(runs, asked, given)
        except RunoffError as error:
            is_final = isinstance(error, NotFound | UsageError)
            again = no_update if is_final else states.AGAIN
            return {
                **_UNCHANGED,
                "state": view.failed(error, is_final=is_final),
                "hidden": True,
                "again": again,
            }
        if opened is None:
            return {**_UNCHANGED, "state": view.nothing(asked), "hidden": True, "count": "", "links": None}
        return {**opened, "again": no_update}


def _opened(runs: RunComparing, asked: Any, given: Mapping[Ids, Any]) -> Mapping[str, Any] | None:
    """What the page opens with; None where there is no run."""
    ids = runs.ids(asked)
    compared = runs.look(asked, ()).all if ids else None
    if compared is None or not compared.ids:
        return None
    if not compared.is_indexed:
        runs.warm(compared)
    facts = runs.fields(compared)
    metrics = main_metrics(facts)
    metric = comparing.read_field(given[Ids.METRIC])
    metric = metric if metric in metrics else next(iter(metrics), None)
    defaults = runs.defaults(compared, facts, metric)
    chosen = {**given, Ids.METRIC: None if metric is None else str(metric)}
    opening = view.opening(compared, facts, defaults, chosen, query=runs.query(asked))
    return {
        "options": opening.options,
        "values": opening.values,
        "defaults": {
            "metric": str(metrics[0]) if metrics else None,
            "axes": [str(one) for one in defaults.axes],
            "x": None if defaults.x is None else str(defaults.x),
            "color": None if defaults.color is None else str(defaults.color),
            "by": None if defaults.by is None else str(defaults.by),
        },
        "count": opening.count,
        "links": opening.links,
        "state": None,
        "hidden": False,
        "look": opening.body_class,
    }


def _register_choices(app: dash.Dash, runs: RunComparing) -> None:
    """A dropdown over thousands of names asks for those that the search finds."""

    def wire(control: Ids) -> None:
        @app.callback(
            Output(control, "options", allow_duplicate=True),
            Input(control, "search_value"),
            State(control, "value"),
            State(Ids.RUNS, "data"),
            prevent_initial_call=True,
        )
        def search(text: Any, chosen: Any, asked: Any) -> Any:
            facts = runs.fields(runs.look(asked, ()).all)
            if len(facts) <= view.MOST_OPTIONS:
                return no_update
            return view.choices(facts, control, text if isinstance(text, str) else "", chosen)

    for control in FIELDS:
        wire(control)


def _register_looked_at(app: dash.Dash, runs: RunComparing) -> None:
    @app.callback(
        output={
            "chips": Output(Ids.CHIPS, "children"),
            "ranges": Output(Ids.RANGES, "children"),
            "all": Output(Ids.CLEAR, "hidden"),
            "keep": Output(Ids.KEEP, "hidden"),
            "columns": Output(Ids.TABLE, "columnDefs"),
            "rows": Output(Ids.TABLE, "rowData"),
        },
        inputs={
            "_drawn": Input(Ids.DRAWN, "data"),
            "metric": Input(Ids.METRIC, "value"),
            "axes": Input(Ids.AXES, "value"),
            "narrow": Input(Ids.NARROW, "data"),
        },
        state={"asked": State(Ids.RUNS, "data")},
        prevent_initial_call=True,
    )
    def show_runs(_drawn: Any, metric: Any, axes: Any, narrow: Any, asked: Any) -> Mapping[str, Any]:
        by, narrowing = comparing.read_field(metric), Narrowing.read(narrow)
        fields = [
            one
            for one in (*comparing.some(by), *comparing.read_fields(axes))
            if one not in (STATUS, STARTED, DURATION)
        ]
        fields = list(dict.fromkeys(fields))
        looked = runs.look(asked, [STATUS, STARTED, DURATION, *fields], narrow)
        is_narrow = bool(narrowing.fields)
        return {
            "chips": view.looked_at(len(looked.shown.ids), len(looked.all.ids)),
            "ranges": view.ranges(narrowing),
            "all": not is_narrow,
            "keep": not is_narrow or not 0 < len(looked.shown.ids) < len(looked.all.ids),
            "columns": table_columns(fields),
            "rows": table_rows(looked.shown, fields),
        }


def _register_lines(app: dash.Dash, runs: RunComparing) -> None:
    @app.callback(
        Output(Ids.LINES_DATA, "data"),
        Output(Ids.LINES_NOTE, "children"),
        Output(Ids.BARS, "children"),
        Input(Ids.DRAWN, "data"),
        Input(Ids.METRIC, "value"),
        Input(Ids.DIRECTION, "value"),
        Input(Ids.NARROW, "data"),
        Input(Shell.SCHEME, "data"),
        State(Ids.RUNS, "data"),
        prevent_initial_call=True,
    )
    def show_lines(_drawn: Any, metric: Any, direction: Any, narrow: Any, scheme: Any, asked: Any) -> Any:
        by, hue = comparing.read_field(metric), Scheme.of(scheme)
        looked = runs.look(asked, comparing.some(by), narrow)
        count, is_higher = len(looked.shown.ids), comparing.higher(direction, by)
        few = (
            comparing.best(looked.shown, by, MOST_RUNS, is_higher=is_higher)
            if count > MOST_RUNS
            else looked.shown
        )
        found = runs.few(few)
        drawn = bars(found, hue, id=Ids.BARS) if 1 < len(looked.all.ids) <= MOST_RUNS else None
        can_shrink = len(looked.all.ids) > 1 and isinstance(asked, dict) and "runs" in asked
        return lines(found, hue, can_shrink=can_shrink), view.lines_note(len(found), count), drawn

    @app.callback(
        Output(Ids.SWEEP, "figure"),
        Output(Ids.SWEEP_NOTE, "children"),
        Output(Ids.SWEEP_BOX, "hidden"),
        Output(Ids.TREE_DATA, "data"),
        Output(Ids.NESTED, "children"),
        Input(Ids.DRAWN, "data"),
        Input(Ids.METRIC, "value"),
        Input(Ids.DIRECTION, "value"),
        Input(Ids.NARROW, "data"),
        Input(Shell.SCHEME, "data"),
        State(Ids.RUNS, "data"),
        prevent_initial_call=True,
    )
    def show_sweep(_drawn: Any, metric: Any, direction: Any, narrow: Any, scheme: Any, asked: Any) -> Any:
        by = comparing.read_field(metric)
        looked = runs.look(asked, [STARTED, PARENT_TAG, *comparing.some(by)], narrow)
        links = view.nested_links(runs.nested(looked.all))
        if by is None:
            return no_update, "", True, None, links
        is_higher, trials = comparing.higher(direction, by), comparing.trials(looked.shown, by)
        sweeps = view.sweeps(trials, runs.names([one.parent for one in trials]), is_higher=is_higher)
        figure = best_so_far(sweeps, Scheme.of(scheme), metric=by.name) if sweeps else no_update
        return figure, view.direction(is_higher=is_higher), not sweeps, view.tree_of(trials, by), links


def _register_selections(app: dash.Dash, runs: RunComparing) -> None:
    @app.callback(
        Output(Ids.RUNS, "data"),
        Output(Ids.NARROW, "data"),
        Input(Ids.KEEP, "n_clicks"),
        State(Ids.NARROW, "data"),
        State(Ids.RUNS, "data"),
        prevent_initial_call=True,
    )
    def keep(_clicks: Any, narrow: Any, asked: Any) -> Any:
        kept = runs.look(asked, (), narrow).shown.ids[:MOST]
        return runs.named(kept), {}


def _register_clientside(app: dash.Dash) -> None:
    def clientside(name: str, *wires: Any, **options: Any) -> None:
        app.clientside_callback(
            ClientsideFunction("run_comparison", name), *wires, prevent_initial_call=True, **options
        )

    narrowed = (
        Output(Ids.NARROW, "data", allow_duplicate=True),
        Output(Ids.ORIGIN, "data", allow_duplicate=True),
    )
    clientside("draw", Output(Ids.DRAWN, "data"), Input(Ids.PARALLEL_DATA, "data"))
    clientside("clear", *narrowed, Input(Ids.CLEAR, "n_clicks"))
    clientside(
        "narrow", *narrowed, Input(Ids.NARROW_ADD, "n_clicks"), State(Ids.NARROW_FIELD, "value"),
        State(Ids.NARROW_FROM, "value"), State(Ids.NARROW_TO, "value"), State(Ids.NARROW, "data"),
    )  # fmt: skip
    clientside("lines", Input(Ids.LINES_DATA, "data"))
    clientside("tree", Input(Ids.TREE_DATA, "data"))
    clientside("name", Input(Ids.BODY, "hidden"))
    clientside(
        "remember", Input(Ids.RUNS, "data"), Input(Ids.METRIC, "value"), Input(Ids.DIRECTION, "value"),
        Input(Ids.AXES, "value"), Input(Ids.X, "value"), Input(Ids.Y, "value"), Input(Ids.COLOR, "value"),
        Input(Ids.BY, "value"), Input(Ids.HISTORY, "value"), Input(Ids.OVER, "value"),
        Input(Ids.LOG, "value"), Input(Ids.SMOOTH, "value"), Input(Ids.NARROW, "data"),
        Input(Ids.DEFAULTS, "data"),
    )  # fmt: skip
