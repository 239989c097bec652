"""How MLflow is asked: within a time limit, once more where a connection broke, its failures translated."""

import math
from collections.abc import Callable, Hashable
from typing import Any, NoReturn, TypeVar

from core.catalog.deadline import Beat, Questions, Work
from core.catalog.mlflow_connection import Connection
from core.catalog.mlflow_errors import Translator, dropped, timed_out
from core.errors import NotFound, RunoffError, StoreUnreachable
from core.messages import message

T = TypeVar("T")
Read = Callable[[Any, Beat], T]  # takes an MlflowClient

_LONGEST_SECONDS = 120.0  # a long list that keeps coming
_SILENCE_SECONDS = 90.0  # of a download
_BATCH_SECONDS = 15.0  # of a database that hands over a batch of runs, for which nobody waits
_FILES_SECONDS = 12.0  # without a sign of life from an artifact store
_PLACES = 16  # questions of different kinds at a time


class Asking:
    """Questions to one store, each kind with its own patience; safe for threads."""

    def __init__(
        self,
        connection: Connection,
        errors: Translator,
        *,
        shown: str,
        patience: float,
        too_much: Callable[[], None],
    ) -> None:
        """Nothing is asked yet.

        Args:
            connection: Gives the client.
            errors: Translates what it raises.
            shown: The store's address as a person may see it.
            patience: Seconds without a sign of life from the store after which a read fails.
            too_much: Called where a question timed out: the next ones shall be smaller.
        """
        self.is_patient = True  # a command waits for the import of MLflow; a page says that it is under way
        self._connection = connection
        self._errors = errors
        self._shown = shown
        self._too_much = too_much
        self.reads = self._questions(patience, _LONGEST_SECONDS)
        self._downloads = self._questions(_SILENCE_SECONDS, math.inf)
        self._batches = self._questions(max(patience, _BATCH_SECONDS), _LONGEST_SECONDS)
        self._files = self._questions(max(patience, _FILES_SECONDS), 2 * _FILES_SECONDS)

    def read(self, key: Hashable, read: Read[T], nothing: Callable[[], T] | None = None) -> T:
        """The answer of `read`; `nothing` gives it where the embedded store has not been made yet."""
        if self.is_patient:
            self._connection.load()
        return self.reads.ask(key, self._work(read, nothing or self._missing))

    def files(self, key: Hashable, read: Read[T]) -> T:
        """The answer of `read`, which also asks an artifact store."""
        return self._files.ask(key, self._work(read, self._missing))

    def batch(self, key: Hashable, read: Read[T]) -> T:
        """The answer of `read`, which takes long and for which nobody waits."""
        return self._batches.ask(key, self._work(read, self._missing))

    def download(self, fetch: Read[T], *, stop: Callable[[], RunoffError | None]) -> T:
        """The answer of `fetch`, which may take as long as it gets on; `stop` says why it must not go on."""
        return self._downloads.ask(object(), self._work(fetch, self._missing), stop=stop)

    def _work(self, read: Read[T], nothing: Callable[[], T]) -> Work[T]:
        def work(beat: Beat) -> T:
            try:
                answer = self._once_more(read, nothing, beat)
            except Exception as error:
                self._connection.trust(answered=False)
                if timed_out(error):
                    self._too_much()
                translated = self._errors.translate(error)
                if translated is None or translated is error:
                    raise
                raise translated from error
            self._connection.trust(answered=True)
            return answer

        return work

    def _once_more(self, read: Read[T], nothing: Callable[[], T], beat: Beat) -> T:
        """Read, and read again where a connection broke that was open before: the server was restarted."""

        def once() -> T:
            client = self._connection.client(beat)
            return nothing() if client is None else read(client, beat)

        try:
            return once()
        except Exception as error:
            if not dropped(error):
                raise
        return once()

    def _missing(self) -> NoReturn:
        raise NotFound(
            message("The store at {address} holds nothing yet.", address=self._shown),
            message("Register a model, or start Runoff with --demo."),
        )

    def _questions(self, patience: float, longest: float) -> Questions:
        return Questions(
            patience=patience,
            longest=longest,
            places=_PLACES,
            overdue=self._overdue,
            crowded=self._crowded,
        )

    def _overdue(self) -> RunoffError:
        if not self._connection.loaded:
            return StoreUnreachable(
                message("Runoff is still loading MLflow."),
                message("Wait a few seconds, and load the page anew."),
            )
        return StoreUnreachable(
            message("{address} did not answer in time.", address=self._shown),
            message("Runoff keeps trying; look whether the store is overloaded or hangs."),
        )

    def _crowded(self) -> RunoffError:
        return StoreUnreachable(
            message("{address} leaves too many questions unanswered.", address=self._shown),
            message("Runoff asks again when some of them are answered; look whether the store hangs."),
        )
