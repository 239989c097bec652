"""Changes to a registry: each made at most once, and told apart by whether it may have been made.

A write is never repeated: not by us, not by MLflow and not by the libraries below it. Whoever asked for
it leaves after the time limit; a write that has not been sent by then is not sent any more, and one that
waits in a database is not committed.
"""

import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, Protocol, TypeVar

from core.catalog.address import is_http, is_sql
from core.catalog.deadline import Beat, Questions
from core.catalog.mlflow_connection import Connection
from core.catalog.mlflow_database_writing import DatabaseRoad
from core.catalog.mlflow_errors import TooLateError, Translator, UnansweredError, chain
from core.catalog.mlflow_server_writing import ServerRoad
from core.catalog.store import LoggedModel
from core.errors import NotFound, RunoffError, StoreError, StoreUnreachable, WriteUnanswered
from core.messages import Message, message

T = TypeVar("T")

WRITE_SECONDS = 10.0
_THERE_ALREADY = "RESOURCE_ALREADY_EXISTS"
_PLACES = 16  # changes at a time
_LOST_RACE = ("unique", "duplicate")  # words of databases for a row that somebody else has just inserted


class Road(Protocol):
    """One way to change a registry; a call raises UnansweredError, or the error of a change not made."""

    def move_stage(self, model: str, number: int, stage: str, *, archive_others: bool) -> None:
        """Put a version into a stage."""

    def set_alias(self, model: str, alias: str, number: int) -> None:
        """Let the alias point at a version."""

    def delete_alias(self, model: str, alias: str) -> None:
        """Take the alias away; one that is not there is no error."""

    def set_tag(self, model: str, number: int, *, name: str, value: str) -> None:
        """Set one tag of a version."""

    def add_model(self, name: str) -> None:
        """Make a registered model."""

    def add_version(
        self, name: str, model: LoggedModel, *, run_id: str, description: str, tags: Mapping[str, str]
    ) -> int:
        """Register a run's model; returns the version's number."""


Change = Callable[[Road], T]


