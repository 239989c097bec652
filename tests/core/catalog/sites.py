"""MLflow stores to read: a database, or a server in front of one."""

import os
import socket
import sqlite3
import subprocess
import sys
import urllib.request
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import URLError

import psutil

from core.catalog.mlflow_gateway import MlflowStore

SECONDS_TO_START = 90
MILLISECONDS = 1_700_000_000_000  # 2023-11-14 22:13:20 UTC


@dataclass(frozen=True)
class Site:
    """One store: how Runoff reads it, and the database behind it, through which tests fill it."""

    uri: str
    database: Path
    artifacts: Path

    @property
    def writer(self) -> Any:
        """An MlflowClient on the database itself."""
        return writer(self.database)

    @property
    def log(self) -> Path:
        """Where the server writes, among other things a line for each request."""
        return self.database.with_suffix(".log")

    def store(self, **options: Any) -> MlflowStore:
        return MlflowStore(self.uri, **options)

    def promote(self, model: str, number: int) -> None:
        """Move a version to the stage Production."""
        with warnings.catch_warnings(action="ignore"):  # MLflow announces the end of stages
            self.writer.transition_model_version_stage(model, str(number), "Production")

    def sql(self, statement: str, rows: Iterable[tuple[object, ...]]) -> None:
        with closing(sqlite3.connect(self.database)) as connection, connection:
            connection.executemany(statement, rows)

    def fill(self, model: str, numbers: Iterable[int], *, stages: Mapping[int, str] | None = None) -> None:
        """Insert a model and its versions: the API takes 10 ms for each."""
        stages = stages or {}
        self.sql(
            "INSERT INTO registered_models (name, creation_time, last_updated_time, description, workspace)"
            " VALUES (?, ?, ?, ?, 'default')",
            [(model, MILLISECONDS, MILLISECONDS + 1, f"About {model}")],
        )
        self.sql(
            "INSERT INTO model_versions (name, version, creation_time, last_updated_time, description, user_id,"
            " current_stage, source, run_id, status, storage_location, workspace)"
            " VALUES (?, ?, ?, ?, '', 'ada', ?, 'models:/m-1', NULL, 'READY', '', 'default')",
            [
                (model, number, MILLISECONDS + number, MILLISECONDS + number, stages.get(number, "None"))
                for number in numbers
            ],
        )


def writer(database: Path) -> Any:
    """An MlflowClient on a database, which it makes where it is missing."""
    os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
    from mlflow import MlflowClient  # noqa: PLC0415  not before the variable is set

    return MlflowClient(f"sqlite:///{database}", f"sqlite:///{database}")


@contextmanager
def starting_server(site: Site, port: int) -> Iterator[Callable[[], None]]:
    """A real `mlflow server` on loopback, its log beside the database; gives what waits until it answers."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MLFLOW_")}
    environment |= {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false", "MLFLOW_DISABLE_TELEMETRY": "true"}
    command = [sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port)]
    command += ["--workers", "1", "--backend-store-uri", f"sqlite:///{site.database}"]
    command += ["--artifacts-destination", str(site.artifacts)]
    with site.log.open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, env=environment)

    def wait() -> None:
        while not _answers(site.uri):
            assert process.poll() is None, site.log.read_text()
            _pause(process)

    try:
        yield wait
    finally:
        for child in psutil.Process(process.pid).children(recursive=True):
            child.kill()
        process.kill()
        process.wait(20)


def _answers(uri: str) -> bool:
    try:
        with urllib.request.urlopen(f"{uri}/health", timeout=SECONDS_TO_START):
            return True
    except (URLError, ConnectionError):
        return False


def _pause(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(0.2)
    except subprocess.TimeoutExpired:
        return


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
    return port
