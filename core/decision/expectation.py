"""The compare of the compare-and-set: whether Production still is what the actor saw."""

from typing import TYPE_CHECKING

from core.catalog.store import Holders, Version
from core.decision.holding import in_production
from core.decision.standing import Expected, Reign
from core.errors import ProductionMoved
from core.messages import Message, message
from core.quoting import quoted

if TYPE_CHECKING:  # looking settles, settling moves, and moving asks here
    from core.decision.looking import Look

_LOOK_AGAIN = message("Look at what is there now, and decide anew.")


def require_as_expected(expected: Expected | None, look: "Look") -> None:
    """Raise ProductionMoved where another version is in Production than the actor saw; say since when."""
    now = in_production(look.holders)
    if expected is not None and now != expected.version:
        raise ProductionMoved(_moved(now, expected.version), _who(now, look.course.reign))


def moved_meanwhile(was: Holders, now: Holders, reign: Reign | None) -> ProductionMoved:
    """The refusal where somebody else was quicker; `reign` is the present one by the ledger."""
    before, after = in_production(was), in_production(now)
    if before != after:
        return ProductionMoved(_moved(after, before), _who(after, reign))
    title = message("Stage or alias of Production was changed by somebody else a moment ago.")
    return ProductionMoved(title, _LOOK_AGAIN)


def require_same_files(expected: Expected | None, production: Version | None, digest: str | None) -> None:
    """Raise ProductionMoved where the files of the version in Production are not those that the actor saw."""
    seen = expected.digest if expected is not None else None
    if production is None or None in (seen, digest) or seen == digest:
        return
    raise ProductionMoved(
        message(
            "The files of version {version} in Production are not those that you saw: "
            "their bytes have changed.",
            version=production.number,
        ),
        _LOOK_AGAIN,
    )


def _moved(now: int | None, expected: int | None) -> Message:
    if now is None:
        return message("Nothing is in Production now; you saw version {expected} there.", expected=expected)
    if expected is None:
        return message("Version {now} is in Production now; you saw nothing there.", now=now)
    return message(
        "Version {now} is in Production now; you saw version {expected} there.", now=now, expected=expected
    )


def _who(now: int | None, reign: Reign | None) -> Message:
    if reign is None or reign.version.number != now:
        return _LOOK_AGAIN
    since = f"{reign.since:%Y-%m-%d %H:%M:%S} UTC"
    return message("{actor} put it there at {since}.", actor=quoted(reign.by), since=since)
