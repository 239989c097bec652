"""What the comparison page shows of the runs that were read: values in, figures and components out."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from dash import dcc, html

from core.catalog.compared_runs import EXPERIMENT, MOST_DRAWN, Compared
from core.catalog.runs.question import Field, FieldFacts, Kind
from core.catalog.runs.tree import Step, Trial, best_so_far, tree
from core.errors import RunoffError
from core.evidence.run_curves import Found
from core.evidence.run_defaults import Defaults
from dashboard import run_comparing as comparing
from dashboard.components import states
from dashboard.components.cards import icon
from dashboard.components.graph import blank
from dashboard.components.run_lines import MOST_RUNS
from dashboard.components.run_trees import run_tree
from dashboard.messages import _, _n
from dashboard.pages.run_comparison_ids import Ids
from dashboard.run_axes import options, title
from dashboard.run_narrowing import Narrowing, said
from dashboard.theme import integer

MOST_OPTIONS: Final = 300  # of a dropdown; of more, those that the search finds
FEWEST_DRAWN: Final = 3  # runs from which on pictures of many say something
_MOST_SWEEPS: Final = 8  # lines of best so far; hues to tell them apart
_FEWEST_TRIALS: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """What the page opens with."""

    options: Mapping[Ids, Sequence[Mapping[str, Any]]]
    values: Mapping[Ids, Any]
    count: str
    links: Any
    body_class: str


def opening(
    compared: Compared,
    facts: Sequence[FieldFacts],
    defaults: Defaults,
    given: Mapping[Ids, Any],
    *,
    query: str,
) -> Opening:
    """Options and values of the controls: what was given where it makes sense, otherwise the defaults."""
    known = {one.field for one in facts}
    metric = comparing.read_field(given[Ids.METRIC])
    axes = [one for one in comparing.read_fields(given[Ids.AXES]) if one in known]
    values: dict[Ids, Any] = {
        Ids.METRIC: None if metric is None else str(metric),
        Ids.AXES: [str(one) for one in axes or defaults.axes],
        Ids.X: _chosen(given[Ids.X], known, defaults.x),
        Ids.Y: _chosen(given[Ids.Y], known, None),
        Ids.COLOR: _chosen(given[Ids.COLOR], known, defaults.color),
        Ids.BY: _chosen(given[Ids.BY], known, defaults.by),
        Ids.HISTORY: _chosen(given[Ids.HISTORY], known, None),
    }
    count = len(compared.ids)
    return Opening(
        options={one: choices(facts, one, "", values.get(one)) for one in (*values, Ids.NARROW_FIELD)},
        values=values,
        count=_count(compared),
        links=_links(compared, query),
        body_class=_look(count),
    )


def _look(count: int) -> str:
    """What assets/run_comparison.css puts first, and hides."""
    if count > MOST_RUNS:
        return ""
    return "is-few" if count >= FEWEST_DRAWN else "is-few is-one"


def _chosen(given: object, known: set[Field], default: Field | None) -> str | None:
    field = comparing.read_field(given)
    chosen = field if field in known else default
    return None if chosen is None else str(chosen)


def choices(
    facts: Sequence[FieldFacts], control: str, search: str, chosen: object
) -> Sequence[Mapping[str, Any]]:
    """What a dropdown offers: fields fit for it, the chosen ones among them, and of many those found."""
    fit = [one.field for one in facts if _fits(one, control)]
    words = search.casefold().split()
    found = [one for one in fit if all(word in one.name.casefold() for word in words)][:MOST_OPTIONS]
    kept = comparing.read_fields(chosen if isinstance(chosen, list) else [chosen])
    return options([*found, *(one for one in kept if one not in found and one in fit)])


def _fits(facts: FieldFacts, control: str) -> bool:
    field = facts.field
    if control in {Ids.METRIC, Ids.HISTORY}:
        return field.kind is Kind.METRIC
    if control == Ids.NARROW_FIELD:
        return facts.is_number
    if field.kind is Kind.ATTRIBUTE:
        return field.name in {"start_time", "duration", "status", "user_id", "experiment_id"}
    return field.kind is not Kind.TAG or not field.name.startswith("mlflow.")


def _count(compared: Compared) -> str:
    count = len(compared.ids)
    parts = [_n("{count} run", "{count} runs", count)]
    experiments = len(set(compared.texts(EXPERIMENT)))
    if experiments > 1:
        parts.append(_n("of {count} experiment", "of {count} experiments", experiments))
    if compared.missing:
        gone = len(compared.missing)
        parts.append(_n("{count} more is not in the store", "{count} more are not in the store", gone))
    if compared.trouble is not None:
        parts.append(_("some are not here: {why}", why=_(compared.trouble.title)))
    if count > MOST_DRAWN:
        parts.append(_("pictures show the first {most}", most=integer(MOST_DRAWN)))
    return " · ".join(parts)


def _links(compared: Compared, query: str) -> Any:
    experiments = ",".join(sorted(set(compared.texts(EXPERIMENT))))
    report = _("Report as CSV")
    return [
        dcc.Link(_("All runs"), href=f"/runs?{urlencode({'experiments': experiments}, safe=',')}"),
        html.A(report, href=f"/runs/compare.csv?{query}", download="runs.csv"),
    ]


def nothing(asked: Mapping[str, Any] | object) -> Any:
    """No run was named, or none of them exists."""
    named = asked if isinstance(asked, dict) else {}
    link = html.P(dcc.Link(_("All runs"), href="/runs"))
    if named.get("runs") or named.get("selection"):
        title_ = _("None of these runs is in the store.")
        hint = _("They may have been deleted for good, or belong to another store.")
        return states.empty(title_, html.P(hint), link)
    return states.empty(
        _("No runs are ticked."), html.P(_("Tick runs in the table of runs, and compare them.")), link
    )


def failed(error: RunoffError, *, is_final: bool) -> Any:
    """The runs could not be read; unless it is final, the page asks again by itself."""
    link = html.P(dcc.Link(_("All runs"), href="/runs"))
    return states.failed(error, link, retrying=not is_final)


def curves_note(found: Found, *, looked_at: int, asked: int) -> str:
    """Which runs' curves these are, what was left out, and what is still on its way."""
    curves = list(found.curves.values())
    parts = []
    if looked_at > asked:
        parts.append(
            _("the best {count} of {runs} by the metric", count=integer(asked), runs=integer(looked_at))
        )
    if found.waiting:
        parts.append(_n("{count} is being read…", "{count} are being read…", found.waiting))
    if none := sum(not one.values for one in curves):
        parts.append(_n("{count} run has no history of it", "{count} runs have no history of it", none))
    if left_out := sum(one.left_out for one in curves):
        parts.append(_n("{count} value cannot be drawn", "{count} values cannot be drawn", left_out))
    if any(one.is_sample for one in curves):
        parts.append(_("very long histories are an even sample"))
    if found.trouble is not None:
        parts.append(_(found.trouble.title))
    return " · ".join(parts)


