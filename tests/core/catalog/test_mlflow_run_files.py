"""Models of runs, the versions made from them, and nested runs, in each kind of store."""

import json
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from core.catalog.mlflow_gateway import MlflowStore
from core.catalog.store import LoggedModel
from core.errors import NotFound
from tests.core.catalog.hostile import Answering, saying
from tests.core.catalog.logged_runs import log_run_in
from tests.core.catalog.sites import Site

pytestmark = pytest.mark.usefixtures("loaded")


def test_a_model_of_mlflow_3_is_found_by_its_run(site: Site, tmp_path: Path) -> None:
    logged, store = log_run_in(site, tmp_path, files={}), site.store()
    (model,) = store.run_models(logged.id)
    assert (model.uri, model.id, model.name) == (f"models:/{logged.model_id}", logged.model_id, "model")
    assert model.status == "READY"
    card = store.run_model_card(logged.id, model)
    assert card.size_bytes == 1234
    assert card.inputs is not None
    assert [column.name for column in card.inputs] == ["Age"]


def test_a_model_of_mlflow_2_is_a_folder_of_the_run(site: Site, tmp_path: Path) -> None:
    logged, store = log_run_in(site, tmp_path, files={}, modern=False), site.store()
    (model,) = store.run_models(logged.id)
    assert (model.uri, model.path) == (f"runs:/{logged.id}/nested/classic", "nested/classic")
    assert list(store.run_model_card(logged.id, model).flavors) == ["sklearn"]


@pytest.mark.parametrize("tag", ["", "no json", '[{"artifact_path": "../.."}, 3]', '{"artifact_path": "x"}'])
def test_a_model_that_nobody_wrote_down_is_looked_for(on_disk: Site, tmp_path: Path, tag: str) -> None:
    logged = log_run_in(
        on_disk, tmp_path, files={"model/MLmodel": b"flavors: {}", "plots/a.txt": b""}, modern=False
    )
    on_disk.writer.set_tag(logged.id, "mlflow.log-model.history", tag)
    assert [model.path for model in on_disk.store().run_models(logged.id)] == ["model"]


def test_versions_are_found_by_their_run(site: Site, tmp_path: Path) -> None:
    logged, store = log_run_in(site, tmp_path, files={}), site.store()
    assert store.run_versions(logged.id) == ()
    (model,) = store.run_models(logged.id)
    for name in (f"b-{logged.id}", f"a-{logged.id}"):
        store.add_model(name)
        for _ in range(2):
            store.add_version(name, model, run_id=logged.id, description="", tags={})
    found = [(version.model[0], version.number) for version in store.run_versions(logged.id)]
    assert found == [("a", 2), ("a", 1), ("b", 2), ("b", 1)]


@pytest.mark.parametrize("modern", [True, False])
def test_a_registered_model_is_the_one_that_was_logged(site: Site, tmp_path: Path, *, modern: bool) -> None:
    logged, store = log_run_in(site, tmp_path, files={}, modern=modern), site.store()
    (model,) = store.run_models(logged.id)
    name = f"it's 日本 {logged.id}"
    store.add_model(name)
    store.add_model(name)
    number = store.add_version(
        name, model, run_id=logged.id, description="why\nso", tags={"runoff.actor": "ada"}
    )
    (version,) = store.versions(name)
    assert (
        (version.number, version.run_id, version.description)
        == (number, logged.id, "why\nso")
        == (1, logged.id, "why\nso")
    )
    assert version.tags == {"runoff.actor": "ada"}
    assert version.source == (model.uri if modern else model.location)
    assert store.card(version).size_bytes == 1234


def test_a_version_of_what_is_not_there_is_refused(site: Site, tmp_path: Path) -> None:
    logged, store = log_run_in(site, tmp_path, files={}), site.store()
    (model,) = store.run_models(logged.id)
    with pytest.raises(NotFound):
        store.add_version("nobody made it", model, run_id=logged.id, description="", tags={})
    with pytest.raises(NotFound):
        store.run_model_card(logged.id, LoggedModel(uri="models:/m-0", name="x", id="m-0"))


def test_nested_runs_of_a_run(site: Site, tmp_path: Path) -> None:
    logged, store = log_run_in(site, tmp_path, files={}), site.store()
    tags = {"mlflow.parentRunId": logged.id}
    made = [site.writer.create_run(logged.experiment, tags=tags).info.run_id for _ in range(3)]
    site.writer.delete_run(made[0])
    children = store.child_runs(logged.id, logged.experiment, limit=10)
    assert ({run.id for run in children.runs}, children.more) == (set(made[1:]), False)
    assert store.child_runs(logged.id, logged.experiment, limit=1).more
    assert store.child_runs(logged.id, "no number", limit=1).runs == ()
    with pytest.raises(NotFound):
        store.child_runs("' OR 1=1", logged.experiment, limit=1)


def test_a_deleted_run_says_so_and_where_its_artifacts_are(site: Site, tmp_path: Path) -> None:
    logged, store = log_run_in(site, tmp_path, files={}), site.store()
    before = store.runs_by_id([logged.id])[logged.id]
    site.writer.delete_run(logged.id)
    after = store.runs_by_id([logged.id])[logged.id]
    assert (before.is_deleted, after.is_deleted) == (False, True)
    assert logged.id in after.artifact_uri


def test_a_server_of_mlflow_2_knows_models_of_its_own_kind_only() -> None:
    history = json.dumps([{"artifact_path": "model"}])
    info = {"run_id": "r1", "experiment_id": "1", "artifact_uri": "s3://b/r1", "status": "FINISHED"}
    data = {"tags": [{"key": "mlflow.log-model.history", "value": history}]}

    def answer(handler: BaseHTTPRequestHandler) -> None:
        if "runs/get" in handler.path:
            saying(200, json.dumps({"run": {"info": info, "data": data}}))(handler)
        else:
            saying(404, "<h1>Not Found</h1>", "text/html")(handler)

    with Answering(answer) as server:
        (model,) = MlflowStore(server.uri).run_models("r1")
    assert (model.uri, model.location) == ("runs:/r1/model", "s3://b/r1/model")
