"""How a move ended, in words; it stands in the page's flow and covers nothing."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from dash import html

from core.decision.record import Kind, Phase, Record
from core.decision.standing import Outcome, Standing
from core.errors import RunoffError
from core.messages import message
from dashboard.components.cards import icon
from dashboard.messages import _
from dashboard.theme import moment

_DONE: Final[Mapping[str, str]] = {
    "promote": message("v{number} is in Production now.").template,
    "rollback": message("v{number} is back in Production.").template,
    "restore": message("The change from outside is undone: v{number} is in Production.").template,
    "restore none": message("The change from outside is undone: nothing is in Production.").template,
    "adopt": message("v{number} is taken over as Production.").template,
    "adopt none": message("It is taken over that nothing is in Production.").template,
    "stage": message("v{number} is {stage} now.").template,
    "stage none": message("v{number} has no stage now.").template,
}


def ended(outcome: Outcome) -> Any:
    """What is so now, and what else people should know."""
    record = outcome.entry.record
    phase = record.phase
    good = phase in {Phase.DONE, Phase.ADOPTED}
    title = _done(record) if good else _not_done(record)
    return _said(title, *_notes(record), *map(_, outcome.notes), is_good=good)


def refused(error: RunoffError, told: str = "", *, is_closable: bool = True) -> Any:
    """Why nothing was moved; `told`, where Production has moved, says what is there instead."""
    if told:
        return _said(_(error.title), told, _("Decide anew; your reason is kept."), is_good=False)
    hint = _(error.hint) if error.hint.template else ""
    return _said(_(error.title), hint, is_good=False, is_closable=is_closable)


def now(standing: Standing) -> str:
    """Who put what into Production, and when."""
    known = standing.production
    if known is None:
        return _("Nothing is in Production.")
    if not standing.by or standing.since is None:
        return _("v{number} is in Production.", number=known.number)
    if standing.by_itself:
        return _(
            "v{number} is in Production since {when} or before.",
            number=known.number,
            when=moment(standing.since),
        )
    return _(
        "{who} put v{number} into Production on {when}.",
        who=standing.by,
        number=known.number,
        when=moment(standing.since),
    )


def _done(record: Record) -> str:
    after = None if record.after is None else record.after.number
    takes_away = after is None or record.stage_after == "None"
    kind = f"{record.kind} none" if takes_away and f"{record.kind} none" in _DONE else str(record.kind)
    return _(_DONE[kind], number=after, stage=record.stage_after)


def _not_done(record: Record) -> str:
    match record.phase:
        case Phase.FAILED:
            return _("Nothing was moved: MLflow is as it was before.")
        case Phase.UNKNOWN:
            return _(
                "MLflow gave no answer, so it is not known yet whether the move was made. Runoff reads "
                "back how it ended, and this page will show it."
            )
        case _:
            return _("MLflow is neither as it was before nor as it was to be: please decide what holds.")


def _notes(record: Record) -> Iterator[str]:
    if record.phase is Phase.DONE and record.before is not None and record.kind is not Kind.STAGE:
        left = record.before.number
        if record.after is None or left != record.after.number:
            yield _("v{number} left it and is Archived.", number=left)
    for note in record.trouble:
        yield _(note)


def _said(title: str, *notes: str, is_good: bool, is_closable: bool = True) -> Any:
    close = html.Button(
        icon("x-lg"),
        type="button",
        className="alert-close promotion-said-close",
        title=_("Dismiss"),
        **{"aria-label": _("Dismiss")},
    )
    text = html.Div(
        [html.Strong(title), *(html.Span(note) for note in notes if note)], className="alert-text"
    )
    sign = icon("info-circle" if is_good else "exclamation-triangle")
    return html.Div(
        [sign, text, close if is_closable else None],
        className="alert-box alert-good" if is_good else "alert-box",
    )
