import shutil
from collections.abc import Generator, Iterator
from itertools import islice
from pathlib import Path

import pytest
from mlflow import MlflowClient
from mlflow.entities import ViewType
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB

from core.lifecycle.demo import DemoModel, DemoVersion
from core.lifecycle.filling import Step, fill
from core.lifecycle.quiet import quiet_mlflow
from core.lifecycle.training import Recipe
from core.settings import DEMO_FILE, Settings, load_settings

FEATURES = ("Pclass", "Fare")


def recipe(name: str, estimator: object) -> Recipe:
    return Recipe(name=name, description=f"about {name}", estimator=estimator, features=FEATURES)


MODEL = DemoModel(
    name="titanic-survival",
    description="日本語",
    experiment="small",
    versions=(
        DemoVersion(recipe=recipe("first", GaussianNB()), stage="Production", aliases=("production", "old")),
        DemoVersion(recipe=recipe("second", LogisticRegression()), stage="Archived"),
    ),
    unregistered=(recipe("third", LogisticRegression(C=0.1)),),
    failing=(recipe("fourth", LogisticRegression(C=-1.0)),),
)


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    with quiet_mlflow():
        yield


def settings(uri: str) -> Settings:
    return load_settings(DEMO_FILE, tracking_uri=uri, environ={}, folder=DEMO_FILE.parent)


def filling(uri: str, folder: Path) -> Generator[Step, None, None]:
    return fill(settings(uri), artifacts=folder / "artifacts", models=[MODEL])


def facts(uri: str) -> dict[str, object]:
    """Everything that a complete demo has, and nothing that differs from one filling to the next."""
    client = MlflowClient(tracking_uri=uri)
    experiment = client.get_experiment_by_name(MODEL.experiment)
    runs = {run.info.run_id: run for run in client.search_runs([experiment.experiment_id])}
    (model,) = client.search_registered_models()
    versions = client.search_model_versions(f"name = '{MODEL.name}'")
    return {
        "experiment": experiment.tags["runoff.demo"],
        "runs": sorted((run.info.run_name, run.info.status) for run in runs.values()),
        "description": model.description,
        "aliases": {name: int(number) for name, number in model.aliases.items()},
        "versions": sorted(
            (int(found.version), found.current_stage, runs[found.run_id].info.run_name, found.description)
            for found in versions
        ),
        "data": len({found.tags["data_version"] for found in versions}),
    }


COMPLETE = {
    "experiment": "done",
    "runs": [("first", "FINISHED"), ("fourth", "FAILED"), ("second", "FINISHED"), ("third", "FINISHED")],
    "description": "日本語",
    "aliases": {"production": 1, "old": 1},
    "versions": [(1, "Production", "first", "about first"), (2, "Archived", "second", "about second")],
    "data": 1,
}


def test_an_empty_store_gets_all_of_it(store_uri: str, tmp_path: Path) -> None:
    steps = list(filling(store_uri, tmp_path))
    assert steps == [
        *(Step(number, 4, name) for number, name in enumerate(("first", "second", "third", "fourth"))),
        Step(4, 4),
    ]
    assert facts(store_uri) == COMPLETE


def test_the_files_lie_where_they_are_told_to(store_uri: str, tmp_path: Path) -> None:
    list(filling(store_uri, tmp_path))
    assert len(list((tmp_path / "artifacts/small").glob("models/*/artifacts/MLmodel"))) == 3
    assert {path.name for path in tmp_path.iterdir()} == {"a store", "artifacts"}


@pytest.mark.parametrize("steps", range(1, 5))
def test_an_interrupted_filling_goes_on(store_uri: str, tmp_path: Path, steps: int) -> None:
    interrupted = filling(store_uri, tmp_path)
    list(islice(interrupted, steps))
    interrupted.close()
    assert (
        MlflowClient(tracking_uri=store_uri).get_experiment_by_name("small").tags["runoff.demo"] == "filling"
    )
    list(filling(store_uri, tmp_path))
    assert facts(store_uri) == COMPLETE


def test_a_half_made_run_is_made_again(store_uri: str, tmp_path: Path) -> None:
    list(islice(filling(store_uri, tmp_path), 2))
    client = MlflowClient(tracking_uri=store_uri)
    experiment = client.get_experiment_by_name("small").experiment_id
    marks = {"runoff.demo": "made"}
    half = client.create_run(experiment, tags=marks, run_name="second")  # still RUNNING
    unregistered = client.create_run(experiment, tags=marks, run_name="second")
    client.set_terminated(unregistered.info.run_id)
    client.transition_model_version_stage(MODEL.name, "1", "None")  # killed before it got its stage
    list(filling(store_uri, tmp_path))
    assert facts(store_uri) == COMPLETE
    deleted = client.search_runs([experiment], run_view_type=ViewType.DELETED_ONLY)
    assert {run.info.run_id for run in deleted} == {half.info.run_id, unregistered.info.run_id}


def test_a_run_that_somebody_else_made_meanwhile_stays(store_uri: str, tmp_path: Path) -> None:
    list(islice(filling(store_uri, tmp_path), 1))
    client = MlflowClient(tracking_uri=store_uri)
    mine = client.create_run(client.get_experiment_by_name("small").experiment_id, run_name="mine")
    list(filling(store_uri, tmp_path))
    assert client.get_run(mine.info.run_id).info.lifecycle_stage == "active"


def test_a_filled_store_is_left_alone(store_uri: str, tmp_path: Path) -> None:
    list(filling(store_uri, tmp_path))
    client = MlflowClient(tracking_uri=store_uri)
    client.set_registered_model_alias(MODEL.name, "production", "2")
    client.delete_model_version(MODEL.name, "1")
    assert list(filling(store_uri, tmp_path)) == [Step(4, 4)]
    assert [found.version for found in client.search_model_versions()] == [2]
    assert client.get_registered_model(MODEL.name).aliases == {"production": 2}


@pytest.mark.parametrize("own", ["model", "same name", "run"])
def test_a_store_that_holds_anything_else_is_left_alone(store_uri: str, tmp_path: Path, own: str) -> None:
    client = MlflowClient(tracking_uri=store_uri)
    if own == "run":
        client.create_run("0")
    else:
        client.create_registered_model("mine" if own == "model" else MODEL.name)
    assert list(filling(store_uri, tmp_path)) == [Step(4, 4)]
    assert client.get_experiment_by_name("small") is None
    assert not client.search_model_versions()


def test_a_missing_database_is_made_at_once_with_all_its_tables(empty_database: Path, tmp_path: Path) -> None:
    path = tmp_path / "mlflow.db"
    shutil.copy(empty_database, path.with_name("mlflow.db.unfinished"))  # left behind by a kill
    interrupted = filling(f"sqlite:///{path}", tmp_path)
    assert next(interrupted).number == 0
    assert path.exists()
    assert not path.with_name("mlflow.db.unfinished").exists()
