"""What the index keeps on disk: the same after a start, also where it is damaged, shared or of another store."""

import itertools
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from benchmarks.run_store import insert_runs
from core.catalog.run_index import RunIndex
from core.catalog.runs import filling, pace
from core.catalog.runs.question import Question
from core.catalog.runs.snapshot import Snapshot, Snapshots
from core.catalog.runs.tables import Tables
from core.catalog.runs.watch import Watch
from core.errors import StoreUnreachable
from tests.core.catalog.sites import Site

RUNS = 25


@pytest.fixture(scope="module")
def watched(on_disk: Site) -> Iterator[tuple[Watch, Tables, str]]:
    """An experiment that has been read, with odd values in it."""
    experiment_id = str(on_disk.writer.create_experiment(f"e-{uuid4().hex[:8]}"))
    run_id = on_disk.writer.create_run(experiment_id, tags={"mlflow.parentRunId": "p"}).info.run_id
    on_disk.writer.log_metric(run_id, "odd", float("nan"))
    on_disk.writer.log_param(run_id, "long", "長" * 6_000)
    insert_runs(on_disk.database, experiment_id, RUNS - 1, metrics=2, params=2)
    tables, revisions = Tables(), itertools.count()
    watch = Watch(experiment_id, on_disk.store(), tables, revise=lambda: next(revisions))
    while not watch.is_complete:
        watch.fill()
    yield watch, tables, experiment_id
    tables.close()


def held(tables: Tables) -> dict[str, list[tuple[Any, ...]]]:
    """Everything in the tables; runs by their ids, NaN as a word."""
    with tables.reading() as cursor:
        found = {
            kind: cursor.execute(
                f"SELECT run_id, {kind}.* EXCLUDE (run) FROM {kind} JOIN runs USING (run) ORDER BY ALL"
            ).fetchall()
            for kind in ("metrics", "params", "tags", "datasets")
        }
        found["runs"] = cursor.execute("SELECT * EXCLUDE (run) FROM runs ORDER BY run_id").fetchall()
    return {kind: [tuple(map(repr, row)) for row in rows] for kind, rows in found.items()}


def kept(watch: Watch) -> Snapshot:
    snapshot = watch.snapshot()
    assert snapshot is not None
    return snapshot


def test_what_is_kept_comes_back(watched: tuple[Watch, Tables, str], tmp_path: Path) -> None:
    watch, tables, experiment_id = watched
    snapshots = Snapshots(tmp_path, "sqlite:///one")
    snapshots.save(tables, kept(watch))
    loaded = snapshots.load(experiment_id)
    assert loaded is not None
    snapshot, batches = loaded
    assert snapshot == kept(watch)
    again = Tables()
    for batch in batches:
        again.put(batch)
    assert held(again) == held(tables)
    again.close()
    assert len(list(tmp_path.iterdir())) == 1


def test_another_store_has_files_of_its_own(watched: tuple[Watch, Tables, str], tmp_path: Path) -> None:
    watch, tables, experiment_id = watched
    Snapshots(tmp_path, "sqlite:///one").save(tables, kept(watch))
    assert Snapshots(tmp_path, "sqlite:///other").load(experiment_id) is None
    assert Snapshots(tmp_path, "sqlite:///one").load("../" + experiment_id) is None


