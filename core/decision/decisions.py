"""The one door to decisions: where models stand, what a move would change, and the moves themselves."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from core.catalog.store import Registrar, Store, Version
from core.decision.access import Actor
from core.decision.courses import Courses
from core.decision.looking import Looking
from core.decision.record import Entry, Kind
from core.decision.standing import Expected, Outcome, Preview, Reign, Standing
from core.evidence.comparison import Comparison
from core.settings import Settings

if TYPE_CHECKING:
    from core.decision.ledger import Ledger
    from core.evidence.scoring import Scorer
    from core.evidence.split import Splits


class Registry(Store, Registrar, Protocol):
    """An MLflow store that is read and changed."""


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
    ) -> None:
        self._store = store
        self._ledger = ledger
        self._courses = Courses(ledger)
        self._looking = Looking(store, ledger, self._courses, alias=settings.alias)

    def check(self) -> None:
        """Raise the LedgerError that keeps decisions from being recorded, if there is one."""
        self._ledger.check()

    def standing(self, model: str, listed: Sequence[Version] | None = None) -> Standing:
        """Where a model stands, by the ledger and by MLflow; what changed from outside goes on record.

        `listed` are all versions of the model where they have just been read.

        Raises:
            NotFound: there is no such model.
            StoreError: MLflow does not answer.
        """
        return self._looking.standing(model, listed)

    def standings(self) -> Mapping[str, Standing]:
        """All models of the registry; without `past`, and cheap."""
        return self._looking.standings()

    def preview(self, model: str, version: int | None, kind: Kind, *, threshold: float = 0.5) -> Preview:
        """What a move would change; nothing is changed, fetched or scored.

        `version` None: of a rollback, the one before; of an adoption, the one in Production by MLflow; of a
        restore it is not looked at.
        """
        raise NotImplementedError

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
    ) -> Outcome:
        """Put a version into Production, where Production still is what the actor saw.

        A version that is not scored yet is scored first. `key` is the request's own: asked again with it,
        this returns what the first one came to. `threshold` is that of the comparison the actor saw.

        Raises:
            NotPermitted: the actor may not deploy.
            ProductionMoved: Production is not what is expected.
            MoveUnderWay: another move of this model has not ended.
            VersionUnfit: it is not ready, or in Production already.
            DecisionError: there is no reason, or a too long one.
            NotFound, StoreError, SplitError, ScoringError: there is no such version, or it cannot be scored.
            LedgerError: the ledger cannot be written; the sentence says whether anything has moved.
        """
        raise NotImplementedError

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
        raise NotImplementedError

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
        raise NotImplementedError

    def adopt(self, actor: Actor, model: str, version: int | None, *, reason: str, key: str) -> Outcome:
        """Take over what somebody else put into Production; stage and alias are made one.

        `version` None: the one that MLflow has; where it has several, one must be named.
        """
        raise NotImplementedError

    def restore(self, actor: Actor, model: str, *, reason: str, key: str) -> Outcome:
        """Undo a change from outside: Production becomes what the ledger says.

        Raises:
            VersionUnfit: that version was deleted, made anew, or its bytes have changed.
            RunoffError: as `promote`.
        """
        raise NotImplementedError

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
        return tuple(reign for name in sorted(courses) for reign in courses[name].reigns)

    def production_at(self, model: str, time: datetime) -> Reign | None:
        """What was in Production by the ledger at a time (with its zone); None: nothing."""
        return self._courses.of(model)[1].at(time)

    def settle(self) -> None:
        """End the operations of all models whose process is gone, by reading back what became of them."""
        raise NotImplementedError

    def watch(self) -> None:
        """Settle, and look at all models, in the background until `close`."""
        raise NotImplementedError

    def close(self) -> None:
        """Stop watching."""
