"""Operations of the ledger as lines of a table, each of which opens to its evidence."""

from collections.abc import Collection, Sequence
from typing import Any

from dash import dcc, html

from core.decision.record import Entry
from dashboard.components.cards import icon
from dashboard.entry_words import ENDINGS, actor_name, change, kind_name, model_address, reason_of
from dashboard.messages import _
from dashboard.theme import integer, moment

COLUMNS = 7


def open_id(seq: object) -> dict[str, Any]:
    """The button that opens a line, and closes it."""
    return {"type": "history-open", "seq": seq}


def detail_id(seq: object) -> dict[str, Any]:
    """The cell of a line's evidence."""
    return {"type": "history-detail", "seq": seq}


def row_id(seq: object) -> dict[str, Any]:
    """The row around that cell."""
    return {"type": "history-row", "seq": seq}


def history_table(id: object, rows: object, lines: Sequence[Any]) -> Any:  # noqa: A002 - Dash's word
    """The table; `rows` is the id of the body, to which older lines are added."""
    heads = [
        html.Td(html.Span(_("Evidence"), className="visually-hidden")),
        *(
            html.Th(head, scope="col")
            for head in (_("When"), _("Model"), _("What"), _("Outcome"), _("Who"), _("Reason"))
        ),
    ]
    return html.Div(
        html.Table(
            [
                html.Caption(_("Entries of the ledger, newest first"), className="visually-hidden"),
                html.Thead(html.Tr(heads)),
                html.Tbody(list(lines), id=rows),
            ],
            id=id,
            className="history",
        ),
        className="box history-box",
    )


def history_lines(entries: Sequence[Entry], opened: Collection[int] = (), evidence: Any = None) -> list[Any]:
    """Two rows for each operation; `entries` are the last ones, `evidence` is that of the opened one."""
    return [
        part
        for entry in entries
        for part in (
            _line(entry, is_open=entry.seq in opened),
            _detail(entry, evidence if entry.seq in opened else None),
        )
    ]


def ending(entry: Entry) -> Any:
    """Sign and words for how an operation stands; what is odd is marked in colour as well."""
    told = ENDINGS[entry.record.phase]
    return html.Span(
        [html.Span(told.sign, className="ending-sign", **{"aria-hidden": "true"}), " ", _(told.words)],
        className="ending ending-odd" if told.is_odd else "ending",
    )


def _line(entry: Entry, *, is_open: bool) -> Any:
    record = entry.record
    label = _("Evidence of entry {seq}", seq=integer(entry.seq))
    opener = html.Button(
        [icon("chevron-right"), html.Span(integer(entry.seq))],
        id=open_id(entry.seq),
        n_clicks=int(is_open),
        type="button",
        className="quiet history-open",
        title=label,
        **{"aria-label": label, "aria-expanded": "true" if is_open else "false"},
    )
    return html.Tr(
        [
            html.Td(opener, className="history-opener"),
            html.Td(html.Time(moment(entry.at), dateTime=entry.at.isoformat()), className="history-when"),
            html.Td(
                dcc.Link(record.model, href=model_address(record.model), title=record.model),
                className="history-model",
            ),
            html.Td(
                [html.Span(kind_name(record.kind)), " ", html.B(change(record), className="history-change")],
                className="history-what",
            ),
            html.Td(ending(entry), className="history-ending"),
            html.Td(actor_name(record.actor), className="history-who"),
            html.Td(html.Div(reason_of(record), className="history-reason"), className="history-why"),
        ],
        className="history-line",
    )


def _detail(entry: Entry, evidence: Any) -> Any:
    cell = html.Td(evidence, id=detail_id(entry.seq), colSpan=COLUMNS)
    return html.Tr(cell, id=row_id(entry.seq), className="history-detail", hidden=evidence is None)
