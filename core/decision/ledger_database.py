"""The database of the ledger: connections, transactions in one order, and its tables.

SQLite by default, with write-ahead log and every commit on the disk; PostgreSQL by URL. Nothing is connected
before it is needed, and a fork gets connections of its own.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.pool import ConnectionPoolEntry

from core.catalog.address import is_sqlite, local_path, shown_address, without_secrets
from core.decision.ledger_tables import HEAD, VERSION_TABLE
from core.decision.ledger_trouble import (
    LOCK_SECONDS,
    database_trouble,
    file_trouble,
    missing_driver,
    unfit_url,
)
from core.errors import LedgerError
from core.messages import message

_ADVISORY_LOCK = 0x52756E6F6666  # "Runoff"; the number under which PostgreSQL lets one writer in at a time
_STATEMENT_SECONDS = 30
_LIMITS = {
    "connect_timeout": "2",
    "tcp_user_timeout": "4000",
}  # libpq: seconds for each address, milliseconds
_CANNOT_OPEN = {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY}
_WRITES = {"runoff_writes": True}


class LedgerDatabase:
    """Reads and writes of one database; every failure is a LedgerError."""

    def __init__(self, url: str) -> None:
        self._url = url.replace("postgres://", "postgresql://", 1) if url.startswith("postgres://") else url
        self.address = _shown(self._url)
        self._path = local_path(self._url) if is_sqlite(self._url) else None
        self._engines: dict[int, sa.Engine] = {}  # by process: those of before a fork are left alone

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """A transaction in which everything is of one moment."""
        with self._explained(), self._engine().connect() as connection:
            if self._path is None:
                connection.execution_options(isolation_level="REPEATABLE READ")
            with connection.begin():
                self._limit(connection)
                yield connection

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """A transaction that is alone in writing to the ledger; commits where the block ends well."""
        with self._explained(), self._engine().connect() as connection:
            connection.execution_options(**_WRITES)
            with connection.begin():
                self._limit(connection)
                if self._path is None:
                    connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_ADVISORY_LOCK)))
                yield connection

    def current(self) -> bool:
        """Whether the tables are those that this Runoff reads; LedgerError where they are newer."""
        with self._explained(), self._engine().connect() as connection:
            revision = _revision(connection)
        if revision is not None and revision > HEAD:
            raise LedgerError(
                message("A newer Runoff has set up the ledger's database {address}.", address=self.address),
                message("Update Runoff here as well."),
            )
        return revision == HEAD

    def migrate(self) -> None:
        """Bring the tables up to date; only while the ledger's lock is held."""
        from alembic import command  # noqa: PLC0415  a third of a second, for new databases alone
        from alembic.config import Config  # noqa: PLC0415  as above

        if self._path is not None:
            with self._explained(), self._engine().connect() as connection:
                connection.exec_driver_sql("COMMIT")  # the mode of the log changes outside of transactions
                connection.exec_driver_sql("PRAGMA journal_mode = WAL")
        with self.writing() as connection:
            if _revision(connection) == HEAD:  # somebody else has been faster
                return
            config = Config()
            folder = str(Path(__file__).parent / "migrations")
            config.set_main_option("script_location", folder.replace("%", "%%"))  # it fills in %(names)s
            config.attributes["connection"] = connection
            command.upgrade(config, "head")

    def close(self) -> None:
        """Give the connections of this process back."""
        engine = self._engines.pop(os.getpid(), None)
        if engine is not None:
            engine.dispose()

    def _engine(self) -> sa.Engine:
        engine = self._engines.get(os.getpid())
        if engine is None:
            engine = self._engines.setdefault(os.getpid(), self._new_engine())
        return engine

    def _new_engine(self) -> sa.Engine:
        if self._path is not None:
            return self._file_engine(self._path)
        try:
            url = sa.make_url(self._url)
        except ValueError:  # a port that is no number
            raise unfit_url(self.address) from None
        if url.get_backend_name() != "postgresql":
            raise unfit_url(self.address)
        limits = {name: value for name, value in _LIMITS.items() if name not in url.query}
        return sa.create_engine(
            url.update_query_dict(limits), pool_pre_ping=True, pool_timeout=LOCK_SECONDS, hide_parameters=True
        )

    def _file_engine(self, path: Path) -> sa.Engine:
        if str(path) in {".", "//", ":memory:"} or str(path).startswith("file:"):
            raise unfit_url(self.address)
        engine = sa.create_engine("sqlite://", creator=lambda: _open_file(path), poolclass=sa.QueuePool)
        event.listen(engine, "begin", _begin)
        event.listen(engine, "checkin", _forget_frozen)
        return engine

    def _limit(self, connection: sa.Connection) -> None:
        if self._path is None:
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{LOCK_SECONDS:.0f}s'")
            connection.exec_driver_sql(f"SET LOCAL statement_timeout = '{_STATEMENT_SECONDS}s'")

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except sa.exc.ArgumentError:
            raise unfit_url(self.address) from None
        except OSError as error:
            raise file_trouble(error, self.address) from None
        except ImportError as error:
            raise missing_driver(error, self.address) from None
        except (sa.exc.SQLAlchemyError, sqlite3.Error) as error:
            words = str(getattr(error, "orig", None) or error)
            raise database_trouble(without_secrets(words, self._url), self.address) from error


def _shown(url: str) -> str:
    """The address for people; also of what is none."""
    try:
        return shown_address(url, Path.cwd())
    except ValueError:
        return url.partition("://")[0] + "://…"


class _Frozen(sqlite3.Connection):
    """Reads a file that it takes for one that nobody changes: good for one question."""


def _open_file(path: Path) -> sqlite3.Connection:
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = _connected(str(path), sqlite3.Connection)
    try:
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("SELECT 1 FROM sqlite_master").close()
    except sqlite3.Error as error:
        connection.close()
        if not _lacks_its_log(error, path):
            raise
        connection = _connected(f"file:{quote(str(path))}?mode=ro&immutable=1", _Frozen)
    return connection


def _lacks_its_log(error: sqlite3.Error, path: Path) -> bool:
    """Whether a write-ahead log cannot be opened, as in a read-only folder, but all is in the file."""
    log = Path(f"{path}-wal")
    empty = not log.exists() or log.stat().st_size == 0
    return error.sqlite_errorcode & 0xFF in _CANNOT_OPEN and path.exists() and empty


def _connected(name: str, kind: type[sqlite3.Connection]) -> sqlite3.Connection:
    return sqlite3.connect(
        name,
        uri=kind is _Frozen,
        factory=kind,
        timeout=LOCK_SECONDS,
        isolation_level=None,
        check_same_thread=False,
    )


def _forget_frozen(connection: sqlite3.Connection | None, record: ConnectionPoolEntry) -> None:
    if isinstance(connection, _Frozen):
        record.invalidate()


def _begin(connection: sa.Connection) -> None:
    """Python's own driver begins late and for reading first; a writer must be the only one from the start."""
    writes = connection.get_execution_options().get("runoff_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _revision(connection: sa.Connection) -> str | None:
    if not sa.inspect(connection).has_table(VERSION_TABLE):
        return None
    row = connection.execute(sa.text(f"SELECT version_num FROM {VERSION_TABLE}")).first()  # noqa: S608  our name
    return str(row[0]) if row else None
