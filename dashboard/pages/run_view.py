"""What the page of a run says: facts, lines, states; core values in, components out."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from dash import dcc, html

from core.catalog.address import is_http
from core.catalog.store import Dataset, Experiment, Run, RunPage
from core.errors import NotFound, RunoffError
from dashboard.components import states
from dashboard.components.cards import card, chip
from dashboard.components.copying import copy_button
from dashboard.components.notices import notices
from dashboard.messages import _, _n
from dashboard.pages import run as page
from dashboard.theme import duration, moment, significant

UNDER_WAY: Final = frozenset({"RUNNING", "SCHEDULED"})
_NOTE: Final = "mlflow.note.content"
PARENT: Final = "mlflow.parentRunId"


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What the callback returns; `lines` None: there is no run to show."""

    name: str
    status: Any = None
    state: Any = None
    facts: Any = None
    lines: Mapping[str, Any] | None = None
    datasets: Any = None
    asked: Mapping[str, Any] | None = None
    again: bool = False


def build_view(run: Run, experiments: Sequence[Experiment], *, tracking_uri: str) -> View:
    """A run as the store has it now; `tracking_uri` has no secret in it."""
    names = {experiment.id: experiment.name for experiment in experiments}
    return View(
        name=run.name or run.id,
        status=_status(run),
        state=_notice(run),
        facts=_facts(run, names.get(run.experiment_id), tracking_uri),
        lines=_lines(run),
        datasets=_datasets(run.datasets),
        asked={
            "run": run.id,
            "status": run.status,
            "experiment": run.experiment_id,
            "parent": run.tags.get(PARENT, ""),
            "metrics": sorted(run.metrics)[: page.MOST_RANGES],
            "logged": len(run.metrics),
        },
        again=run.status in UNDER_WAY and not run.is_deleted,
    )


def missing_view(run_id: str) -> View:
    """The store has no such run."""
    back = html.P(dcc.Link(_("All runs"), href="/runs"))
    why = html.P(_("It may have been deleted for good, or belong to another store."))
    return View(name=run_id, state=states.empty(_("There is no such run."), why, back))


def failed_view(run_id: str, error: RunoffError) -> View:
    """The store did not answer; the page asks again until it does."""
    if isinstance(error, NotFound):
        return missing_view(run_id)
    return View(name=run_id, state=states.failed(error, retrying=True), again=True)


def family(parent: Run | None, children: RunPage) -> Any:
    """The run that this one is nested in, and those that are nested in it."""
    rows = []
    if parent is not None:
        rows.append(_fact(_("Nested in"), _run_link(parent)))
    if children.runs:
        links = [html.Li(_run_link(child)) for child in children.runs]
        count = len(children.runs)
        said = _n("{count} nested run", "{count} nested runs", count)
        if children.more:
            said = _("the newest {shown}", shown=said)
        compared = "/runs/compare?" + urlencode(
            {"runs": ",".join(child.id for child in children.runs)}, safe=","
        )
        body = html.Details([html.Summary(said), html.Ul(links)])
        rows.append(_fact(_("Nested runs"), [body, dcc.Link(_("Compare them"), href=compared)]))
    return html.Dl(rows, className="run-facts") if rows else None


def _run_link(run: Run) -> Any:
    return dcc.Link(run.name or run.id, href=page.address(run.id), title=run.id)


def _status(run: Run) -> Any:
    said = {
        "FINISHED": _("finished"),
        "FAILED": _("failed"),
        "RUNNING": _("running"),
        "SCHEDULED": _("scheduled"),
        "KILLED": _("killed"),
    }.get(run.status, run.status)
    shown = [chip(said, class_name=f"run-{run.status.lower()}")]
    if run.is_deleted:
        shown.append(chip(_("deleted"), class_name="run-failed"))
    return html.Span(shown, className="run-chips")


def _notice(run: Run) -> Any:
    if run.is_deleted:
        text = _("This run is deleted: MLflow hides it from lists, and may remove it for good.")
        how = _("It comes back with: mlflow runs restore --run-id {run}", run=run.id)
        return notices([text, how])
    if run.status in UNDER_WAY:
        return notices([_("This run is under way; the page reads it again every few seconds.")])
    return None


