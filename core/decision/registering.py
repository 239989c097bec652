"""Registering a run's model as a version: once, however often it is asked for.

Registering changes nothing that is in Production, so it is no move of the ledger: the version itself
carries who made it, when, and from which run.
"""

import hashlib
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Protocol

from filelock import FileLock, Timeout

from core.catalog.store import Enrolment, LoggedModel, RunFiles, Store, Version
from core.decision.access import Actor, Permission, require
from core.errors import (
    MoveUnderWay,
    NotFound,
    StoreError,
    UsageError,
    VersionUnfit,
    WriteUnanswered,
)
from core.messages import message
from core.quoting import quoted

MOST_NAME: Final = 250  # characters of a new model's name; MLflow's column holds 256
MOST_DESCRIPTION: Final = 5_000  # characters, MLflow's own limit
_REQUEST: Final = "runoff.request"  # tag of a version: the request that made it
_OPEN_SECONDS: Final = 20.0  # a change without an answer may come into force for so long after it was sent
_PATIENCE_SECONDS: Final = 30.0  # with others who register a version of the same model
_LOOKS: Final = (0.0, 0.5, 1.5)  # seconds to wait before each look whether a change was made after all


class Registry(Store, RunFiles, Enrolment, Protocol):
    """What registering needs of a store."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What somebody asks for; `key` is the request's own: asked again with it, nothing is made twice."""

    name: str
    run_id: str
    uri: str  # of the logged model
    description: str = ""
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """The version that was made; `repeated`: by the first request with the same key."""

    name: str
    number: int
    repeated: bool = False


