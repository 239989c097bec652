"""Do the parts that Runoff stands on answer?"""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from typing import Final

from core.errors import RunoffError

FRESH_SECONDS: Final = 2.0

log = logging.getLogger(__name__)


class Health:
    """Asks every part, one asker at a time, and keeps the answer for two seconds.

    A store that is down costs each question its time limit; any number of open pages must not
    multiply that, so whoever comes while a question is under way gets the last answer.
    """

    def __init__(self, checks: Mapping[str, Callable[[], None]]) -> None:
        self._checks = dict(checks)
        self._asking = threading.Lock()
        self._failures: Mapping[str, RunoffError] = {}
        self._asked_at: float | None = None

    def failures(self) -> Mapping[str, RunoffError]:
        """What does not answer, by the name of its check; empty where all is well."""
        first = self._asked_at is None
        if not self._asking.acquire(blocking=first):
            return self._failures
        try:
            if self._asked_at is None or time.monotonic() - self._asked_at > FRESH_SECONDS:
                self._failures = self._ask()
                self._asked_at = time.monotonic()
            return self._failures
        finally:
            self._asking.release()

    def _ask(self) -> Mapping[str, RunoffError]:
        failures = {}
        for name, check in self._checks.items():
            try:
                check()
            except RunoffError as error:
                failures[name] = error
        for name in failures.keys() - self._failures.keys():
            log.warning("%s does not answer: %s", name, failures[name])
        return failures