def test_what_is_damaged_is_noticed(watched: tuple[Watch, Tables, str], tmp_path: Path) -> None:
    """Whatever byte is wrong, the file is refused, or gives what was written."""
    watch, tables, experiment_id = watched
    snapshots = Snapshots(tmp_path, "sqlite:///one")
    snapshots.save(tables, kept(watch))
    (path,) = tmp_path.iterdir()
    whole, expected = path.read_bytes(), held(tables)
    for place in [*range(0, len(whole), len(whole) // 25), len(whole) - 1]:
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x55]) + whole[place + 1 :])
        again = Tables()
        try:
            loaded = snapshots.load(experiment_id)
            if loaded is None:
                continue
            snapshot, batches = loaded
            for batch in batches:
                again.put(batch)
        except (OSError, ValueError):
            continue
        finally:
            read = held(again)
            again.close()
        assert snapshot == kept(watch)
        assert read == expected
    path.write_bytes(whole[: len(whole) // 2])
    assert snapshots.load(experiment_id) is None
    assert not path.exists()


def test_a_full_disk_is_no_reason_to_stop(
    watched: tuple[Watch, Tables, str], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    watch, tables, experiment_id = watched
    (tmp_path / "file").write_text("in the way of a folder")
    Snapshots(tmp_path / "file", "sqlite:///one").save(tables, kept(watch))
    assert experiment_id in caplog.text


def await_filled(index: RunIndex, experiment_id: str) -> None:
    deadline = time.monotonic() + 60
    while index.open([experiment_id]).is_filling:
        assert time.monotonic() < deadline
        time.sleep(0.02)


def await_file(folder: Path) -> Path:
    deadline = time.monotonic() + 60
    while not (found := list(folder.glob("*.parquet"))):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return found[0]


def test_after_a_start_runs_are_there_though_the_store_is_down(fresh: Site, tmp_path: Path) -> None:
    insert_runs(fresh.database, "0", RUNS, metrics=2, params=2)
    index = RunIndex(fresh.store(), tmp_path)
    await_filled(index, "0")
    await_file(tmp_path)
    index.close()
    aside = fresh.database.with_suffix(".aside")
    fresh.database.rename(aside)
    index = RunIndex(fresh.store(), tmp_path, look_seconds=0.1)
    await_filled(index, "0")
    state = index.open(["0"])
    deadline = time.monotonic() + 30
    while (state := index.state(["0"])).trouble is None:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert isinstance(state.trouble, StoreUnreachable)
    assert state.runs == RUNS
    assert state.as_of is not None
    assert state.as_of < datetime.now(UTC)
    assert index.rows(Question(experiments=("0",)), [], start=0, end=5).total == RUNS
    aside.rename(fresh.database)
    new = insert_runs(fresh.database, "0", 3, first=1_000)
    deadline = time.monotonic() + 60
    while index.open(["0"]).runs < RUNS + 3:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert set(index.ids(Question(experiments=("0",)), limit=3)) == set(new)
    index.close()


def test_two_processes_share_a_folder(fresh: Site, tmp_path: Path) -> None:
    insert_runs(fresh.database, "0", RUNS, metrics=2, params=2)
    indexes = [RunIndex(fresh.store(), tmp_path) for _ in range(2)]
    for index in indexes:
        index.open(["0"])
    for index in indexes:
        await_filled(index, "0")
        assert index.state(["0"]).runs == RUNS
        index.close()
    await_file(tmp_path)


def test_a_filling_that_was_cut_off_goes_on_where_it_was(
    fresh: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pace, "_MOST", 10)
    monkeypatch.setattr(filling, "_KEEP_SECONDS", 0.0)
    monkeypatch.setattr(filling, "_KEEP_SHARE", 0)
    insert_runs(fresh.database, "0", 100, metrics=2, params=2)
    index = RunIndex(fresh.store(), tmp_path)
    index.open(["0"])
    path = await_file(tmp_path)
    index.close()
    tables = Tables()
    loaded = Snapshots(tmp_path, fresh.store().address).load("0")
    assert loaded is not None
    snapshot, batches = loaded
    if not snapshot.is_complete:
        assert snapshot.until is not None
    watch = Watch("0", fresh.store(), tables, revise=itertools.count().__next__)
    counts = list(watch.restore(replace(snapshot, is_complete=False), batches))
    assert counts[-1] > 0
    while not watch.is_complete:
        watch.fill()
    assert watch.runs == 100
    assert path.exists()
    tables.close()