def _facts(run: Run, experiment: str | None, tracking_uri: str) -> Any:
    listed = "/runs?" + urlencode({"experiments": run.experiment_id})
    where = experiment or _("experiment {id}", id=run.experiment_id)
    source = run.tags.get("mlflow.source.name", "")
    rows = [
        _fact(_("Run"), _copied(run.id)),
        _fact(_("Experiment"), dcc.Link(where, href=listed) if experiment else where),
        _fact(_("Started"), moment(run.started)),
        _fact(_("Ended"), moment(run.ended)),
        _fact(_("Duration"), duration(run.seconds)),
        _fact(_("User"), run.user),
        _fact(_("Git commit"), _copied(run.git_commit) if run.git_commit else ""),
        _fact(_("Source"), html.Code(source) if source else ""),
        _fact(_("Artifacts"), _copied(run.artifact_uri) if run.artifact_uri else ""),
        _fact(_("In MLflow"), _mlflow_link(run, tracking_uri)),
    ]
    note = run.tags.get(_NOTE, "").strip()
    described = html.P(note, className="run-note") if note else None
    return [html.Dl([row for row in rows if row is not None], className="run-facts"), described]


def _fact(title: str, value: Any) -> Any:
    """A term and what it is; None where there is nothing to say."""
    return html.Div([html.Dt(title), html.Dd(value)]) if value else None


def _copied(text: str) -> Any:
    button = copy_button(text, shown=_("copy"), label=_("Copy {text}", text=text))
    return [html.Code(text, className="mono"), " ", button]


def _mlflow_link(run: Run, tracking_uri: str) -> Any:
    """MLflow's own page of the run, where the store is a server that has one."""
    if not is_http(tracking_uri):
        return None
    href = f"{tracking_uri.rstrip('/')}/#/experiments/{run.experiment_id}/runs/{run.id}"
    return html.A(_("open the run in MLflow"), href=href, target="_blank", rel="noopener noreferrer")


def _lines(run: Run) -> Mapping[str, Any]:
    """Rows of texts: metrics with their exact value, the reader's own tags before MLflow's."""
    tags = sorted(run.tags.items(), key=lambda item: (item[0].startswith("mlflow."), _natural(item)))
    return {
        "metrics": [
            [key, significant(value), repr(value)] for key, value in sorted(run.metrics.items(), key=_natural)
        ],
        "params": [[key, value] for key, value in sorted(run.params.items(), key=_natural)],
        "tags": [[key, value] for key, value in tags if key != _NOTE],
        "words": {
            "name": _("name"),
            "value": _("value"),
            "latest": _("latest"),
            "least": _("smallest"),
            "most": _("largest"),
            "metrics": _("No metrics were logged."),
            "params": _("No params were logged."),
            "tags": _("No tags were set."),
            "nothing": _("Nothing matches"),
            "more": _("{{count}} more: search to find them"),
        },
    }


def _natural(item: tuple[str, object]) -> list[tuple[str, int]]:
    """Sorts layer.2 before layer.10."""
    parts = re.findall(r"([^0-9]*)([0-9]{0,18})", item[0])
    return [(text, int(digits or -1)) for text, digits in parts]


def ranges(found: Mapping[str, tuple[float, float]]) -> Mapping[str, Sequence[str]]:
    """Smallest and largest value of metrics that have more than one."""
    return {key: [significant(least), significant(most)] for key, (least, most) in found.items()}


def _datasets(datasets: Sequence[Dataset]) -> Any:
    if not datasets:
        return None
    titles = (_("name"), _("used for"), _("digest"), _("source"))
    head = html.Thead(html.Tr([html.Th(title, scope="col") for title in titles]))
    rows = [
        html.Tr(
            [
                html.Th(one.name, scope="row"),
                html.Td(one.context),
                html.Td(html.Code(one.digest)),
                html.Td(one.source[:1_000]),
            ]
        )
        for one in datasets
    ]
    table = html.Table([head, html.Tbody(rows)], className="lines")
    named = {"aria-label": _("Datasets")}
    return card(_("Datasets"), html.Div(table, className="scroll", tabIndex=0, role="region", **named))
