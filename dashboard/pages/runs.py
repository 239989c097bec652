"""Runs: which there are in an experiment, and what differs between those that are ticked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from dash import dcc, html

from core.catalog.store import Experiment, RunPage
from core.errors import FilterError, RunoffError
from core.messages import message
from dashboard.components import states
from dashboard.components.dropdown import dropdown
from dashboard.components.run_table import run_table
from dashboard.messages import _, _n
from dashboard.pages import Address

PATH = "/runs"
TITLE = message("Runs")
FIRST_RUNS: Final = 200  # shown at once; the rest follows
MOST_RUNS: Final = 10_000
EXAMPLES: Final = (
    "metrics.roc_auc > 0.8",
    "params.max_depth = '5'",
    "tags.data_version = '3'",
    "attributes.status = 'FAILED'",
    "attributes.run_name LIKE '%forest%'",
    "metrics.roc_auc > 0.8 AND params.max_depth = '5'",
)


class Ids(StrEnum):
    """Elements of the page."""

    EXPERIMENT = "runs-experiment"
    FILTER = "runs-filter"
    FILTER_STATE = "runs-filter-state"
    TABLE = "runs-table"
    COUNT = "runs-count"
    CONTENT = "runs-content"
    MORE = "runs-more"  # data: what the rest of the rows is asked with
    CHOSEN = "runs-chosen"  # data: ids of the ticked runs, in the order of ticking
    TICKED = "runs-ticked"
    COMPARE = "runs-compare"
    POLL = "runs-poll"


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What the page shows of one experiment."""

    options: Sequence[Mapping[str, str]] = ()
    experiment: str | None = None
    content: Any = None
    count: str = ""
    filter_state: Any = None
    more: Mapping[str, str] | None = None  # the rest of the rows is worth a second question
    again: bool = False


def layout(address: Address) -> Any:
    """Heading, experiment, filter, and the places of the table and of the comparison."""
    experiment = address.query.get("experiment") or None
    chosen = [run for run in address.query.get("runs", "").split(",") if run]
    known = [] if experiment is None else [{"label": experiment, "value": experiment}]
    box = dropdown(Ids.EXPERIMENT, _("Experiment"), known, value=experiment, clearable=False, placeholder="")
    shown = html.Span(id=Ids.COUNT, className="note", role="status")
    ticked = html.Span(id=Ids.TICKED, className="note")
    return html.Div(
        [
            html.Div([html.H1(_("Runs")), shown, ticked], className="page-head"),
            html.Div([box, _filter(address.query.get("filter", ""))], className="controls"),
            html.Div(states.loading(_("Reading the runs…")), id=Ids.CONTENT),
            html.Div(id=Ids.COMPARE, tabIndex=-1),
            dcc.Store(id=Ids.MORE),
            dcc.Store(id=Ids.CHOSEN, data=chosen),
            states.poll(Ids.POLL),
        ]
    )


def _filter(value: str) -> Any:
    box = dcc.Input(
        id=Ids.FILTER,
        type="text",
        value=value,
        debounce=True,
        placeholder=EXAMPLES[0],
        autoComplete="off",
        spellCheck=False,
    )
    examples = html.Details(
        [
            html.Summary(_("Examples")),
            html.P(_("The filter is MLflow's own: comparisons joined by AND. Press Enter to apply it.")),
            html.Ul([html.Li(html.Code(example)) for example in EXAMPLES]),
        ],
        className="note",
    )
    label = html.Label(html.Span(_("Filter"), className="label"), htmlFor=Ids.FILTER)
    return html.Div(
        [label, box, html.Div(id=Ids.FILTER_STATE, role="alert"), examples], className="field field-wide"
    )


def build_view(
    experiments: Sequence[Experiment],
    *,
    experiment: str,
    filter_text: str,
    page: RunPage,
    chosen: Sequence[str],
) -> View:
    """The table of an experiment's runs, those of `chosen` ticked."""
    if not page.runs:
        title = _("No run matches the filter.") if filter_text else _("This experiment has no runs yet.")
        content: Any = states.empty(title)
    else:
        content = run_table(Ids.TABLE, page.runs, chosen)
    return View(
        options=_options(experiments),
        experiment=experiment,
        content=content,
        count=count(page),
        more={"experiment": experiment, "filter": filter_text} if page.more else None,
    )


def empty_view(address: str) -> View:
    """A store without experiments."""
    lines = [
        f'mlflow.set_tracking_uri("{address}")',
        "with mlflow.start_run():",
        '    mlflow.log_metric("roc_auc", 0.86)',
    ]
    code = "\n".join(lines)
    hint = html.P(_("Log one where you train:"))
    return View(content=states.empty(_("This store has no runs yet."), hint, states.command(code)))


def failed_view(error: RunoffError) -> View:
    """The store did not answer; the page asks again until it does."""
    return View(content=states.failed(error, retrying=True), again=True)


def refused_view(experiments: Sequence[Experiment], experiment: str, error: FilterError) -> View:
    """The filter is wrong: it says why beside the box, and there is no table of something else."""
    why = [html.Strong(_(error.title)), " ", _(error.hint) if error.hint.template else ""]
    return View(
        options=_options(experiments),
        experiment=experiment,
        content=states.empty(_("Correct the filter to see runs.")),
        filter_state=html.Div(why, className="field-error"),
    )


def ticked(runs: int) -> Any:
    """A link to the comparison below the table."""
    return html.A(
        _n("{count} ticked, compared below", "{count} ticked, compared below", runs), href=f"#{Ids.COMPARE}"
    )


def count(page: RunPage) -> str:
    """How many runs the table shows, and whether there are more."""
    if not page.runs:
        return ""
    shown = _n("{count} run", "{count} runs", len(page.runs))
    if not page.more:
        return shown
    if len(page.runs) < MOST_RUNS:
        return _("the newest {shown}, more on their way…", shown=shown)
    return _("the newest {shown}; narrow it down with a filter to see others", shown=shown)


def _options(experiments: Sequence[Experiment]) -> Sequence[Mapping[str, str]]:
    return [{"label": experiment.name, "value": experiment.id} for experiment in experiments]
