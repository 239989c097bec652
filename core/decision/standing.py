"""Where a model stands: what is in Production by the ledger and by MLflow, since when and by whom."""

from dataclasses import dataclass
from datetime import datetime

from core.catalog.store import Holders
from core.decision.gate_report import GateReport
from core.decision.record import Entry, Kind, Numbers, Phase, VersionRef
from core.errors import RunoffError
from core.messages import Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What the actor saw in Production when they decided: the compare of the compare-and-set.

    `version` None: nothing was. `digest` None: it had not been scored, so its files are not compared.
    """

    version: int | None
    digest: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """A version that has been in Production, and may be again; times are UTC."""

    version: VersionRef
    since: datetime
    until: datetime
    by: str  # who had put it there
    by_itself: bool = False  # Runoff found it there, and recorded that by itself
    refusal: RunoffError | None = None  # why it cannot come back: deleted, made anew, other bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Reign:
    """A time for which a version was in Production by the ledger; `until` None: it still is. UTC."""

    model: str
    version: VersionRef
    since: datetime
    until: datetime | None
    by: str
    kind: Kind  # how it came there
    reason: str
    seq: int  # of the entry that put it there
    by_itself: bool = False  # Runoff found it there, and recorded that by itself


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """An operation that has not ended."""

    operation: str
    kind: Kind
    actor: str
    started: datetime  # UTC
    version: int | None
    phase: Phase  # INTENT: under way; UNKNOWN: MLflow gave no answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One look at a model.

    `differs` is the ledger's entry of what was found changed from outside and nobody has adopted or
    undone. `undecided` are the versions among which a person must choose, because MLflow holds several
    in Production and the ledger none. `trouble`: the ledger cannot be written, so nothing can move.
    """

    model: str
    holders: Holders  # MLflow now
    production: VersionRef | None = None  # by the ledger
    since: datetime | None = None
    by: str = ""
    by_itself: bool = False  # Runoff found it there, and recorded that by itself
    reason: str = ""
    differs: Entry | None = None
    undecided: tuple[int, ...] = ()
    pending: Pending | None = None
    past: tuple[Past, ...] = ()  # where a rollback may go to, the version before this one first
    trouble: RunoffError | None = None
    token: str = ""  # another one as soon as anything here is another; what open pages poll


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What a move would change, for the dialog before it and for the command line."""

    model: str
    kind: Kind
    before: VersionRef | None
    after: VersionRef | None
    expected: Expected
    holders: Holders  # MLflow now
    numbers: Numbers | None  # of both versions, where both are scored
    gate: GateReport | None = None  # of a promotion, where it was asked for


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a move ended; the same for a request that is repeated with its key."""

    entry: Entry  # DONE, FAILED, UNKNOWN, CONFLICT or ADOPTED
    repeated: bool = False  # an earlier request with this key had done it
    notes: tuple[Message, ...] = ()  # what went wrong beside it, once it had ended
