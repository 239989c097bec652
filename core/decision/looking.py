"""A look at a model: MLflow compared with the ledger, and what changed from outside put on record."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import uuid4

from core.catalog.store import Holders, RegisteredModel, Store, Version
from core.decision.access import RUNOFF
from core.decision.courses import Courses
from core.decision.holding import found, holders_of, in_production, reference
from core.decision.record import Entry, Kind, Phase, Record, VersionRef
from core.decision.reigns import NOBODY, Course, same_version
from core.decision.settling import Settling
from core.errors import LedgerError, NotFound
from core.messages import message

if TYPE_CHECKING:
    from core.decision.ledger import Ledger
    from core.decision.pending import PendingRow

_log = logging.getLogger(__name__)

_TRIES = 3  # of a look that is overtaken by moves
FIRST_LOOK = message("It was in Production when Runoff looked for the first time.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What a look has found; nothing is missing on record."""

    model: str
    versions: tuple[Version, ...]
    holders: Holders
    last: Entry | None  # the model's last in the ledger
    course: Course
    pending: "PendingRow | None" = None

    @property
    def production(self) -> Version | None:
        """What `models:/name/Production` gives now."""
        return found(self.versions, in_production(self.holders))

    @property
    def undecided(self) -> tuple[int, ...]:
        """The versions among which a person must choose."""
        held = self.holders.numbers
        return held if self.course.settled is None and len(held) > 1 else ()

    @property
    def differs(self) -> bool:
        """Whether MLflow is not what the ledger says."""
        return self.holders != self.course.holders or not _is_same(self)


class Looking:
    """Looks at models."""

    def __init__(
        self,
        store: Store,
        ledger: "Ledger",
        courses: Courses,
        settling: Settling,
        *,
        alias: str,
        digest: Callable[[Version | None], str | None],
    ) -> None:
        """`digest` gives that of a version's files where it is known already."""
        self._store = store
        self._ledger = ledger
        self._courses = courses
        self._settling = settling
        self._alias = alias
        self._digest = digest

    def look(self, model: str, listed: Sequence[Version] | None = None) -> Look:
        """Look, and put on record what nobody has recorded yet.

        `listed` are all versions of the model where they have just been read.

        Raises:
            NotFound, StoreError: there is no such model, or MLflow does not answer.
            LedgerError: the ledger cannot be read, or not be written where it has to be.
        """
        for _ in range(_TRIES):
            seen = self.glance(model, listed)
            record = self._missing(seen)
            if record is None:
                return seen
            if listed is not None:  # it may be older than the ledger's last entry
                listed = None
                continue
            noted = self._ledger.note_after(record, seen.last.seq if seen.last is not None else 0)
            if noted is not None and record.kind is Kind.EXTERNAL:
                _log.warning("%s was changed from outside: %s", model, seen.holders)
        return self.glance(model)

    def glance(self, model: str, listed: Sequence[Version] | None = None) -> Look:
        """Look, and put nothing on record. The ledger is read first: what it says has happened in MLflow."""
        rows = self._ledger.pending(model)
        if any(row.gone for row in rows):
            self._settle(model)
            rows = self._ledger.pending(model)
        last, course = self._courses.of(model)
        versions = self._versions(model, course) if listed is None else tuple(listed)
        return Look(
            model=model,
            versions=versions,
            holders=holders_of(versions, self._alias),
            last=last,
            course=course,
            pending=rows[0] if rows else None,
        )

    def agrees(self, model: RegisteredModel, course: Course, last: Entry | None) -> bool:
        """Whether the list of models shows what the ledger says; a look at the model may tell more.

        A tracking server's list names the highest version in the stage only.
        """
        if last is None:
            return not model.production_by_stage and self._alias not in model.aliases
        stage = course.holders.stage if model.version_count is not None else course.holders.stage[:1]
        return (
            course.external is None
            and model.production_by_stage == stage
            and model.aliases.get(self._alias) == course.holders.alias
        )

    def _settle(self, model: str) -> None:
        try:
            self._settling.settle(model)
        except LedgerError as error:  # it stays pending, and reading goes on
            _log.warning("Operations of %s cannot be settled: %s", model, error)

    def _versions(self, model: str, course: Course) -> tuple[Version, ...]:
        try:
            return self._store.versions(model)
        except NotFound:
            if course.production is None:
                raise
            return ()  # deleted from outside: that is on record, too

    def _missing(self, seen: Look) -> Record | None:
        """What must be put on record; None where the ledger knows it, or where somebody is at work."""
        held = seen.holders.numbers
        if seen.pending or seen.undecided:
            return None
        if seen.last is None:
            return self._adoption(seen) if held else None
        if not seen.differs or _is_known(seen):
            return None
        return self._change(seen)

    def _adoption(self, seen: Look) -> Record:
        return Record(
            operation=str(uuid4()),
            kind=Kind.ADOPT,
            phase=Phase.ADOPTED,
            actor=RUNOFF,
            model=seen.model,
            after=self._production(seen),
            holders_before=seen.holders,
            holders_after=seen.holders,
            reason=str(FIRST_LOOK),
        )

    def _change(self, seen: Look) -> Record:
        return Record(
            operation=str(uuid4()),
            kind=Kind.EXTERNAL,
            phase=Phase.EXTERNAL,
            actor=RUNOFF,
            model=seen.model,
            before=seen.course.production,
            after=self._production(seen),
            holders_before=seen.course.holders,
            holders_after=seen.holders,
        )

    def _production(self, seen: Look) -> VersionRef | None:
        version = seen.production
        return reference(version, self._digest(version)) if version is not None else None


def _is_same(seen: Look) -> bool:
    """Whether the ledger's version still is the registered one, and not another under its number."""
    was = seen.course.production
    version = found(seen.versions, was.number) if was is not None else None
    return version is None or same_version(was, reference(version, None))


def _is_known(seen: Look) -> bool:
    """Whether this very change is on record already."""
    change = seen.course.external.record if seen.course.external is not None else None
    version = seen.production
    return (
        change is not None
        and (change.holders_after or NOBODY) == seen.holders
        and same_version(change.after, reference(version, None) if version is not None else None)
    )
