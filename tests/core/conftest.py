"""Real MLflow stores: a database, and a server in front of another one."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.core.catalog.sites import Site, free_port, starting_server


@pytest.fixture(scope="session")
def loaded(empty_database: Path) -> None:
    """MLflow is imported before a test looks at the clock."""
    Site(f"sqlite:///{empty_database}", empty_database, empty_database.parent).store().check()


@pytest.fixture
def fresh(empty_database: Path, tmp_path: Path) -> Site:
    """A database of the test's own."""
    path = tmp_path / "mlflow.db"
    shutil.copy(empty_database, path)
    return Site(f"sqlite:///{path}", path, tmp_path / "artifacts")


@pytest.fixture(scope="session")
def on_disk(empty_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Site:
    folder = tmp_path_factory.mktemp("sqlite")
    path = Path(shutil.copy(empty_database, folder / "mlflow.db"))
    return Site(f"sqlite:///{path}", path, folder / "artifacts")


@pytest.fixture(scope="session")
def server_starting(
    empty_database: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Site, Callable[[], None]]]:
    """A server that takes its five seconds while other tests run."""
    folder = tmp_path_factory.mktemp("server")
    path = Path(shutil.copy(empty_database, folder / "mlflow.db"))
    port = free_port()
    site = Site(f"http://127.0.0.1:{port}", path, folder / "artifacts")
    with starting_server(site, port) as wait:
        yield site, wait


@pytest.fixture(scope="session")
def served(server_starting: tuple[Site, Callable[[], None]]) -> Site:
    """A real `mlflow server` on loopback."""
    site, wait = server_starting
    wait()
    return site


@pytest.fixture(scope="session", params=["sqlite", "server"])
def site(request: pytest.FixtureRequest, on_disk: Site, server_starting: object) -> Site:
    """Each kind of store, shared by the whole session: use names of your own."""
    return on_disk if request.param == "sqlite" else request.getfixturevalue("served")
