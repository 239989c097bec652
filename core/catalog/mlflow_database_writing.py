"""Changes through MLflow's own registry store, on a database that this process opens itself."""

import time
from collections.abc import Mapping
from contextvars import ContextVar
from types import FunctionType
from typing import Any

from core.catalog import mlflow_entities as values
from core.catalog.mlflow_errors import TooLateError, UnansweredError, chain, comes_from
from core.catalog.store import LoggedModel

_until: ContextVar[float | None] = ContextVar("until", default=None)  # of the change that a thread makes

# Words of databases that have rolled a transaction back, and say so.
_ROLLED_BACK = (
    "is locked",
    "deadlock",
    "lock timeout",
    "lock wait",
    "canceling statement",
    "readonly",
    "read-only",
    "is full",
)


class DatabaseRoad:
    """MLflow's registry store, without the client before it that warns of the end of stages."""

    def __init__(self, client: Any, until: float) -> None:
        """`until` is the time, by the monotonic clock, after which nothing is committed any more."""
        self._client = client
        self._store = client._get_registry_client().store  # noqa: SLF001  the client has no way without warnings
        self._engine = getattr(self._store, "engine", None)  # None: MLflow's folder of files
        self._until = until

    def move_stage(self, model: str, number: int, stage: str, *, archive_others: bool) -> None:
        """Put a version into a stage."""
        # A number, for a database: MLflow compares it as it comes, and not every driver compares text to one.
        version = str(number) if self._engine is None else number
        self._call(self._store.transition_model_version_stage, model, version, stage, archive_others)

    def set_alias(self, model: str, alias: str, number: int) -> None:
        """Let the alias point at a version."""
        self._call(self._store.set_registered_model_alias, model, alias, str(number))

    def delete_alias(self, model: str, alias: str) -> None:
        """Take the alias away, if it is there."""
        self._call(self._store.delete_registered_model_alias, model, alias)

    def set_tag(self, model: str, number: int, *, name: str, value: str) -> None:
        """Set one tag of a version."""
        from mlflow.entities.model_registry import ModelVersionTag  # noqa: PLC0415  see Connection

        self._call(self._store.set_model_version_tag, model, str(number), ModelVersionTag(name, value))

    def add_model(self, name: str) -> None:
        """Make a registered model."""
        self._call(self._store.create_registered_model, name)

    def add_version(
        self, name: str, model: LoggedModel, *, run_id: str, description: str, tags: Mapping[str, str]
    ) -> int:
        """Register a run's model; a folder of a run's artifacts by its own address, as MLflow does it."""
        from mlflow.entities.model_registry import ModelVersionTag  # noqa: PLC0415  see Connection

        source = model.uri if model.id else model.location
        labels = [ModelVersionTag(key, value) for key, value in tags.items()]
        made = self._call(self._creating(), self._store, name, source, run_id, labels, None, description)
        return values.number(made.version)

    def _creating(self) -> Any:
        """MLflow's own function; it looks `models:/m-…` up at the process's tracking URI: here, at ours."""
        made = type(self._store).create_model_version
        known = {**made.__globals__, "MlflowClient": lambda: self._client}
        ours = FunctionType(made.__code__, known, made.__name__, made.__defaults__, made.__closure__)
        ours.__kwdefaults__ = made.__kwdefaults__
        return ours

    def _call(self, change: Any, *facts: object) -> Any:
        """Make one change; returns what MLflow returns.

        Raises:
            UnansweredError: The connection broke: it may have been committed.
            Exception: As MLflow and the database have it; it has not been made.
        """
        if self._engine is not None:
            _watch(self._engine)
        _until.set(self._until)
        try:
            return change(*facts)
        except Exception as error:
            if any(map(_undecided, chain(error))):
                raise UnansweredError from error
            raise
        finally:
            _until.set(None)


def _watch(engine: Any) -> None:
    """Let no change be committed after its time; a database may keep one waiting for minutes."""
    from sqlalchemy import event  # noqa: PLC0415  comes with MLflow

    if not event.contains(engine, "commit", _veto):
        event.listen(engine, "commit", _veto)


def _veto(_connection: object) -> None:
    until = _until.get()
    if until is not None and time.monotonic() > until:
        raise TooLateError


def _undecided(error: BaseException) -> bool:
    """Whether it leaves open what became of the transaction."""
    if not comes_from(error, "sqlalchemy", "DBAPIError"):
        return False
    words = str(getattr(error, "orig", None) or error).lower()
    if comes_from(getattr(error, "orig", None) or error, "sqlite3"):
        return "i/o error" in words
    broken = any(comes_from(error, "sqlalchemy", name) for name in ("OperationalError", "InterfaceError"))
    return broken and not any(word in words for word in _ROLLED_BACK)
