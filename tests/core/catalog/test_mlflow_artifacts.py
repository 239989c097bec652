"""The files of versions, wherever MLflow keeps them: read and fetched without touching the original."""

import json
import os
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest

from core.catalog.mlflow_gateway import MlflowStore
from core.catalog.store import Version
from core.catalog.transfer import Limits
from core.errors import ArtifactError, NotFound, StoreError, StoreRefused, StoreUnreachable
from core.evidence.artifact import Artifacts
from tests.core.catalog.hostile import Answering, saying
from tests.core.catalog.sites import MILLISECONDS, Site

MLMODEL = "flavors:\n  sklearn:\n    pickled_model: model.skops\nmodel_size_bytes: 1234\n"
FILES = {
    "MLmodel": MLMODEL.encode(),
    "requirements.txt": b"scikit-learn==1.9.1\n# comment\nnumpy\n",
    "model.skops": bytes(range(256)) * 1_000,
    "code/deeper/日本 a+b&c.py": b"print('hello')\n",
    "empty.txt": b"",
}


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def write(folder: Path, files: dict[str, bytes]) -> Path:
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder


class Logged:
    """A model that MLflow logged in a run, and its registered versions, one for each kind of source."""

    def __init__(self, site: Site, folder: Path) -> None:
        from mlflow import MlflowClient  # noqa: PLC0415  not before the fixtures have set it up

        self.name = f"m-{uuid4().hex[:8]}"
        client: Any = MlflowClient(site.uri, site.uri)
        served = site.uri.startswith("http")
        location = None if served else (site.artifacts / self.name).as_uri()
        experiment = client.create_experiment(self.name, artifact_location=location)
        run = client.create_run(experiment)
        model = client.create_logged_model(experiment, name="model", source_run_id=run.info.run_id)
        source = str(write(folder, FILES))
        client.log_model_artifacts(model.model_id, source)
        client.finalize_logged_model(model.model_id, "READY")
        client.log_artifacts(run.info.run_id, source, "classic")
        client.create_registered_model(self.name)
        client.create_model_version(self.name, f"models:/{model.model_id}", model_id=model.model_id)
        sources = [
            f"models:/{model.model_id}",
            f"runs:/{run.info.run_id}/model",
            f"runs:/{run.info.run_id}/classic",
            f"models:/{self.name}/1",
            run.info.artifact_uri + "/classic",
        ]
        site.sql(  # as older releases left them: the address is the source itself
            "INSERT INTO model_versions (name, version, creation_time, current_stage, source, status, workspace)"
            " VALUES (?, ?, ?, 'None', ?, 'READY', 'default')",
            [(self.name, number, MILLISECONDS, uri) for number, uri in enumerate(sources, start=2)],
        )


