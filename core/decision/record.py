"""What the ledger holds: one record of one step of one operation."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from core.catalog.store import Holders
from core.decision.access import Actor
from core.decision.gate_report import GateReport
from core.messages import Message


class Kind(StrEnum):
    """What was done, or seen."""

    PROMOTE = "promote"
    ROLLBACK = "rollback"
    RESTORE = "restore"  # a change from outside was undone
    STAGE = "stage"  # a move between stages other than into Production
    ADOPT = "adopt"  # what is in Production was taken over as such
    EXTERNAL = "external"  # somebody changed Production without Runoff


class Phase(StrEnum):
    """How far an operation was when the record was written."""

    INTENT = "intent"
    DONE = "done"
    FAILED = "failed"  # MLflow is as it was before
    UNKNOWN = "unknown"  # MLflow gave no answer; to be settled by reading back
    CONFLICT = "conflict"  # MLflow is neither as before nor as intended: for people to decide
    EXTERNAL = "external"
    ADOPTED = "adopted"


SETTLED = frozenset({Phase.DONE, Phase.FAILED, Phase.CONFLICT})


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionRef:
    """A version as it was: numbers restart and files can be overwritten, so both are told apart here."""

    number: int
    digest: str | None  # of its files; None: they could not be had
    created: datetime | None = None
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """The comparison that the person saw; metric values None where undefined."""

    fingerprint: str
    rows: int
    positives: int
    source: str
    threshold: float
    primary_metric: str
    metrics: Mapping[int, Mapping[str, float | None]]  # version -> metric -> value


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One step of one operation; the ledger adds when, in which order, and the chain."""

    operation: str  # a UUID; all records of one operation share it
    kind: Kind
    phase: Phase
    actor: Actor
    model: str
    before: VersionRef | None = None  # in Production before, or the version whose stage moves
    after: VersionRef | None = None  # in Production after; None: nothing is
    holders_before: Holders | None = None  # as MLflow had it
    holders_after: Holders | None = None  # as intended (INTENT), or as read back
    stage_before: str = ""  # of Kind.STAGE
    stage_after: str = ""
    numbers: Numbers | None = None
    gate: GateReport | None = None  # of a promotion; entries from before there were gates have none
    overridden: bool = False  # the gate was not passed, and the actor went against it
    acknowledged: bool = False  # the actor was asked about warnings of the gate, and said yes
    reason: str = ""
    trouble: tuple[Message, ...] = ()  # why it failed, or what else people should know


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A record as the ledger holds it; `at` is UTC."""

    seq: int
    at: datetime
    record: Record
    app_version: str
    previous: str  # hash of the entry before; of the first: 64 zeros
    hash: str
    key_id: str = field(default="")  # which key signed it
