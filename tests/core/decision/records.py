"""Records for tests of the ledger."""

import uuid

from core.catalog.store import Holders
from core.decision.access import RUNOFF, Actor, Role
from core.decision.record import Kind, Phase, Record, VersionRef

ANN = Actor(name="Ann", role=Role.ADMIN, identified_by="operating system")
BOB = Actor(name="Bob", role=Role.ML_ENGINEER, identified_by="operating system")


def intent(model: str = "titanic", version: int = 2, *, actor: Actor = ANN, reason: str = "better") -> Record:
    """The first step of a promotion."""
    return Record(
        operation=str(uuid.uuid4()),
        kind=Kind.PROMOTE,
        phase=Phase.INTENT,
        actor=actor,
        model=model,
        after=VersionRef(number=version, digest=f"sha256:{version}"),
        holders_after=Holders(stage=(version,), alias=version),
        reason=reason,
    )


def outcome(of: Record, phase: Phase = Phase.DONE) -> Record:
    """How it ended."""
    return Record(
        operation=of.operation, kind=of.kind, phase=phase, actor=of.actor, model=of.model, after=of.after
    )


def seen(model: str = "titanic", phase: Phase = Phase.EXTERNAL) -> Record:
    """A change from outside, or one that was adopted."""
    return Record(
        operation=str(uuid.uuid4()),
        kind=Kind.EXTERNAL if phase is Phase.EXTERNAL else Kind.ADOPT,
        phase=phase,
        actor=RUNOFF,
        model=model,
    )
