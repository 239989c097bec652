"""What the ledger tells about Production of one model: who reigned when, and where a rollback goes.

Pure: entries in, values out. A promotion and an adoption put a version on top of a stack, a rollback
takes away what lies above its target. So after 1, 2, 3 a rollback gives 2 and the next one gives 1.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from core.catalog.store import Holders
from core.decision.access import RUNOFF
from core.decision.record import Entry, Kind, Phase, Record, VersionRef
from core.decision.standing import Reign

NOBODY = Holders()


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """Production of one model by the ledger; `reigns` from the first to the last."""

    settled: Entry | None = None  # the last one that says what is in Production
    external: Entry | None = None  # the last change from outside that was seen after it
    reigns: tuple[Reign, ...] = ()
    stack: tuple[VersionRef, ...] = ()

    @property
    def reign(self) -> Reign | None:
        """The present one."""
        last = self.reigns[-1] if self.reigns else None
        return last if last is not None and last.until is None else None

    @property
    def production(self) -> VersionRef | None:
        """The version that is in Production by the ledger."""
        return self.reign.version if self.reign is not None else None

    @property
    def holders(self) -> Holders:
        """What MLflow should hold."""
        return (self.settled.record.holders_after if self.settled is not None else None) or NOBODY

    @property
    def previous(self) -> VersionRef | None:
        """Where a rollback goes that names no version; None where nothing was in Production before."""
        below = self.stack[:-1] if self.production is not None else self.stack
        return below[-1] if below else None

    def at(self, time: datetime) -> Reign | None:
        """The reign at a time, its end not included; None where nothing was in Production."""
        position = bisect_right(self.reigns, time, key=lambda reign: reign.since)
        reign = self.reigns[position - 1] if position else None
        return reign if reign is not None and (reign.until is None or time < reign.until) else None


def tells_production(record: Record) -> bool:
    """Whether an entry says what is in Production from then on; other moves of stages do not."""
    if record.phase is Phase.DONE and record.kind is Kind.STAGE:
        return record.holders_after is not None
    return record.phase in {Phase.DONE, Phase.ADOPTED}


def same_version(one: VersionRef | None, other: VersionRef | None) -> bool:
    """Whether both are the same registered version; a number that was deleted and made anew is another."""
    if one is None or other is None:
        return one is other
    return (one.number, one.created, one.source) == (other.number, other.created, other.source)


def advance(course: Course, entries: Iterable[Entry]) -> Course:
    """The course after further entries of the model, in the ledger's order."""
    settled, external = course.settled, course.external
    reigns, stack = list(course.reigns), list(course.stack)
    for entry in entries:
        if entry.record.phase is Phase.EXTERNAL:
            external = entry
        elif tells_production(entry.record):
            settled, external = entry, None
            _reign(reigns, entry)
            _stack(stack, entry.record)
    return Course(settled=settled, external=external, reigns=tuple(reigns), stack=tuple(stack))


def _reign(reigns: list[Reign], entry: Entry) -> None:
    """End the present reign and begin the next, unless the same version stays."""
    record, last = entry.record, reigns[-1] if reigns else None
    if last is not None and last.until is None:
        if same_version(last.version, record.after):
            reigns[-1] = replace(last, version=_completed(last.version, record.after))
            return
        reigns[-1] = replace(last, version=_completed(last.version, record.before), until=entry.at)
    if record.after is not None:
        reigns.append(
            Reign(
                model=record.model,
                version=record.after,
                since=entry.at,
                until=None,
                by=record.actor.name,
                by_itself=record.actor.identified_by == RUNOFF.identified_by,
                kind=record.kind,
                reason=record.reason,
                seq=entry.seq,
            )
        )


def _stack(stack: list[VersionRef], record: Record) -> None:
    if stack:
        stack[-1] = _completed(stack[-1], record.before)
    if record.after is None:
        return
    place = _last_place(stack, record.after)
    if record.kind is Kind.ROLLBACK and place is not None:
        del stack[place + 1 :]
    if stack and same_version(stack[-1], record.after):
        stack[-1] = _completed(stack[-1], record.after)
    else:
        stack.append(record.after)


def _last_place(stack: Sequence[VersionRef], version: VersionRef) -> int | None:
    places = (place for place in reversed(range(len(stack))) if same_version(stack[place], version))
    return next(places, None)


def _completed(version: VersionRef, seen: VersionRef | None) -> VersionRef:
    """The version with the digest that was found out later, where it was not known at first."""
    if version.digest is None and seen is not None and same_version(version, seen):
        return replace(version, digest=seen.digest)
    return version
