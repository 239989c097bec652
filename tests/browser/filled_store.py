"""A real MLflow store with what the pages must cope with."""

import math
import shutil
import warnings
from pathlib import Path
from urllib.parse import quote

from mlflow import MlflowClient
from mlflow.entities import Metric, Param, RunTag

MODELS = (
    "titanic-survival",
    "two-in-production",
    "stage-and-alias-differ",
    "<img src=x onerror=alert(1)><script>",
    "日本語のモデル 🚢",
    "a?b#c&d=e",
    "line\nbreak",
    " leading 'quotes\" 100%",
    "long-" * 60,
)
RUNS = 12


def fill(folder: Path, empty_database: Path) -> str:
    """Make the store below `folder` from an empty one; returns its address."""
    folder.mkdir(parents=True, exist_ok=True)
    uri = f"sqlite:///{shutil.copy(empty_database, folder / 'mlflow.db')}"
    with warnings.catch_warnings(action="ignore"):  # MLflow's own deprecations: stages among them
        client = MlflowClient(tracking_uri=uri)
        _register(client, folder)
        client.create_experiment("no runs yet", artifact_location=(folder / "none").as_uri())
        _log_runs(client, folder)  # last, so that it is the experiment that opens
    return uri


def _register(client: MlflowClient, folder: Path) -> None:
    for number, name in enumerate(MODELS):
        client.create_registered_model(name, description=f"Model number {number}")
        for _ in range(2):
            client.create_model_version(name, source=(folder / quote(name, safe="")[:40]).as_uri())
    client.transition_model_version_stage("titanic-survival", "2", "Production")
    client.set_registered_model_alias("titanic-survival", "production", "2")
    for version in ("1", "2"):
        client.transition_model_version_stage("two-in-production", version, "Production")
    client.transition_model_version_stage("stage-and-alias-differ", "1", "Production")
    client.set_registered_model_alias("stage-and-alias-differ", "production", "2")


def _log_runs(client: MlflowClient, folder: Path) -> None:
    experiment = client.create_experiment("titanic", artifact_location=(folder / "artifacts").as_uri())
    for number in range(RUNS):
        run = client.create_run(experiment, run_name="<b>bold</b>" if number == RUNS - 1 else f"run-{number}")
        auc = math.nan if number == 0 else 0.7 + number / 100
        client.log_batch(
            run.info.run_id,
            metrics=[
                Metric("roc_auc", auc, 0, 0),
                Metric("fit_seconds", 3.0 + number, 0, 0),
                Metric("accuracy.top-1", 0.6 + number / 50, 0, 0),
            ],
            params=[Param("max_depth", str(number % 3)), Param("data", "titanic.csv")],
            tags=[RunTag("data_version", "3"), RunTag("mlflow.source.git.commit", f"{number:040x}")],
        )
        client.set_terminated(run.info.run_id, "FAILED" if number == 1 else "FINISHED")
