import json
import platform
from collections.abc import Iterator
from pathlib import Path

import mlflow
import numpy as np
import pandas as pd
import pytest
import yaml
from mlflow import MlflowClient
from mlflow.entities import Run
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

from core.lifecycle.embedded import make_store
from core.lifecycle.quiet import quiet_mlflow
from core.lifecycle.training import Recipe, TrainingRows, measure, parameters, train

FEATURES = ("mean size", "count")


@pytest.fixture(scope="module")
def rows() -> TrainingRows:
    """Two columns, one of whole numbers; the positive label comes first in the alphabet."""
    random = np.random.default_rng(0)
    size, count = random.normal(size=200), random.integers(0, 9, 200)
    bad = size + count / 4 + random.normal(size=200) > 1
    frame = pd.DataFrame({"mean size": size, "count": count, "state": np.where(bad, "bad", "good")})
    return TrainingRows(
        name="parts",
        source="/data/parts.csv",
        frame=frame,
        target="state",
        positive="bad",
        version="sha256:" + "ab" * 32,
    )


@pytest.fixture(scope="module")
def experiment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An experiment in a new store, which is MLflow's current one meanwhile."""
    folder = tmp_path_factory.mktemp("a store")
    before = mlflow.get_tracking_uri()
    make_store(f"sqlite:///{folder / 'mlflow.db'}")
    mlflow.set_tracking_uri(f"sqlite:///{folder / 'mlflow.db'}")
    with quiet_mlflow():
        yield mlflow.create_experiment("parts", artifact_location=(folder / "artifacts").as_uri())
    mlflow.set_tracking_uri(before)


def recipe(estimator: object, *, name: str = "a-name", trusted_types: tuple[str, ...] = ()) -> Recipe:
    return Recipe(
        name=name,
        description="A *text*.",
        estimator=estimator,
        features=FEATURES,
        trusted_types=trusted_types,
    )


@pytest.fixture(scope="module")
def logged(rows: TrainingRows, experiment: str) -> tuple[Run, Path]:
    """A forest's run and the folder of its files."""
    forest = RandomForestClassifier(n_estimators=5, max_depth=2, random_state=1)
    trained = train(
        recipe(forest, trusted_types=("sklearn.tree._tree.Tree",)),
        rows,
        experiment_id=experiment,
        tags={"mine": "yes"},
    )
    client = MlflowClient()
    model = client.get_logged_model(trained.model_uri.removeprefix("models:/"))
    return client.get_run(trained.run_id), Path(mlflow.artifacts.download_artifacts(model.artifact_location))


def test_a_run_says_what_was_trained_and_where_it_came_from(
    logged: tuple[Run, Path], rows: TrainingRows
) -> None:
    run, _ = logged
    assert (run.info.status, run.info.run_name) == ("FINISHED", "a-name")
    assert run.data.params == {
        "algorithm": "RandomForestClassifier",
        "features": "mean size, count",
        "training_rows": "200",
        "n_estimators": "5",
        "max_depth": "2",
        "random_state": "1",
    }
    assert run.data.tags["mine"] == "yes"
    assert run.data.tags["mlflow.note.content"] == "A *text*."
    assert run.data.tags["python_version"] == platform.python_version()
    assert run.data.tags["mlflow_version"] == mlflow.__version__
    assert run.data.tags["data_version"] == rows.version


def test_the_data_are_an_input_of_the_run(logged: tuple[Run, Path], rows: TrainingRows) -> None:
    (given,) = logged[0].inputs.dataset_inputs
    assert (given.dataset.name, given.tags[0].value) == ("parts", "training")
    assert rows.version.removeprefix("sha256:").startswith(given.dataset.digest)
    assert json.loads(given.dataset.source)["uri"] == "/data/parts.csv"


def test_the_model_takes_doubles_with_the_names_of_the_data(logged: tuple[Run, Path]) -> None:
    _, files = logged
    card = yaml.safe_load((files / "MLmodel").read_text())
    assert json.loads(card["signature"]["inputs"]) == [
        {"type": "double", "name": "mean size", "required": True},
        {"type": "double", "name": "count", "required": True},
    ]
    assert json.loads((files / "input_example.json").read_text())["columns"] == list(FEATURES)
    assert f"mlflow=={mlflow.__version__}" in (files / "requirements.txt").read_text().split()


def test_metrics_are_those_of_the_positive_label(logged: tuple[Run, Path], rows: TrainingRows) -> None:
    run, files = logged
    model = mlflow.sklearn.load_model(str(files))
    scores = model.predict_proba(rows.inputs(FEATURES))[:, list(model.classes_).index("bad")]
    assert run.data.metrics["train_roc_auc"] == pytest.approx(
        roc_auc_score(rows.frame["state"] == "bad", scores)
    )
    assert set(run.data.metrics) == {
        f"{where}_{name}"
        for where in ("train", "cv")
        for name in ("roc_auc", "accuracy", "log_loss", "brier")
    }
    assert 0.5 < run.data.metrics["cv_roc_auc"] <= run.data.metrics["train_roc_auc"]


def test_scores_without_probability_still_rank(rows: TrainingRows) -> None:
    model = LinearSVC(random_state=0).fit(rows.inputs(FEATURES), rows.labels)
    measured = measure(model, rows.inputs(FEATURES), rows)
    truth = rows.labels == "bad"
    assert set(measured) == {"train_roc_auc", "train_accuracy", "cv_roc_auc", "cv_accuracy"}
    assert measured["train_accuracy"] == pytest.approx(model.score(rows.inputs(FEATURES), rows.labels))
    against = model.decision_function(rows.inputs(FEATURES))  # of "good": the label that comes last
    assert measured["train_roc_auc"] == pytest.approx(roc_auc_score(truth, -against))


def test_what_scikit_learn_refuses_ends_as_a_failed_run(rows: TrainingRows, experiment: str) -> None:
    impossible = LogisticRegression(C=-1.0)
    with pytest.raises(ValueError, match="The 'C' parameter"):
        train(recipe(impossible, name="impossible"), rows, experiment_id=experiment)
    (run,) = MlflowClient().search_runs([experiment], "attributes.run_name = 'impossible'")
    assert run.info.status == "FAILED"
    assert run.data.tags["error"].startswith("InvalidParameterError: The 'C' parameter")
    assert run.data.params["C"] == "-1.0"


def test_settings_inside_a_pipeline_are_named_by_their_step(rows: TrainingRows) -> None:
    scale = ColumnTransformer([("scaled", StandardScaler(with_mean=False), ["count"])])
    nested = Pipeline([("prepare", scale), ("classify", LogisticRegression(C=2.0))])
    assert parameters(recipe(nested), rows) == {
        "algorithm": "ColumnTransformer + LogisticRegression",
        "features": "mean size, count",
        "training_rows": 200,
        "prepare__scaled__with_mean": False,
        "classify__C": 2.0,
    }


def test_the_pattern_stays_unfitted(rows: TrainingRows, experiment: str) -> None:
    pattern = LogisticRegression()
    train(recipe(pattern), rows, experiment_id=experiment)
    assert not hasattr(pattern, "coef_")


def test_nothing_is_said_on_the_terminal(
    rows: TrainingRows, experiment: str, capfd: pytest.CaptureFixture[str]
) -> None:
    train(recipe(LogisticRegression()), rows, experiment_id=experiment)
    assert capfd.readouterr() == ("", "")
