"""The embedded store: an SQLite file that is either not there or complete."""

from pathlib import Path

from mlflow import MlflowClient
from sqlalchemy import make_url

from core.lifecycle.quiet import quiet_mlflow


def make_store(uri: str) -> None:
    """Make the SQLite file of `uri` where it is missing: at once, with all its tables.

    MLflow builds the tables step by step, and fails where two processes do so in the same file.
    """
    path = Path(make_url(uri).database or "")
    if path.exists():
        return
    unfinished = path.with_name(f"{path.name}.unfinished")
    unfinished.unlink(missing_ok=True)
    with quiet_mlflow():
        MlflowClient(tracking_uri=f"sqlite:///{unfinished.as_posix()}").search_registered_models(
            max_results=1
        )
    unfinished.replace(path)