class Registering:
    """Registers models of runs. Thread-safe; any number of processes may share the folder."""

    def __init__(
        self, store: Registry, folder: Path, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        """`folder` is made when it is first needed."""
        self._store = store
        self._folder = folder
        self._now = now

    def register(self, actor: Actor, request: Request) -> Registered:
        """Make a version of a new or existing registered model.

        Raises:
            NotPermitted: the actor may not write.
            UsageError: the name or the description cannot be.
            NotFound: there is no such run, or it logged no such model.
            VersionUnfit: the run is deleted, the model is not ready, or is a version of that name already.
            MoveUnderWay: somebody else registers a version of this model just now.
            WriteUnanswered: MLflow gave no answer, and the version is not there yet.
            StoreError: MLflow does not answer, or says no; no version was made.
        """
        require(actor, Permission.WRITE)
        _require_sense(request)
        with self._one_at_a_time(request.name):
            model = self._fit_model(request)
            if (known := self._version_of(request, model)) is not None:
                return known
            self._require_no_open_attempt(request)
            return self._made(actor, request, model)

    def _fit_model(self, request: Request) -> LoggedModel:
        run = self._store.runs_by_id([request.run_id]).get(request.run_id)
        found = () if run is None else self._store.run_models(request.run_id)
        model = next((model for model in found if model.uri == request.uri), None)
        if run is None or model is None:
            raise NotFound(
                message("The run has logged no model {model}.", model=quoted(request.uri)),
                message("Load the page anew."),
            )
        if run.is_deleted:
            raise VersionUnfit(
                message("The run is deleted, and its files may be removed at any time."),
                message("Restore it first: mlflow runs restore --run-id {run}", run=run.id),
            )
        if model.status != "READY":
            raise VersionUnfit(
                message("The model {model} is not ready: {status}.", model=model.name, status=model.status),
                message("Wait until it has been logged, or log it anew."),
            )
        return model

    def _version_of(self, request: Request, model: LoggedModel) -> Registered | None:
        """The version that the same request has made; VersionUnfit where another request has made one."""
        versions = self._versions(request, model)
        if not versions:
            return None
        for version in versions:
            if version.tags.get(_REQUEST) == request.key:
                self._note(request).unlink(missing_ok=True)
                return Registered(name=request.name, number=version.number, repeated=True)
        raise VersionUnfit(
            message(
                "This model is version {number} of {name} already.",
                number=versions[0].number,
                name=quoted(request.name),
            ),
            message("Compare that version, or choose another name."),
        )

    def _versions(self, request: Request, model: LoggedModel) -> list[Version]:
        sources = {model.uri, model.location}
        return [
            version
            for version in self._store.run_versions(request.run_id)
            if version.model == request.name and version.source in sources
        ]

    def _made(self, actor: Actor, request: Request, model: LoggedModel) -> Registered:
        self._make_model(request.name)
        tags = {
            "runoff.actor": actor.name,
            "runoff.at": self._now().isoformat(timespec="seconds"),
            _REQUEST: request.key,
        }
        note = self._note(request)
        note.write_text(json.dumps({"sent": self._now().timestamp()}), encoding="utf-8")
        try:
            number = self._store.add_version(
                request.name, model, run_id=request.run_id, description=request.description, tags=tags
            )
        except WriteUnanswered:
            return self._settled(request, model)
        except StoreError:  # it has not been made
            note.unlink(missing_ok=True)
            raise
        note.unlink(missing_ok=True)
        return Registered(name=request.name, number=number)

    def _make_model(self, name: str) -> None:
        """Make the registered model where there is none; it stays, empty, where the version then fails."""
        try:
            self._store.model(name)
        except NotFound:
            _require_name(name)
            try:
                self._store.add_model(name)
            except WriteUnanswered:
                self._store.model(name)  # NotFound: it was not made, and neither was a version

    def _settled(self, request: Request, model: LoggedModel) -> Registered:
        """What became of a change without an answer, read back."""
        for seconds in _LOOKS:
            time.sleep(seconds)
            try:
                known = self._version_of(request, model)
            except StoreError:
                continue
            if known is not None:
                return known
        raise _unknown(request.name)

    def _require_no_open_attempt(self, request: Request) -> None:
        """Raise WriteUnanswered while an earlier attempt may still come into force."""
        note = self._note(request)
        try:
            sent = float(json.loads(note.read_text("utf-8"))["sent"])
        except (OSError, ValueError, TypeError, KeyError):
            return
        if 0 <= self._now().timestamp() - sent < _OPEN_SECONDS:
            raise _unknown(request.name)

    @contextmanager
    def _one_at_a_time(self, name: str) -> Iterator[None]:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            lock = FileLock(self._folder / f"{_digest(name)}.lock", timeout=_PATIENCE_SECONDS)
            with lock:
                yield
        except Timeout as error:
            raise MoveUnderWay(
                message("Somebody else is registering a version of {name} just now.", name=quoted(name)),
                message("Try again in a moment."),
            ) from error

    def _note(self, request: Request) -> Path:
        """Where it is noted that a change was sent, until its answer comes."""
        return self._folder / f"{_digest(request.name, request.uri)}.json"


def _require_sense(request: Request) -> None:
    if not request.name.strip():
        raise UsageError(message("Choose or type the name of a registered model first."))
    if len(request.description) > MOST_DESCRIPTION:
        raise UsageError(
            message("The description is too long: {count} characters.", count=len(request.description)),
            message("Say it in at most {most} characters.", most=MOST_DESCRIPTION),
        )


def _require_name(name: str) -> None:
    """Raise UsageError where MLflow would refuse it, or could never find it again."""
    if name in {".", ".."} or any(character in name for character in "/:") or not name.isprintable():
        raise UsageError(
            message("{name} cannot be the name of a model.", name=quoted(name)),
            message("Use letters, digits, spaces, dots, dashes and underscores, and neither / nor : in it."),
        )
    if len(name) > MOST_NAME:
        raise UsageError(
            message("The name is too long: {count} characters.", count=len(name)),
            message("Say it in at most {most} characters.", most=MOST_NAME),
        )


def _unknown(name: str) -> WriteUnanswered:
    return WriteUnanswered(
        message(
            "MLflow gave no answer, so it is not known yet whether a version of {name} was made.", name=name
        ),
        message("Nothing is sent twice: ask again in half a minute, and Runoff looks first."),
    )


def _digest(*texts: str) -> str:
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:32]
