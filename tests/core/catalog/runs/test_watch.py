"""The index of an experiment against MLflow's own answers, whatever happened to its runs."""

import itertools
import math
import random
from typing import Any
from uuid import uuid4

import pytest
from mlflow.entities import Metric, Param, RunStatus, RunTag, ViewType

from benchmarks.run_store import insert_runs
from core.catalog.runs import pace
from core.catalog.runs import watch as watching
from core.catalog.runs.batch import RunBatch, RunSlice
from core.catalog.runs.question import ATTRIBUTES, Field, Kind
from core.catalog.runs.tables import Tables
from core.catalog.runs.watch import Watch
from core.errors import NotFound, StoreUnreachable
from core.messages import message
from tests.core.catalog.sites import MILLISECONDS, Site


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages so small that a few dozen runs need many of them."""
    for name, size in (("_NEWEST", 4), ("_RUNNING", 5), ("_DELETED", 5), ("_A_ROUND", 12)):
        monkeypatch.setattr(watching, name, size)
    monkeypatch.setattr(pace, "_FIRST", 9)
    monkeypatch.setattr(pace, "_MOST", 9)


def experiment(site: Site) -> str:
    return str(site.writer.create_experiment(f"e-{uuid4().hex[:8]}"))


def watch_of(site: Site, experiment_id: str) -> tuple[Watch, Tables]:
    tables, revisions = Tables(), itertools.count()
    return Watch(experiment_id, site.store(), tables, revise=lambda: next(revisions)), tables


def fill(watch: Watch) -> None:
    while not watch.is_complete or watch.is_refreshing:
        watch.fill()


def look_often(watch: Watch, times: int = 6) -> None:
    """As many looks as a slow round through a few dozen runs takes."""
    for _ in range(times):
        watch.look([])


def held(tables: Tables, experiment_id: str) -> dict[str, Any]:
    """Every run in the tables with everything that it holds."""
    found: dict[str, Any] = {}
    with tables.reading() as cursor:
        for run, run_id, name, status, started, ended, parent in cursor.execute(
            "SELECT run, run_id, name, status, started, ended, parent FROM runs WHERE experiment = ?",
            [experiment_id],
        ).fetchall():
            found[run_id] = [name, status, started, ended, parent]
            for kind in ("metrics", "params", "tags"):
                rows = cursor.execute(f"SELECT key, value FROM {kind} WHERE run = ?", [run]).fetchall()
                assert len(dict(rows)) == len(rows), "a name twice"
                found[run_id].append(sorted((key, repr(value)) for key, value in rows))
    return found


def of_mlflow(site: Site, experiment_id: str) -> dict[str, Any]:
    found = {}
    for run in site.writer.search_runs([experiment_id], max_results=5_000):
        metrics = {
            key: math.copysign(math.inf, value) if abs(value) > 1e308 else value
            for key, value in run.data.metrics.items()
        }
        found[run.info.run_id] = [
            run.info.run_name,
            run.info.status,
            run.info.start_time,
            run.info.end_time,
            run.data.tags.get("mlflow.parentRunId", ""),
            *(
                sorted((key, repr(value)) for key, value in facts.items())
                for facts in (metrics, run.data.params, run.data.tags)
            ),
        ]
    return found


def test_a_filled_experiment_is_what_mlflow_has(site: Site, small: None) -> None:
    experiment_id, writer = experiment(site), site.writer
    parent = writer.create_run(experiment_id, run_name="sweep").info.run_id
    child = writer.create_run(experiment_id, tags={"mlflow.parentRunId": parent, "note": "日本語 'x' \"y\""})
    for value, name in ((math.nan, "n"), (math.inf, "i"), (-math.inf, "m"), (0.1, "metric with space.dot")):
        writer.log_metric(child.info.run_id, name, value)
    writer.log_param(child.info.run_id, "long", "x" * 6_000)
    writer.set_terminated(child.info.run_id, "FAILED")
    insert_runs(site.database, experiment_id, 40, metrics=3, params=2)
    watch, tables = watch_of(site, experiment_id)
    fill(watch)
    assert held(tables, experiment_id) == of_mlflow(site, experiment_id)
    assert watch.runs == 42


def test_runs_that_start_at_one_time_are_all_read(site: Site, small: None) -> None:
    experiment_id = experiment(site)
    insert_runs(site.database, experiment_id, 50, metrics=1, params=1)
    site.sql("UPDATE runs SET start_time = ? WHERE experiment_id = ?", [(MILLISECONDS, experiment_id)])
    watch, tables = watch_of(site, experiment_id)
    fill(watch)
    assert watch.runs == 50
    look_often(watch)
    assert held(tables, experiment_id).keys() == of_mlflow(site, experiment_id).keys()


class Changes:
    """Random changes of an experiment, through MLflow."""

    def __init__(self, site: Site, experiment_id: str, seed: int) -> None:
        self._writer = site.writer
        self._experiment = experiment_id
        self._chance = random.Random(seed)

    def make(self, number: int) -> None:
        often = [self._new, self._delete, self._delete, self._restore]
        seldom = [self._old, self._log, self._tag, self._untag, self._end, self._rename]
        for _ in range(number):
            self._chance.choice(often + seldom)()

    def _some(self, view: int = ViewType.ACTIVE_ONLY) -> str | None:
        runs = self._writer.search_runs([self._experiment], run_view_type=view, max_results=200)
        return self._chance.choice(runs).info.run_id if runs else None

    def _new(self) -> None:
        run_id = self._writer.create_run(self._experiment).info.run_id
        self._writer.log_batch(
            run_id, [Metric("loss", self._chance.random(), 0, 0)], [Param("depth", "3")], [RunTag("by", "me")]
        )

    def _old(self) -> None:
        """A run that somebody brings along from elsewhere: it started long ago."""
        self._writer.create_run(self._experiment, start_time=MILLISECONDS + self._chance.randrange(10**8))

    def _log(self) -> None:
        if run_id := self._some():
            self._writer.log_metric(run_id, "loss", self._chance.random(), step=self._chance.randrange(99))

    def _tag(self) -> None:
        if run_id := self._some():
            self._writer.set_tag(run_id, self._chance.choice("ab"), str(self._chance.random()))

    def _untag(self) -> None:
        if run_id := self._some():
            self._writer.set_tag(run_id, "gone", "soon")
            self._writer.delete_tag(run_id, "gone")

    def _end(self) -> None:
        if run_id := self._some():
            status = self._chance.choice(["FINISHED", "FAILED", "KILLED"])
            self._writer.set_terminated(run_id, status)

    def _rename(self) -> None:
        if run_id := self._some():
            self._writer.update_run(run_id, name=f"new-{self._chance.random()}")

    def _delete(self) -> None:
        if run_id := self._some():
            self._writer.delete_run(run_id)

    def _restore(self) -> None:
        if run_id := self._some(ViewType.DELETED_ONLY):
            self._writer.restore_run(run_id)


def test_after_random_changes_the_index_is_what_mlflow_has(site: Site, small: None) -> None:
    experiment_id = experiment(site)
    insert_runs(site.database, experiment_id, 20, metrics=2, params=2)
    changes = Changes(site, experiment_id, 1)
    changes.make(4)
    watch, tables = watch_of(site, experiment_id)
    watch.fill()
    changes.make(4)  # while it fills
    fill(watch)
    for _ in range(3):
        changes.make(6)
        look_often(watch)
        assert held(tables, experiment_id) == of_mlflow(site, experiment_id)


def test_one_look_sees_what_matters_most(site: Site, small: None) -> None:
    experiment_id, writer = experiment(site), site.writer
    old = insert_runs(site.database, experiment_id, 40, metrics=1, params=1)
    running = writer.create_run(experiment_id, start_time=MILLISECONDS).info.run_id
    writer.delete_run(old[3])
    watch, tables = watch_of(site, experiment_id)
    fill(watch)
    watch.look([])
    new = writer.create_run(experiment_id).info.run_id
    writer.log_metric(running, "loss", 0.5)
    writer.set_terminated(running)
    writer.delete_run(old[0])
    writer.restore_run(old[3])
    writer.set_tag(old[1], "seen", "yes")
    watch.look([old[1]])
    now, expected = held(tables, experiment_id), of_mlflow(site, experiment_id)
    assert now.keys() == expected.keys()
    for run_id in (new, running, old[1], old[3]):
        assert now[run_id] == expected[run_id]
    assert RunStatus.to_string(RunStatus.FINISHED) in now[running]


def test_runs_that_were_deleted_for_good_go(on_disk: Site, small: None) -> None:
    """`mlflow gc` leaves nothing that a list of deleted runs would hold."""
    experiment_id = experiment(on_disk)
    old = insert_runs(on_disk.database, experiment_id, 40, metrics=1, params=1)
    watch, tables = watch_of(on_disk, experiment_id)
    fill(watch)
    gone = [(old[place],) for place in (0, 9, 20, 39)]
    for table in ("latest_metrics", "params", "tags", "runs"):
        on_disk.sql(f"DELETE FROM {table} WHERE run_uuid = ?", gone)
    look_often(watch)
    assert held(tables, experiment_id) == of_mlflow(on_disk, experiment_id)


def test_nothing_new_is_no_news(site: Site, small: None) -> None:
    experiment_id = experiment(site)
    insert_runs(site.database, experiment_id, 30)
    watch, _ = watch_of(site, experiment_id)
    fill(watch)
    revision = watch.revision
    look_often(watch, 2)  # less than a round, the end of which is news
    assert watch.revision == revision


class Failing:
    """A store that goes down after some answers."""

    def __init__(self, site: Site, answers: int) -> None:
        self._store = site.store()
        self.answers = answers

    @property
    def address(self) -> str:
        return self._store.address

    def experiment_created(self, experiment_id: str) -> int:
        return self._store.experiment_created(experiment_id)

    def run_batch(self, wanted: RunSlice) -> RunBatch:
        if self.answers < 1:
            raise StoreUnreachable(message("down"))
        self.answers -= 1
        return self._store.run_batch(wanted)


def test_many_new_runs_are_all_read_though_the_store_goes_down_meanwhile(on_disk: Site, small: None) -> None:
    experiment_id, tables = experiment(on_disk), Tables()
    insert_runs(on_disk.database, experiment_id, 10)
    source = Failing(on_disk, 10**6)
    revisions = itertools.count()
    watch = Watch(experiment_id, source, tables, revise=lambda: next(revisions))
    fill(watch)
    insert_runs(on_disk.database, experiment_id, 40, first=100)
    source.answers = 6
    watch.look([])
    source.answers = 0
    with pytest.raises(StoreUnreachable):
        watch.look([])
    source.answers = 10**6
    assert watch.is_behind
    look_often(watch)
    assert held(tables, experiment_id).keys() == of_mlflow(on_disk, experiment_id).keys()


def test_a_refresh_sees_everything(site: Site, small: None) -> None:
    experiment_id = experiment(site)
    old = insert_runs(site.database, experiment_id, 40, metrics=1, params=1)
    watch, tables = watch_of(site, experiment_id)
    fill(watch)
    for run_id in (old[0], old[20]):
        site.writer.set_tag(run_id, "seen", "yes")
    watch.refresh()
    fill(watch)
    assert held(tables, experiment_id) == of_mlflow(site, experiment_id)


def test_an_experiment_that_was_deleted_is_not_there(site: Site, small: None) -> None:
    experiment_id = experiment(site)
    insert_runs(site.database, experiment_id, 3)
    watch, _ = watch_of(site, experiment_id)
    fill(watch)
    site.writer.delete_experiment(experiment_id)
    with pytest.raises(NotFound):
        watch.look([])


def test_an_experiment_made_again_under_its_number_begins_anew(on_disk: Site, small: None) -> None:
    experiment_id = experiment(on_disk)
    insert_runs(on_disk.database, experiment_id, 8)
    watch, tables = watch_of(on_disk, experiment_id)
    fill(watch)
    on_disk.sql("UPDATE runs SET experiment_id = 0 WHERE experiment_id = ?", [(experiment_id,)])
    on_disk.sql("UPDATE experiments SET creation_time = 7 WHERE experiment_id = ?", [(experiment_id,)])
    new = insert_runs(on_disk.database, experiment_id, 2, first=50)
    watch.look([])
    assert not watch.is_complete
    fill(watch)
    assert held(tables, experiment_id).keys() == set(new)


def test_fields_are_known_by_name(on_disk: Site, small: None) -> None:
    experiment_id = experiment(on_disk)
    insert_runs(on_disk.database, experiment_id, 1, metrics=12_000, params=0)
    watch, tables = watch_of(on_disk, experiment_id)
    fill(watch)
    from core.catalog.runs.answers import Answers  # noqa: PLC0415 - used once

    fields = [facts.field for facts in Answers(tables).facts([experiment_id])]
    assert fields[: len(ATTRIBUTES)] == [Field(Kind.ATTRIBUTE, name) for name in ATTRIBUTES]
    assert sum(field.kind is Kind.METRIC for field in fields) == 12_000


def test_runs_of_another_experiment_in_sight_are_left_alone(on_disk: Site) -> None:
    here, there = experiment(on_disk), experiment(on_disk)
    runs = [on_disk.writer.create_run(one).info.run_id for one in (here, there)]
    tables, revisions = Tables(), itertools.count()
    watches = [Watch(one, on_disk.store(), tables, revise=lambda: next(revisions)) for one in (here, there)]
    for watch in watches:
        fill(watch)
    for watch in watches:
        watch.look(runs)

    assert set(held(tables, here)) == {runs[0]}
    assert set(held(tables, there)) == {runs[1]}
