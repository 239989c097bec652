"""What happens once in a process, before the ledger is used for the first time."""

import os

from core.decision import ledger_reading
from core.decision.ledger_database import LedgerDatabase
from core.decision.ledger_lines import JsonLines
from core.decision.ledger_writing import Writer
from core.errors import LedgerError


class Opening:
    """Makes or updates the tables, and brings in what a killed process left behind."""

    def __init__(self, database: LedgerDatabase, lines: JsonLines, writer: Writer) -> None:
        self._database = database
        self._lines = lines
        self._writer = writer
        self._ready: set[int] = set()  # processes that have done it; a fork does it again

    def open(self) -> None:
        """Do what has not been done yet; LedgerError where the ledger cannot even be read."""
        if os.getpid() in self._ready:
            return
        self.prepare()
        try:
            if self._are_apart():
                self._writer.recover()
        except LedgerError:
            return  # reading goes on, and whoever writes meets the same again
        self._ready.add(os.getpid())

    def prepare(self) -> None:
        """Make or update the tables, and no more."""
        if not self._database.current():
            with self._lines.locked():
                self._database.migrate()

    def forget(self) -> None:
        """Do it again at the next use."""
        self._ready.discard(os.getpid())

    def _are_apart(self) -> bool:
        with self._database.reading() as connection:
            link = ledger_reading.head(connection)
        return self._lines.end() != (link.seq, True)
