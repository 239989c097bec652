"""The models page and the version dropdown: 1,000 models, one of them with 10,000 versions."""

import os
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psutil

from benchmarks.timing import median_seconds, medians, milliseconds, print_table
from core.catalog.mlflow_gateway import MlflowStore

MODELS = 1_000
VERSIONS = 10_000
BIG = "churn"
SAMPLE = 200  # versions that are read one by one; the time for all is extrapolated
SECONDS_TO_START = 60
MILLISECONDS = 1_700_000_000_000


def main() -> None:
    """Print one table for a database and one for a tracking server in front of it."""
    with tempfile.TemporaryDirectory(prefix="runoff-bench-") as folder:
        path = Path(folder) / "mlflow.db"
        _fill(path)
        _compare("SQLite database", f"sqlite:///{path}")
        with _server(path) as uri:
            _compare("tracking server", uri)


def _compare(title: str, uri: str) -> None:
    store = MlflowStore(uri)
    _check(store)
    listing, first_count, counting, versions, one_search = medians(
        [
            lambda: MlflowStore(uri).models(),
            lambda: MlflowStore(uri).models(counted=True),
            lambda: store.models(counted=True),
            lambda: store.versions(BIG),
            lambda: _versions(_client(uri)),
        ]
    )
    one_model = median_seconds(lambda: _models_one_by_one(_client(uri)), repeat=1)
    each = median_seconds(lambda: _some_versions(_client(uri)), repeat=3) / SAMPLE * VERSIONS
    rows: list[tuple[str, float, str, float]] = [
        ("models, as the page opens", listing, "each model's versions by a search of its own", one_model),
        ("models, counted for the first time", first_count, "the same", one_model),
        ("models, counted again", counting, "the same", one_model),
        (f"{VERSIONS:,} versions with aliases", versions, "get_model_version for each (extrapolated)", each),
        ("the same", versions, "one search_model_versions, without aliases", one_search),
    ]
    print_table(
        f"Catalog: {MODELS:,} models, {VERSIONS:,} versions of one, {title}",
        ("read", "Runoff", "MlflowClient", "how MlflowClient reads it", "times faster"),
        [
            (read, milliseconds(ours), milliseconds(theirs), how, f"{theirs / ours:.1f}")
            for read, ours, how, theirs in rows
        ],
    )


def _check(store: MlflowStore) -> None:
    """Fast and wrong would be no result."""
    counts = {model.name: model.version_count for model in store.models(counted=True)}
    assert len(counts) == MODELS
    assert counts[BIG] == VERSIONS
    versions = store.versions(BIG)
    assert [version.number for version in versions] == list(range(VERSIONS, 0, -1))
    assert [version.number for version in versions if version.aliases] == [VERSIONS - 5]


def _client(uri: str) -> Any:
    """A client as MLflow makes it: with its own time limit, which is longer than a page's."""
    from mlflow import MlflowClient  # noqa: PLC0415  the store has imported MLflow, and set it up

    os.environ["MLFLOW_HTTP_REQUEST_TIMEOUT"] = "120"
    return MlflowClient(uri, uri)


def _models_one_by_one(client: Any) -> int:
    count, token = 0, None
    while True:
        page = client.search_registered_models(page_token=token)
        count += sum(len(client.search_model_versions(f"name='{model.name}'")) for model in page)
        token = page.token
        if not token:
            return count


def _versions(client: Any) -> int:
    return len(client.search_model_versions(f"name='{BIG}'", max_results=VERSIONS))


def _some_versions(client: Any) -> list[object]:
    return [client.get_model_version(BIG, str(number)).aliases for number in range(1, SAMPLE + 1)]


def _fill(path: Path) -> None:
    """Rows put into the tables of an empty store: registering 11,000 versions would take minutes."""
    MlflowStore(f"sqlite:///{path}", embedded=True).check()  # imports MLflow, quietly
    _client(f"sqlite:///{path}").search_registered_models()  # makes the tables
    names = [BIG, *(f"model-{index:04d}" for index in range(1, MODELS))]
    numbers = [(name, number) for name in names for number in range(1, (VERSIONS if name == BIG else 1) + 1)]
    with closing(sqlite3.connect(path)) as database, database:
        database.executemany(
            "INSERT INTO registered_models (name, creation_time, last_updated_time, description, workspace)"
            " VALUES (?, ?, ?, 'What it predicts', 'default')",
            [(name, MILLISECONDS, MILLISECONDS + index) for index, name in enumerate(names)],
        )
        database.executemany(
            "INSERT INTO model_versions (name, version, creation_time, last_updated_time, current_stage,"
            " source, run_id, status, workspace) VALUES (?, ?, ?, ?, 'None', ?, ?, 'READY', 'default')",
            [
                (
                    name,
                    number,
                    MILLISECONDS + number,
                    MILLISECONDS + number,
                    f"models:/m-{number}",
                    f"{number:032x}",
                )
                for name, number in numbers
            ],
        )
        database.executemany(
            "INSERT INTO model_version_tags (name, version, key, value, workspace)"
            " VALUES (?, ?, ?, ?, 'default')",
            [(name, number, key, "3.11") for name, number in numbers for key in ("python", "data")],
        )
        database.execute(
            "INSERT INTO registered_model_aliases (name, alias, version, workspace)"
            " VALUES (?, 'production', ?, 'default')",
            (BIG, VERSIONS - 5),
        )


@contextmanager
def _server(path: Path) -> Iterator[str]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    command = [sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port)]
    command += ["--workers", "1", "--backend-store-uri", f"sqlite:///{path}"]
    environment = os.environ | {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}
    process = psutil.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment, cwd=path.parent
    )
    try:
        uri = f"http://127.0.0.1:{port}"
        deadline = time.monotonic() + SECONDS_TO_START
        while not _answers(uri):
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("the MLflow server does not start")
            time.sleep(0.2)
        yield uri
    finally:
        for child in [*process.children(recursive=True), process]:
            child.kill()
        process.wait()


def _answers(uri: str) -> bool:
    try:
        with urllib.request.urlopen(f"{uri}/health", timeout=SECONDS_TO_START):  # noqa: S310  our own
            return True
    except (urllib.error.URLError, ConnectionError):
        return False


if __name__ == "__main__":
    main()
