"""The append-only record of what was decided, by whom and on what evidence.

```
   Ledger ─► Writer ─► LedgerDatabase   entries and pending operations, one transaction
     │         └─────► JsonLines        the same entries, on the disk before the commit
     └─► ledger_reading, verification
```

Each entry is signed and names the hash of the one before it. Names may hold anything that Python's texts
can; two surrogates that belong together read back as the one character that they are.
"""

import os
from collections.abc import Iterable
from contextlib import ExitStack, suppress
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa

from core.decision import ledger_reading
from core.decision.ledger_chain import Sealed
from core.decision.ledger_database import LedgerDatabase
from core.decision.ledger_lines import JsonLines
from core.decision.ledger_opening import Opening
from core.decision.ledger_trouble import space_trouble
from core.decision.ledger_writing import Writer
from core.decision.owner import this_process
from core.decision.pending import (
    OperationRow,
    PendingRow,
    own,
    pending_rows,
    row_of,
    row_of_key,
    touch_nothing,
    under_way,
)
from core.decision.record import SETTLED, Entry, Kind, Phase, Record
from core.decision.signing_key import read_key
from core.decision.verification import Inspection, Verification
from core.errors import LedgerError, RepeatedKey
from core.messages import message


class Ledger:
    """One ledger; safe for threads, processes and forks. Opened when it is first used.

    Every method raises LedgerError where the ledger cannot be read or, of those that write, not be written
    to; then nothing was recorded.
    """

    def __init__(
        self, database_url: str, folder: Path, *, app_version: str, key_file: Path | None = None
    ) -> None:
        """`folder` holds the JSON lines, the lock and, unless it is named, the key."""
        self._database = LedgerDatabase(database_url)
        self._lines = JsonLines(folder)
        self._key_file = key_file or folder / "ledger.key"
        self._writer = Writer(self._database, self._lines, key_file=self._key_file, app_version=app_version)
        self._opening = Opening(self._database, self._lines, self._writer)
        self._let_go: set[tuple[int, str]] = set()  # operations whose outcome this process could not write

    def begin(self, record: Record, *, key: str) -> Entry:
        """Record an intent; from here on the operation is pending and this process owns it.

        Raises:
            RepeatedKey: A request with this key was recorded before.
            MoveUnderWay: Another operation of the model is pending.
        """
        if record.phase is not Phase.INTENT:
            raise ValueError(record.phase)
        self._opening.open()
        try:
            with self._writer.writing() as writing:
                self._refuse_repeated(writing.connection, key)
                for row in pending_rows(writing.connection, record.model):
                    raise under_way(self._pending(writing.connection, row).intent)
                sealed = writing.append(record, request=key)
                own(writing.connection, record.operation, this_process(), writing.now)
        except LedgerError:  # maybe of a commit whose answer was lost: then it is pending, and nobody's
            self.let_go(record.operation)
            raise
        return sealed.entry

    def finish(self, record: Record) -> Entry:
        """Record how an operation ended, as far as this process still owns it.

        DONE, FAILED and CONFLICT release the model. UNKNOWN does not: the operation is nobody's until
        somebody takes it over. Where this process is not the owner, nothing is written: what comes back
        is the operation's newest entry, which is the outcome if there is one by now.
        """
        if record.phase is not Phase.UNKNOWN and record.phase not in SETTLED:
            raise ValueError(record.phase)
        try:
            self._opening.open()
            with self._writer.writing() as writing:
                row = row_of(writing.connection, record.operation)
                if row is None:
                    raise ValueError(record.operation)
                if not row.pending or row.owner != this_process():
                    return ledger_reading.of_operation(writing.connection, record.operation)[-1].entry
                sealed = writing.append(record)
        except LedgerError:
            self.let_go(record.operation)
            raise
        return sealed.entry

    def let_go(self, operation: str) -> None:
        """Say that whoever began the operation here will not end it: this process may take it over."""
        self._let_go.add((os.getpid(), operation))

    def note(self, record: Record, *, key: str | None = None) -> Entry:
        """Record what needs no second step: adopted, external; RepeatedKey as `begin`."""
        if record.phase not in (Phase.ADOPTED, Phase.EXTERNAL):
            raise ValueError(record.phase)
        self._opening.open()
        with self._writer.writing() as writing:
            if key is not None:
                self._refuse_repeated(writing.connection, key)
            sealed = writing.append(record, request=key)
        return sealed.entry

    def note_after(self, record: Record, seq: int) -> Entry | None:
        """As `note`, where the newest entry of the model still is number `seq`, 0 for none; None where not.

        Of all processes that see the same state change, one records it.
        """
        if record.phase not in (Phase.ADOPTED, Phase.EXTERNAL):
            raise ValueError(record.phase)
        self._opening.open()
        with self._writer.writing() as writing:
            newest = ledger_reading.newest_of(writing.connection, record.model)
            if (0 if newest is None else newest.seq) != seq or pending_rows(writing.connection, record.model):
                return None
            return writing.append(record).entry

    def pending(self, model: str | None = None) -> tuple[PendingRow, ...]:
        """Operations that have not ended: all, or the one of a model."""
        self._opening.open()
        with self._database.reading() as connection:
            return tuple(self._pending(connection, row) for row in pending_rows(connection, model))

    def take_over(self, operation: str) -> bool:
        """Become the owner of an operation that nobody can end any more; False where somebody was faster."""
        self._opening.open()
        with self._writer.writing() as writing:
            row = row_of(writing.connection, operation)
            if row is None or not row.pending or not self._is_gone(row):
                return False
            own(writing.connection, operation, this_process(), writing.now)
        self._let_go.discard((os.getpid(), operation))
        return True

    def find_key(self, key: str) -> tuple[Entry, ...]:
        """All entries of the operation that a request with this key began, oldest first."""
        self._opening.open()
        with self._database.reading() as connection:
            row = row_of_key(connection, key)
            if row is None:
                return ()
            found = ledger_reading.of_operation(connection, row.operation)
        return _entries(found)

    def entries(
        self,
        *,
        model: str | None = None,
        actor: str | None = None,
        kinds: Iterable[Kind] | None = None,
        phases: Iterable[Phase] | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        before_seq: int | None = None,
        limit: int = 200,
    ) -> tuple[Entry, ...]:
        """Entries that fit everything that is given, newest first; `since` and `until` belong to them."""
        self._opening.open()
        with self._database.reading() as connection:
            found = ledger_reading.matching(
                connection,
                model=model,
                actor=actor,
                kinds=kinds,
                phases=phases,
                since=since,
                until=until,
                before_seq=before_seq,
                limit=limit,
            )
        return _entries(found)

    def latest(
        self, *, kinds: Iterable[Kind] | None = None, phases: Iterable[Phase] | None = None
    ) -> dict[str, Entry]:
        """The newest entry of each model among those of the kinds and phases, by model."""
        self._opening.open()
        with self._database.reading() as connection:
            found = ledger_reading.latest(connection, kinds=kinds, phases=phases)
        return {entry.record.model: entry for entry in _entries(found)}

    def entry(self, seq: int) -> Entry | None:
        """The entry of a number; None where there is none."""
        self._opening.open()
        with self._database.reading() as connection:
            found = ledger_reading.at(connection, seq)
        return None if found is None else found.entry

    def models(self) -> tuple[str, ...]:
        """Every model that an entry names, in alphabetical order."""
        self._opening.open()
        with self._database.reading() as connection:
            return ledger_reading.names(connection)

    def actors(self) -> tuple[str, ...]:
        """Everybody whom an entry names, in alphabetical order."""
        self._opening.open()
        with self._database.reading() as connection:
            return ledger_reading.names(connection, actors=True)

    def head(self) -> tuple[int, str]:
        """Number and hash of the newest entry; 0 and zeros where there is none."""
        self._opening.open()
        with self._database.reading() as connection:
            link = ledger_reading.head(connection)
        return link.seq, link.hash

    def verify(self, head: str | None = None) -> Verification:
        """Look at every entry in both sinks, repair nothing; `head` is what an earlier one printed.

        Raises:
            UsageError: The head is none.
        """
        self._opening.prepare()
        inspection = Inspection(read_key(self._key_file), lines_path=self._lines.path)
        with ExitStack() as stack:
            connection, size = self._moment(stack)
            inspection.database(connection)
            inspection.key_file(self._key_file)
            inspection.lines(self._lines.read(size))
        if head is not None:
            inspection.against(head)
        return inspection.result()

    def check(self) -> None:
        """Raise the LedgerError that a write would raise now, as far as one can know without writing."""
        self._opening.open()
        with self._writer.writing() as writing:
            touch_nothing(writing.connection)
        if trouble := space_trouble(self._lines.path.parent):
            raise trouble

    def close(self) -> None:
        """Give the database's connections back; used again, it opens again."""
        self._database.close()
        self._opening.forget()

    def _moment(self, stack: ExitStack) -> tuple[sa.Connection, int]:
        """Both sinks as they are between two writes: what is written afterwards is not seen."""
        with ExitStack() as lock:
            with suppress(LedgerError):  # where the lock's file cannot be written, nobody writes
                lock.enter_context(self._lines.locked())
            connection = stack.enter_context(self._database.reading())
            ledger_reading.head(connection)  # the first read is what fixes the moment
            return connection, self._lines.size()

    def _refuse_repeated(self, connection: sa.Connection, key: str) -> None:
        row = row_of_key(connection, key)
        if row is not None:
            raise RepeatedKey(
                message("This request has been recorded before."),
                message("Look at its outcome in the history."),
                operation=row.operation,
            )

    def _pending(self, connection: sa.Connection, row: OperationRow) -> PendingRow:
        found = _entries(ledger_reading.of_operation(connection, row.operation))
        return PendingRow(
            operation=row.operation,
            key=row.key,
            intent=found[0],
            last=found[-1],
            owner=row.owner,
            lease_until=row.lease_until,
            gone=self._is_gone(row),
        )

    def _is_gone(self, row: OperationRow) -> bool:
        return (os.getpid(), row.operation) in self._let_go or row.gone(datetime.now(UTC))


def _entries(found: Iterable[Sealed]) -> tuple[Entry, ...]:
    return tuple(sealed.entry for sealed in found)
