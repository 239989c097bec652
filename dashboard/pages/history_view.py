"""What the history page shows, from the ledger's entries and reigns alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode

from dash import dcc, html

from core.decision.record import Entry
from core.decision.standing import Reign
from core.errors import RunoffError
from dashboard.components import states
from dashboard.components.graph import graph
from dashboard.components.history_table import history_lines, history_table
from dashboard.components.notices import notices
from dashboard.components.version_token import swatch
from dashboard.entry_words import by_whom, entry_address, kind_name, model_address
from dashboard.figures import reigns as picture
from dashboard.history_filter import HistoryFilter, search
from dashboard.marks import marks
from dashboard.messages import _, _n, reader
from dashboard.pages.history import EXPORT_PATH, OPERATIONS, REIGNS_PATH, Ids
from dashboard.theme import Scheme, integer, moment

MOST_ANSWERS: Final = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """Operations of one page: those under way, and those that have ended, newest first."""

    under_way: tuple[Entry, ...] = ()
    ended: tuple[Entry, ...] = ()

    @property
    def more(self) -> bool:
        """Whether there may be older ones."""
        return len(self.ended) >= OPERATIONS

    @property
    def key(self) -> str:
        """Another one as soon as an operation begins or ends."""
        return ",".join(str(entry.seq) for entry in (*self.under_way, *self.ended[:1]))

    @property
    def entries(self) -> tuple[Entry, ...]:
        """All of them in the order of the table."""
        return (*self.under_way, *self.ended)


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """The table or what stands in its place.

    `cursor` is what older entries are asked with: the last entry's number, how many operations are shown,
    and the key of the filter and of the newest ones, by which a look tells whether they are shown.
    """

    content: Any
    count: str = ""
    cursor: dict[str, int | str] | None = None
    more: bool = False
    again: bool = False


def build_view(
    listed: Listed, wanted: HistoryFilter, *, opened: int | None = None, evidence: Any = None
) -> View:
    """The table; `opened` is the entry at its top that the address names, None where it names none."""
    entries = listed.entries
    if not entries:
        return View(content=_empty(wanted, opened))
    lines = history_lines(entries, () if opened is None else (opened,), evidence)
    said = None if opened is None else _from_entry(wanted, opened, is_there=entries[0].seq == opened)
    return View(
        content=[said, history_table(Ids.TABLE, Ids.ROWS, lines)],
        count=count(len(entries), more=listed.more),
        cursor={"before": entries[-1].seq, "shown": len(entries), "key": search(wanted) + listed.key},
        more=listed.more,
        again=bool(listed.under_way),
    )


def failed_view(error: RunoffError) -> View:
    """The ledger cannot be read; the page asks again until it can."""
    return View(content=states.failed(error, retrying=True), again=True)


def count(shown: int, *, more: bool) -> str:
    """How many operations the table shows."""
    operations = _n("{count} operation", "{count} operations", shown)
    return _("the newest {operations}", operations=operations) if more else operations


def _empty(wanted: HistoryFilter, opened: int | None) -> Any:
    if wanted or opened is not None:
        return states.empty(
            _("No entry matches the filter."), html.P(dcc.Link(_("Show the whole history"), href="/history"))
        )
    return states.empty(
        _("Nothing has been decided yet."),
        html.P(
            _(
                "Every promotion, rollback and stage move appears here with who, when, why and on what "
                "evidence, and so does what somebody changes in MLflow by other means."
            )
        ),
        html.P(dcc.Link(_("Choose a model to compare and to promote"), href="/")),
    )


def _from_entry(wanted: HistoryFilter, opened: int, *, is_there: bool) -> Any:
    number = integer(opened)
    text = (
        _("Shown from entry {seq} on.", seq=number)
        if is_there
        else _("There is no line for the entry {seq}; older ones are below.", seq=number)
    )
    return html.P(
        [text, " ", html.A(_("Show the newest"), href="/history" + search(wanted))], className="note"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Reigning:
    """What the picture and the time travel are made of."""

    reigns: tuple[Reign, ...]
    changes: tuple[Entry, ...]  # found from outside
    now: datetime
    at: datetime | None = None  # the moment that the reader asks about


def build_picture(found: Reigning, wanted: HistoryFilter, scheme: Scheme) -> Any:
    """The lanes with what is left out said, and their numbers one click away."""
    drawn = picture.lanes(found.reigns)
    if not drawn.shown:
        return html.P(_("By the ledger, nothing has been in Production yet."), className="note")
    figure = picture.figure(drawn, found.changes, found.now, scheme, at=found.at)
    label = _("Which version of each model was in Production when; the table below has the entries")
    href = REIGNS_PATH + search(HistoryFilter(model=wanted.model))
    said = _("Download the numbers of “{title}” as CSV", title=_("Production over time"))
    return [
        html.A(
            _("data"),
            href=href,
            download="production.csv",
            className="quiet picture-data",
            title=said,
            **{"aria-label": said},
        ),
        graph(Ids.REIGNS, figure, label=label, height=picture.height(drawn)),
        html.P([*_legend(found, drawn)], className="note"),
        notices(_left_out(drawn)),
    ]


def failed_picture() -> Any:
    """In place of the picture; why the ledger cannot be read stands where the table would be."""
    return html.P(_("This cannot be drawn while the ledger cannot be read."), className="note")


def _legend(found: Reigning, drawn: picture.Lanes) -> Sequence[str]:
    outlined = any(reign.kind in picture.FROM_OUTSIDE for lane in drawn.shown for reign in lane.reigns)
    said = [_("Ink: in Production now.")]
    if outlined:
        said.append(" " + _("Outline: it came there without Runoff and was adopted."))
    if found.changes:
        said.append(" " + _("◇: a change from outside was found."))
    return said


def _left_out(drawn: picture.Lanes) -> list[str]:
    said = []
    if drawn.models_left_out:
        shown = _n("{count} model", "{count} models", len(drawn.shown))
        said.append(
            _(
                "The {shown} that changed last are drawn, {count} more are not: "
                "choose a model to see its lane.",
                shown=shown,
                count=integer(drawn.models_left_out),
            )
        )
    if drawn.reigns_left_out:
        said.append(
            _("{count} older reigns are not drawn; the data has them.", count=integer(drawn.reigns_left_out))
        )
    return said


def build_answer(found: Reigning, wanted: HistoryFilter, scheme: Scheme) -> Any:
    """What was in Production at the moment that the reader asks about."""
    if found.at is None:
        return html.P(_("Choose a moment to see what was in Production then."), className="note")
    when = f"{moment(found.at)} ({reader.get().zone})"
    if found.at > found.now:
        return html.P(_("{time} is yet to come.", time=when), className="note")
    then = [reign for reign in found.reigns if _holds(reign, found.at)]
    if not then:
        whose = "" if wanted.model is None else f"{wanted.model}: "
        return html.P(
            whose + _("by the ledger, nothing was in Production on {time}.", time=when),
            className="answer-none",
        )
    items = [_reigning(reign, scheme) for reign in then[:MOST_ANSWERS]]
    rest = len(then) - len(items)
    more = _("{count} more: choose a model to see it.", count=integer(rest)) if rest else None
    return [
        html.P(_("In Production on {time}:", time=when), className="answer-when"),
        html.Ul(items, className="answers"),
        html.P(more, className="note") if more else None,
    ]


def _holds(reign: Reign, at: datetime) -> bool:
    return reign.since <= at and (reign.until is None or at < reign.until)


def _reigning(reign: Reign, scheme: Scheme) -> Any:
    number = reign.version.number
    look = marks([number], number if reign.until is None else None)[number]
    until = _("until now") if reign.until is None else _("until {time}", time=moment(reign.until))
    return html.Li(
        [
            swatch(look, scheme),
            html.B(f"v{number}", className="answer-version"),
            dcc.Link(reign.model, href=model_address(reign.model), className="answer-model"),
            html.Span(
                [
                    _("since {time}", time=moment(reign.since)),
                    f", {until}, ",
                    _("by {actor}", actor=by_whom(reign)),
                    " · ",
                    # a full load: the page reads its address when it is opened
                    html.A(kind_name(reign.kind), href=entry_address(reign.model, reign.seq)),
                ],
                className="note",
            ),
        ]
    )


def export_address(wanted: HistoryFilter) -> str:
    """Where everything that matches is, as CSV."""
    return EXPORT_PATH + (f"?{urlencode(wanted.query)}" if wanted.query else "")
