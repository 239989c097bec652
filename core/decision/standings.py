"""Where models stand, as pages show it and ask for it again and again."""

import contextlib
import hashlib
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from core.catalog.store import Holders, RegisteredModel, Store, Version
from core.decision.courses import Courses
from core.decision.fitness import changed
from core.decision.holding import found, holders_of
from core.decision.looking import Look, Looking
from core.decision.record import Entry
from core.decision.reigns import Course
from core.decision.standing import Past, Pending, Standing
from core.errors import LedgerError, NotFound, RunoffError

if TYPE_CHECKING:
    from core.decision.ledger import Ledger
    from core.decision.pending import PendingRow

_MOST_PAST = 50  # versions that a dropdown offers
_LOOK_SECONDS = 1.0  # for models that differ, while a person waits for the list of all
_CHECK_SECONDS = 5.0  # for which the answer whether the ledger can be written holds


class Standings:
    """Tells where models stand. A ledger that fails does not keep people from reading."""

    def __init__(
        self,
        store: Store,
        ledger: "Ledger",
        courses: Courses,
        looking: Looking,
        *,
        alias: str,
        digest: Callable[[Version | None], str | None],
    ) -> None:
        self._store = store
        self._ledger = ledger
        self._courses = courses
        self._looking = looking
        self._alias = alias
        self._digest = digest
        self._lock = threading.Lock()
        self._seen: dict[str, object] = {}  # when the models were made and changed that have been looked at
        self._checked: tuple[float, RunoffError | None] = (
            -_CHECK_SECONDS,
            None,
        )  # when, and what kept the ledger from being written

    def of(self, model: str, listed: Sequence[Version] | None = None) -> Standing:
        """One model; `listed` are all its versions where they have just been read."""
        try:
            return self._told(self._looking.look(model, listed), self._trouble())
        except LedgerError as error:
            trouble = error
        try:
            return self._told(self._looking.glance(model, listed), trouble)
        except LedgerError as error:  # not to be read either
            versions = self._store.versions(model) if listed is None else listed
            holders = holders_of(versions, self._alias)
            return Standing(model=model, holders=holders, trouble=error, token=_token(error, holders))

    def all(self) -> Mapping[str, Standing]:
        """All models of the registry; those that are as the ledger says without their past."""
        models = self._store.models()
        try:
            pending = {row.intent.record.model for row in self._ledger.pending()}
            known, trouble = self._courses.all(), self._trouble()
        except LedgerError as error:
            return {model.name: self._unrecorded(model, error) for model in models}
        standings, until = {}, time.monotonic() + _LOOK_SECONDS
        for model in models:
            last, course = known.get(model.name, (None, Course()))
            agrees = model.name not in pending and self._looking.agrees(model, course, last)
            if agrees or time.monotonic() > until:  # the watch in the background looks at the rest
                standings[model.name] = self._listed(model, course, last, trouble)
            else:
                standings[model.name] = self._looked(model, trouble)
        return standings

    def look_at_all(self) -> None:
        """Look at every model that was changed since the last time, and at those that were deleted.

        Raises:
            StoreError, LedgerError: MLflow does not answer, or the ledger cannot be read or written.
        """
        models = {model.name: model for model in self._store.models()}
        known = self._courses.all()
        for name, model in models.items():
            last, course = known.get(name, (None, Course()))
            if not self._looking.agrees(model, course, last) or self._may_be_another(model, course):
                self._look(name)
                self._seen[name] = (model.created, model.updated)
        for name, (_, course) in known.items():
            if name not in models and course.production is not None:
                self._look(name)

    def _may_be_another(self, model: RegisteredModel, course: Course) -> bool:
        """Whether the version in Production may have been made anew since it was recorded."""
        if course.settled is None or self._seen.get(model.name) == (model.created, model.updated):
            return False
        return model.updated is None or model.updated >= course.settled.at

    def _look(self, model: str) -> None:
        with contextlib.suppress(NotFound):  # deleted a moment ago
            self._looking.look(model)

    def _looked(self, model: RegisteredModel, trouble: RunoffError | None) -> Standing:
        try:
            return self.of(model.name)
        except NotFound:  # deleted a moment ago
            return Standing(model=model.name, holders=Holders(), trouble=trouble)

    def _unrecorded(self, model: RegisteredModel, trouble: RunoffError) -> Standing:
        holders = Holders(model.production_by_stage, model.aliases.get(self._alias))
        return Standing(model=model.name, holders=holders, trouble=trouble, token=_token(trouble, holders))

    def _listed(
        self, model: RegisteredModel, course: Course, last: Entry | None, trouble: RunoffError | None
    ) -> Standing:
        """Without a look: what the list of models tells, and what the ledger does."""
        holders = course.holders
        if not self._looking.agrees(model, course, last):
            holders = Holders(model.production_by_stage, model.aliases.get(self._alias))
        look = Look(model=model.name, versions=(), holders=holders, last=last, course=course)
        return _standing(look, trouble, past=())

    def _told(self, look: Look, trouble: RunoffError | None) -> Standing:
        return _standing(look, trouble, past=self._past(look))

    def _past(self, look: Look) -> tuple[Past, ...]:
        """Each number once, as it was in Production last; the version before the present one first."""
        course = look.course
        latest = {reign.version.number: reign for reign in course.reigns}
        if course.production is not None:
            del latest[course.production.number]
        previous = course.previous.number if course.previous is not None else None
        reigns = sorted(
            latest.values(), key=lambda reign: (reign.version.number == previous, reign.since), reverse=True
        )
        past = []
        for reign in reigns[:_MOST_PAST]:
            version = found(look.versions, reign.version.number)
            past.append(
                Past(
                    version=reign.version,
                    since=reign.since,
                    until=reign.until or reign.since,
                    by=reign.by,
                    by_itself=reign.by_itself,
                    refusal=changed(reign.version, version, self._digest(version)),
                )
            )
        return tuple(past)

    def _trouble(self) -> RunoffError | None:
        """What keeps the ledger from being written; looked at every few seconds."""
        with self._lock:
            if time.monotonic() - self._checked[0] < _CHECK_SECONDS:
                return self._checked[1]
        trouble: RunoffError | None = None
        try:
            self._ledger.check()
        except LedgerError as error:
            trouble = error
        with self._lock:
            self._checked = (time.monotonic(), trouble)
        return trouble


def _standing(look: Look, trouble: RunoffError | None, *, past: tuple[Past, ...]) -> Standing:
    course, reign = look.course, look.course.reign
    pending = _pending(look.pending) if look.pending is not None else None
    return Standing(
        model=look.model,
        holders=look.holders,
        production=course.production,
        since=reign.since if reign is not None else None,
        by=reign.by if reign is not None else "",
        by_itself=reign is not None and reign.by_itself,
        reason=reign.reason if reign is not None else "",
        differs=course.external if look.differs and pending is None else None,
        undecided=look.undecided,
        pending=pending,
        past=past,
        trouble=trouble,
        token=_token(look.last.hash if look.last else "", look.holders, pending, trouble, look.differs),
    )


def _pending(row: "PendingRow") -> Pending:
    record = row.intent.record
    version = record.after or record.before
    return Pending(
        operation=record.operation,
        kind=record.kind,
        actor=record.actor.name,
        started=row.intent.at,
        version=version.number if version is not None else None,
        phase=row.last.record.phase,
    )


def _token(*told: object) -> str:
    """A digest of what an open page shows."""
    return hashlib.sha256(repr(told).encode()).hexdigest()[:16]
