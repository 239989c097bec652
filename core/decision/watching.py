"""A round in the background, again and again, that outlives whatever is down for a while."""

import logging
import threading
from collections.abc import Callable

from core.errors import RunoffError

_log = logging.getLogger(__name__)

_SOON_SECONDS = 5.0


class Watch:
    """Calls `round_` in a daemon thread until it is closed.

    After a failure it tries again soon; one that stays is logged once until it is over.
    """

    def __init__(self, round_: Callable[[], None], *, seconds: float) -> None:
        self._round = round_
        self._seconds = seconds
        self._closed = threading.Event()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._failures = 0  # in a row
        self._said = ""

    def start(self) -> None:
        """Begin; once."""
        with self._lock:
            if self._thread is None and not self._closed.is_set():
                self._thread = threading.Thread(target=self._watch, name="runoff-watch", daemon=True)
                self._thread.start()

    def close(self) -> None:
        """Begin no further round, and wait a moment for the present one."""
        self._closed.set()
        with self._lock:
            thread = self._thread
        if thread is not None:
            thread.join(timeout=5)

    def _watch(self) -> None:
        while not self._closed.is_set():
            self._go_round()
            self._closed.wait(min(self._seconds, _SOON_SECONDS) if self._failures else self._seconds)

    def _go_round(self) -> None:
        try:
            self._round()
        except RunoffError as error:
            self._failures += 1
            if self._failures > 1 and str(error) != self._said:  # at the start MLflow is being imported
                _log.warning("Runoff cannot look whether Production was changed from outside: %s", error)
                self._said = str(error)
        except Exception:  # noqa: BLE001  logged; the watch outlives it
            self._failures += 1
            if self._said != "fault":
                _log.exception("A fault in Runoff kept it from looking whether Production was changed")
            self._said = "fault"
        else:
            self._failures, self._said = 0, ""
