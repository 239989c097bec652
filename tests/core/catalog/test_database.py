"""Databases that MLflow would create, migrate or wait for: looked at before it may."""

import os
import shutil
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from core.catalog.mlflow_gateway import MlflowStore
from core.catalog.runs.batch import RunSlice
from core.errors import NotFound, StoreError, StoreMismatch, StoreUnreachable
from tests.core.catalog.sites import Site

pytestmark = pytest.mark.usefixtures("loaded")


def refused(site: Site | MlflowStore) -> StoreError:
    store = site if isinstance(site, MlflowStore) else site.store()
    started = time.monotonic()
    with pytest.raises(StoreError) as caught:
        store.models()
    assert time.monotonic() - started < 5
    assert caught.value.hint.template
    assert "Traceback" not in str(caught.value)
    return caught.value


def test_a_missing_file_is_said_to_be_missing_and_not_made(tmp_path: Path) -> None:
    path = tmp_path / "deeper" / "mlflow.db"
    error = refused(MlflowStore(f"sqlite:///{path}"))
    assert isinstance(error, StoreUnreachable)
    assert f"There is no database file at sqlite:///{path}" in str(error)
    assert list(tmp_path.iterdir()) == []


def test_an_embedded_store_is_empty_until_it_is_made(tmp_path: Path, empty_database: Path) -> None:
    path = tmp_path / "mlflow.db"
    store = MlflowStore(f"sqlite:///{path}", embedded=True)
    store.check()
    assert store.models() == ()
    assert store.experiments() == ()
    assert store.runs_by_id(["a" * 32]) == {}
    for read in (
        lambda: store.versions("a"),
        lambda: store.model("a"),
        lambda: store.experiment_created("0"),
    ):
        with pytest.raises(NotFound):
            read()
    assert not path.exists()
    path.touch()
    assert store.models() == ()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE experiments (x)")  # half made
    assert store.models() == ()
    shutil.copy(empty_database, path)
    assert store.models() == ()
    assert len(store.run_batch(RunSlice(experiments=("0",)))) == 0


def test_an_embedded_store_that_stays_half_made_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "mlflow.db"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE experiments (x)")
    os.utime(path, (time.time() - 60, time.time() - 60))
    assert isinstance(refused(MlflowStore(f"sqlite:///{path}", embedded=True)), StoreMismatch)


@pytest.mark.parametrize("revision", ["451aebb31d03", "ffffffffffff"], ids=["older", "newer"])
def test_a_database_of_another_release_is_neither_read_nor_migrated(fresh: Site, revision: str) -> None:
    fresh.sql("UPDATE alembic_version SET version_num = ?", [(revision,)])
    with closing(sqlite3.connect(fresh.database)) as connection, connection:
        connection.execute("DROP TABLE webhook_events")  # what makes MLflow migrate
    before = fresh.database.read_bytes()
    error = refused(fresh)
    assert isinstance(error, StoreMismatch)
    assert revision in str(error)
    assert f"mlflow db upgrade {fresh.uri}" in str(error)
    assert fresh.database.read_bytes() == before


def text(path: Path) -> None:
    path.write_text("This is no database, whatever its name says. " * 100)


def damaged(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[100:8_000] = b"\x7f" * 7_900
    path.write_bytes(data)


def cut_short(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:20_000])


def of_another_program(path: Path) -> None:
    path.unlink()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE cats (name)")


def a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize("harm", [text, damaged, cut_short, of_another_program, a_folder])
def test_a_file_that_is_no_mlflow_database(fresh: Site, harm: Callable[[Path], None]) -> None:
    harm(fresh.database)
    error = refused(fresh)
    assert fresh.uri in str(error)
    assert not list(fresh.database.parent.glob("mlflow.db-*"))


def test_an_empty_file_is_not_filled(tmp_path: Path) -> None:
    path = tmp_path / "mlflow.db"
    path.touch()
    error = refused(MlflowStore(f"sqlite:///{path}"))
    assert "holds no MLflow tables" in str(error)
    assert path.stat().st_size == 0


def test_a_locked_database_is_said_to_be_locked_and_read_when_it_is_free(fresh: Site) -> None:
    fresh.fill("a", [1])
    store = fresh.store()
    with closing(sqlite3.connect(fresh.database, isolation_level=None)) as writer:
        writer.execute("BEGIN EXCLUSIVE")
        error = refused(store)
        assert isinstance(error, StoreUnreachable)
        assert "locked" in str(error)
        writer.execute("ROLLBACK")
        assert [model.name for model in store.models()] == ["a"]


def test_a_database_that_was_replaced_is_read_anew(fresh: Site, empty_database: Path) -> None:
    fresh.fill("old", [1])
    store = fresh.store()
    assert [model.name for model in store.models()] == ["old"]

    aside = fresh.database.with_suffix(".aside")
    fresh.database.rename(aside)
    assert "There is no database file" in str(refused(store))

    shutil.copy(empty_database, fresh.database)
    fresh.fill("new", [1, 2])
    assert [model.name for model in store.models()] == ["new"]
    assert [version.number for version in store.versions("new")] == [2, 1]

    aside.replace(fresh.database)
    assert [model.name for model in store.models()] == ["old"]


def test_reading_leaves_the_database_as_it_was(fresh: Site) -> None:
    fresh.fill("a", range(1, 10), stages={3: "Production"})
    before = fresh.database.read_bytes()
    store = fresh.store()
    store.models(counted=True)
    store.versions("a")
    store.experiments()
    store.run_batch(RunSlice(experiments=("0",)))
    assert fresh.database.read_bytes() == before


def test_a_relative_address_and_odd_folders_are_read(
    empty_database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "日本語 50% #new"
    folder.mkdir()
    shutil.copy(empty_database, folder / "mlflow.db")
    monkeypatch.chdir(tmp_path)
    for uri in (f"sqlite:///{folder.name}/mlflow.db", f"sqlite:///{folder}/mlflow.db"):
        store = MlflowStore(uri)
        assert store.models() == ()
        assert store.address == f"sqlite:///{folder.name}/mlflow.db"
    assert [entry.name for entry in tmp_path.iterdir()] == [folder.name]
