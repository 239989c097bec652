"""What the promotion panel says, and why its buttons cannot act, from core values alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dash import html

from core.decision.standing import Past, Standing
from core.errors import RunoffError
from dashboard.components.promotion_banners import banners
from dashboard.components.promotion_panel import LOOK_SECONDS, Actions
from dashboard.components.version_options import LIMIT, Listing, Option, candidate_options
from dashboard.entry_words import by_whom, reason_words
from dashboard.messages import _
from dashboard.pages.promotion_refusals import Situation, is_under_way, refusals
from dashboard.theme import Scheme, integer, moment


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What the panel shows; `seen` is what a move from here will be compared with."""

    production: str
    since: Sequence[Any] = ()
    banners: Sequence[Any] = ()
    version_options: Sequence[Option] = ()
    rollback_options: Sequence[Option] = ()
    rollback: int | None = None
    labels: Mapping[Actions, str] = field(default_factory=dict)  # of the buttons
    can: Mapping[str, str] = field(default_factory=dict)  # why each cannot act, empty where it can
    seen: Mapping[str, Any] = field(default_factory=dict)
    seconds: float | None = None  # look again after so long
    hidden: bool = False


def build_view(situation: Situation, listing: Listing, *, scheme: Scheme, pulse: str = "") -> View:
    """The panel; `pulse` is what open pages will be told to compare with."""
    standing, back = situation.standing, situation.back
    known = standing.production
    is_stopped = standing.pending is not None or standing.trouble is not None
    return View(
        production=_production(standing),
        since=_since(standing),
        banners=banners(standing),
        version_options=candidate_options(listing, {}, scheme, baseline=None),
        rollback_options=rollback_options(standing.past, "", keep=back),
        rollback=None if back is None else back.version.number,
        labels=_labels(situation),
        can={
            **{action: _told(error) for action, error in refusals(situation).items()},
            "reason": _("Type a reason first."),
        },
        seen={
            "version": None if known is None else known.number,
            "digest": None if known is None else known.digest,
            "stage": "" if situation.chosen is None else situation.chosen.stage,
            "token": standing.token,
            "pulse": pulse,
        },
        seconds=LOOK_SECONDS if is_stopped or is_under_way(situation) else None,
    )


def failed_view(error: RunoffError, *, hidden: bool, seconds: float | None) -> View:
    """Production cannot be read; `hidden` where there is no such model."""
    why = _told(error)
    return View(
        production="?",
        since=[why],
        labels=_empty_labels(),
        can={**dict.fromkeys(Actions, why), "reason": ""},
        seconds=seconds,
        hidden=hidden,
    )


def rollback_options(past: Sequence[Past], search: str, *, keep: Past | None) -> list[Option]:
    """Versions that have been in Production, the one before first; those that cannot come back say why."""
    wanted = search.strip().casefold().removeprefix("v")
    found = [
        one for one in past if str(one.version.number).startswith(wanted) or wanted in by_whom(one).casefold()
    ]
    found.sort(key=lambda one: str(one.version.number) != wanted)
    made = [_option(one, search) for one in found[:LIMIT]]
    if keep is not None and keep not in found[:LIMIT]:
        made.append(_option(keep, ""))  # an option without being shown, or the dropdown would drop its value
    if len(found) > LIMIT:
        text = _("{count} more: type a number or a name", count=integer(len(found) - LIMIT))
        made.append({"label": text, "value": "more", "search": search or text, "disabled": True})
    return made


def _option(one: Past, search: str) -> Option:
    number = one.version.number
    text = _(
        "until {until}, put there by {who} on {since}",
        until=moment(one.until),
        who=by_whom(one),
        since=moment(one.since),
    )
    why = None if one.refusal is None else html.Span(_(one.refusal.title), className="option-why")
    label = html.Span(
        [html.B(f"v{number}"), html.Span(text, className="past-words", title=text), why],
        className="version-label",
    )
    return {
        "label": label,
        "value": number,
        "search": f"v{number} {search}",
        "disabled": one.refusal is not None,
    }


def _production(standing: Standing) -> str:
    """By the ledger; where it has no word yet, or cannot be read, what MLflow holds."""
    if standing.production is not None:
        return f"v{standing.production.number}"
    is_unknown = standing.trouble is not None or standing.undecided
    held = ", ".join(f"v{number}" for number in standing.holders.numbers) if is_unknown else ""
    return held or _("none")


def _since(standing: Standing) -> Sequence[Any]:
    if standing.production is None or standing.since is None:
        return []
    when = moment(standing.since)
    if standing.by_itself:  # it was there when Runoff first looked
        return [html.Span(_("since {when} or before", when=when))]
    told = html.Span(_("since {when} by {who}", when=when, who=standing.by))
    words = reason_words(standing.reason, by_itself=standing.by_itself)
    reason = html.Span(f"“{words}”", className="promotion-because", title=words)
    return [told, reason] if words else [told]


def _labels(situation: Situation) -> Mapping[Actions, str]:
    labels = dict(_empty_labels())
    if situation.chosen is not None:
        labels[Actions.PROMOTE] = _("Promote v{number}…", number=situation.chosen.number)
        labels[Actions.MOVE] = _("Move v{number}…", number=situation.chosen.number)
    if situation.back is not None:
        labels[Actions.ROLLBACK] = _("Roll back to v{number}…", number=situation.back.version.number)
    return labels


def _empty_labels() -> Mapping[Actions, str]:
    return {
        Actions.PROMOTE: _("Promote…"),
        Actions.ROLLBACK: _("Roll back…"),
        Actions.MOVE: _("Move…"),
    }


def _told(error: RunoffError | None) -> str:
    return "" if error is None else _(error.title)
