"""Runs: find, sort, group and tick those of one or several experiments, however many they are."""

from enum import StrEnum
from typing import Any, Final

from dash import dcc, html

from core.messages import message
from dashboard.components import states
from dashboard.components.cards import icon
from dashboard.components.dropdown import dropdown
from dashboard.components.run_column_chooser import panel
from dashboard.components.run_groups import groups_table
from dashboard.components.run_table import run_table
from dashboard.messages import _
from dashboard.pages import Address
from dashboard.runs_choice import RunsChoice, read

PATH = "/runs"
TITLE = message("Runs")
CSV_PATH: Final = "/runs.csv"
EXAMPLES: Final = (
    "metrics.roc_auc > 0.8",
    "params.max_depth = '5'",
    "tags.data_version = '3'",
    "attributes.status = 'FAILED'",
    "attributes.run_name LIKE '%forest%'",
    "metrics.roc_auc > 0.8 AND (params.max_depth = '5' OR params.max_depth = '6')",
)


class Ids(StrEnum):
    """Elements of the page."""

    EXPERIMENT = "runs-experiment"
    FILTER = "runs-filter"  # the box; data of the store: the filter that counts
    FILTER_STATE = "runs-filter-state"
    MISTAKE = "runs-mistake"  # data: where in the filter its mistake is
    TYPED = "runs-typed"  # data: text and cursor of the box while somebody types
    OFFERED = "runs-offered"  # data: what may stand at the cursor
    CHOICE = "runs-choice"  # data: the view, as RunsChoice.kept; `by`: who changed it last
    SHOWN = "runs-shown"  # data: the columns, and what the grid must show of the view
    NAMES = "runs-names"  # data: which names there are to choose from, in short
    ASKED = "runs-asked"  # data: how the grid is sorted and filtered
    REVISION = "runs-revision"  # data: of the index
    TABLE = "runs-table"
    WANTED = "runs-wanted"  # data: the rows that the table asks for
    ROWS = "runs-rows"  # data: those rows
    TABLE_BOX = "runs-table-box"
    COUNT = "runs-count"
    STATUS = "runs-status"
    REFRESH = "runs-refresh"
    CONTENT = "runs-content"
    STATE = "runs-state"  # instead of the table, or beside it
    REFUSED = "runs-refused"  # instead of the table: the filter is wrong
    NOTHING = "runs-nothing"  # no run matches
    WHERE = "runs-where"  # chips of the column filters
    CSV = "runs-csv"
    COLUMNS = "runs-columns"  # the button
    COLUMNS_PANEL = "runs-columns-panel"
    COLUMNS_SHOWN = "runs-columns-shown"
    COLUMNS_FOUND = "runs-columns-found"
    COLUMNS_SEARCH = "runs-columns-search"
    GROUP = "runs-group"
    GROUPS = "runs-groups"
    GROUPS_BOX = "runs-groups-box"
    GROUPS_NOTE = "runs-groups-note"
    BEST = "runs-best"  # the button
    BEST_METRIC = "runs-best-metric"
    BEST_HIGHER = "runs-best-higher"  # the button that turns the direction round
    BEST_DIRECTION = "runs-best-direction"  # data: more is better
    BEST_FOUND = "runs-best-found"  # data: the run, and the order that puts it first
    BEST_SAID = "runs-best-said"
    CHOSEN = "runs-chosen"  # data: ids of the ticked runs, in the order of ticking
    RESTORE = "runs-restore"  # data: the selection that the address names
    TICKED = "runs-ticked"
    TICKS_NOTE = "runs-ticks-note"
    TICK_ALL = "runs-tick-all"
    UNTICK = "runs-untick"
    COMPARE = "runs-compare"
    WAY = "runs-way"  # data: where that leads, and for how many ticked runs
    LIST_POLL = "runs-list-poll"
    POLL = "runs-poll"


def layout(address: Address) -> Any:
    """Heading, controls, and the places of the table, of the groups and of what is said about them."""
    choice = read(address.query)
    return html.Div(
        [
            *_stores(choice, address),
            states.poll(Ids.LIST_POLL),
            states.poll(Ids.POLL, seconds=1),
            _head(),
            html.Div([_experiments(choice), _filter(choice.filter)], className="controls runs-controls"),
            _tools(choice),
            html.Div(
                panel(search=Ids.COLUMNS_SEARCH, found=Ids.COLUMNS_FOUND, shown=Ids.COLUMNS_SHOWN),
                id=Ids.COLUMNS_PANEL,
                className="box columns-panel",
                hidden=True,
                role="region",
                **{"aria-label": _("Columns")},
            ),
            html.Div(id=Ids.WHERE, className="runs-where"),
            html.Div(states.loading(_("Reading the runs…")), id=Ids.STATE),
            html.Div(_tables(), id=Ids.CONTENT, hidden=True),
        ],
        className="runs-page",
    )


