"""A move that somebody asks for: what the dialog shows, kept in the browser until it is confirmed.

It holds what the page showed when the dialog opened, so a page that is behind is told so, and the key
under which a request that is repeated finds the first one's outcome.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from core.decision.record import Kind
from core.decision.standing import Expected
from core.errors import UsageError
from core.messages import message

MOST_REASON: Final = 2_000  # characters; the ledger takes no longer one
STAGES: Final = ("Staging", "Archived", "None")  # where a version may go besides Production
ASKABLE: Final = frozenset({Kind.PROMOTE, Kind.ROLLBACK, Kind.STAGE, Kind.ADOPT, Kind.RESTORE})
_DIGEST: Final = re.compile(r"sha256:[0-9a-f]{64}", re.ASCII)
_KEY: Final = re.compile(r"[0-9a-f-]{32,36}", re.ASCII)
_MOST_NUMBER: Final = 10**9


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """What is to happen, why, and what was seen in Production before it."""

    kind: Kind
    version: int | None  # None: of Kind.RESTORE and Kind.ADOPT, nothing in Production
    expected: Expected
    reason: str
    key: str
    stage: str = ""  # of Kind.STAGE: where it goes
    stage_seen: str = ""  # of Kind.STAGE: where it was
    threshold: float = 0.5

    def kept(self) -> dict[str, Any]:
        """As JSON for the browser; `asked` reads it back."""
        return {
            "kind": str(self.kind),
            "version": self.version,
            "expected": seen(self.expected),
            "reason": self.reason,
            "key": self.key,
            "stage": self.stage,
            "stage_seen": self.stage_seen,
            "threshold": self.threshold,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """What of the gate the person was shown, and what they take on."""

    seal: str | None = None
    acknowledged: bool | None = None
    override: bool = False


def consent(gate: object, overridden: object, move: Move) -> Consent:
    """What a browser says of the gate of a move.

    Raises:
        UsageError: it is a promotion, and the dialog has not shown its gate.
    """
    if move.kind is not Kind.PROMOTE:
        return Consent()
    shown = gate if isinstance(gate, Mapping) else {}
    seal = text(shown.get("seal"))
    if shown.get("key") != move.key or not seal:
        raise UsageError(
            message(
                "The gate of v{number} has not been shown yet; nothing was changed.", number=move.version
            ),
            message("Wait until the dialog shows it, and decide then."),
        )
    return Consent(seal=seal, acknowledged=shown.get("warns") is True, override=overridden == move.key)


def seen(expected: Expected) -> dict[str, Any]:
    """What a page shows in Production, as JSON; `expectation` reads it back."""
    return {"version": expected.version, "digest": expected.digest}


def asked(sent: object) -> Move:
    """The move that a browser sent back; UsageError where no dialog can have made it."""
    kept = sent if isinstance(sent, Mapping) else {}
    kind, key = text(kept.get("kind")), text(kept.get("key"))
    if kind not in {str(known) for known in ASKABLE} or not _KEY.fullmatch(key):
        raise _senseless()
    stage, stage_seen = text(kept.get("stage")), text(kept.get("stage_seen"))
    if kind == Kind.STAGE and stage not in STAGES:
        raise _senseless()
    version = number(kept.get("version"))
    if version is None and kind not in {Kind.RESTORE, Kind.ADOPT}:
        raise _senseless()
    return Move(
        kind=Kind(kind),
        version=version,
        expected=expectation(kept.get("expected")),
        reason=text(kept.get("reason")),
        key=key,
        stage=stage,
        stage_seen=stage_seen,
        threshold=share(kept.get("threshold")),
    )


def expectation(sent: object) -> Expected:
    """What a browser says that it showed; UsageError where no page can have shown it."""
    if not isinstance(sent, Mapping) or "version" not in sent:
        raise _senseless()
    version, digest = sent["version"], sent.get("digest")
    if version is not None and number(version) is None:
        raise _senseless()
    if digest is not None and not (isinstance(digest, str) and _DIGEST.fullmatch(digest)):
        raise _senseless()
    return Expected(version=number(version), digest=digest)


def number(value: object) -> int | None:
    """A version number that a browser sent; None for anything else."""
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return value if is_number and isinstance(value, int) and 0 < value < _MOST_NUMBER else None


def text(value: object) -> str:
    """A text that a browser sent, without blanks around it; empty for anything else."""
    return value.strip() if isinstance(value, str) else ""


def share(value: object) -> float:
    """A threshold that a browser sent; one half for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return 0.5
    return float(value) if math.isfinite(value) and 0 <= value <= 1 else 0.5


def _senseless() -> UsageError:
    return UsageError(
        message("This request makes no sense as it stands; nothing was changed."),
        message("Load the page again and choose anew."),
    )
