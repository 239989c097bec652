"""The ledger: what was decided, by whom, on what evidence, and what was in Production when."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, Final

from dash import dcc, html

from core.decision.record import Kind
from core.messages import message
from dashboard import history_filter
from dashboard.components import states
from dashboard.components.cards import card
from dashboard.components.date_field import date_field
from dashboard.components.dropdown import dropdown
from dashboard.components.notices import notices
from dashboard.entry_words import kind_name
from dashboard.messages import _, reader
from dashboard.pages import Address

PATH = "/history"
TITLE = message("History")
EXPORT_PATH: Final = "/history.csv"
REIGNS_PATH: Final = "/history/production.csv"
OPERATIONS: Final = 50  # lines that are read at once


class Ids(StrEnum):
    """Elements of the page."""

    TABLE = "history-table"
    ROWS = "history-rows"
    MODEL = "history-model"
    ACTOR = "history-actor"
    KINDS = "history-kinds"
    FIRST = "history-first"
    LAST = "history-last"
    AT = "history-at"
    ENTRY = "history-entry"  # data: the entry that the address opens
    COUNT = "history-count"
    EXPORT = "history-export"
    PICTURE = "history-picture"
    REIGNS = "history-reigns"  # the graph
    ANSWER = "history-answer"
    CONTENT = "history-content"
    OLDER = "history-older"
    CURSOR = "history-cursor"  # data: where older entries begin, and how many lines there are
    ADDRESS = "history-address"
    POLL = "history-poll"
    PICTURE_POLL = "history-picture-poll"


def layout(address: Address) -> Any:
    """Heading, filters, and the places of the picture, of the table and of the time travel."""
    zone = reader.get().zone
    wanted, at, problems = history_filter.read(address.query, zone)
    shown = html.Span(id=Ids.COUNT, className="note", role="status")
    export = html.A(
        _("Export as CSV"),
        id=Ids.EXPORT,
        href=EXPORT_PATH + history_filter.search(wanted),
        download="history.csv",
        className="action page-action",
    )
    return html.Div(
        [
            dcc.Store(id=Ids.ENTRY, data=_entry(address.query)),
            dcc.Store(id=Ids.CURSOR),
            dcc.Store(id=Ids.ADDRESS),
            states.poll(Ids.POLL),
            states.poll(Ids.PICTURE_POLL),
            html.Div([html.H1(_("History")), shown, export], className="page-head"),
            _filters(wanted),
            notices([_(problem) for problem in problems]),
            card(
                _("Production over time"),
                html.Div(states.loading(), id=Ids.PICTURE),
                _time_travel(None if at is None else at.astimezone(zone).strftime("%Y-%m-%dT%H:%M")),
                note=_("by the ledger; times are of {zone}", zone=zone),
                class_name="history-production",
            ),
            html.Div(states.loading(_("Reading the ledger…")), id=Ids.CONTENT),
            html.Button(
                _("Show older entries"), id=Ids.OLDER, type="button", className="action", hidden=True
            ),
        ],
        className="history-page",
    )


def _filters(wanted: history_filter.HistoryFilter) -> Any:
    """The controls; options of models and actors come from the ledger."""
    kinds = [{"label": kind_name(kind), "value": str(kind)} for kind in Kind]
    return html.Div(
        [
            _choice(Ids.MODEL, _("Model"), wanted.model, _("every model")),
            _choice(Ids.ACTOR, _("Who"), wanted.actor, _("everybody")),
            dropdown(
                Ids.KINDS,
                _("Kind"),
                kinds,
                value=[str(kind) for kind in wanted.kinds],
                multi=True,
                placeholder=_("every kind"),
            ),
            date_field(Ids.FIRST, _("From"), value=wanted.query.get("from", "")),
            date_field(Ids.LAST, _("To"), value=wanted.query.get("to", "")),
        ],
        className="controls",
    )


def _choice(id: str, label: str, value: str | None, placeholder: str) -> Any:  # noqa: A002 - Dash's word
    return dropdown(id, label, options([], value), value=value, placeholder=placeholder)


def options(
    names: Sequence[str], value: str | None, *, search: str = "", most: int = 100
) -> Sequence[Mapping[str, Any]]:
    """Names for a dropdown that match what was typed; what is chosen stays among them."""
    typed = search.strip().casefold()
    found = [name for name in names if typed in name.casefold()]
    shown = dict.fromkeys([*([value] if value is not None else []), *found[:most]])
    return [{"label": name, "value": name, "search": name} for name in shown]


def _time_travel(value: str | None) -> Any:
    box = date_field(Ids.AT, _("In Production on"), value=value or "", kind="datetime-local")
    answer = html.Div(id=Ids.ANSWER, className="history-answer", role="status")
    return html.Div([box, answer], className="time-travel")


def _entry(query: Mapping[str, str]) -> int | None:
    text = query.get("entry", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else None  # noqa: PLR2004 - 64 bits
