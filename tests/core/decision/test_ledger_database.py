import re
import socket
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

import core.decision
from core.decision.ledger import Ledger
from core.decision.ledger_tables import HEAD, VERSION_TABLE, metadata
from core.decision.owner import this_process
from core.errors import LedgerError
from tests.core.decision.forks import run
from tests.core.decision.records import intent, outcome, seen

OpenLedger = Callable[[], Ledger]


FORBIDDEN = {
    "sqlite": ("INSERT OR REPLACE INTO runoff_ledger SELECT * FROM runoff_ledger",),
    "postgresql": ("TRUNCATE runoff_ledger", "TRUNCATE runoff_ledger CASCADE"),
}


def test_the_database_refuses_to_change_an_entry(ledger: Ledger) -> None:
    ledger.note(seen())
    for statement in (
        "UPDATE runoff_ledger SET actor = 'Mallory'",
        "DELETE FROM runoff_ledger WHERE seq = 1",
        *FORBIDDEN[ledger._database._engine().dialect.name],
    ):
        with pytest.raises(LedgerError, match="append-only"), ledger._database.writing() as connection:
            connection.execute(sa.text(statement))

    assert ledger.verify().sound


def test_the_database_itself_lets_one_operation_of_a_model_be_pending(ledger: Ledger) -> None:
    """Also one who does not ask first, as `begin` does."""
    ledger.begin(intent(), key="1")
    insert = "INSERT INTO runoff_operations (operation, key, model, pending) VALUES (:o, :k, 'titanic', :p)"

    def put(operation: str, key: str, *, pending: bool) -> None:
        with ledger._database.writing() as connection:
            connection.execute(sa.text(insert), {"o": operation, "k": key, "p": pending})

    put("ended", "2", pending=False)
    for operation, key, pending in (("x", "3", True), ("x", "1", False)):
        with pytest.raises(LedgerError, match=r"(?i)unique"):
            put(operation, key, pending=pending)


def test_the_tables_are_those_of_the_last_step(ledger: Ledger) -> None:
    ledger.head()
    config = Config()
    config.set_main_option("script_location", str(Path(core.decision.__file__).parent / "migrations"))
    assert ScriptDirectory.from_config(config).get_current_head() == HEAD
    with ledger._database.reading() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
        found = compare_metadata(context, metadata)
    assert [change for change in found if change[0] not in {"remove_index", "remove_constraint"}] == []


def test_a_newer_ledger_is_left_alone(ledger: Ledger, open_ledger: OpenLedger) -> None:
    ledger.note(seen())
    with ledger._database.writing() as connection:
        connection.execute(sa.text(f"UPDATE {VERSION_TABLE} SET version_num = '9999'"))
    for act in (
        lambda other: other.entries(),
        lambda other: other.note(seen()),
        lambda other: other.verify(),
    ):
        with pytest.raises(LedgerError, match="newer Runoff"):
            act(open_ledger())


def test_sqlite_keeps_every_commit(tmp_path: Path) -> None:
    ledger = Ledger(f"sqlite:///{tmp_path}/a b/ü/runoff.db", tmp_path / "lines" / "here", app_version="1")
    ledger.note(seen())

    with ledger._database.writing() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
    assert (tmp_path / "a b" / "ü" / "runoff.db").exists()
    assert sorted(file.name for file in (tmp_path / "lines" / "here").iterdir()) == [
        "ledger.jsonl",
        "ledger.key",
        "ledger.lock",
    ]
    assert (tmp_path / "lines" / "here" / "ledger.key").stat().st_mode & 0o777 == 0o600
    ledger.close()


def test_the_key_may_lie_elsewhere(tmp_path: Path) -> None:
    key_file = tmp_path / "secrets" / "key"
    ledger = Ledger(f"sqlite:///{tmp_path}/l.db", tmp_path, app_version="1", key_file=key_file)
    ledger.note(seen())
    assert re.fullmatch(r"[0-9a-f]{64}\n", key_file.read_text())
    assert list(key_file.parent.iterdir()) == [key_file]
    assert ledger.verify().sound
    ledger.close()


