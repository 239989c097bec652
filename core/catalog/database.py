"""An SQL store, looked at before MLflow opens it.

MLflow creates a database file that is missing, migrates one that is older, and tries a server that
is down for minutes with a lock held that stops every other store of the process. So a connection of
our own, with time limits, makes sure that none of that would happen.
"""

import sqlite3
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import quote

from core.catalog.address import is_sqlite, local_path, masked_uri
from core.catalog.store import PRODUCTION, Holders
from core.errors import StoreMismatch, StoreUnreachable
from core.messages import message

_CONNECT_SECONDS = 3
_LOCKED_SECONDS = 1.5  # how long a reader waits for a writer of the same SQLite file
_SET_UP_SECONDS = 15.0  # an embedded database younger than this may be half made

# What each driver calls the time limit for connecting, and the ones for a silent connection.
_DRIVER_LIMITS: Mapping[str, Mapping[str, str]] = {
    "psycopg2": {"connect_timeout": "3", "tcp_user_timeout": "4000"},
    "psycopg": {"connect_timeout": "3", "tcp_user_timeout": "4000"},
    "pymysql": {"connect_timeout": "3", "read_timeout": "4"},
    "mysqldb": {"connect_timeout": "3", "read_timeout": "4"},
}

# One statement: by stage and by alias as of the same moment.
_HOLDERS = """
SELECT 'model', name, '', 0 FROM registered_models WHERE workspace = 'default' AND name = :model
UNION ALL
SELECT 'stage', name, '', version FROM model_versions
  WHERE workspace = 'default' AND name = :model AND current_stage = :stage
UNION ALL
SELECT 'alias', name, alias, version FROM registered_model_aliases
  WHERE workspace = 'default' AND name = :model AND alias = :alias
"""


@dataclass(frozen=True, slots=True)
class Tally:
    """How many versions a model has, and the numbers of those in stage Production, highest first."""

    count: int
    production: tuple[int, ...]


class Database:
    """The database behind an SQL store."""

    def __init__(self, uri: str, *, shown: str, embedded: bool = False) -> None:
        """`shown` is the address for people; an `embedded` database may not have been made yet."""
        self._given = uri
        self._shown = shown
        self._embedded = embedded
        self._path = local_path(uri) if is_sqlite(uri) else None

    @cached_property
    def uri(self) -> str:
        """The URI for MLflow: as given, with the driver's own time limits where none are set."""
        import sqlalchemy  # noqa: PLC0415  slow, and only SQL stores need it

        url = sqlalchemy.make_url(self._given)
        if self._path is not None:
            return self._given
        limits = _DRIVER_LIMITS.get(url.get_dialect().driver, {})
        unset = {name: value for name, value in limits.items() if name not in url.query}
        return url.update_query_dict(unset).render_as_string(hide_password=False) if unset else self._given

    def ready(self, head: Callable[[], str]) -> bool:
        """Whether MLflow may open the database; False for an embedded one that is not there yet.

        Args:
            head: Gives the schema revision that the installed MLflow reads.

        Raises:
            StoreUnreachable: There is no such file.
            StoreMismatch: The schema is not the one that the installed MLflow reads.
            sqlalchemy.exc.SQLAlchemyError, ImportError: As the database and its driver have it.
        """
        if self._path is not None and not self._path.exists():
            return self._missing()
        if self._path is not None and self._path.stat().st_size == 0 and self._embedded:
            return False
        found, expected = self._revision(), head()
        if found == expected:
            return True
        if self._embedded and self._being_made():
            return False
        raise self._mismatch(found, expected)

    def tally(self) -> Mapping[str, Tally]:
        """Versions by model name, counted by the database: exact, and quick at any size."""
        import sqlalchemy  # noqa: PLC0415  slow, and only SQL stores need it

        alive = "FROM model_versions WHERE workspace = 'default' AND current_stage <> 'Deleted_Internal'"
        with self._engine.connect() as connection:
            counts = connection.execute(sqlalchemy.text(f"SELECT name, COUNT(*) {alive} GROUP BY name")).all()
            production = connection.execute(
                sqlalchemy.text(
                    f"SELECT name, version {alive} AND current_stage = 'Production' ORDER BY version DESC"
                ),
            ).all()
        held: dict[str, list[int]] = {}
        for name, number in production:
            held.setdefault(name, []).append(number)
        return {name: Tally(count, tuple(held.get(name, ()))) for name, count in counts}

    def holders(self, model: str, alias: str) -> Holders | None:
        """What is in Production, seen in one snapshot; None where there is no such model."""
        import sqlalchemy  # noqa: PLC0415  slow, and only SQL stores need it

        with self._engine.connect() as connection:
            rows = connection.execute(
                sqlalchemy.text(_HOLDERS), {"model": model, "alias": alias, "stage": PRODUCTION}
            ).all()
        # A database may compare names without regard to case.
        found = [(kind, number) for kind, name, held, number in rows if name == model and held in {alias, ""}]
        if not found:
            return None
        stage = sorted((number for kind, number in found if kind == "stage"), reverse=True)
        return Holders(tuple(stage), next((number for kind, number in found if kind == "alias"), None))

    @cached_property
    def _engine(self) -> Any:
        import sqlalchemy  # noqa: PLC0415  slow, and only SQL stores need it

        if self._path is not None:
            return sqlalchemy.create_engine(
                "sqlite://", creator=self._open_file, poolclass=sqlalchemy.NullPool
            )
        return sqlalchemy.create_engine(self.uri, poolclass=sqlalchemy.NullPool)

    def _open_file(self) -> sqlite3.Connection:
        # mode=rw: never creates a file; SQLite falls back to reading where writing is not permitted.
        return sqlite3.connect(
            f"file:{quote(str(self._path))}?mode=rw",
            uri=True,
            timeout=_LOCKED_SECONDS,
        )

    def _revision(self) -> str | None:
        import sqlalchemy  # noqa: PLC0415  slow, and only SQL stores need it

        with self._engine.connect() as connection:
            if not sqlalchemy.inspect(connection).has_table("alembic_version"):
                return None
            row = connection.execute(sqlalchemy.text("SELECT version_num FROM alembic_version")).first()
            return str(row[0]) if row else None

    def _missing(self) -> bool:
        if self._embedded:
            return False
        raise StoreUnreachable(
            message("There is no database file at {address}.", address=self._shown),
            message("Check the path of the tracking URI; Runoff makes no database where you name one."),
        )

    def _being_made(self) -> bool:
        return self._path is not None and time.time() - self._path.stat().st_mtime < _SET_UP_SECONDS

    def _mismatch(self, found: str | None, expected: str) -> StoreMismatch:
        if found is None:
            return StoreMismatch(
                message("The database at {address} holds no MLflow tables.", address=self._shown),
                message("Check the tracking URI: it names a database that MLflow has not set up."),
            )
        return StoreMismatch(
            message(
                "The database at {address} has another schema ({found}) than this MLflow reads ({expected}).",
                address=self._shown,
                found=found,
                expected=expected,
            ),
            message(
                "If its MLflow is older: take a backup, then run: mlflow db upgrade {uri}. "
                "If it is newer: update MLflow here.",
                uri=masked_uri(self._given),
            ),
        )