def no_picture() -> Any:
    """An empty plane: what is to be drawn has not been chosen, or does not exist."""
    return blank()


def choose_more() -> str:
    """Why a picture is empty."""
    return _("choose what to draw")


def no_metric() -> str:
    """Why there are no curves."""
    return _("no run has a metric")


def no_history() -> str:
    """Why there are no curves, though the metric has been chosen."""
    return _("none of these runs has a history of it")


def looked_at(shown: int, total: int) -> str:
    """How many of the runs the narrowing leaves."""
    if shown == total:
        return _n("all {count} run", "all {count} runs", total)
    return _("{shown} of {total} runs", shown=integer(shown), total=integer(total))


def ranges(narrowing: Narrowing) -> Any:
    """A chip for each narrowed field, with a cross that lets it go."""
    return [_range(field, said(allowed)) for field, allowed in narrowing.fields.items()]


def _range(field: Field, text: str) -> Any:
    name = title(field)
    label = _("Let {name} go", name=name)
    cross = html.Button(
        icon("x-lg"),
        type="button",
        className="chip-remove",
        title=label,
        **{"aria-label": label, "data-let-go": str(field)},
    )
    return html.Span([html.Span(f"{name}: {text}", className="chip-name"), cross], className="chip")


def lines_note(shown: int, looked_at: int) -> str:
    """Which runs stand side by side, where they are not all."""
    if shown == looked_at:
        return ""
    return _("the best {count} of {runs} by the metric", count=integer(shown), runs=integer(looked_at))


def nested_links(nested: Sequence[tuple[str, int, str]]) -> Any:
    """Ways to compare the runs that are nested in those compared."""
    return [_nested(*one) for one in nested]


def direction(*, is_higher: bool) -> str:
    """What best means."""
    return _("higher is better") if is_higher else _("lower is better")


def tree_of(runs: Sequence[Trial], metric: Field) -> Any:
    """The nested runs as a table; None where none is."""
    nodes = tree(runs)
    return run_tree(nodes, metric=metric.name) if any(node.depth for node in nodes) else None


def sweeps(
    runs: Sequence[Trial], names: Mapping[str, str], *, is_higher: bool
) -> Mapping[str, Sequence[Step]]:
    """The trials of each sweep by its name; where no run is nested, all of them are one."""
    counted = Counter(run.parent for run in runs if run.parent)
    order = [parent for parent, _count in counted.most_common(_MOST_SWEEPS)]
    if not order:
        steps = best_so_far(runs, higher=is_higher)
        return {_("all runs"): steps} if len(steps) >= _FEWEST_TRIALS else {}
    found = {
        names.get(parent, parent): best_so_far(
            (run for run in runs if run.parent == parent), higher=is_higher
        )
        for parent in order
    }
    return {name: steps for name, steps in found.items() if len(steps) > 1}


def _nested(name: str, runs: int, query: str) -> Any:
    text = _n(
        "Compare the {count} run nested in {name}",
        "Compare the {count} runs nested in {name}",
        runs,
        name=name,
    )
    return html.P(dcc.Link(text, href=f"/runs/compare?{query}"), className="note")
