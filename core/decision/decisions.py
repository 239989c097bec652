"""The one door to decisions: where models stand, what a move would change, and the moves themselves."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from core.catalog.store import Version
from core.decision.access import Actor, Permission, require
from core.decision.courses import Courses
from core.decision.gate import Gates
from core.decision.gate_report import GateReport
from core.decision.looking import Looking
from core.decision.moving import Moving
from core.decision.position import Registry
from core.decision.preflight import Preflight, require_reason
from core.decision.previews import Previews
from core.decision.promotion import Promotion, Request
from core.decision.record import Entry, Kind
from core.decision.requests import Requests
from core.decision.settling import WRITE_SECONDS, Settling
from core.decision.staging import Staging, require_stage
from core.decision.standing import Expected, Outcome, Preview, Reign, Standing
from core.decision.standings import Standings
from core.decision.watching import Watch
from core.evidence.comparison import Comparison
from core.settings import Settings

if TYPE_CHECKING:
    from core.decision.ledger import Ledger
    from core.decision.verification import Verification
    from core.evidence.scoring import Scorer
    from core.evidence.split import Splits

_ROUND_SECONDS = 30.0  # between two looks at all models in the background


class Decisions:
    """Moves Production and tells how it came about. Thread-safe; any number of processes may each have one.

    A move that ends as FAILED, UNKNOWN or CONFLICT raises nothing: the entry of its Outcome says so. What
    the rules refuse, before anything is written to MLflow, raises.
    """

    def __init__(
        self,
        *,
        store: Registry,
        ledger: "Ledger",
        scorer: "Scorer",
        splits: "Splits",
        settings: Settings,
        compare: Callable[..., Comparison],
        gates: Gates,
        write_seconds: float = WRITE_SECONDS,
    ) -> None:
        """`write_seconds`: for how long a call that changes MLflow may come into force after it was made."""
        alias = settings.alias
        preflight = Preflight(scorer=scorer, splits=splits, compare=compare)
        courses = Courses(ledger)
        moving = Moving(store, ledger, courses, alias=alias)
        remote = settings.tracking_uri.startswith(("http://", "https://"))
        settling = Settling(store, ledger, moving, alias=alias, write_seconds=write_seconds, remote=remote)
        digest = preflight.known_digest
        looking = Looking(store, ledger, courses, settling, alias=alias, digest=digest)
        self._ledger = ledger
        self._gates = gates
        self._courses = courses
        self._settling = settling
        self._standings = Standings(store, ledger, courses, looking, alias=alias, digest=digest)
        self._previews = Previews(looking=looking, preflight=preflight, gates=gates)
        self._promotion = Promotion(store=store, looking=looking, preflight=preflight, gates=gates)
        self._staging = Staging(preflight=preflight)
        self._requests = Requests(ledger=ledger, looking=looking, settling=settling, moving=moving)
        self._watch = Watch(self._go_round, seconds=_ROUND_SECONDS)

    def check(self) -> None:
        """Raise the LedgerError that keeps decisions from being recorded, if there is one."""
        self._ledger.check()

    def verify(self, head: str | None = None) -> "Verification":
        """Whether the ledger is what was written; `head`: one that was printed before.

        Raises:
            LedgerError: it cannot be read.
            UsageError: that is no head.
        """
        return self._ledger.verify(head)

    def standing(self, model: str, listed: Sequence[Version] | None = None) -> Standing:
        """Where a model stands, by the ledger and by MLflow; what changed from outside goes on record.

        `listed` are all versions of the model where they have just been read.

        Raises:
            NotFound: there is no such model.
            StoreError: MLflow does not answer.
        """
        return self._standings.of(model, listed)

    def standings(self) -> Mapping[str, Standing]:
        """All models of the registry; without `past`, and cheap."""
        return self._standings.all()

    def preview(
        self,
        model: str,
        version: int | None,
        kind: Kind,
        *,
        threshold: float = 0.5,
        gated: bool = False,
    ) -> Preview:
        """What a move would change; nothing is changed, fetched or scored.

        `version` None: of a rollback, the one before; of an adoption, the one in Production by MLflow; of a
        restore it is not looked at. `gated`: of a promotion, with its gate report, which may take seconds.

        Raises:
            UsageError, NotFound, DecisionError: there is no such move.
            StoreError: MLflow does not answer.
            SplitError, EvidenceError: what the gate stands on cannot be had; only where `gated`.
        """
        return self._previews.of(model, version, kind, threshold=threshold, gated=gated)

    def gate(
        self,
        model: str,
        version: int,
        *,
        baseline: int | Literal["production"] = "production",
        threshold: float = 0.5,
    ) -> GateReport:
        """What the promotion policy says of a version, as far as it is scored; starts no scoring.

        Raises:
            UsageError: the threshold is not in [0, 1].
            NotFound: there is no such model or version.
            SplitError, EvidenceError, StoreError: what the checks stand on cannot be had.
        """
        return self._gates.report(model, version, baseline=baseline, threshold=threshold)

    def promote(
        self,
        actor: Actor,
        model: str,
        version: int,
        *,
        expected: Expected,
        reason: str,
        key: str,
        threshold: float = 0.5,
        override: bool = False,
        seal: str | None = None,
        acknowledged: bool | None = None,
    ) -> Outcome:
        """Put a version into Production, where Production still is what the actor saw.

        A version that is not scored yet is scored first. `key` is the request's own: asked again with it,
        this returns what the first one came to. `threshold` is that of the comparison the actor saw,
        `seal` that of the gate report; None: they saw none. With `override`, an actor who is an
        administrator goes against a gate that is not passed. `acknowledged`: whether a person who was
        asked has acknowledged its warnings; None: nobody was asked.

        Raises:
            NotPermitted: the actor may not deploy.
            GateRefused: the gate is not passed, or its warnings are not acknowledged.
            GateChanged: the gate is another one than the actor saw.
            ProductionMoved: Production is not what is expected.
            MoveUnderWay: another move of this model has not ended.
            VersionUnfit: it is not ready, or in Production already.
            DecisionError: there is no reason, or a too long one.
            NotFound, StoreError, SplitError, ScoringError: there is no such version, or it cannot be scored.
            LedgerError: the ledger cannot be written; the sentence says whether anything has moved.
        """
        asked = _request(actor, Kind.PROMOTE, reason, expected=expected, threshold=threshold)
        request = replace(asked, override=override, seal=seal, acknowledged=acknowledged)
        return self._requests.once(
            lambda look: self._promotion.promote(request, look, version), model=model, key=key
        )

    def rollback(
        self,
        actor: Actor,
        model: str,
        *,
        to: int | None,
        expected: Expected,
        reason: str,
        key: str,
        threshold: float = 0.5,
    ) -> Outcome:
        """Put back a version that was in Production before; `to` None: the one before the present one.

        Raises:
            DecisionError: nothing was in Production before, or `to` never was.
            VersionUnfit: it was deleted, made anew, or its bytes have changed.
            RunoffError: as `promote`.
        """
        request = _request(actor, Kind.ROLLBACK, reason, expected=expected, threshold=threshold)
        return self._requests.once(
            lambda look: self._promotion.rollback(request, look, to), model=model, key=key
        )

    def set_stage(
        self,
        actor: Actor,
        model: str,
        version: int,
        stage: str,
        *,
        expected_stage: str,
        reason: str,
        key: str,
    ) -> Outcome:
        """Put a version into Staging, Archived or None. One that leaves Production needs the right to deploy.

        Raises:
            UsageError: there is no such stage.
            RunoffError: as `promote`.
        """
        require_stage(stage)
        request = _request(actor, Kind.STAGE, reason, permission=Permission.WRITE)
        return self._requests.once(
            lambda look: self._staging.set_stage(
                request, look, version, stage=stage, expected=expected_stage
            ),
            model=model,
            key=key,
        )

    def adopt(
        self, actor: Actor, model: str, version: int | None, *, expected: Expected, reason: str, key: str
    ) -> Outcome:
        """Take over what somebody else put into Production; stage and alias are made one.

        `version` None: the one that MLflow has; where it has several, one must be named. `expected` is
        what MLflow had, as `preview` told it.

        Raises:
            RunoffError: as `promote`.
        """
        request = _request(actor, Kind.ADOPT, reason, expected=expected)
        return self._requests.once(
            lambda look: self._staging.adopt(request, look, version), model=model, key=key
        )

    def restore(self, actor: Actor, model: str, *, reason: str, key: str) -> Outcome:
        """Undo a change from outside: Production becomes what the ledger says.

        Raises:
            VersionUnfit: that version was deleted, made anew, or its bytes have changed.
            RunoffError: as `promote`.
        """
        request = _request(actor, Kind.RESTORE, reason)
        return self._requests.once(lambda look: self._promotion.restore(request, look), model=model, key=key)

    def history(self, **filters: Any) -> tuple[Entry, ...]:
        """Entries of the ledger, newest first; the filters are those of `Ledger.entries`."""
        return self._ledger.entries(**filters)

    def recorded_models(self) -> tuple[str, ...]:
        """Models that have entries, also those that the registry no longer has."""
        return self._ledger.models()

    def recorded_actors(self) -> tuple[str, ...]:
        """Who has entries."""
        return self._ledger.actors()

    def reigns(self, model: str | None = None) -> tuple[Reign, ...]:
        """Who was in Production when, oldest first; of all models by name where none is named."""
        if model is not None:
            return self._courses.of(model)[1].reigns
        courses = self._courses.all()
        return tuple(reign for name in sorted(courses) for reign in courses[name][1].reigns)

    def production_at(self, model: str, time: datetime) -> Reign | None:
        """What was in Production by the ledger at a time (with its zone); None: nothing."""
        return self._courses.of(model)[1].at(time)

    def settle(self) -> None:
        """End the operations of all models whose process is gone, by reading back what became of them."""
        self._settling.settle(wait=True)

    def watch(self) -> None:
        """Settle, and look at all models, in the background until `close`."""
        self._watch.start()

    def close(self) -> None:
        """Stop watching and waiting; then close the ledger."""
        self._settling.close()
        self._watch.close()
        self._ledger.close()

    def _go_round(self) -> None:
        self._settling.settle(wait=True)
        self._standings.look_at_all()


def _request(
    actor: Actor,
    kind: Kind,
    reason: str,
    *,
    permission: Permission = Permission.DEPLOY,
    expected: Expected | None = None,
    threshold: float = 0.5,
) -> Request:
    """What somebody who may asks for, and why; NotPermitted, DecisionError."""
    require(actor, permission)
    require_reason(reason)
    return Request(actor=actor, kind=kind, reason=reason.strip(), expected=expected, threshold=threshold)