class Writing:
    """Changes one MLflow registry, within a time limit for each call."""

    def __init__(self, connection: Connection, *, uri: str, shown: str, seconds: float) -> None:
        """`shown` is the address for people; `seconds` limits each call."""
        self._connection = connection
        self._uri = uri
        self._shown = shown
        self._seconds = seconds
        self._errors = Translator(uri, shown=shown, changes=True)
        self._questions = Questions(
            patience=seconds, longest=seconds, places=_PLACES, overdue=self._overdue, crowded=self._crowded
        )

    def move_stage(self, model: str, number: int, stage: str, *, archive_others: bool) -> None:
        """Put a version into a stage; NotFound where there is no such version."""
        self._make(
            lambda road: road.move_stage(model, number, stage, archive_others=archive_others),
            gone=_no_version(model, number),
        )

    def set_alias(self, model: str, alias: str, number: int) -> None:
        """Let the alias point at a version; NotFound where there is no such version."""

        def change(road: Road) -> None:
            lost = False
            try:
                road.set_alias(model, alias, number)
            except Exception as error:
                # Two clients that make the same new alias: the second insert fails, so nothing was
                # written, and the alias is there now: pointing it at a version is the same request again.
                lost = _lost_race(error)
                if not lost:
                    raise
            if lost:
                road.set_alias(model, alias, number)

        self._make(change, gone=_no_version(model, number))

    def delete_alias(self, model: str, alias: str) -> None:
        """Take the alias away, if it is there; NotFound where there is no such model."""
        gone = message("There is no registered model {name}.", name=model)
        self._make(lambda road: road.delete_alias(model, alias), gone=gone)

    def set_tag(self, model: str, number: int, *, name: str, value: str) -> None:
        """Set one tag of a version; NotFound where there is no such version."""
        self._make(
            lambda road: road.set_tag(model, number, name=name, value=value), gone=_no_version(model, number)
        )

    def add_model(self, name: str) -> None:
        """Make a registered model; one that is there already is left as it is."""

        def change(road: Road) -> None:
            try:
                road.add_model(name)
            except Exception as error:
                if getattr(error, "error_code", "") != _THERE_ALREADY:
                    raise

        self._make(change, gone=message("There is no registered model {name}.", name=name))

    def add_version(
        self, name: str, model: LoggedModel, *, run_id: str, description: str, tags: Mapping[str, str]
    ) -> int:
        """Register a run's model; NotFound where the registered model, the run or its model is gone."""
        return self._make(
            lambda road: road.add_version(name, model, run_id=run_id, description=description, tags=tags),
            gone=message("There is no registered model {name}, or the run is gone.", name=name),
        )

    def _make(self, change: Change[T], *, gone: Message) -> T:
        attempt = _Attempt(self._seconds)

        def work(beat: Beat) -> T:
            try:
                client = self._client(beat)
                attempt.send()
                made = change(self._road(client, attempt.until))
            except Exception as error:
                self._connection.trust(answered=False)
                raise self._told(error, gone) from error
            self._connection.trust(answered=True)
            return made

        try:
            return self._questions.ask(object(), work)
        except _OverdueError as late:
            if attempt.give_up():
                raise StoreUnreachable(late.title, late.hint) from late
            raise self._unanswered() from late

    def _client(self, beat: Beat) -> Any:
        """An MlflowClient on a store that answered just now, as far as that can be told."""
        if is_sql(self._uri):
            self._connection.trust(answered=False)  # so that a database that is down is met before the write
        client = self._connection.client(beat)
        if client is None:
            raise NotFound(
                message("The store at {address} holds nothing yet.", address=self._shown),
                message("Register a model, or start Runoff with --demo."),
            )
        return client

    def _road(self, client: Any, until: float) -> Road:
        if is_http(self._uri):
            return ServerRoad(self._uri, until)
        return DatabaseRoad(client, until)

    def _told(self, error: Exception, gone: Message) -> Exception:
        if any(isinstance(link, UnansweredError) for link in chain(error)):
            return self._unanswered()
        translated = self._errors.translate(error)
        if isinstance(translated, NotFound) and translated is not error:
            return NotFound(gone, message("It may have been deleted; load the page anew."))
        return translated or error

    def _unanswered(self) -> WriteUnanswered:
        return WriteUnanswered(
            message("{address} gave no answer to a change.", address=self._shown),
            message("It may or may not have been made: look at what is in Production before you try again."),
        )

    def _overdue(self) -> RunoffError:
        return _OverdueError(
            message("{address} did not answer in time.", address=self._shown),
            message("Nothing was changed; look whether the store is overloaded or hangs."),
        )

    def _crowded(self) -> RunoffError:
        return StoreUnreachable(
            message("{address} leaves too many changes unanswered.", address=self._shown),
            message("Nothing was changed; look whether the store hangs, and try again."),
        )


class _OverdueError(StoreError):
    """Whoever asked has waited long enough."""


class _Attempt:
    """One change: sent by the thread that makes it, or given up by whoever asked, never both."""

    def __init__(self, seconds: float) -> None:
        self.until = time.monotonic() + seconds
        self._lock = threading.Lock()
        self._sent = False
        self._given_up = False

    def send(self) -> None:
        """From here on the change may have been made; raises where nobody waits for it any more."""
        with self._lock:
            if self._given_up:
                raise TooLateError
            self._sent = True

    def give_up(self) -> bool:
        """Whether it has not been sent; then it will not be."""
        with self._lock:
            self._given_up = True
            return not self._sent


def _lost_race(error: Exception) -> bool:
    return getattr(error, "error_code", "") == "BAD_REQUEST" and any(
        word in str(error).lower() for word in _LOST_RACE
    )


def _no_version(model: str, number: int) -> Message:
    return message("There is no version {number} of {model}.", number=number, model=model)
