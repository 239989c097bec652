"""Runs with models and artifacts, as MLflow 3 and MLflow 2 leave them."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from tests.core.catalog.sites import Site

MLMODEL = b"""flavors:
  sklearn:
    pickled_model: model.skops
model_size_bytes: 1234
signature:
  inputs: '[{"type": "double", "name": "Age"}]'
"""
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40
FILES: Mapping[str, bytes] = {
    "reports/deep/page.html": b"<script>alert(1)</script>",
    "reports/plot.png": PNG,
    "reports/fake.png": b"no picture",
    "reports/drawing.svg": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "odd/\u65e5\u672c a+b&c.txt": "\u65e5\u672c\u8a9e".encode(),
    "empty.txt": b"",
    "data.bin": bytes(range(256)),
}


@dataclass(frozen=True)
class LoggedRun:
    """A run, and the model that it logged."""

    id: str
    experiment: str
    model_id: str


def log_run(
    site: Site, folder: Path, *, files: Mapping[str, bytes] = FILES, modern: bool = True
) -> LoggedRun:
    """A run with files; its model is a thing of its own (`modern`), or a folder of the run as in MLflow 2."""
    from mlflow import MlflowClient  # noqa: PLC0415  not before the fixtures have set it up

    client: Any = MlflowClient(site.uri, site.uri)
    name = f"r-{uuid4().hex[:8]}"
    location = None if site.uri.startswith("http") else (site.artifacts / name).as_uri()
    experiment = client.create_experiment(name, artifact_location=location)
    run = client.create_run(experiment, run_name=name).info.run_id
    source = _written(folder / uuid4().hex, files)
    if files:
        client.log_artifacts(run, str(source))
    model_id = ""
    model = str(_written(folder / uuid4().hex, {"MLmodel": MLMODEL, "model.skops": b"\0\1"}))
    if modern:
        logged = client.create_logged_model(experiment, name="model", source_run_id=run)
        model_id = logged.model_id
        client.log_model_artifacts(model_id, model)
        client.finalize_logged_model(model_id, "READY")
    else:
        client.log_artifacts(run, model, "nested/classic")
        history = [{"run_id": run, "artifact_path": "nested/classic", "flavors": {}}]
        client.set_tag(run, "mlflow.log-model.history", json.dumps(history))
    client.set_terminated(run)
    return LoggedRun(run, experiment, model_id)


def log_run_in(site: Site, folder: Path, **how: Any) -> LoggedRun:
    """The same where MLflow's client needs the process's own tracking URI."""
    os.environ["MLFLOW_TRACKING_URI"] = site.uri
    try:
        return log_run(site, folder, **how)
    finally:
        del os.environ["MLFLOW_TRACKING_URI"]


def _written(folder: Path, files: Mapping[str, bytes]) -> Path:
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder
