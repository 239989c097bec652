"""The contract of a store, on a database and on a real tracking server."""

import math
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
import sqlalchemy
from sqlalchemy import event

from core.catalog.runs.batch import RunSlice
from core.catalog.store import RegisteredModel
from core.errors import NotFound
from tests.core.catalog.sites import MILLISECONDS, Site

ODD_NAMES = [
    "it's",
    'say "hi"',
    """both ' and " quotes""",
    "<script>alert('x')</script>",
    "タイタニック 生存",
    "back\\slash",
    "100%_sure",
    "a_b",
    "line\nbreak",
    "tab\there",
    " leading and trailing ",
    "semi;colon -- comment /* here */",
    "{braces} $1 `ticks` #hash ?query&x=y",
    "🚢🚢",
    "OR 1=1",
    "\uff46\uff55\uff4c\uff4c\u3000width",
    "'" * 30,
    "long " + "x" * 1_995,
    "長" * 2_000,
]


def named(models: tuple[RegisteredModel, ...], name: str) -> RegisteredModel:
    return next(model for model in models if model.name == name)


def name() -> str:
    return f"m-{uuid4().hex[:8]}"


def test_importing_the_gateway_leaves_mlflow_alone() -> None:
    script = "import sys, core.catalog.mlflow_gateway as g; g.MlflowStore('sqlite:///x.db'); assert 'mlflow' not in sys.modules"
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)


def test_a_model_is_listed_with_its_facts(site: Site) -> None:
    model = name()
    writer = site.writer
    writer.create_registered_model(model, tags={"team": "ada"}, description="Who survives")
    for _ in range(3):
        writer.create_model_version(model, "s3://bucket/model")
    site.promote(model, 2)
    writer.set_registered_model_alias(model, "production", "2")
    writer.set_registered_model_alias(model, "shadow", "3")
    store = site.store()
    for found in (named(store.models(counted=True), model), named(store.models(), model), store.model(model)):
        assert found.description == "Who survives"
        assert found.tags == {"team": "ada"}
        assert found.aliases == {"production": 2, "shadow": 3}
        assert found.version_count == 3
        assert found.production_by_stage == (2,)
        assert found.updated is not None
        assert found.created is not None
        assert found.updated >= found.created


def test_models_come_by_name(site: Site) -> None:
    site.writer.create_registered_model(f"B-{name()}")
    site.writer.create_registered_model(f"a-{name()}")
    names = [model.name for model in site.store().models()]
    assert names == sorted(names)


def test_counts_follow_every_change(site: Site) -> None:
    model, store, writer = name(), site.store(), site.writer
    writer.create_registered_model(model)
    assert named(store.models(counted=True), model).version_count == 0
    for number in (1, 2, 3, 4, 5):
        writer.create_model_version(model, "s3://bucket/model")
        assert named(store.models(counted=True), model).version_count == number
    writer.delete_model_version(model, "2")
    assert named(store.models(counted=True), model).version_count == 4
    site.promote(model, 3)
    assert named(store.models(counted=True), model).production_by_stage == (3,)


def test_what_was_not_counted_is_not_guessed(served: Site) -> None:
    model = name()
    served.fill(model, range(1, 4))
    store = served.store()
    assert named(store.models(), model).version_count is None
    assert named(store.models(counted=True), model).version_count == 3
    assert named(store.models(), model).version_count == 3


def test_two_versions_in_production_are_both_seen(site: Site) -> None:
    model = name()
    site.fill(model, range(1, 6), stages={2: "Production", 4: "Production", 5: "Staging"})
    store = site.store()
    assert named(store.models(counted=True), model).production_by_stage == (4, 2)
    stages = {version.number: version.stage for version in store.versions(model)}
    assert stages == {1: "None", 2: "Production", 3: "None", 4: "Production", 5: "Staging"}


def test_versions_come_newest_first_with_their_aliases(site: Site) -> None:
    model = name()
    site.fill(model, [1, 2, 9, 10, 11])
    site.writer.set_registered_model_alias(model, "production", "9")
    site.writer.set_registered_model_alias(model, "best", "9")
    site.writer.set_model_version_tag(model, "9", "data", "2024-01 日本")
    site.writer.update_model_version(model, "9", "the one")
    versions = site.store().versions(model)
    assert [version.number for version in versions] == [11, 10, 9, 2, 1]
    nine = versions[2]
    assert nine.aliases == ("best", "production")
    assert nine.tags == {"data": "2024-01 日本"}
    assert nine.description == "the one"
    assert nine.created == datetime(2023, 11, 14, 22, 13, 20, 9_000, tzinfo=UTC)
    assert (nine.model, nine.user, nine.source, nine.status) == (model, "ada", "models:/m-1", "READY")
    assert versions[0].aliases == ()


def test_a_deleted_version_is_gone(site: Site) -> None:
    model = name()
    site.fill(model, range(1, 4))
    site.writer.delete_model_version(model, "2")
    assert [version.number for version in site.store().versions(model)] == [3, 1]


def test_prompts_are_no_models(site: Site) -> None:
    prompt = name()
    site.writer.register_prompt(prompt, "Say {{word}}")
    assert prompt not in {model.name for model in site.store().models()}
    with pytest.raises(NotFound):
        site.store().model(prompt)


@pytest.mark.parametrize("odd", ODD_NAMES, ids=lambda odd: ascii(odd[:20]))
def test_a_name_of_any_kind_finds_its_own_versions(site: Site, odd: str) -> None:
    beside = odd[:-1] + ("z" if odd[-1] != "z" else "y")
    site.fill(odd, [1, 2])
    site.fill(beside, [1])
    store = site.store()
    assert store.model(odd).name == odd
    assert [(version.model, version.number) for version in store.versions(odd)] == [(odd, 2), (odd, 1)]
    assert named(store.models(), odd).description == f"About {odd}"


def test_a_name_that_looks_like_another_is_not_found(site: Site) -> None:
    model = name()
    site.fill(f"{model}_x", [1])
    for wrong in (f"{model}%", f"{model}-x", f"{model}_X", f"{model}'x", model):
        with pytest.raises(NotFound, match="There is no registered model"):
            site.store().versions(wrong)


def test_thousands_of_versions_are_all_there_in_a_number_of_calls_that_does_not_grow(site: Site) -> None:
    few, many = name(), name()
    site.fill(few, range(1, 3))
    site.fill(many, range(1, 4_001))
    store = site.store()
    store.versions(few)
    with counting(site) as for_few:
        store.versions(few)
    with counting(site) as for_many:
        numbers = [version.number for version in store.versions(many)]
    assert numbers == list(range(4_000, 0, -1))
    pages = math.ceil(4_000 / 2_500)
    assert sum(for_many) <= sum(for_few) * (pages + 1)
    assert named(store.models(counted=True), many).version_count == 4_000
    with counting(site) as listing:
        store.models(counted=True)
    assert sum(listing) <= 20


def test_a_list_read_in_several_pages_is_whole(site: Site) -> None:
    model = name()
    site.fill(model, range(1, 1_001))
    store = site.store()
    store._registry._version_pages.rows = 100
    assert [version.number for version in store.versions(model)] == list(range(1_000, 0, -1))


def test_times_are_utc_whatever_the_clock_of_this_machine(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "Pacific/Kiritimati")
    time.tzset()
    try:
        model = name()
        site.writer.create_registered_model(model)
        site.writer.create_model_version(model, "s3://bucket/model")
        found = site.store().versions(model)[0]
    finally:
        monkeypatch.undo()
        time.tzset()
    assert found.created is not None
    assert found.created.utcoffset() == timedelta(0)
    assert abs(datetime.now(UTC) - found.created) < timedelta(minutes=1)


def test_experiments_come_last_updated_first_without_the_deleted(site: Site) -> None:
    writer, gone, older, newer = site.writer, name(), name(), name()
    for experiment in (gone, older, newer):
        writer.create_experiment(experiment)
    writer.delete_experiment(writer.get_experiment_by_name(gone).experiment_id)
    names = [experiment.name for experiment in site.store().experiments()]
    assert gone not in names
    assert names.index(newer) < names.index(older)


def test_a_run_is_read_with_all_it_logged(site: Site) -> None:
    writer = site.writer
    experiment = writer.create_experiment(name())
    run = writer.create_run(
        experiment, start_time=MILLISECONDS, run_name="first", tags={"mlflow.user": "ada"}
    )
    for metric, value in {"auc": 0.875, "nan": math.nan, "up": math.inf, "down": -math.inf}.items():
        writer.log_metric(run.info.run_id, metric, value)
    writer.log_param(run.info.run_id, "depth", "5")
    writer.set_tag(run.info.run_id, "mlflow.source.git.commit", "abc123")
    writer.set_terminated(run.info.run_id, end_time=MILLISECONDS + 90_000)
    (found,) = site.store().runs_by_id([run.info.run_id]).values()
    assert (found.id, found.name, found.experiment_id) == (run.info.run_id, "first", experiment)
    assert (found.status, found.user, found.seconds, found.git_commit) == ("FINISHED", "ada", 90.0, "abc123")
    assert found.started == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
    assert found.params == {"depth": "5"}
    assert math.isnan(found.metrics["nan"])
    assert {key: found.metrics[key] for key in ("auc", "up", "down")} == {
        "auc": 0.875,
        "up": math.inf,
        "down": -math.inf,
    }