@pytest.fixture(scope="session")
def logged(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Logged:
    return logged_in(site, tmp_path_factory.mktemp("model"))


def logged_in(site: Site, folder: Path) -> Logged:
    # MLflow's database store resolves models:/ against the process's own tracking URI.
    os.environ["MLFLOW_TRACKING_URI"] = site.uri
    try:
        return Logged(site, folder / "files")
    finally:
        del os.environ["MLFLOW_TRACKING_URI"]


def test_the_card_is_read_from_every_kind_of_source(site: Site, logged: Logged) -> None:
    store = site.store()
    versions = store.versions(logged.name)
    assert len(versions) == 6
    for version in versions:
        card = store.card(version)
        assert set(card.flavors) == {"sklearn"}
        assert card.size_bytes == 1234
        assert card.requirements == ("scikit-learn==1.9.1", "numpy")


def test_files_are_fetched_whole_from_every_kind_of_source(
    site: Site, logged: Logged, tmp_path: Path
) -> None:
    before = {path: path.stat().st_mtime_ns for path in site.artifacts.rglob("*")}
    store = site.store()
    for version in store.versions(logged.name):
        folder = store.download(version, tmp_path / "inner")
        assert folder.parent == tmp_path / "inner"
        assert contents(folder) == FILES
    assert {path: path.stat().st_mtime_ns for path in site.artifacts.rglob("*")} == before


def test_files_of_a_local_store_have_a_folder_whatever_the_source_says(
    site: Site, logged: Logged, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = site.store()
    versions = store.versions(logged.name)
    folders = [store.folder(version) for version in versions]
    if site.uri.startswith("http"):
        assert folders == [None] * len(versions)
    else:
        assert [contents(folder) for folder in folders if folder] == [FILES] * len(versions)
    monkeypatch.setattr(store, "_ask", None)  # asked often, so the store is asked no more
    assert [store.folder(version) for version in versions] == folders


def test_bytes_that_were_overwritten_in_a_local_store_are_seen(on_disk: Site, tmp_path: Path) -> None:
    logged = logged_in(on_disk, tmp_path)
    store = on_disk.store()
    artifacts = Artifacts(store, tmp_path / "data")
    versions = store.versions(logged.name)
    before = {artifacts.fetch(version).digest for version in versions}
    for folder in {store.folder(version) for version in versions}:
        assert folder is not None
        (folder / "model.skops").write_bytes(b"others")
    assert {artifacts.digest(version) for version in versions} == {None}
    assert {artifacts.fetch(version).digest for version in versions}.isdisjoint(before)


def test_a_version_that_is_not_the_one_that_was_listed_is_not_found(
    site: Site, logged: Logged, tmp_path: Path
) -> None:
    store = site.store()
    listed = store.versions(logged.name)[0]
    assert listed.created is not None
    other = Version(model=listed.model, number=listed.number, created=listed.created - timedelta(seconds=1))
    with pytest.raises(NotFound, match="deleted and made anew"):
        store.download(other, tmp_path)
    with pytest.raises(NotFound, match="no version 99"):
        store.card(Version(model=listed.model, number=99))
    assert list(tmp_path.iterdir()) == []


def test_limits_end_a_download_and_leave_nothing(site: Site, logged: Logged, tmp_path: Path) -> None:
    store = site.store()
    version = store.versions(logged.name)[-1]
    for limits, says in (
        (Limits(max_bytes=100_000), "larger than"),
        (Limits(seconds=-1), "did not arrive within"),
        (Limits(stop=lambda: True), "cancelled"),
    ):
        with pytest.raises(ArtifactError, match=says):
            store.download(version, tmp_path, limits=limits)
        gone(tmp_path)
    assert contents(store.download(version, tmp_path, limits=Limits(max_bytes=10**6))) == FILES


def gone(folder: Path) -> None:
    deadline = time.monotonic() + 10
    while list(folder.iterdir()):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def registered(site: Site, location: str) -> Version:
    """A version whose files are at `location`, whatever that is."""
    model = f"m-{uuid4().hex[:8]}"
    site.fill(model, [1])
    site.sql("UPDATE model_versions SET storage_location = ? WHERE name = ?", [(location, model)])
    return site.store().versions(model)[0]


def test_links_are_kept_as_links_and_never_followed(fresh: Site, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("s3cret")
    source = write(tmp_path / "source", {"MLmodel": MLMODEL.encode()})
    (source / "link").symlink_to(secret)
    (source / "around").symlink_to(source)
    version = registered(fresh, source.as_uri())
    folder = fresh.store().download(version, tmp_path / "target")
    assert (folder / "link").is_symlink()
    assert (folder / "around").is_symlink()

    (source / "MLmodel").unlink()
    (source / "MLmodel").symlink_to(secret)
    with pytest.raises(ArtifactError, match="no ordinary file"):
        fresh.store().card(version)


def test_a_pipe_among_the_files_stops_nobody(fresh: Site, tmp_path: Path) -> None:
    source = write(tmp_path / "source", {"MLmodel": MLMODEL.encode()})
    os.mkfifo(source / "pipe")
    with pytest.raises(ArtifactError, match="pipe, which is no ordinary file"):
        fresh.store().download(registered(fresh, str(source)), tmp_path / "target")
    assert list((tmp_path / "target").iterdir()) == []


@pytest.mark.parametrize(
    ("location", "kind", "says"),
    [
        ("file:///no/such/folder", NotFound, "not at /no/such/folder on this machine"),
        ("/no/such/folder", NotFound, "--serve-artifacts"),
        ("models:/m-0000", NotFound, "no such thing"),
        ("runs:/" + "0" * 32 + "/model", NotFound, "no such thing"),
        ("s3://bucket/model", StoreUnreachable, "pip install boto3"),
        ("tape://one/two", StoreError, "could not read"),
    ],
)
def test_files_that_are_out_of_reach(
    fresh: Site, tmp_path: Path, location: str, kind: type[StoreError], says: str
) -> None:
    version = registered(fresh, location)
    for read in (
        lambda: fresh.store().card(version),
        lambda: fresh.store().download(version, tmp_path / "target"),
    ):
        with pytest.raises(kind, match=says) as caught:
            read()
        assert "Traceback" not in str(caught.value)


def test_a_copy_of_itself_is_not_followed_for_ever(fresh: Site, tmp_path: Path) -> None:
    version = registered(fresh, "models:/m-1")
    fresh.sql(
        "UPDATE model_versions SET storage_location = ? WHERE name = ?",
        [(f"models:/{version.model}/1", version.model)],
    )
    with pytest.raises(NotFound, match="copy of itself"):
        fresh.store().download(version, tmp_path)


def test_a_folder_without_mlmodel_is_no_model(fresh: Site, tmp_path: Path) -> None:
    source = write(tmp_path / "source", {"model.pkl": b"x"})
    version = registered(fresh, source.as_uri())
    for read in (
        lambda: fresh.store().card(version),
        lambda: fresh.store().download(version, tmp_path / "target"),
    ):
        with pytest.raises(NotFound, match="hold no MLmodel file"):
            read()
    assert list((tmp_path / "target").iterdir()) == []


def artifact_server(
    listing: object, file: Callable[[BaseHTTPRequestHandler], None]
) -> Callable[[BaseHTTPRequestHandler], None]:
    """A tracking server with one version, whose files it lists and sends as it likes."""
    version = {
        "name": "a",
        "version": "1",
        "source": "mlflow-artifacts:/a",
        "creation_timestamp": MILLISECONDS,
    }

    def answer(handler: BaseHTTPRequestHandler) -> None:
        path = urlsplit(handler.path).path
        if path.endswith("/mlflow-artifacts/artifacts"):
            saying(200, json.dumps({"files": listing}))(handler)
        elif "/mlflow-artifacts/artifacts/" in path:
            file(handler)
        elif path.endswith("get-download-uri"):
            saying(200, json.dumps({"artifact_uri": "mlflow-artifacts:/a"}))(handler)
        else:
            saying(200, json.dumps({"model_version": version}))(handler)

    return answer


ONE = Version(model="a", number=1)


@pytest.mark.parametrize("path", ["../out", "/etc/x", "a/../../out", "..", "a\\..\\..\\out"])
def test_a_server_cannot_write_outside_the_folder(tmp_path: Path, path: str) -> None:
    listing = [{"path": "MLmodel", "is_dir": False}, {"path": path, "is_dir": False}]
    with (
        Answering(artifact_server(listing, saying(200, "x"))) as server,
        pytest.raises((ArtifactError, StoreError)),
    ):
        MlflowStore(server.uri).download(ONE, tmp_path / "target")
    assert [entry.name for entry in tmp_path.iterdir()] == ["target"]
    assert list((tmp_path / "target").iterdir()) == []


def test_folders_without_end_are_given_up(tmp_path: Path) -> None:
    listing = [{"path": f"d{index}", "is_dir": True} for index in range(3_000)]
    with (
        Answering(artifact_server(listing, saying(200, "x"))) as server,
        pytest.raises(ArtifactError, match="more than"),
    ):
        MlflowStore(server.uri).download(ONE, tmp_path)


def endless(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.end_headers()
    while True:
        handler.wfile.write(b"x" * 65_536)


def test_a_file_without_end_stops_at_the_limit(tmp_path: Path) -> None:
    listing = [{"path": "MLmodel", "is_dir": False}]
    with Answering(artifact_server(listing, endless)) as server:
        store = MlflowStore(server.uri)
        with pytest.raises(ArtifactError, match="larger than 5 MB"):
            store.download(ONE, tmp_path, limits=Limits(max_bytes=5_000_000))
        gone(tmp_path)
        with pytest.raises(ArtifactError, match="larger than 20 MB"):
            store.card(ONE)


def test_a_server_that_sends_no_file_can_be_left_at_once(tmp_path: Path) -> None:
    release, asked = threading.Event(), threading.Event()

    def hang(_: BaseHTTPRequestHandler) -> None:
        asked.set()
        release.wait(30)

    listing = [{"path": "MLmodel", "is_dir": False}]
    with Answering(artifact_server(listing, hang)) as server:
        store = MlflowStore(server.uri)
        started = time.monotonic()
        with pytest.raises(ArtifactError, match="cancelled"):
            store.download(ONE, tmp_path, limits=Limits(stop=asked.is_set))
        assert time.monotonic() - started < 5
        release.set()


@pytest.mark.parametrize(
    ("status", "kind"), [(401, StoreRefused), (403, StoreRefused), (404, StoreError), (500, StoreError)]
)
def test_a_server_that_denies_a_file(tmp_path: Path, status: int, kind: type[StoreError]) -> None:
    listing = [{"path": "MLmodel", "is_dir": False}]
    with Answering(artifact_server(listing, saying(status, "no"))) as server, pytest.raises(kind) as caught:
        MlflowStore(server.uri).download(ONE, tmp_path)
    assert caught.value.hint.template
    assert list(tmp_path.iterdir()) == []
