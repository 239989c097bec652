"""A look at a model: MLflow compared with the ledger, and what changed from outside put on record."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from core.catalog.store import Holders, Store, Version
from core.decision.courses import Courses
from core.decision.fitness import changed
from core.decision.holding import found, holders_of
from core.decision.record import Entry
from core.decision.reigns import Course
from core.decision.standing import Past, Pending, Standing
from core.errors import LedgerError, RunoffError

if TYPE_CHECKING:
    from core.decision.ledger import Ledger

_MOST_PAST = 50  # versions that a dropdown offers


class Looking:
    """Looks at models."""

    def __init__(self, store: Store, ledger: "Ledger", courses: Courses, *, alias: str) -> None:
        self._store = store
        self._ledger = ledger
        self._courses = courses
        self._alias = alias

    def standing(self, model: str, listed: Sequence[Version] | None = None) -> Standing:
        """Where a model stands."""
        versions = self._store.versions(model) if listed is None else tuple(listed)
        holders = holders_of(versions, self._alias)
        try:
            last, course = self._courses.of(model)
        except LedgerError as error:
            return Standing(model=model, holders=holders, trouble=error)
        reign = course.reign
        return Standing(
            model=model,
            holders=holders,
            production=course.production,
            since=reign.since if reign else None,
            by=reign.by if reign else "",
            reason=reign.reason if reign else "",
            past=_past(course, versions),
            trouble=self._trouble(),
            token=_token(last, holders, None),
        )

    def standings(self) -> Mapping[str, Standing]:
        """All models of the registry."""
        return {model.name: self.standing(model.name) for model in self._store.models()}

    def _trouble(self) -> RunoffError | None:
        try:
            self._ledger.check()
        except LedgerError as error:
            return error
        return None


def _past(course: Course, versions: Sequence[Version]) -> tuple[Past, ...]:
    """Where a rollback may go to: each number once, as it was in Production last, the one before first."""
    latest = {reign.version.number: reign for reign in course.reigns}
    if course.production is not None:
        del latest[course.production.number]
    previous = course.previous.number if course.previous is not None else None
    ended = [reign for reign in latest.values() if reign.until is not None]
    ended.sort(key=lambda reign: (reign.version.number == previous, reign.since), reverse=True)
    return tuple(
        Past(
            version=reign.version,
            since=reign.since,
            until=reign.until or reign.since,
            by=reign.by,
            refusal=changed(reign.version, found(versions, reign.version.number), None),
        )
        for reign in ended[:_MOST_PAST]
    )


def _token(last: Entry | None, holders: Holders, pending: Pending | None) -> str:
    """A digest of what an open page shows."""
    told = (last.hash if last else "", holders, (pending.operation, pending.phase) if pending else None)
    return hashlib.sha256(repr(told).encode()).hexdigest()[:16]