def test_a_run_names_the_data_that_it_was_given(site: Site) -> None:
    from mlflow.entities import Dataset, DatasetInput, InputTag  # noqa: PLC0415 - MLflow is imported late here

    writer = site.writer
    run = writer.create_run(writer.create_experiment(name())).info.run_id
    sources = {"a": '{"uri": "s3://bucket/a.csv"}', "b": "no JSON", "c": '{"tags": {}}'}
    data = [
        DatasetInput(Dataset(key, f"digest-{key}", "local", source), [InputTag("mlflow.data.context", key)])
        for key, source in sources.items()
    ]
    writer.log_inputs(run, data)
    found = site.store().runs_by_id([run])[run].datasets
    assert sorted((one.name, one.digest, one.source, one.context) for one in found) == [
        ("a", "digest-a", "s3://bucket/a.csv", "a"),
        ("b", "digest-b", "no JSON", "b"),
        ("c", "digest-c", '{"tags": {}}', "c"),
    ]


def fill_runs(site: Site, runs: int) -> str:
    experiment: str = site.writer.create_experiment(name())
    ids = [uuid4().hex for _ in range(runs)]
    site.sql(
        "INSERT INTO runs (run_uuid, name, source_type, user_id, status, start_time, lifecycle_stage,"
        " artifact_uri, experiment_id) VALUES (?, ?, 'LOCAL', 'ada', 'RUNNING', ?, 'active', '', ?)",
        [(run, f"run {index}", MILLISECONDS + index, int(experiment)) for index, run in enumerate(ids)],
    )
    site.sql(
        "INSERT INTO latest_metrics (key, value, timestamp, step, is_nan, run_uuid) VALUES ('auc', ?, 0, 0, 0, ?)",
        [(index / runs, run) for index, run in enumerate(ids)],
    )
    return experiment


def test_runs_come_newest_first_in_batches(site: Site) -> None:
    experiment = fill_runs(site, 260)
    store = site.store()
    wanted = RunSlice(experiments=(experiment,), size=100)
    batches = [store.run_batch(wanted)]
    while batches[-1].token:
        batches.append(store.run_batch(replace(wanted, token=batches[-1].token)))
    assert [len(batch) for batch in batches] == [100, 100, 60]
    names = [name for batch in batches for name in batch.runs["name"].to_pylist()]
    assert names == [f"run {index}" for index in range(259, -1, -1)]


def test_runs_are_found_by_id_across_experiments_deleted_or_not(site: Site) -> None:
    writer = site.writer
    experiments = [writer.create_experiment(name()) for _ in range(3)]
    ids = [writer.create_run(experiment).info.run_id for experiment in experiments for _ in range(2)]
    writer.delete_run(ids[0])
    writer.delete_experiment(experiments[2])
    store = site.store()
    found = store.runs_by_id([*ids, "f" * 32, "' OR 1=1", ids[0]])
    assert set(found) == set(ids)
    assert found[ids[4]].experiment_id == experiments[2]
    assert store.runs_by_id([]) == {}
    with counting(site) as for_one:
        store.runs_by_id(ids[:1])
    with counting(site) as for_six:
        store.runs_by_id(ids)
    assert sum(for_six) == sum(for_one)


def test_an_unknown_experiment_is_not_found(site: Site) -> None:
    with pytest.raises(NotFound):
        site.store().experiment_created("987654")
    assert len(site.store().run_batch(RunSlice(experiments=("987654",)))) == 0


def test_a_store_can_be_checked_and_warmed(site: Site) -> None:
    store = site.store()
    store.check()
    store.warm()
    assert store.models(counted=True) is not None


@contextmanager
def counting(site: Site) -> Iterator[list[int]]:
    """Counts the questions that reach the store: SQL statements, or HTTP requests."""
    if site.uri.startswith("http"):
        seen: list[int] = []
        before = site.log.read_text().count('HTTP/1.1"')
        yield seen
        seen.append(site.log.read_text().count('HTTP/1.1"') - before)
        assert seen[0] > 0, site.log.read_text()[-500:]
        return
    statements: list[int] = []

    def count(*_: object) -> None:
        statements.append(1)

    event.listen(sqlalchemy.Engine, "before_cursor_execute", count)
    try:
        yield statements
    finally:
        event.remove(sqlalchemy.Engine, "before_cursor_execute", count)


def test_the_environment_of_mlflow_is_honoured(served: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_TIMEOUT", "2")
    served.store().check()
    assert os.environ["MLFLOW_HTTP_REQUEST_TIMEOUT"] == "2"
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_TIMEOUT", "600")
    served.store().check()
    assert os.environ["MLFLOW_HTTP_REQUEST_TIMEOUT"] == "4"
