"""Stages other than Production, and what is taken over as Production."""

from dataclasses import dataclass
from uuid import uuid4

from core.catalog.store import Holders, Version
from core.decision.access import Permission, require
from core.decision.expectation import require_as_expected, require_same_files
from core.decision.holding import found, reference
from core.decision.looking import Look
from core.decision.preflight import Preflight, existing
from core.decision.promotion import Request
from core.decision.record import Kind, Phase, Record, VersionRef
from core.decision.reigns import NOBODY
from core.errors import DecisionError, EvidenceError, ProductionMoved, StoreError, UsageError
from core.messages import message
from core.quoting import listed, quoted

STAGES = ("Staging", "Archived", "None")  # where a version may go besides Production, as MLflow names them


@dataclass(frozen=True, slots=True, kw_only=True)
class Staging:
    """Decides about stages and adoptions; what it returns is the intent."""

    preflight: Preflight

    def set_stage(self, request: Request, look: Look, number: int, *, stage: str, expected: str) -> Record:
        """The intent to move a version between stages; one that leaves Production takes the alias along.

        Raises:
            NotFound, NotPermitted, ProductionMoved, DecisionError: it may not.
        """
        version = existing(look.model, look.versions, number)
        if version.stage != expected:
            raise _not_there(version, expected)
        if version.stage == stage:
            raise DecisionError(
                message("Version {version} is in {stage} already.", version=number, stage=stage),
                message("Load the page anew."),
            )
        leaves = number in look.holders.numbers
        if leaves:
            require(request.actor, Permission.DEPLOY)
            self._require_one(look)
        moved = reference(version, self.preflight.known_digest(version))
        return Record(
            operation=str(uuid4()),
            kind=Kind.STAGE,
            phase=Phase.INTENT,
            actor=request.actor,
            model=look.model,
            before=moved,
            after=None if leaves else moved,
            holders_before=look.holders if leaves else None,
            holders_after=NOBODY if leaves else None,
            stage_before=version.stage,
            stage_after=stage,
            reason=request.reason,
        )

    def adopt(self, request: Request, look: Look, number: int | None) -> Record:
        """The intent to take over what MLflow has; stage and alias are made one where they are not.

        Raises:
            ProductionMoved: MLflow has another version there than the actor saw, or other files.
            DecisionError: there is nothing to adopt, or more than one version.
        """
        require_as_expected(request.expected, look)
        target = adoption_target(look, number)
        version = found(look.versions, target)
        after = self._reference(version) if version is not None else None
        if after is not None and version == look.production:
            require_same_files(request.expected, version, after.digest)
        return Record(
            operation=str(uuid4()),
            kind=Kind.ADOPT,
            phase=Phase.INTENT,
            actor=request.actor,
            model=look.model,
            before=look.course.production,
            after=after,
            holders_before=look.holders,
            holders_after=NOBODY if target is None else Holders((target,), target),
            reason=request.reason,
        )

    def _reference(self, version: Version) -> VersionRef:
        try:
            return reference(version, self.preflight.digest(version))
        except (EvidenceError, StoreError):  # it is there all the same
            return reference(version, None)

    def _require_one(self, look: Look) -> None:
        if len(look.holders.numbers) > 1:
            raise DecisionError(
                message("Versions {versions} are in Production.", versions=listed(look.holders.numbers)),
                message("Choose one of them first, by adopting it; then move it."),
            )


def adoption_target(look: Look, number: int | None) -> int | None:
    """Which version an adoption takes over; None: nothing is in Production. DecisionError says why none."""
    held = look.holders.numbers
    if not look.differs and look.course.settled is not None:
        raise DecisionError(
            message("Production is what the ledger says; there is nothing to adopt."),
            message("Load the page anew."),
        )
    if number is None and len(held) > 1:
        raise DecisionError(
            message("Versions {versions} are in Production.", versions=listed(held)),
            message("Name the one to adopt."),
        )
    if number is not None and number not in held:
        raise DecisionError(
            message("Version {version} is not in Production.", version=number),
            message("Load the page again; promote the version if you want it there."),
        )
    return number if number is not None else next(iter(held), None)


def require_stage(stage: str) -> None:
    """Raise UsageError where there is no such stage, or it is Production."""
    if stage not in STAGES:
        raise UsageError(
            message("A version cannot be moved to the stage {stage}.", stage=quoted(stage)),
            message("Name Staging, Archived or None; to move it into Production, promote it."),
        )


def _not_there(version: Version, expected: str) -> ProductionMoved:
    return ProductionMoved(
        message(
            "Version {version} is in {stage} now; you saw it in {expected}.",
            version=version.number,
            stage=version.stage,
            expected=expected,
        ),
        message("Look at what is there now, and decide anew."),
    )
