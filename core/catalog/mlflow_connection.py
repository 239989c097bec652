"""MLflow itself: imported late, set up for a page that has to answer, opened only where that is safe."""

import logging
import os
import warnings
from functools import cached_property
from typing import Any

from core.catalog.address import is_http, is_sql, is_sqlite, local_path
from core.catalog.database import Database, Tally
from core.catalog.deadline import Beat
from core.errors import StoreUnreachable
from core.messages import message

REQUEST_SECONDS = 4  # of silence on a connection to a tracking server; a page waits a little longer

_NOISY = ("mlflow.store.db.utils", "mlflow.exceptions", "mlflow.utils.rest_utils", "alembic")


class Connection:
    """The way to one store; opened at the first question, and again after trouble."""

    def __init__(self, uri: str, *, shown: str, embedded: bool) -> None:
        self._uri = uri
        self._shown = shown
        self._database = Database(uri, shown=shown, embedded=embedded) if is_sql(uri) else None
        self._client: Any = None
        self._trusted = False
        self.loaded = False

    @property
    def uri(self) -> str:
        """The tracking URI as MLflow gets it."""
        return self._database.uri if self._database else self._uri

    def client(self, beat: Beat) -> Any:
        """An MlflowClient; None where the embedded store has not been made yet.

        Raises:
            StoreError: The store would not open, or would be changed by opening it.
            Exception: What the database, its driver or MLflow raise.
        """
        loads = not self.loaded
        self.load()
        if loads:  # nobody held the store to account so far
            beat()
        if not self._safe():
            return None
        if self._client is None:
            from mlflow import MlflowClient  # noqa: PLC0415  see load

            self._client = MlflowClient(tracking_uri=self.uri, registry_uri=self.uri)
        return self._client

    def trust(self, *, answered: bool) -> None:
        """Whether the last question was answered: after trouble the store is looked at anew."""
        self._trusted = answered

    def tally(self) -> dict[str, Tally] | None:
        """Versions by model, where the store's database counts them; None where it must be read out."""
        database = self.database
        return None if database is None else dict(database.tally())

    @property
    def database(self) -> Database | None:
        """The store's database, where its tables can be read; None elsewhere."""
        from mlflow.environment_variables import MLFLOW_ENABLE_WORKSPACES  # noqa: PLC0415  see load

        return None if MLFLOW_ENABLE_WORKSPACES.get() else self._database

    def load(self) -> None:
        """Import MLflow: takes 1 to 1.5 s and may be called by any thread at any time."""
        _prepare_environment(self._uri)
        # Deprecations inside MLflow are MLflow's business. A filter for them, not catch_warnings:
        # that one swaps the filters of the whole process and is not safe in threads.
        for category in (DeprecationWarning, FutureWarning):
            warnings.filterwarnings("ignore", category=category, module=r"mlflow(\.|$)")
        import mlflow.tracking  # noqa: PLC0415  the one place that pays for the import

        if self._database is not None:  # half as much again, before anybody counts the seconds
            import mlflow.store.model_registry.sqlalchemy_store  # noqa: PLC0415
            import mlflow.store.tracking.sqlalchemy_store  # noqa: F401, PLC0415

        for name in _NOISY:  # what they log is raised as well, and is translated for people
            logging.getLogger(name).setLevel(logging.CRITICAL)
        self.loaded = True

    def _safe(self) -> bool:
        if self._database is not None:
            # A file is looked at each time: it costs 2 ms, and it may be locked or replaced meanwhile.
            return (self._trusted and not is_sqlite(self._uri)) or self._database.ready(lambda: self._head)
        folder = local_path(self._uri)
        if folder is not None and not folder.is_dir():
            raise StoreUnreachable(
                message("There is no folder at {address}.", address=self._shown),
                message("Check the path of the tracking URI; Runoff makes no store where you name one."),
            )
        return True

    @cached_property
    def _head(self) -> str:
        from mlflow.store.db.utils import _get_latest_schema_revision  # noqa: PLC0415  see load

        return str(_get_latest_schema_revision())


def _prepare_environment(uri: str) -> None:
    """Set what MLflow reads from the environment, and nothing that a user has set to the same end.

    MLflow's own limits suit batch jobs: a dead server would hold a thread for four minutes. A user's
    smaller time limit is kept; a larger one, and MLflow's retries, would outlast the page.
    """
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    if is_http(uri):
        given = os.environ.get("MLFLOW_HTTP_REQUEST_TIMEOUT", "")
        if not (given.isdigit() and 0 < int(given) <= REQUEST_SECONDS):
            os.environ["MLFLOW_HTTP_REQUEST_TIMEOUT"] = str(REQUEST_SECONDS)
        os.environ["MLFLOW_HTTP_REQUEST_MAX_RETRIES"] = "0"
    if is_sqlite(uri) and "MLFLOW_SQLALCHEMYSTORE_POOL_SIZE" not in os.environ:
        # A pooled connection would go on reading a file that was replaced; opening one costs 1 ms.
        os.environ.setdefault("MLFLOW_SQLALCHEMYSTORE_POOLCLASS", "NullPool")