@pytest.mark.parametrize(
    "url", ["postgresql://ann:secret-word@127.0.0.1:{port}/runoff", "postgres://[::1]:{port}/x"]
)
@pytest.mark.parametrize("listens", [True, False])
def test_a_server_that_does_not_answer(tmp_path: Path, url: str, *, listens: bool) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        if listens:
            silent.listen()
        ledger = Ledger(url.format(port=silent.getsockname()[1]), tmp_path, app_version="1")
        started = time.monotonic()
        with pytest.raises(LedgerError, match="does not answer at postgresql://") as refused:
            ledger.entries()
    assert time.monotonic() - started < 5
    assert "secret-word" not in str(refused.value)
    assert not (tmp_path / "ledger.jsonl").exists()


@pytest.mark.parametrize(
    "url",
    [
        "mysql://u@h/d",
        "nonsense://",
        "postgresql://[::bad/x",
        "::",
        "sqlite://",
        "sqlite:///:memory:",
        "sqlite:///file:x?uri=true",
    ],
)
def test_what_holds_no_ledger(tmp_path: Path, url: str) -> None:
    with pytest.raises(LedgerError, match="cannot be kept at"):
        Ledger(url, tmp_path, app_version="1").head()


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("sqlite:////dev/null/runoff.db", "/dev/null"),
        ("sqlite:////dev/null", "cannot be|fails|locked|no SQLite"),
        ("postgresql+psycopg2://u@h/d", "psycopg2"),
    ],
)
def test_what_cannot_be_opened(tmp_path: Path, url: str, said: str) -> None:
    with pytest.raises(LedgerError, match=said):
        Ledger(url, tmp_path, app_version="1").head()


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "runoff.db").write_text("no database, but long enough to be taken for one" * 10)
    with pytest.raises(LedgerError, match="is damaged, or is no SQLite database"):
        Ledger(f"sqlite:///{tmp_path}/runoff.db", tmp_path, app_version="1").note(seen())
    assert not (tmp_path / "ledger.jsonl").exists()


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_server_that_was_restarted_is_connected_to_anew(ledger: Ledger, open_ledger: OpenLedger) -> None:
    ledger.note(seen())
    killing = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    with open_ledger()._database.writing() as connection:
        assert len(connection.execute(sa.text(killing)).all()) >= 1
    assert ledger.note(seen()).seq == 2


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_database_that_is_not_there(database_url: str, tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match="There is no database"):
        Ledger(database_url.replace("ledger_", "never_"), tmp_path, app_version="1").head()
    with pytest.raises(LedgerError, match="refuses the user"):
        Ledger(database_url.replace("postgres@", "stranger@"), tmp_path, app_version="1").head()


def test_another_machine_is_gone_when_its_lease_is_over(ledger: Ledger) -> None:
    first = intent()
    ledger.begin(first, key="1")

    def lease(host: str, until: str) -> None:
        with ledger._database.writing() as connection:
            connection.execute(
                sa.text("UPDATE runoff_operations SET host = :h, lease_until = :u"), {"h": host, "u": until}
            )

    lease("elsewhere", "2999-01-01T00:00:00.000000Z")
    assert not ledger.pending()[0].gone
    assert not ledger.take_over(first.operation)
    assert ledger.finish(outcome(first)).seq == 1  # not ours: nothing is written
    lease("elsewhere", "2026-01-01T00:00:00.000000Z")
    assert ledger.pending()[0].gone
    assert run(lambda: _takes_over(ledger, first.operation)) == 0
    lease(this_process().host, "2026-01-01T00:00:00.000000Z")
    assert ledger.pending()[0].gone  # the child that took it over has ended
    assert ledger.take_over(first.operation)
    lease(this_process().host, "2026-01-01T00:00:00.000000Z")
    assert not ledger.pending()[0].gone  # it runs, whatever its lease says
    assert ledger.finish(outcome(first)).seq == 2


def _takes_over(ledger: Ledger, operation: str) -> None:
    assert ledger.take_over(operation)
