"""The runs page: which experiments, how far the index is, columns, and rows as they come into sight."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import dash
from dash import ClientsideFunction, Input, Output, State, ctx, no_update

from core.catalog.runs.completion import unknown_names
from core.catalog.runs.filter import parse
from core.catalog.runs.question import Field
from core.errors import FilterError, RunoffError
from core.services import Services
from dashboard.callbacks import runs_finding, runs_ticks
from dashboard.callbacks.paged_grid import NO_ROWS, answered, carry_rows
from dashboard.callbacks.runs_downloads import answer_csv
from dashboard.callbacks.triggers import has_changed
from dashboard.components import run_columns, states
from dashboard.components.run_table import grid_rows
from dashboard.messages import reader
from dashboard.pages import runs as page
from dashboard.pages import runs_filter_view as filter_view
from dashboard.pages import runs_view as view
from dashboard.pages.runs import Ids
from dashboard.runs_asked import asked
from dashboard.runs_choice import MOST, RunsChoice, chosen, fields, ids

MOST_COLUMNS: Final = 300  # chosen ones, and those that sorting and filters need


def register(app: dash.Dash, services: Services) -> None:
    """Wire the runs page."""
    _register_experiments(app, services)
    _register_index(app, services)
    _register_columns(app, services)
    _register_rows(app, services)
    _register_clientside(app)
    runs_finding.register(app, services)
    runs_ticks.register(app, services)
    answer_csv(app, services)


def _register_experiments(app: dash.Dash, services: Services) -> None:
    @app.callback(
        Output(Ids.EXPERIMENT, "options"),
        Output(Ids.EXPERIMENT, "value", allow_duplicate=True),  # so that rows do not wait for a slow store
        Output(Ids.STATE, "children"),
        Output(Ids.LIST_POLL, "n_intervals"),
        Input(Ids.LIST_POLL, "n_intervals"),
        Input(Ids.REFRESH, "n_clicks"),
        State(Ids.EXPERIMENT, "value"),
        prevent_initial_call="initial_duplicate",
    )
    def list_them(_ticks: Any, _clicks: Any, value: Any) -> tuple[Any, ...]:
        wanted = ids(value, MOST)
        try:
            known = services.store.experiments()
        except RunoffError as error:
            state = no_update if wanted else states.failed(error, retrying=True)
            return no_update, no_update, state, states.AGAIN
        if not known:
            state = view.without_experiments(services.store.address)
            return no_update, no_update, state, states.AGAIN
        there = [one for one in wanted if one in {item.id for item in known}] or [known[0].id]
        return view.experiment_options(known), there, no_update, no_update


def _register_index(app: dash.Dash, services: Services) -> None:
    @app.callback(
        Output(Ids.STATUS, "children"),
        Output(Ids.STATE, "children", allow_duplicate=True),
        Output(Ids.CONTENT, "hidden"),
        Output(Ids.REVISION, "data"),
        Output(Ids.POLL, "interval"),
        Output(Ids.POLL, "n_intervals"),
        Input(Ids.POLL, "n_intervals"),
        Input(Ids.EXPERIMENT, "value"),
        Input(Ids.REFRESH, "n_clicks"),
        State(Ids.EXPERIMENT, "options"),
        State(Ids.REVISION, "data"),
        prevent_initial_call="initial_duplicate",
    )
    def follow(_ticks: Any, value: Any, _clicks: Any, options: Any, before: Any) -> tuple[Any, ...]:
        wanted = ids(value, MOST)
        if not wanted and not options:  # which there are is not known yet
            return (no_update,) * 5 + (states.AGAIN,)
        if has_changed(Ids.REFRESH):
            services.runs.refresh(wanted)
        now = services.runs.open(wanted)
        standing = view.standing(now, is_chosen=bool(wanted))
        beat = int(standing.seconds * 1000)
        revision = {"experiments": list(wanted), "number": now.revision}
        news = no_update if revision == before else revision
        return standing.status, standing.state, not standing.has_table, news, beat, states.AGAIN


def _register_columns(app: dash.Dash, services: Services) -> None:
    @app.callback(
        output={
            "columns": Output(Ids.TABLE, "columnDefs"),
            "shown": Output(Ids.SHOWN, "data"),
            "names": Output(Ids.NAMES, "data"),
            "where": Output(Ids.WHERE, "children"),
            "runs": Output(Ids.TABLE_BOX, "hidden"),
            "groups": Output(Ids.GROUPS_BOX, "hidden"),
            "refused": Output(Ids.REFUSED, "hidden"),
            "csv": Output(Ids.CSV, "href"),
            "said": Output(Ids.FILTER_STATE, "children"),
            "mistake": Output(Ids.MISTAKE, "data"),
        },
        inputs={"kept": Input(Ids.CHOICE, "data"), "_revision": Input(Ids.REVISION, "data")},
        state={"before": State(Ids.SHOWN, "data"), "names": State(Ids.NAMES, "data")},
    )
    def show(kept: Any, _revision: Any, before: Any, names: Any) -> Mapping[str, Any]:
        choice = chosen(kept)
        if not choice.experiments:
            return dict.fromkeys(ctx.outputs_grouping, no_update)
        shown = _shown(services, choice, _by(kept), before if isinstance(before, dict) else {})
        return {**shown, "names": no_update if shown["names"] == names else shown["names"]}


def _by(kept: Any) -> str:
    return "grid" if isinstance(kept, dict) and kept.get("by") == "grid" else "page"


def _shown(services: Services, choice: RunsChoice, by: str, before: Mapping[str, Any]) -> Mapping[str, Any]:
    """What `show` returns; columns that are there already are not sent again."""
    facts = services.runs.fields(choice.experiments)
    wanted = _wanted(services, choice, before)
    now = view.shown(choice, wanted, by)
    said, mistake = _checked(choice.filter, facts)
    is_same = all(now[name] == before.get(name) for name in ("columns", "pinned", "experiments"))
    return {
        "columns": no_update if is_same else run_columns.columns(wanted, facts, choice.pinned),
        "shown": no_update if now == {**before, "by": "grid"} else now,
        "names": [*choice.experiments, len(facts)],
        "where": filter_view.chips(choice),
        "runs": choice.group is not None or mistake is not None,
        "groups": choice.group is None or mistake is not None,
        "refused": mistake is None,
        "csv": page.CSV_PATH + view.with_columns(choice, wanted).search,
        "said": said,
        "mistake": mistake,
    }


def _wanted(services: Services, choice: RunsChoice, before: Mapping[str, Any]) -> Sequence[Field]:
    if choice.columns is not None:
        return run_columns.needed_too(choice.columns, choice)
    is_same = before.get("experiments") == list(choice.experiments) and before.get("usual")
    known = fields(before.get("columns"), MOST_COLUMNS) if is_same else ()
    facts = services.runs.fields(choice.experiments)
    is_filling = services.runs.state(choice.experiments).is_filling
    usual = run_columns.grown(known, facts, experiments=len(choice.experiments), is_filling=is_filling)
    return run_columns.needed_too(usual, choice)


def _checked(text: str, facts: Any) -> tuple[Any, Any]:
    """What is said below the box, and where the filter is wrong; None where it is right."""
    try:
        return filter_view.slips(unknown_names(parse(text, facts), facts)), None
    except FilterError as error:
        return filter_view.mistake(error), {"text": text, **(filter_view.place(error) or {})}


def _register_rows(app: dash.Dash, services: Services) -> None:
    @app.callback(
        Output(Ids.ROWS, "data"),
        Output(Ids.COUNT, "children"),
        Output(Ids.NOTHING, "children"),
        Output(Ids.ASKED, "data"),
        Input(Ids.WANTED, "data"),
        State(Ids.CHOICE, "data"),
        State(Ids.SHOWN, "data"),
        prevent_initial_call=True,
    )
    def answer(wanted: Any, kept: Any, shown: Any) -> tuple[Any, ...]:
        if not isinstance(wanted, dict) or not isinstance(shown, dict):
            return (no_update,) * 4
        choice = chosen(kept)
        is_of_grid = _by(kept) == "grid"
        start, end, now = asked(wanted, choice, reader.get().zone, is_of_grid=is_of_grid)
        columns = fields(shown.get("columns"), MOST_COLUMNS)
        try:
            found = services.runs.rows(now.question, columns, start=start, end=end)
        except FilterError:
            return answered(wanted, NO_ROWS), "", None, no_update
        same = (now.order, now.where) == (choice.order, choice.where)
        told = no_update if same else {"order": now.kept["order"], "where": now.kept["where"]}
        rows = answered(wanted, grid_rows(found, columns))
        return rows, view.count(found.total), view.nothing(found.total, now), told

    ask = ClientsideFunction("runs", "ask")
    carry_rows(app, grid=Ids.TABLE, asked=Ids.WANTED, rows=Ids.ROWS, ask=ask)


def _register_clientside(app: dash.Dash) -> None:
    choice = Output(Ids.CHOICE, "data", allow_duplicate=True)
    once = {"prevent_initial_call": True}
    app.clientside_callback(
        ClientsideFunction("runs", "choose"),
        choice,
        Input(Ids.EXPERIMENT, "value"),
        Input(Ids.FILTER, "data"),
        Input(Ids.GROUP, "value"),
        State(Ids.CHOICE, "data"),
        **once,
    )
    app.clientside_callback(
        ClientsideFunction("runs", "sorted"),
        choice,
        Input(Ids.ASKED, "data"),
        State(Ids.CHOICE, "data"),
        **once,
    )
    app.clientside_callback(ClientsideFunction("runs", "remember"), Input(Ids.CHOICE, "data"))
    app.clientside_callback(ClientsideFunction("runs", "apply"), Input(Ids.SHOWN, "data"), **once)
    app.clientside_callback(ClientsideFunction("runs", "name"), Input(Ids.EXPERIMENT, "options"))
    app.clientside_callback(ClientsideFunction("runs", "revise"), Input(Ids.REVISION, "data"), **once)
    app.clientside_callback(ClientsideFunction("runsFilter", "mistake"), Input(Ids.MISTAKE, "data"), **once)
    app.clientside_callback(
        ClientsideFunction("runs", "panel"),
        Output(Ids.COLUMNS_PANEL, "hidden"),
        Output(Ids.COLUMNS, "aria-expanded"),
        Input(Ids.COLUMNS, "n_clicks"),
        **once,
    )
