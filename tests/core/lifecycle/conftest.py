import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import mlflow
import pytest


@pytest.fixture(autouse=True)
def current_store() -> Iterator[None]:
    """MLflow's current store, which it also writes into the environment, is what it was afterwards."""
    before, named = mlflow.get_tracking_uri(), os.environ.get("MLFLOW_TRACKING_URI")
    yield
    mlflow.set_tracking_uri(before)
    if named is None:
        os.environ.pop("MLFLOW_TRACKING_URI", None)
    else:
        os.environ["MLFLOW_TRACKING_URI"] = named


@pytest.fixture
def store_uri(empty_database: Path, tmp_path: Path) -> str:
    """A new, empty store."""
    path = tmp_path / "a store" / "mlflow.db"
    path.parent.mkdir()
    shutil.copy(empty_database, path)
    return f"sqlite:///{path}"
