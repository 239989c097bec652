"""Time limits for a library that has none: nobody waits for a store longer than a person would.

Questions run in daemon threads. Whoever asks waits while the store gives signs of life, and leaves
with an error when it has been silent for too long. Equal questions share one thread: while one is
being answered, all who come later share the next one, so an answer is never older than its question
and a store that hangs holds one thread for each kind of question, however many pages poll it.
"""

import threading
import time
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar, cast

from core.errors import RunoffError

T = TypeVar("T")
Beat = Callable[[], None]  # called by a question whenever the store has given a sign of life
Work = Callable[[Beat], T]
Stop = Callable[[], RunoffError | None]  # an error: stop waiting, and raise it


class Questions:
    """Asks a store questions in threads of its own."""

    def __init__(
        self,
        *,
        patience: float,
        longest: float,
        places: int,
        overdue: Callable[[], RunoffError],
        crowded: Callable[[], RunoffError],
    ) -> None:
        """Limits, and the errors for those who wait in vain.

        Args:
            patience: Seconds without a sign of life after which whoever asks gives up.
            longest: Seconds after which whoever asks gives up, signs of life or not.
            places: Threads at most; a question that finds none free is refused at once.
            overdue: Makes the error of a question that was given up.
            crowded: Makes the error of a question that found no place.
        """
        self._patience = patience
        self._longest = longest
        self._places = places
        self._overdue = overdue
        self._crowded = crowded
        self._lock = threading.Lock()
        self._lines: dict[Hashable, _Line] = {}

    def ask(self, key: Hashable, work: Work[T], *, stop: Stop | None = None) -> T:
        """The answer of `work`, or of an equal question that starts after this call.

        Args:
            key: Equal for questions that any one answer would satisfy.
            work: Asks the store; raises what the asking raises.
            stop: Asked ten times a second; whoever waits leaves with the error that it gives.
        """
        with self._lock:
            line, question = self._join(key, cast("Work[object]", work))
            question.waiting += 1
        try:
            self._wait(line, question, stop)
        finally:
            with self._lock:
                question.waiting -= 1
        return cast("T", question.answer())

    @property
    def open(self) -> int:
        """Threads that are waiting for the store now."""
        with self._lock:
            return len(self._lines)

    def _join(self, key: Hashable, work: Work[object]) -> tuple["_Line", "_Question[object]"]:
        line = self._lines.get(key)
        if line is None:
            if len(self._lines) >= self._places:
                raise self._crowded()
            question = _Question(work)
            line = self._lines[key] = _Line(question)
            threading.Thread(target=self._serve, args=(key, line), name="runoff-store", daemon=True).start()
            return line, question
        if line.following is None:
            line.following = _Question(work)
        return line, line.following

    def _serve(self, key: Hashable, line: "_Line") -> None:
        question: _Question[object] | None = line.current
        while question is not None:
            question.run(line.beat)
            with self._lock:
                following = line.following
                line.following = None
                question = following if following and following.waiting else None
                if question is None:
                    del self._lines[key]
                else:
                    line.current = question

    def _wait(self, line: "_Line", question: "_Question[object]", stop: Stop | None) -> None:
        arrived = time.monotonic()
        while True:
            now = time.monotonic()
            left = min(
                self._patience - (now - max(arrived, line.heard)),
                self._longest - (now - arrived),
            )
            if question.done.wait(max(0.0, min(left, 0.1) if stop else left)):
                return
            if left <= 0:
                raise self._overdue()
            if stop and (reason := stop()):
                raise reason


class _Question(Generic[T]):
    def __init__(self, work: Work[T]) -> None:
        self._work = work
        self._answer: T | None = None
        self._error: BaseException | None = None
        self.done = threading.Event()
        self.waiting = 0

    def run(self, beat: Beat) -> None:
        try:
            self._answer = self._work(beat)
        except BaseException as error:  # noqa: BLE001  handed to whoever asked, in their thread
            self._error = error
        finally:
            self.done.set()

    def answer(self) -> T:
        """The result for one of those who asked; an error is theirs alone, not shared between threads."""
        error = self._error
        if isinstance(error, RunoffError):
            raise type(error)(error.title, error.hint) from error
        if error is not None:
            raise error
        return cast("T", self._answer)


class _Line:
    """One thread: the question it asks, and the one that all who came later share."""

    def __init__(self, first: "_Question[object]") -> None:
        self.current = first
        self.following: _Question[object] | None = None
        self.heard = time.monotonic()

    def beat(self) -> None:
        self.heard = time.monotonic()
