"""What goes into Production: promotions, rollbacks, and the undoing of changes from outside."""

from dataclasses import dataclass
from uuid import uuid4

from core.catalog.store import Holders, Registrar, Version
from core.decision.access import Actor
from core.decision.expectation import moved_meanwhile, require_as_expected, require_same_files
from core.decision.fitness import changed
from core.decision.gate import Gates
from core.decision.gate_report import GateReport
from core.decision.gatekeeping import require_acknowledged, require_not_refused, require_unchanged
from core.decision.holding import found, in_production, reference
from core.decision.looking import Look, Looking
from core.decision.preflight import Preflight, existing
from core.decision.record import Kind, Phase, Record, VersionRef
from core.decision.reigns import NOBODY
from core.decision.standing import Expected
from core.errors import DecisionError, EvidenceError, StoreError, VersionUnfit
from core.messages import Message, message


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """Who asks for what, and why.

    `expected` None: the actor asks about what is there, whatever it is. `threshold` is that of the
    comparison which the actor saw, `seal` that of the gate report which they saw (None: none was shown);
    `acknowledged` says whether they have acknowledged its warnings, None: they were not asked.
    """

    actor: Actor
    kind: Kind
    reason: str
    expected: Expected | None = None
    threshold: float = 0.5
    override: bool = False
    seal: str | None = None
    acknowledged: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Promotion:
    """Decides whether a version may go into Production; what it returns is the intent."""

    store: Registrar
    looking: Looking
    preflight: Preflight
    gates: Gates

    def promote(self, request: Request, look: Look, number: int) -> Record:
        """The intent of a promotion.

        Raises:
            GateRefused, GateChanged: the policy keeps it from Production, or is another one than was seen.
            NotFound, VersionUnfit, ProductionMoved, EvidenceError, StoreError: it may not go.
        """
        return self._into_production(request, look, existing(look.model, look.versions, number))

    def rollback(self, request: Request, look: Look, to: int | None) -> Record:
        """The intent of a rollback to a version that was in Production; None: the one before.

        Raises:
            DecisionError: there is none.
            VersionUnfit: it is not what it was.
        """
        require_as_expected(request.expected, look)
        was = rollback_target(look, to)
        return self._back(request, look, was)

    def restore(self, request: Request, look: Look) -> Record:
        """The intent to make Production what the ledger says.

        Raises:
            DecisionError: it is, or the ledger says nothing.
            VersionUnfit: the version is not what it was.
        """
        was = restore_target(look)
        if was is not None:
            return self._back(request, look, was)
        return Record(
            operation=str(uuid4()),
            kind=request.kind,
            phase=Phase.INTENT,
            actor=request.actor,
            model=look.model,
            before=self.leaving(look),
            holders_before=look.holders,
            holders_after=NOBODY,
            reason=request.reason,
        )

    def leaving(self, look: Look) -> VersionRef | None:
        """The version in Production as it goes on record."""
        version = look.production
        return reference(version, self.preflight.known_digest(version)) if version is not None else None

    def _back(self, request: Request, look: Look, was: VersionRef) -> Record:
        version = found(look.versions, was.number)
        refusal = changed(was, version, None)
        if refusal is not None:
            raise refusal
        assert version is not None  # that would have been the refusal
        return self._into_production(request, look, version, was=was)

    def _into_production(
        self, request: Request, look: Look, version: Version, *, was: VersionRef | None = None
    ) -> Record:
        require_as_expected(request.expected, look)
        aim = Holders((version.number,), version.number)
        if look.holders == aim:
            raise _already(version)
        digest = self._digest(version, was)
        with self.preflight.scoring(version, look.production):
            before, trouble = self._before(request.expected, look)
            if self.preflight.known_digest(version) not in (None, digest):
                raise _overwritten(version)
            gate = self._gate(request, look, version, digest) if was is None else None
            self._require_unmoved(request, look)
            numbers = self.preflight.numbers(
                version.number,
                in_production(look.holders),
                threshold=request.threshold,
                listed=look.versions,
            )
        return Record(
            operation=str(uuid4()),
            kind=request.kind,
            phase=Phase.INTENT,
            actor=request.actor,
            model=look.model,
            before=before,
            after=reference(version, digest),
            holders_before=look.holders,
            holders_after=aim,
            numbers=numbers,
            gate=gate,
            overridden=gate is not None and bool(gate.blocking),
            acknowledged=gate is not None and bool(gate.warnings) and request.acknowledged is True,
            reason=request.reason,
            trouble=trouble,
        )

    def _gate(self, request: Request, look: Look, version: Version, digest: str) -> GateReport:
        """The report with which the version may go: passed, or overridden by somebody who may."""
        report = self.gates.report(
            look.model,
            version.number,
            baseline=in_production(look.holders),
            threshold=request.threshold,
            listed=look.versions,
        )
        if report.candidate_digest != digest:
            raise _overwritten(version)
        require_unchanged(report, request.seal)
        require_not_refused(report, request.actor, override=request.override)
        require_acknowledged(report, acknowledged=request.acknowledged)
        return report

    def _require_unmoved(self, request: Request, look: Look) -> None:
        """Scoring may have taken long; whoever was quicker is named before anything goes on record."""
        if self.store.holders(look.model) == look.holders:
            return
        now = self.looking.glance(look.model)
        require_as_expected(request.expected, now)
        raise moved_meanwhile(look.holders, now.holders, now.course.reign)

    def _digest(self, version: Version, was: VersionRef | None) -> str:
        digest = self.preflight.digest(version)
        refusal = changed(was, version, digest) if was is not None else None
        if refusal is not None:
            raise refusal
        return digest

    def _before(self, expected: Expected | None, look: Look) -> tuple[VersionRef | None, tuple[Message, ...]]:
        """What leaves Production. Where its files are lost it may be replaced all the same, with a note."""
        version = look.production
        if version is None:
            return None, ()
        digest = self.preflight.known_digest(version) if expected is None or expected.digest is None else None
        trouble: tuple[Message, ...] = ()
        if digest is None:
            try:
                digest = self.preflight.digest(version)
            except (EvidenceError, StoreError) as error:
                unread = message("The files of version {version} could not be read.", version=version.number)
                trouble = (unread, error.title)
        require_same_files(expected, version, digest)
        return reference(version, digest), trouble


