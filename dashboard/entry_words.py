"""How an entry of the ledger is told in words."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple
from urllib.parse import quote, urlencode

from core.catalog.store import Holders
from core.decision.access import RUNOFF, Actor
from core.decision.looking import FIRST_LOOK
from core.decision.record import Kind, Phase, Record, VersionRef
from core.decision.standing import Past, Reign, Standing
from core.messages import Message, message
from dashboard.messages import _

KINDS: Mapping[Kind, Message] = MappingProxyType(
    {
        Kind.PROMOTE: message("Promotion"),
        Kind.ROLLBACK: message("Rollback"),
        Kind.RESTORE: message("Restoration"),
        Kind.STAGE: message("Stage move"),
        Kind.ADOPT: message("Adoption"),
        Kind.EXTERNAL: message("Change from outside"),
    }
)


class Ending(NamedTuple):
    """How an operation stands: a sign, words, and whether people should look twice."""

    sign: str
    words: Message
    is_odd: bool = False


ENDINGS: Mapping[Phase, Ending] = MappingProxyType(
    {
        Phase.INTENT: Ending("…", message("under way")),
        Phase.DONE: Ending("✓", message("done")),
        Phase.FAILED: Ending("✗", message("failed, nothing moved"), is_odd=True),
        Phase.UNKNOWN: Ending("?", message("no answer yet"), is_odd=True),
        Phase.CONFLICT: Ending("‼", message("conflict"), is_odd=True),
        Phase.EXTERNAL: Ending("⚠", message("made outside of Runoff"), is_odd=True),
        Phase.ADOPTED: Ending("✓", message("adopted")),
    }
)


def kind_name(kind: Kind) -> str:
    """The kind as a noun."""
    return _(KINDS[kind])


def actor_name(actor: Actor) -> str:
    """Who it was; what Runoff does by itself is told from a person of that name."""
    return _("Runoff itself") if actor.identified_by == RUNOFF.identified_by else actor.name


def by_whom(known: Reign | Past | Standing) -> str:
    """Who put a version there; empty where nobody knows."""
    return _("Runoff itself") if known.by_itself else known.by


def reason_words(reason: str, *, by_itself: bool) -> str:
    """The reason as it was given; one that Runoff gave itself is in the reader's language."""
    return _(FIRST_LOOK) if by_itself and reason == str(FIRST_LOOK) else reason


def reason_of(record: Record) -> str:
    """Why, in the record's own words or in the reader's, where they are Runoff's."""
    return reason_words(record.reason, by_itself=record.actor.identified_by == RUNOFF.identified_by)


def identified(actor: Actor) -> str:
    """How Runoff knows who it was."""
    if actor.identified_by == "operating system":
        return _("by the operating system")
    if actor.identified_by == RUNOFF.identified_by:
        return _("a step that Runoff takes by itself")
    return actor.identified_by


def change(record: Record) -> str:
    """v1 → v2, or the stages between which a version moved."""
    if record.kind is Kind.STAGE:
        moved = record.after or record.before
        return f"{version_name(moved)}: {record.stage_before or '?'} → {record.stage_after or '?'}"
    if record.kind is Kind.EXTERNAL:
        return f"{holders_name(record.holders_before)} → {holders_name(record.holders_after)}"
    if record.phase is Phase.ADOPTED and _number(record.before) in {None, _number(record.after)}:
        return version_name(record.after)
    return f"{version_name(record.before)} → {version_name(record.after)}"


def version_name(version: VersionRef | None) -> str:
    """v2, or that there is none."""
    return _("none") if version is None else f"v{version.number}"


def holders_name(holders: Holders | None) -> str:
    """v2 where stage and alias agree; otherwise which of the two says what."""
    if holders is None:
        return "?"
    stage = ", ".join(f"v{number}" for number in holders.stage)
    if not stage and holders.alias is None:
        return _("none")
    if holders.stage == (holders.alias,):
        return stage
    alias = _("no alias") if holders.alias is None else _("v{alias} by alias", alias=holders.alias)
    return f"{_('{stage} by stage', stage=stage) if stage else _('none by stage')}, {alias}"


def model_address(model: str) -> str:
    """The address of a model's page."""
    return f"/models/{quote(model, safe='')}"


def entry_address(model: str, seq: int) -> str:
    """The address that opens one entry among those of its model."""
    return "/history?" + urlencode({"model": model, "entry": seq})


def _number(version: VersionRef | None) -> int | None:
    return None if version is None else version.number
