"""Where ledgers of the tests are kept: SQLite by default, a PostgreSQL server of the tests' own."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.decision.ledger import Ledger
from tests.core.decision.postgres import Postgres, running_postgres


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL server; ask it for a `new_database()`. Skipped where none is installed, but not in CI."""
    with running_postgres() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'made' / 'runoff.db'}"
    server: Postgres = request.getfixturevalue("postgres")
    return server.new_database()


@pytest.fixture
def open_ledger(database_url: str, tmp_path: Path) -> Iterator[Callable[[], Ledger]]:
    """Opens the ledger of this test, each time as another process would: with connections of its own."""
    opened: list[Ledger] = []

    def another() -> Ledger:
        opened.append(Ledger(database_url, tmp_path, app_version="1.2.3"))
        return opened[-1]

    yield another
    for ledger in opened:
        ledger.close()


@pytest.fixture
def ledger(open_ledger: Callable[[], Ledger]) -> Ledger:
    """An empty ledger."""
    return open_ledger()
