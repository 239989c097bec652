"""Finding runs: what the filter's box offers, columns to choose from, groups, and the best run."""

import time
from collections.abc import Mapping
from typing import Any

import dash
from dash import ClientsideFunction, Input, Output, State, no_update

from core.catalog.runs.completion import complete
from core.catalog.runs.question import Field, FieldFacts, Kind
from core.errors import FilterError
from core.services import Services
from dashboard.callbacks.triggers import has_changed
from dashboard.components import run_groups
from dashboard.components.run_column_chooser import found_list, shown_list
from dashboard.messages import _n
from dashboard.pages import runs_filter_view as filter_view
from dashboard.pages import runs_view as view
from dashboard.pages.runs import Ids
from dashboard.runs_choice import LONGEST, MOST, chosen, field, fields


def register(app: dash.Dash, services: Services) -> None:
    """Wire what helps to find runs."""
    _register_completion(app, services)
    _register_chooser(app, services)
    _register_fields(app, services)
    _register_groups(app, services)
    _register_best(app, services)


def _facts(services: Services, kept: Any) -> tuple[FieldFacts, ...]:
    experiments = chosen(kept).experiments
    return services.runs.fields(experiments) if experiments else ()


def _columns(shown: Any) -> tuple[Field, ...]:
    return fields(shown.get("columns") if isinstance(shown, dict) else None, 3 * MOST)


def _register_completion(app: dash.Dash, services: Services) -> None:
    @app.callback(
        Output(Ids.OFFERED, "data"),
        Input(Ids.TYPED, "data"),
        State(Ids.CHOICE, "data"),
        prevent_initial_call=True,
    )
    def offer(typed: Any, kept: Any) -> Any:
        asked = typed if isinstance(typed, dict) else {}
        text, cursor = asked.get("text"), asked.get("cursor")
        if not isinstance(text, str) or not isinstance(cursor, int) or len(text) > LONGEST:
            return no_update
        return filter_view.offers(complete(text, cursor, _facts(services, kept)), text)

    app.clientside_callback(
        ClientsideFunction("runsFilter", "offered"), Input(Ids.OFFERED, "data"), prevent_initial_call=True
    )


def _register_chooser(app: dash.Dash, services: Services) -> None:
    @app.callback(
        Output(Ids.COLUMNS_SHOWN, "children"),
        Output(Ids.COLUMNS_FOUND, "children"),
        Input(Ids.COLUMNS_PANEL, "hidden"),
        Input(Ids.COLUMNS_SEARCH, "value"),
        Input(Ids.SHOWN, "data"),
        State(Ids.CHOICE, "data"),
        prevent_initial_call=True,
    )
    def list_columns(hidden: Any, search: Any, shown: Any, kept: Any) -> tuple[Any, Any]:
        if hidden is not False:
            return no_update, no_update
        columns = _columns(shown)
        asked = search if isinstance(search, str) else ""
        listed = shown_list(columns, chosen(kept).pinned)
        found = found_list(_facts(services, kept), columns, asked)
        return listed, found


def _register_fields(app: dash.Dash, services: Services) -> None:
    @app.callback(
        Output(Ids.GROUP, "options"),
        Input(Ids.GROUP, "search_value"),
        Input(Ids.NAMES, "data"),
        State(Ids.GROUP, "value"),
        State(Ids.CHOICE, "data"),
        prevent_initial_call=True,
    )
    def offer_groups(search: Any, _names: Any, value: Any, kept: Any) -> Any:
        typed = search if isinstance(search, str) else ""
        kinds = (Kind.PARAM, Kind.TAG, Kind.ATTRIBUTE)
        return view.field_options(_facts(services, kept), kinds=kinds, value=value, search=typed)

    @app.callback(
        Output(Ids.BEST_METRIC, "options"),
        Output(Ids.BEST_METRIC, "value"),
        Output(Ids.BEST, "disabled"),
        Input(Ids.BEST_METRIC, "search_value"),
        Input(Ids.NAMES, "data"),
        State(Ids.BEST_METRIC, "value"),
        State(Ids.CHOICE, "data"),
        prevent_initial_call=True,
    )
    def offer_metrics(search: Any, _names: Any, value: Any, kept: Any) -> tuple[Any, Any, bool]:
        typed = search if isinstance(search, str) else ""
        facts = _facts(services, kept)
        there = value if any(str(one.field) == value for one in facts) else view.first_metric(facts)
        options = view.field_options(facts, kinds=(Kind.METRIC,), value=there, search=typed)
        return options, (no_update if there == value else there), there is None


def _register_groups(app: dash.Dash, services: Services) -> None:
    @app.callback(
        Output(Ids.GROUPS, "columnDefs"),
        Output(Ids.GROUPS, "rowData"),
        Output(Ids.GROUPS_NOTE, "children"),
        Output(Ids.COUNT, "children", allow_duplicate=True),
        Input(Ids.SHOWN, "data"),
        Input(Ids.REVISION, "data"),
        State(Ids.CHOICE, "data"),
        State(Ids.GROUPS, "columnDefs"),
        prevent_initial_call=True,
    )
    def group(shown: Any, _revision: Any, kept: Any, before: Any) -> tuple[Any, ...]:
        choice = chosen(kept)
        if choice.group is None or not choice.experiments:
            return (no_update,) * 4
        metrics = view.group_metrics(_columns(shown))
        try:
            groups = services.runs.groups(choice.question, choice.group, metrics)
        except FilterError:
            return (no_update,) * 4
        columns = run_groups.columns(choice.group, metrics)
        note = _n("{count} group", "{count} groups", len(groups))
        total = view.count(sum(one.runs for one in groups))
        same = no_update if columns == before else columns
        return same, run_groups.rows(groups, choice.group), note, total


def _register_best(app: dash.Dash, services: Services) -> None:
    @app.callback(
        Output(Ids.BEST_DIRECTION, "data"),
        Output(Ids.BEST_HIGHER, "children"),
        Input(Ids.BEST_METRIC, "value"),
        Input(Ids.BEST_HIGHER, "n_clicks"),
        State(Ids.BEST_DIRECTION, "data"),
        prevent_initial_call=True,
    )
    def direct(metric: Any, _clicks: Any, is_higher: Any) -> tuple[bool, str]:
        named = field(metric)
        turned = has_changed(Ids.BEST_HIGHER)
        now = is_higher is False if turned else named is None or view.guessed(named)
        return now, view.direction_said(is_higher=now)

    @app.callback(
        Output(Ids.BEST_SAID, "children"),
        Output(Ids.BEST_FOUND, "data"),
        Input(Ids.BEST, "n_clicks"),
        State(Ids.BEST_METRIC, "value"),
        State(Ids.BEST_DIRECTION, "data"),
        State(Ids.CHOICE, "data"),
        prevent_initial_call=True,
    )
    def find(_clicks: Any, metric: Any, is_higher: Any, kept: Any) -> tuple[Any, Mapping[str, Any] | None]:
        named, choice = field(metric), chosen(kept)
        if named is None or not choice.experiments:
            return None, None
        run = services.runs.best(choice.question, named.name, higher=is_higher is not False)
        value = None if run is None else services.runs.values([run.id], [named]).values[named][0]
        found = view.best_found(run, named, is_higher=is_higher is not False, at=time.time_ns())
        return view.best_said(run, named, value), found

    app.clientside_callback(
        ClientsideFunction("runs", "best"),
        Output(Ids.CHOICE, "data", allow_duplicate=True),
        Input(Ids.BEST_FOUND, "data"),
        State(Ids.CHOICE, "data"),
        prevent_initial_call=True,
    )
