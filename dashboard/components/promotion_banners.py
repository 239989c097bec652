"""What people must know, or decide, before Production can move."""

from collections.abc import Iterator, Sequence
from typing import Any

from dash import html

from core.catalog.store import Holders
from core.decision.record import Entry, Kind, Phase
from core.decision.standing import Pending, Standing
from core.errors import RunoffError
from dashboard.components.cards import icon
from dashboard.components.press import press
from dashboard.components.promotion_ids import Ids, outside_id
from dashboard.messages import _
from dashboard.theme import moment

ADOPT = "adopt"
RESTORE = "restore"


def banners(standing: Standing) -> Sequence[Any]:
    """One for each thing that stands in the way; usually none."""
    return list(_banners(standing))


def _banners(standing: Standing) -> Iterator[Any]:
    if standing.trouble is not None:
        yield _ledger(standing.trouble)
    if standing.pending is not None:
        yield _banner(_pending(standing.pending))
    if standing.undecided:
        said = _(
            "MLflow has several versions in Production: {versions}.", versions=_names(standing.undecided)
        )
        yield _banner(said, _("Which one is it?"), buttons=[_adopt(number) for number in standing.undecided])
    elif standing.differs is not None:
        yield _outside(standing, standing.differs)


def _ledger(error: RunoffError) -> Any:
    hint = _(error.hint) if error.hint.template else ""
    reads = _("Nothing can be moved until then; reading goes on.")
    return _banner(_(error.title), hint, reads, is_urgent=True)


def _pending(pending: Pending) -> str:
    facts = {"who": pending.actor, "number": pending.version, "since": moment(pending.started)}
    if pending.phase is Phase.UNKNOWN:
        return _(
            "MLflow gave no answer to the move of v{number} that {who} started at {since}. Runoff reads back "
            "how it ended; until then nothing else moves.",
            **facts,
        )
    match pending.kind:
        case Kind.PROMOTE:
            return _("{who} is promoting v{number} (since {since}).", **facts)
        case Kind.ROLLBACK:
            return _("{who} is rolling Production back to v{number} (since {since}).", **facts)
        case Kind.STAGE:
            return _("{who} is moving v{number} to another stage (since {since}).", **facts)
        case _:
            return _("{who} is settling a change from outside (since {since}).", **facts)


def _outside(standing: Standing, entry: Entry) -> Any:
    known = standing.production
    by_ledger = _("nothing") if known is None else f"v{known.number}"
    record = entry.record
    if record.phase is Phase.CONFLICT:
        title = _("The move that {who} started ended neither as before nor as wanted.", who=record.actor.name)
    else:
        title = _("Production was changed without Runoff; seen on {when}.", when=moment(entry.at))
    text = _("MLflow has {held}; the history says {known}.", held=_held(standing.holders), known=by_ledger)
    restore = _("Restore v{number}…", number=known.number) if known is not None else _("Restore: nothing…")
    nothing = _button(_("Adopt: nothing…"), ADOPT, 0)
    buttons = [
        *([_adopt(number) for number in standing.holders.numbers] or [nothing]),
        _button(restore, RESTORE, 0 if known is None else known.number),
    ]
    return _banner(title, text, buttons=buttons, is_urgent=True)


def _held(holders: Holders) -> str:
    if not holders.numbers:
        return _("nothing in Production")
    by_stage = _names(holders.stage) or _("nothing")
    by_alias = _("nothing") if holders.alias is None else f"v{holders.alias}"
    if holders.stage == (holders.alias,):
        return _("{version} in Production", version=by_stage)
    return _("{stage} by stage and {alias} by alias", stage=by_stage, alias=by_alias)


def _adopt(number: int) -> Any:
    return _button(_("Adopt v{number}…", number=number), ADOPT, number)


def _button(text: str, action: str, version: int) -> Any:
    does = {"aria-describedby": Ids.OUTSIDE_NOTE, **press(Ids.OUTSIDE, action=action, version=version)}
    return html.Button(
        text, id=outside_id(action, version), type="button", className="act", disabled=True, **does
    )


def _banner(title: str, *sentences: str, buttons: Sequence[Any] = (), is_urgent: bool = False) -> Any:
    text = html.Div(
        [html.Strong(title), *(html.Span(said) for said in sentences if said)], className="alert-text"
    )
    sign = icon("exclamation-triangle" if is_urgent else "info-circle")
    acts = html.Div(list(buttons), className="alert-acts") if buttons else None
    return html.Div([sign, text, acts], className="banner banner-urgent" if is_urgent else "banner")


def _names(numbers: Sequence[int]) -> str:
    return ", ".join(f"v{number}" for number in numbers)
