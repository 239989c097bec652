"""A move whose intent is on record: written to MLflow, read back, and its outcome put on record.

```
   begin ─► look once more ─► stage ─► alias ─► read back ─► finish ─► tags
             │ moved meanwhile           │ no answer, and as before: UNKNOWN, settled later
             └ FAILED, and refused       │ half way: completed
                                         └ neither: CONFLICT
```
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from core.decision.courses import Courses
from core.decision.expectation import moved_meanwhile
from core.decision.position import (
    Position,
    Progress,
    Registry,
    progress_of,
    read_position,
    start_of,
    steps_to,
)
from core.decision.record import Entry, Kind, Phase, Record
from core.decision.standing import Outcome
from core.errors import LedgerError, ProductionMoved, StoreError, StoreUnreachable, WriteUnanswered
from core.messages import Message, message

if TYPE_CHECKING:
    from core.decision.ledger import Ledger

_log = logging.getLogger(__name__)

_NOT_APPLIED = message("It had not come to MLflow when its process ended or its call went unanswered.")
_HALF = message("Stage and alias disagree now; adopt what is there, or restore what was.")
_OTHER = message("Somebody else changed it meanwhile; adopt what is there, or restore what was.")
_TRIES = 2  # the second completes what the first has done by half


@dataclass(frozen=True, slots=True)
class Ending:
    """What became of a move in MLflow; `position` None: it could not be read back."""

    phase: Phase
    position: Position | None
    trouble: tuple[Message, ...] = ()


class Moving:
    """Carries moves out. Thread-safe."""

    def __init__(self, store: Registry, ledger: "Ledger", courses: Courses, *, alias: str) -> None:
        self._store = store
        self._ledger = ledger
        self._courses = courses
        self._alias = alias

    def carry_out(self, intent: Record, *, key: str) -> Outcome:
        """Make a move; the caller has checked everything that can be checked before.

        Raises:
            MoveUnderWay, RepeatedKey, LedgerError: nothing was done.
            ProductionMoved: somebody else was quicker; nothing was done.
        """
        self._ledger.begin(intent, key=key)
        with self._leaving(intent.operation):
            try:
                position = read_position(self._store, intent, alias=self._alias)
            except StoreError as error:
                return self._finish(intent, Ending(Phase.FAILED, None, _told(error)))
            if position != start_of(intent):
                refusal = self._moved_meanwhile(intent, position)
                self._finish(intent, Ending(Phase.FAILED, position, _told(refusal)))
                raise refusal
            return self._finish(intent, self._complete(intent, position))

    def end(self, intent: Record) -> Outcome:
        """End a move that was begun and left, by us or by a process that is gone; we own it now.

        Raises:
            LedgerError: the outcome cannot be recorded.
        """
        with self._leaving(intent.operation):
            try:
                position = read_position(self._store, intent, alias=self._alias)
            except StoreError as error:
                return self._finish(intent, Ending(Phase.UNKNOWN, None, _told(error)))
            match progress_of(intent, position):
                case Progress.AS_BEFORE:
                    ending = Ending(Phase.FAILED, position, (_NOT_APPLIED,))
                case Progress.HALF:
                    ending = self._complete(intent, position)
                case progress:
                    ending = _judged(progress, position, None)
            return self._finish(intent, ending)

    def _complete(self, intent: Record, position: Position) -> Ending:
        """Write what is missing, read back, and judge."""
        trouble: StoreError | None = None
        made = 0
        for _ in range(_TRIES):
            trouble = None
            try:
                for step in steps_to(self._store, intent, position):
                    step()
                    made += 1
            except StoreError as error:
                trouble = error
            try:
                position = read_position(self._store, intent, alias=self._alias)
            except StoreError as error:
                is_untouched = made == 0 and trouble is not None and not isinstance(trouble, WriteUnanswered)
                phase = Phase.FAILED if is_untouched else Phase.UNKNOWN
                return Ending(phase, None, _told(trouble or error))
            if progress_of(intent, position) is not Progress.HALF:
                break
        return _judged(progress_of(intent, position), position, trouble)

    def _finish(self, intent: Record, ending: Ending) -> Outcome:
        """Put the outcome on record, then mirror it to MLflow."""
        tells_holders = intent.holders_after is not None and ending.position is not None
        outcome = replace(
            intent,
            phase=ending.phase,
            holders_after=ending.position.holders if tells_holders and ending.position else None,
            trouble=(*intent.trouble, *ending.trouble),
        )
        try:
            entry = self._ledger.finish(outcome)
        except LedgerError as error:
            raise _unrecorded(ending.phase, error) from error
        notes = self._mirror(entry) if entry.record.phase is Phase.DONE else ()
        return Outcome(entry=entry, notes=notes)

    def _mirror(self, entry: Entry) -> tuple[Message, ...]:
        """Tell MLflow's own page who did it; what fails here costs nothing but that."""
        record = entry.record
        version = record.after or record.before
        if version is None:
            return ()
        tags = {
            "runoff.actor": record.actor.name,
            "runoff.at": entry.at.isoformat(timespec="seconds"),
            "runoff.reason": record.reason,
            "runoff.operation": record.operation,
            "runoff.kind": str(record.kind),
        }
        if (
            record.kind is Kind.PROMOTE and record.numbers is not None
        ):  # a rollback keeps what was decided then
            tags["runoff.threshold"] = repr(record.numbers.threshold)
        try:
            self._store.tag(record.model, version.number, tags)
        except StoreError as error:
            _log.warning("Version %s of %s carries no tags: %s", version.number, record.model, error)
            return (
                message("MLflow's page does not show who did it: the tags could not be set."),
                error.title,
            )
        return ()

    def _moved_meanwhile(self, intent: Record, now: Position) -> ProductionMoved:
        if intent.kind is not Kind.STAGE:
            reign = self._courses.of(intent.model)[1].reign
            return moved_meanwhile(start_of(intent).holders, now.holders, reign)
        title = message("The version was moved by somebody else a moment ago; nothing was changed.")
        return ProductionMoved(title, message("Load the page again and look at what is there now."))

    @contextmanager
    def _leaving(self, operation: str) -> Iterator[None]:
        """Whatever goes wrong here, somebody else may settle the operation."""
        try:
            yield
        except ProductionMoved:
            raise  # on record
        except BaseException:
            self._ledger.let_go(operation)
            raise


def _judged(progress: Progress, position: Position, trouble: StoreError | None) -> Ending:
    if progress is Progress.DONE:
        return Ending(Phase.DONE, position)
    may_come = isinstance(trouble, WriteUnanswered)
    if progress is Progress.AS_BEFORE:
        why = _told(trouble) or (message("MLflow took the change, and yet is as it was before."),)
        return Ending(Phase.UNKNOWN if may_come else Phase.FAILED, position, why)
    if progress is Progress.HALF and (may_come or isinstance(trouble, StoreUnreachable)):
        return Ending(Phase.UNKNOWN, position, _told(trouble))
    return Ending(Phase.CONFLICT, position, (*_told(trouble), _HALF if progress is Progress.HALF else _OTHER))


def _told(error: StoreError | ProductionMoved | None) -> tuple[Message, ...]:
    return tuple(part for part in (error.title, error.hint) if part.template) if error is not None else ()


def _unrecorded(phase: Phase, error: LedgerError) -> LedgerError:
    _log.error("The outcome %s is not on record: %s", phase, error)
    if phase is Phase.DONE:
        title = message("MLflow has made the move, but the ledger could not record that it did.")
    else:
        title = message("The move has not succeeded, and the ledger could not record that.")
    return LedgerError(title, message("Runoff records it as soon as the ledger can be written again."))
