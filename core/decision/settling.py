"""Operations that nobody ends any more: what became of them is read back from MLflow and put on record."""

import logging
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from core.decision.moving import Moving
from core.decision.position import Registry, read_position
from core.decision.record import Entry, Phase
from core.errors import StoreError

if TYPE_CHECKING:
    from core.decision.ledger import Ledger
    from core.decision.pending import PendingRow

_log = logging.getLogger(__name__)

WRITE_SECONDS = 10.0  # a call that changes MLflow may come into force for so long after it was made


class Settling:
    """Ends the operations whose process is gone, and those that were left without an answer."""

    def __init__(
        self,
        store: Registry,
        ledger: "Ledger",
        moving: Moving,
        *,
        alias: str,
        remote: bool,
        write_seconds: float = WRITE_SECONDS,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """`remote`: calls to MLflow may outlive the process that made them."""
        self._store = store
        self._ledger = ledger
        self._moving = moving
        self._alias = alias
        self._remote = remote
        self._write_seconds = write_seconds
        self._now = now
        self._closed = threading.Event()

    def settle(self, model: str | None = None, *, wait: bool = False) -> None:
        """End what can be ended; with `wait` also what can be within the time that a call to MLflow may take.

        What cannot be ended stays pending: MLflow does not answer, or the process is still at it.

        Raises:
            LedgerError: the ledger cannot be read or written.
        """
        for row in self._ledger.pending(model):
            if row.gone:
                self._settle(row, wait=wait)

    def close(self) -> None:
        """Wait no longer."""
        self._closed.set()

    def _settle(self, row: "PendingRow", *, wait: bool) -> None:
        seconds = self._seconds_left(row.last)
        if seconds > 0 and (not wait or self._closed.wait(seconds)):
            return
        try:
            read_position(self._store, row.intent.record, alias=self._alias)
        except StoreError as error:
            _log.info("%s of %s stays pending: %s", row.operation, row.intent.record.model, error)
            return
        if self._ledger.take_over(row.operation):
            self._moving.end(row.intent.record)

    def _seconds_left(self, last: Entry) -> float:
        """How long a call that was made before this entry may still come into force."""
        if last.record.phase is Phase.INTENT and not self._remote:
            return 0.0  # it died with its process
        return self._write_seconds - (self._now() - last.at).total_seconds()
