"""A model's history on its own page: its lane, the latest entries, and the way to all of them."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from urllib.parse import urlencode

from dash import dcc, html

from core.decision.record import Entry
from core.decision.standing import Reign
from core.errors import RunoffError
from dashboard.components import states
from dashboard.components.cards import card
from dashboard.components.graph import graph
from dashboard.components.history_table import ending
from dashboard.entry_words import ENDINGS, actor_name, change, entry_address, kind_name, reason_of
from dashboard.figures import reigns as picture
from dashboard.messages import _
from dashboard.theme import Scheme, moment

LATEST: Final = 5


class Ids(StrEnum):
    """Elements of the card."""

    MODEL = "model-history-model"  # data: the model's name
    CONTENT = "model-history-content"
    LANE = "model-history-lane"  # the graph
    POLL = "model-history-poll"


def model_history(model: str) -> Any:
    """The static part of the card."""
    every = html.A(_("all"), href="/history?" + urlencode({"model": model}), className="quiet")
    return card(
        _("History"),
        dcc.Store(id=Ids.MODEL, data=model),
        states.poll(Ids.POLL),
        html.Div(states.loading(_("Reading the ledger…")), id=Ids.CONTENT),
        aside=every,
        class_name="model-history",
    )


def content(
    reigns: Sequence[Reign], changes: Sequence[Entry], latest: Sequence[Entry], now: datetime, scheme: Scheme
) -> Any:
    """The lane and the latest operations, newest first.

    `changes` are those from outside, `latest` the last entries of the operations.
    """
    drawn = picture.lanes(reigns)
    parts: list[Any] = []
    if drawn.shown:
        figure = picture.figure(drawn, changes, now, scheme)
        label = _("Which version of this model was in Production when")
        parts.append(graph(Ids.LANE, figure, label=label, height=picture.height(drawn)))
    if not latest:
        return html.P(
            _("Nothing has been decided about this model yet: its promotions will appear here."),
            className="note",
        )
    parts.append(html.Ol([_entry(entry) for entry in latest], className="model-history-entries"))
    return parts


def failed(error: RunoffError) -> Any:
    """The ledger cannot be read; the rest of the page goes on without it."""
    return states.failed(error, retrying=True)


def _entry(entry: Entry) -> Any:
    record = entry.record
    said = f"{kind_name(record.kind)} {change(record)}"
    line = html.Div(
        [
            html.A(said, href=entry_address(record.model, entry.seq)),
            ending(entry),
            html.Span(moment(entry.at), className="note"),
            html.Span(actor_name(record.actor), className="note"),
        ],
        className="model-history-line",
    )
    reason = html.Div(reason_of(record), className="model-history-reason") if record.reason else None
    return html.Li([line, reason], className="is-odd" if ENDINGS[record.phase].is_odd else "")
