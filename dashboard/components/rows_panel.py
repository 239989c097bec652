"""Section "row by row" of the comparison page: slices, and rows whose decision changed."""

from enum import StrEnum
from typing import Any, Final

from dash import dcc, html

from core.evidence.flips import Which
from core.evidence.metrics import METRICS
from dashboard.components.cards import card
from dashboard.components.dropdown import dropdown
from dashboard.components.graph import graph
from dashboard.components.grid import paged_grid
from dashboard.messages import _

PAGE: Final = 100  # rows that the table asks for at a time


class Ids(StrEnum):
    """Elements of the section."""

    ASKED = "rows-asked"  # data: view and threshold, once they have come to rest
    PAIR = "rows-pair"  # data: what is looked at: baseline, versions, threshold, candidate
    OPENED = "rows-opened"  # data: a cell of a confusion matrix that somebody opened
    CANDIDATE = "rows-candidate"
    METRIC = "rows-metric"
    SLICES = "rows-slices"  # the card
    SLICES_GRAPH = "rows-slices-graph"
    SLICES_BOX = "rows-slices-box"
    SLICES_NOTE = "rows-slices-note"
    SLICES_STATE = "rows-slices-state"
    SLICES_CSV = "rows-slices-csv"
    FIND = "rows-find"
    FOUND = "rows-found"
    CHANGED = "rows-changed"  # the card
    SUMMARY = "rows-summary"
    WHICH = "rows-which"
    COUNT = "rows-count"
    GRID = "rows-grid"
    WANTED = "rows-wanted"  # data: the rows that the table asks for
    PAGE = "rows-page"  # data: those rows
    CSV = "rows-csv"


def rows_panel() -> Any:
    """Both cards below the choice that they share; filled once the panels above are there."""
    return html.Div(
        [
            *(dcc.Store(id=store) for store in (Ids.ASKED, Ids.PAIR, Ids.OPENED, Ids.WANTED, Ids.PAGE)),
            _choices(),
            html.Div([_slices(), _changed()], className="rows-cards"),
        ],
        className="rows",
    )


def _choices() -> Any:
    metrics = [{"label": _(metric.title), "value": metric.name} for metric in METRICS]
    return html.Div(
        [
            html.H2(_("Row by row"), className="card-title"),
            dropdown(Ids.CANDIDATE, _("Candidate"), clearable=False, searchable=False),
            dropdown(Ids.METRIC, _("Metric"), metrics, clearable=False, searchable=False),
        ],
        className="box rows-choices",
    )


def _slices() -> Any:
    drawing = html.Div(
        graph(Ids.SLICES_GRAPH, label=_("Difference of the candidate to the baseline in each slice")),
        id=Ids.SLICES_BOX,
        className="rows-slices-box",
    )
    finder = html.Div(
        [
            html.Button(_("Look for the worst part"), id=Ids.FIND, type="button", className="action"),
            html.P(about_search(), id=Ids.FOUND, role="status"),
        ],
        className="rows-finder",
    )
    return html.Div(
        card(
            _("Slices"),
            html.Div(id=Ids.SLICES_STATE),
            drawing,
            html.P(id=Ids.SLICES_NOTE, className="card-note"),
            finder,
            note=_("worst first"),
            aside=_csv(Ids.SLICES_CSV, _("Download the numbers of “{title}” as CSV", title=_("Slices"))),
        ),
        id=Ids.SLICES,
    )


def _changed() -> Any:
    which = dropdown(
        Ids.WHICH,
        _("Rows"),
        [{"label": _("fixed and broken"), "value": Which.FLIPPED.value}],
        value=Which.FLIPPED.value,
        clearable=False,
        searchable=False,
    )
    table = paged_grid(Ids.GRID, row_id="place", page=PAGE, height="420px")
    return html.Div(
        card(
            _("Changed decisions"),
            html.P(id=Ids.SUMMARY, role="status"),
            html.Div([which, html.Span(id=Ids.COUNT, className="card-note")], className="rows-which"),
            html.Div(table, className="rows-table", role="group", **{"aria-label": _("Rows")}),
            aside=_csv(Ids.CSV, _("Download all of these rows as CSV")),
        ),
        id=Ids.CHANGED,
        tabIndex=-1,
    )


def _csv(id: str, said: str) -> Any:  # noqa: A002 - Dash's word
    return html.A("CSV", id=id, className="quiet", title=said, download="", **{"aria-label": said})


def about_search() -> str:
    """What the search does, before somebody has asked for it."""
    return _("Searches all columns on half of the rows and tests what it finds on the other half.")