def rollback_target(look: Look, to: int | None) -> VersionRef:
    """Where a rollback goes: the version that was there before, or one that once was; DecisionError."""
    if to is None:
        return _previous(look)
    for reign in reversed(look.course.reigns):
        if reign.version.number == to:
            return reign.version
    raise DecisionError(
        message("Version {version} has not been in Production, as far as the ledger knows.", version=to),
        message("Promote it, or choose one that was."),
    )


def restore_target(look: Look) -> VersionRef | None:
    """What the ledger says is in Production, None for nothing; DecisionError where that is so already."""
    if look.course.settled is None:
        raise DecisionError(
            message("The ledger does not name a version in Production yet."),
            message("Adopt one, or promote one."),
        )
    if not look.differs:
        raise DecisionError(
            message("Production is what the ledger says; there is nothing to restore."),
            message("Load the page anew."),
        )
    return look.course.production


def _previous(look: Look) -> VersionRef:
    if look.differs:
        raise DecisionError(
            message("Production was changed from outside, so it is not clear what was there before."),
            message("Restore what the ledger says, adopt what is there, or name the version to go back to."),
        )
    if look.course.previous is None:
        raise DecisionError(
            message("No other version was in Production before."), message("Promote one instead.")
        )
    return look.course.previous


def _already(version: Version) -> VersionUnfit:
    return VersionUnfit(
        message("Version {version} is in Production already.", version=version.number),
        message("Choose another version."),
    )


def _overwritten(version: Version) -> VersionUnfit:
    return VersionUnfit(
        message("The files of version {version} changed while it was checked.", version=version.number),
        message("Find out who writes to them, then try again."),
    )
