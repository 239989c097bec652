"""What the runs page says and shows, from core values alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from dash import dcc, html

from core.catalog.runs.question import Field, FieldFacts, IndexState, Kind, Order, RunRow
from core.catalog.store import Experiment
from core.errors import RunoffError
from core.evidence.metric_direction import higher_is_better
from core.evidence.run_defaults import main_metrics
from dashboard.components import states
from dashboard.components.cards import icon
from dashboard.components.run_columns import kind_title, title
from dashboard.components.run_groups import MOST_METRICS
from dashboard.components.run_table import run_path
from dashboard.messages import _, _n, reader
from dashboard.runs_asked import models
from dashboard.runs_choice import RunsChoice
from dashboard.theme import moment, significant

CALM_SECONDS: Final = 4.0
FILLING_SECONDS: Final = 1.0
MOST_OPTIONS: Final = 100  # of a dropdown; of more, what matches what is typed


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How far the index is, for the page."""

    status: Any = ""
    state: Any = None
    has_table: bool = False
    seconds: float = CALM_SECONDS  # until it is asked again


def standing(state: IndexState, *, is_chosen: bool) -> Standing:
    """Progress and age beside the heading; what is in the table's place, or above it."""
    if not is_chosen:
        return Standing(state=states.empty(_("Choose an experiment to see its runs.")))
    seconds = FILLING_SECONDS if state.is_filling or state.is_refreshing else CALM_SECONDS
    if state.runs:
        trouble = None if state.trouble is None else _trouble(state.trouble)
        return Standing(status=_status(state), state=trouble, has_table=True, seconds=seconds)
    if state.trouble is not None:
        return Standing(state=states.failed(state.trouble, retrying=True), seconds=seconds)
    if state.is_filling:
        return Standing(state=states.loading(_("Reading the runs…")), seconds=FILLING_SECONDS)
    nothing = states.empty(_("This experiment has no runs yet."))
    return Standing(status=_status(state), state=nothing, seconds=seconds)


def _status(state: IndexState) -> Any:
    if state.is_filling:
        said = _n("{count} run read, more on their way…", "{count} runs read, more on their way…", state.runs)
        return [html.Progress(className="runs-progress", **{"aria-label": _("Reading the runs…")}), said]
    age = "" if state.as_of is None else _("as of {time}", time=_clock(state.as_of))
    return [age, " ", _("being read anew…")] if state.is_refreshing else age


def _clock(when: datetime) -> str:
    """The time of day, with the day where it is another one than today."""
    here = when.astimezone(reader.get().zone)
    return f"{here:%H:%M}" if here.date() == datetime.now(here.tzinfo).date() else str(moment(when))


def _trouble(error: RunoffError) -> Any:
    """The store does not answer, and the runs that have been read are still there."""
    hint = _(error.hint) if error.hint.template else ""
    kept = _("What has been read stays usable; the page goes on by itself when the store is back.")
    text = html.Div([html.Strong(_(error.title)), html.Span(hint), html.Span(kept)], className="alert-text")
    return html.Div([icon("exclamation-triangle"), text], className="alert-box runs-trouble", role="alert")


def without_experiments(address: str) -> Any:
    """A store without experiments."""
    lines = [
        f'mlflow.set_tracking_uri("{address}")',
        "with mlflow.start_run():",
        '    mlflow.log_metric("roc_auc", 0.86)',
    ]
    hint = html.P(_("Log one where you train:"))
    return states.empty(_("This store has no runs yet."), hint, states.command("\n".join(lines)))


def experiment_options(known: Sequence[Experiment]) -> Sequence[Mapping[str, str]]:
    """The experiments of the dropdown."""
    return [{"label": one.name, "value": one.id} for one in known]


def count(total: int) -> str:
    """How many runs match."""
    return _n("{count} run", "{count} runs", total)


def nothing(total: int, choice: RunsChoice) -> Any:
    """What is said where no run matches."""
    if total:
        return None
    if choice.filter or choice.where:
        return states.empty(_("No run matches the filter."))
    return None


def shown(choice: RunsChoice, fields: Sequence[Field], by: str) -> Mapping[str, Any]:
    """What the browser is told of the table: columns, and how it is to be sorted and filtered.

    `by` is "grid" where the grid itself was sorted or filtered: then it is not told what it knows.
    """
    return {
        "experiments": list(choice.experiments),
        "columns": [str(field) for field in fields],
        "usual": choice.columns is None,
        "pinned": [str(field) for field in choice.pinned],
        "sort": [[str(one.field), "desc" if one.descending else "asc"] for one in choice.order],
        "model": {str(field): model for field, model in models(choice.where, reader.get().zone).items()},
        "where": choice.kept["where"],
        "order": choice.kept["order"],
        "filter": choice.filter,
        "group": choice.kept["group"],
        "by": by,
    }


def with_columns(choice: RunsChoice, fields: Sequence[Field]) -> RunsChoice:
    """The view with the columns that are shown."""
    return replace(choice, columns=tuple(fields))


def field_options(
    facts: Sequence[FieldFacts], *, kinds: Sequence[Kind], value: str | None, search: str
) -> Sequence[Mapping[str, Any]]:
    """Fields for a dropdown that match what was typed; what is chosen stays among them."""
    typed = search.casefold().split()
    named = [one.field for one in facts if one.field.kind in kinds]
    found = [field for field in named if all(word in _searched(field) for word in typed)][:MOST_OPTIONS]
    kept = [field for field in named if str(field) == value and field not in found]
    several = len(kinds) > 1
    return [
        {
            "label": f"{title(field)} · {kind_title(field.kind)}" if several else title(field),
            "value": str(field),
            "search": f"{_searched(field)} {search}",
        }
        for field in [*kept, *found]
    ]


def _searched(field: Field) -> str:
    return f"{field} {title(field)}".casefold()


def first_metric(facts: Sequence[FieldFacts]) -> str | None:
    """The metric of the best run when nobody chose: the one that runs are most likely compared by."""
    return next(map(str, main_metrics(facts)), None)


def direction_said(*, is_higher: bool) -> str:
    """The button of the direction."""
    return _("higher is better") if is_higher else _("lower is better")


def guessed(metric: Field) -> bool:
    """Whether more of it is better, by its name."""
    return higher_is_better(metric.name)


def best_said(run: RunRow | None, metric: Field, value: Any) -> Any:
    """Which run is the best, with a way to it."""
    if run is None:
        return _("No run that matches has {metric}.", metric=metric.name)
    link = dcc.Link(run.name or run.id, href=run_path(run.id))
    number = significant(value) if isinstance(value, int | float) else ""
    tick = html.Button(_("Tick it"), type="button", className="toggle", **{"data-tick": run.id})
    return [link, f" · {metric.name} {number} ", tick]


def best_found(run: RunRow | None, metric: Field, *, is_higher: bool, at: int) -> Mapping[str, Any] | None:
    """The run to mark, and the order in which it comes first; `at` tells presses apart."""
    if run is None:
        return None
    order = RunsChoice(order=(Order(metric, descending=is_higher),)).kept["order"]
    return {"run": run.id, "order": order, "at": at}


def ticked(runs: int) -> str:
    """How many are ticked."""
    return _n("{count} ticked", "{count} ticked", runs) if runs else ""


def group_metrics(fields: Sequence[Field]) -> Sequence[Field]:
    """The metrics whose numbers stand beside each group: the first that are columns."""
    return [field for field in fields if field.kind == Kind.METRIC][:MOST_METRICS]
