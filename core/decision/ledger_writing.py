"""One write to both sinks of the ledger: all of it, or nothing.

lock file ─► database lock ─► last entries agree? ─► rows ─► line, fsync ─► commit
                                    │ no
                                    └► bring what is behind in line with what is ahead
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa

from core.decision import ledger_reading
from core.decision.ledger_chain import Link, Sealed, seal
from core.decision.ledger_database import LedgerDatabase
from core.decision.ledger_lines import JsonLines, OpenLines
from core.decision.ledger_tables import entries
from core.decision.pending import follow
from core.decision.record import Record
from core.decision.signing_key import SigningKey, make_key, read_key
from core.errors import DecisionError, LedgerError
from core.messages import message

_BATCH = 1_000


class Writing:
    """A transaction that is about to write."""

    def __init__(
        self,
        connection: sa.Connection,
        lines: OpenLines,
        *,
        last: Sealed | None,
        key: SigningKey,
        version: str,
    ) -> None:
        self.connection = connection
        self.now = datetime.now(UTC)
        self._lines = lines
        self._link = Link() if last is None else Link(last.seq, last.hash)
        self._key = key
        self._version = version

    def append(self, record: Record, *, request: str | None = None) -> Sealed:
        """Write the record to the database and, on the disk when this returns, to the lines."""
        sealed = seal(
            record,
            after=self._link,
            at=self.now,
            key=self._key,
            app_version=self._version,
            request=request,
        )
        insert(self.connection, sealed)
        self._lines.append(sealed)
        self._link = Link(sealed.seq, sealed.hash)
        return sealed


class Writer:
    """Lets one writer in at a time and keeps both sinks the same."""

    def __init__(
        self, database: LedgerDatabase, lines: JsonLines, *, key_file: Path, app_version: str
    ) -> None:
        self._database = database
        self._lines = lines
        self._key_file = key_file
        self._version = app_version

    @contextmanager
    def writing(self) -> Iterator[Writing]:
        """Write in the block; where it raises, or either sink fails, nothing has been written.

        Raises:
            LedgerError: Why nothing can be written.
        """
        refusal: DecisionError | None = None
        with self._lines.locked(), self._lines.open() as lines:
            size = lines.size
            try:
                with self._database.writing() as connection:
                    last = self._agreed(connection, lines)
                    size = lines.size
                    try:
                        yield self._writing(connection, lines, last)
                    except DecisionError as error:  # nothing has been written yet; what was brought in stays
                        refusal = error
            except BaseException:
                lines.cut(size)
                raise
        if refusal is not None:
            raise refusal

    def recover(self) -> None:
        """Bring both sinks in line where a process was killed between them."""
        with self.writing():
            pass

    def _writing(self, connection: sa.Connection, lines: OpenLines, last: Sealed | None) -> Writing:
        return Writing(connection, lines, last=last, key=self._key(last), version=self._version)

    def _agreed(self, connection: sa.Connection, lines: OpenLines) -> Sealed | None:
        """The last entry, which both sinks hold when this returns."""
        kept, written = ledger_reading.last(connection), lines.last()
        link = Link() if kept is None else Link(kept.seq, kept.hash)
        if (written.seq if written else 0) < link.seq:
            self._write_missing(connection, lines, written)
        elif written is not None and written.seq > link.seq:
            self._bring_in(connection, link)
            return written
        elif written is not None and written.hash != link.hash:
            raise self._apart(link.seq)
        return kept

    def _write_missing(self, connection: sa.Connection, lines: OpenLines, written: Sealed | None) -> None:
        """The file was moved away, or another machine has written to the database meanwhile."""
        if written is not None:
            same = ledger_reading.at(connection, written.seq)
            if same is None or same.hash != written.hash:
                raise self._apart(written.seq)
        batch: list[Sealed] = []
        for sealed in ledger_reading.since(connection, written.seq if written else 0):
            batch.append(sealed)
            if len(batch) == _BATCH:
                lines.append(*batch)
                batch.clear()
        if batch:
            lines.append(*batch)

    def _bring_in(self, connection: sa.Connection, link: Link) -> None:
        """A process was killed before it committed, or the database was brought back from a backup."""
        key = None
        for sealed in self._lines.entries():
            if sealed.seq == link.seq and sealed.hash != link.hash:
                raise self._apart(link.seq)
            if sealed.seq <= link.seq:
                continue
            key = key or self._key(sealed)
            if not continues(sealed, link, key):
                raise self._apart(sealed.seq)
            insert(connection, sealed)
            link = Link(sealed.seq, sealed.hash)

    def _key(self, last: Sealed | None) -> SigningKey:
        """The key of the ledger; a new one for a new ledger."""
        key = read_key(self._key_file)
        if last is None:
            return key or make_key(self._key_file)
        if key is None:
            raise LedgerError(
                message("The key of the ledger, {path}, is missing.", path=str(self._key_file)),
                message(
                    "Bring it back from a backup, or from the machine that this ledger was begun on. "
                    "If it is lost for good, move database and ledger.jsonl away: a new ledger begins."
                ),
            )
        if last.entry.key_id != key.id:
            raise LedgerError(
                message("The key in {path} is not the one of this ledger.", path=str(self._key_file)),
                message("Bring back the key with the id {id}.", id=last.entry.key_id),
            )
        return key

    def _apart(self, seq: int) -> LedgerError:
        return LedgerError(
            message(
                "The ledger's database and {path} differ at entry {seq}.", path=str(self._lines.path), seq=seq
            ),
            message(
                "Run python app.py ledger verify: it says which of them is sound. "
                "Move the other one away: it is made anew."
            ),
        )


def insert(connection: sa.Connection, sealed: Sealed) -> None:
    """Put an entry into the database, and what follows from it for its operation."""
    connection.execute(
        entries.insert().values(seq=sealed.seq, body=sealed.body, hash=sealed.hash, **sealed.columns)
    )
    follow(connection, sealed)


def continues(sealed: Sealed, link: Link, key: SigningKey) -> bool:
    """Whether the entry is signed and joins the chain here."""
    return (
        sealed.hash == key.sign(sealed.body.encode())
        and sealed.seq == link.seq + 1
        and sealed.facts.get("seq") == sealed.seq
        and sealed.facts.get("previous") == link.hash
    )