def _stores(choice: RunsChoice, address: Address) -> list[Any]:
    chosen = [run for run in address.query.get("runs", "").split(",") if run]
    data: dict[Ids, Any] = {
        Ids.CHOICE: {**choice.kept, "by": "page"},
        Ids.FILTER: choice.filter,
        Ids.CHOSEN: chosen,
        Ids.RESTORE: address.query.get("selection", ""),
    }
    empty = (
        *(Ids.MISTAKE, Ids.TYPED, Ids.OFFERED, Ids.SHOWN, Ids.NAMES, Ids.ASKED, Ids.REVISION),
        *(Ids.BEST_DIRECTION, Ids.BEST_FOUND, Ids.WANTED, Ids.ROWS, Ids.WAY),
    )
    return [dcc.Store(id=id, data=value) for id, value in [*data.items(), *((id, None) for id in empty)]]  # noqa: A001 - Dash's word


def _head() -> Any:
    refresh = html.Button(
        "↻",
        id=Ids.REFRESH,
        type="button",
        className="quiet",
        title=_("Read all runs anew"),
        **{"aria-label": _("Read all runs anew")},
    )
    csv = html.A(
        _("Export as CSV"), id=Ids.CSV, href=CSV_PATH, download="runs.csv", className="action page-action"
    )
    return html.Div(
        [
            html.H1(_("Runs")),
            html.Span(id=Ids.COUNT, className="note", role="status"),
            html.Span([html.Span(id=Ids.STATUS), refresh], className="runs-age note"),
            csv,
        ],
        className="page-head",
    )


def _tables() -> list[Any]:
    groups = [html.P(id=Ids.GROUPS_NOTE, className="note", role="status"), groups_table(Ids.GROUPS)]
    return [
        html.Div(id=Ids.NOTHING, role="status"),
        html.Div(states.empty(_("Correct the filter to see runs.")), id=Ids.REFUSED, hidden=True),
        html.Div(run_table(Ids.TABLE), id=Ids.TABLE_BOX, role="group", **{"aria-label": _("Runs")}),
        html.Div(groups, id=Ids.GROUPS_BOX, hidden=True, role="group", **{"aria-label": _("Groups")}),
    ]


def _experiments(choice: RunsChoice) -> Any:
    named = list(choice.experiments)
    known = [{"label": one, "value": one} for one in named]
    return dropdown(Ids.EXPERIMENT, _("Experiments"), known, value=named, multi=True, clearable=False)


def _filter(value: str) -> Any:
    """The box is made by assets/runs_filter.js: a combobox needs more than dcc.Input can say."""
    place = {
        "data-filter-box": Ids.FILTER,
        "data-value": value,
        "data-placeholder": EXAMPLES[0],
        "data-label": _("Filter"),
        "data-offers": _("What may stand here"),
    }
    examples = html.Details(
        [
            html.Summary(_("Examples")),
            html.P(
                _(
                    "The filter is MLflow's own, with OR and parentheses. Enter applies it; what may stand "
                    "there is offered while you type, ↓ chooses."
                )
            ),
            html.Ul([html.Li(html.Code(example)) for example in EXAMPLES]),
        ],
        className="note",
    )
    label = html.Label(html.Span(_("Filter"), className="label"), htmlFor=Ids.FILTER)
    said = html.Div(id=Ids.FILTER_STATE, role="alert")
    return html.Div(
        [label, html.Div(className="filter-box", **place), said, examples], className="field field-wide"
    )


def _tools(choice: RunsChoice) -> Any:
    columns = html.Button(
        _("Columns"),
        id=Ids.COLUMNS,
        type="button",
        className="action",
        **{"aria-expanded": "false", "aria-controls": Ids.COLUMNS_PANEL},
    )
    group = None if choice.group is None else str(choice.group)
    known = [] if choice.group is None else [{"label": choice.group.name, "value": group}]
    by = dropdown(Ids.GROUP, _("Group by"), known, value=group, placeholder=_("no groups"))
    return html.Div([columns, by, _best(), _ticks()], className="runs-tools")


def _best() -> Any:
    metric = dropdown(Ids.BEST_METRIC, _("Best run by"), clearable=False, placeholder=_("a metric"))
    turn = html.Button("…", id=Ids.BEST_HIGHER, type="button", className="toggle", title=_("Turn it round"))
    find = html.Button(_("Best run"), id=Ids.BEST, type="button", className="action", disabled=True)
    said = html.Span(id=Ids.BEST_SAID, className="runs-best-said", role="status")
    return html.Div([metric, turn, find, said], className="runs-best")


def _ticks() -> Any:
    every = html.Button(_("Tick all that match"), id=Ids.TICK_ALL, type="button", className="toggle")
    none = html.Button(_("Untick all"), id=Ids.UNTICK, type="button", className="toggle", hidden=True)
    compare = html.A(
        [_("Compare ticked"), icon("chevron-right")], id=Ids.COMPARE, className="action", hidden=True
    )
    return html.Div(
        [
            html.Span(id=Ids.TICKED, role="status"),
            compare,
            none,
            every,
            html.Span(id=Ids.TICKS_NOTE, className="note", role="status"),
        ],
        className="runs-ticks",
    )
