import shutil
from collections.abc import Iterator
from pathlib import Path

import mlflow
import pytest

from core.lifecycle.embedded import make_store


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store as MLflow makes it; its tables take seconds, so tests copy the file."""
    path = tmp_path_factory.mktemp("empty") / "mlflow.db"
    make_store(f"sqlite:///{path}")
    return path


@pytest.fixture
def store_uri(empty_database: Path, tmp_path: Path) -> Iterator[str]:
    """A new, empty store; MLflow's current store is what it was afterwards."""
    before = mlflow.get_tracking_uri()
    path = tmp_path / "a store" / "mlflow.db"
    path.parent.mkdir()
    shutil.copy(empty_database, path)
    yield f"sqlite:///{path}"
    mlflow.set_tracking_uri(before)
