"""One run: what it is, what it logged, and the way from its model to a registered version."""

from enum import StrEnum
from typing import Any, Final
from urllib.parse import quote
from uuid import uuid4

from dash import dcc, html

from core.messages import message
from dashboard.components import states
from dashboard.components.cards import card
from dashboard.components.dropdown import dropdown
from dashboard.messages import _
from dashboard.pages import Address

PATH = "/runs/<run>"
TITLE = message("Run {run}")
MOST_CHILDREN: Final = 50  # nested runs that are named
MOST_CARDS: Final = 5  # models whose signature is read
MOST_RANGES: Final = 20  # metrics whose smallest and largest value is looked up
RUNNING_SECONDS: Final = 5  # between two looks at a run that is under way


class Ids(StrEnum):
    """Elements of the page; assets/run.js knows those that it fills."""

    RUN = "run-id"  # data: the run of the address
    NAME = "run-name"
    STATUS = "run-status"
    STATE = "run-state"
    BODY = "run-body"
    FACTS = "run-facts"
    FAMILY = "run-family"
    LINES = "run-lines"  # data: metrics, params and tags, which assets/run.js draws
    RANGES = "run-ranges"  # data: smallest and largest values by metric
    METRICS = "run-metrics"
    PARAMS = "run-params"
    TAGS = "run-tags"
    DATASETS = "run-datasets"
    MODELS = "run-models"
    ASK = "run-ask"  # data: changes when models and relatives are to be read anew
    POLL = "run-poll"
    FILES = "run-files"  # assets/run.js lists the artifacts in it
    PREVIEW = "run-preview"
    PLACES = "run-places"  # data: whose artifacts there are: the run's, and its models'
    FORM = "run-register"
    MODEL = "run-register-model"
    MODEL_FIELD = "run-register-model-field"
    REGISTERED = "run-register-name"
    DESCRIPTION = "run-register-description"
    REGISTER = "run-register-button"
    KEY = "run-register-key"  # data: the request's own; asked again with it, nothing is made twice
    OUTCOME = "run-register-outcome"


def address(run_id: str) -> str:
    """Where the page of a run is."""
    return f"/runs/{quote(run_id, safe='')}"


def layout(address: Address) -> Any:
    """The heading, and the places of all that is read."""
    run_id = address.names.get("run", "")
    return html.Div(
        [
            html.Div(
                [html.H1(run_id, id=Ids.NAME), html.Span(id=Ids.STATUS)],
                className="page-head",
            ),
            html.Div(states.loading(_("Reading the run…")), id=Ids.STATE),
            html.Div([*_about(run_id), _models(), _artifacts(run_id)], id=Ids.BODY, hidden=True),
            dcc.Store(id=Ids.RUN, data=run_id),
            dcc.Store(id=Ids.LINES),
            dcc.Store(id=Ids.RANGES),
            dcc.Store(id=Ids.ASK),
            dcc.Store(id=Ids.PLACES),
            dcc.Store(id=Ids.KEY, data=str(uuid4())),
            states.poll(Ids.POLL, seconds=RUNNING_SECONDS),
        ],
        className="one-run",
    )


def _about(run_id: str) -> list[Any]:
    curves = dcc.Link(_("Curves"), href=f"/runs/compare?runs={quote(run_id, safe='')}")
    sections = (
        (Ids.METRICS, _("Metrics"), _("Search metrics"), curves),
        (Ids.PARAMS, _("Params"), _("Search params"), None),
        (Ids.TAGS, _("Tags"), _("Search tags"), None),
    )
    return [
        html.Div([html.Div(id=Ids.FACTS), html.Div(id=Ids.FAMILY)], className="box"),
        html.Div([_lines(*section) for section in sections], className="run-columns"),
        html.Div(id=Ids.DATASETS),
    ]


def _lines(place: str, title: str, search: str, aside: Any) -> Any:
    """A table that assets/run.js draws, with a box that finds lines in it where there are many."""
    box = dcc.Input(
        id=f"{place}-search", type="search", placeholder=search, className="form-control", autoComplete="off"
    )
    named = html.Label([html.Span(search, className="visually-hidden"), box], className="run-search")
    shown = html.Div(
        id=place, className="scroll run-lines", tabIndex=0, role="region", **{"aria-label": title}
    )
    return card(title, named, shown, aside=aside)


def _models() -> Any:
    return html.Div(
        [
            card(_("Models"), html.Div(states.loading(), id=Ids.MODELS)),
            html.Div(_form(), id=Ids.FORM, hidden=True),
        ]
    )


def _form() -> Any:
    """Register a model of the run as a version."""
    description = html.Label(
        [
            html.Span(_("Description of the version"), className="label"),
            dcc.Textarea(id=Ids.DESCRIPTION, value="", maxLength=5_000, className="form-control"),
        ],
        className="field field-wide",
    )
    button = html.Button(_("Register as a version"), id=Ids.REGISTER, type="button", className="action")
    named = dropdown(
        Ids.REGISTERED,
        _("Registered model"),
        placeholder=_("Choose, or type a new name"),
        clearable=True,
    )
    model = html.Div(dropdown(Ids.MODEL, _("Model of the run"), clearable=False), id=Ids.MODEL_FIELD)
    return card(
        _("Register as a version"),
        html.Div([model, named, description], className="controls"),
        html.Div([button, html.Div(id=Ids.OUTCOME, role="status")], className="run-act"),
    )


def _artifacts(run_id: str) -> Any:
    """Folders open on demand; assets/run.js asks for them and shows what is in a file."""
    words = {
        "data-run": run_id,
        "data-loading": _("Loading…"),
        "data-empty": _("This folder is empty."),
        "data-none": _("This run has no artifacts."),
        "data-cut": _("There is more in this folder than is listed."),
        "data-own": _("Artifacts of the run"),
        "data-failed": _("Runoff does not answer."),
    }
    tree = html.Div(id=Ids.FILES, className="run-files", **words)
    preview = html.Div(
        html.P(_("Choose a file to see it."), className="note"),
        id=Ids.PREVIEW,
        className="run-preview",
        tabIndex=0,
        role="region",
        **{"aria-label": _("Content of the file"), "aria-live": "polite"},
    )
    return card(_("Artifacts"), html.Div([tree, preview], className="run-artifacts"))
