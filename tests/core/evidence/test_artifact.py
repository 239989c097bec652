import os
import shutil
import socket
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.catalog.store import Version
from core.catalog.transfer import Limits
from core.errors import ArtifactError
from core.evidence.artifact import Artifacts

MLMODEL = "flavors:\n  python_function: {loader_module: mlflow.sklearn, model_path: model.pkl}\n"


@dataclass
class FarStore:
    """A store whose files are elsewhere, until `near` says where they are on this machine."""

    files: Path
    near: Path | None = None
    downloads: int = 0
    limits: list[Limits] = field(default_factory=list)

    def folder(self, version: Version) -> Path | None:
        return self.near

    def download(self, version: Version, folder: Path, *, limits: Limits) -> Path:
        self.downloads += 1
        self.limits.append(limits)
        subprocess.run(
            ["cp", "-a", self.files, folder / "model"], check=True
        )  # with pipes, links and sockets
        return folder / "model"


@pytest.fixture
def store(tmp_path: Path) -> FarStore:
    files = tmp_path / "store"
    (files / "data").mkdir(parents=True)
    (files / "MLmodel").write_text(MLMODEL)
    (files / "requirements.txt").write_text("scikit-learn==1.9.1\n")
    (files / "data" / "model.pkl").write_bytes(b"weights")
    return FarStore(files)


@pytest.fixture
def version() -> Version:
    return Version(
        model="m", number=1, source="models:/m-1", created=datetime(2026, 1, 2, tzinfo=UTC), run_id="r"
    )


def test_files_are_fetched_once_and_kept_read_only(store: FarStore, version: Version, tmp_path: Path) -> None:
    artifacts = Artifacts(store, tmp_path / "data", 10**6)
    assert artifacts.digest(version) is None
    artifact = artifacts.fetch(version)
    assert artifact.digest == artifacts.digest(version)
    assert artifact.folder == tmp_path / "data" / "artifacts" / artifact.digest.removeprefix("sha256:")
    assert (artifact.folder / "data" / "model.pkl").read_bytes() == b"weights"
    assert (artifact.folder / "data" / "model.pkl").stat().st_mode & 0o222 == 0
    assert artifact.card.requirements == ("scikit-learn==1.9.1",)
    assert artifacts.fetch(version) == artifact
    restarted = Artifacts(store, tmp_path / "data")
    assert restarted.digest(version) == artifact.digest
    assert restarted.fetch(version) == artifact
    assert store.downloads == 1
    assert store.limits[0].max_bytes == 10**6
    kept = sorted(path.name for path in (tmp_path / "data" / "artifacts").iterdir())
    assert kept == sorted([artifact.digest.removeprefix("sha256:"), "index"])


CHANGES: dict[str, Callable[[Path], object]] = {
    "a byte": lambda files: (files / "data" / "model.pkl").write_bytes(b"Weights"),
    "a name": lambda files: (files / "data" / "model.pkl").rename(files / "data" / "model.pk"),
    "a place": lambda files: (files / "data" / "model.pkl").rename(files / "model.pkl"),
    "a new file": lambda files: (files / "empty").write_text(""),
    "bytes between files": lambda files: [
        (files / "requirements.txt").write_text("scikit-learn==1.9.1"),
        (files / "data" / "model.pkl").write_bytes(b"\nweights"),
    ],
}


@pytest.mark.parametrize("change", CHANGES)
def test_any_change_of_a_file_changes_the_digest(
    change: str, store: FarStore, version: Version, tmp_path: Path
) -> None:
    before = Artifacts(store, tmp_path / "a").fetch(version).digest
    assert Artifacts(store, tmp_path / "b").fetch(version).digest == before
    CHANGES[change](store.files)
    assert Artifacts(store, tmp_path / "c").fetch(version).digest != before


def test_what_mlflow_writes_beside_a_model_is_no_part_of_it(
    store: FarStore, version: Version, tmp_path: Path
) -> None:
    before = Artifacts(store, tmp_path / "a").fetch(version).digest
    (store.files / "registered_model_meta").write_text("model_name: m\n")
    assert Artifacts(store, tmp_path / "b").fetch(version).digest == before


@pytest.mark.parametrize("how", ["the store says", "a path", "a file address"])
def test_overwritten_bytes_of_a_local_folder_are_seen_at_once(
    how: str, store: FarStore, version: Version, tmp_path: Path
) -> None:
    if how == "the store says":
        store.near = store.files
    else:
        version = replace(version, source=str(store.files) if how == "a path" else store.files.as_uri())
    artifacts = Artifacts(store, tmp_path / "data")
    before = artifacts.fetch(version).digest
    facts = (store.files / "data" / "model.pkl").stat()
    (store.files / "data" / "model.pkl").write_bytes(b"WEIGHTS")
    os.utime(store.files / "data" / "model.pkl", ns=(facts.st_atime_ns, facts.st_mtime_ns))
    assert artifacts.digest(version) is None
    after = artifacts.fetch(version).digest
    assert artifacts.digest(version) == after != before
    shutil.rmtree(store.files)
    assert artifacts.digest(version) == after  # what is gone has not changed


def test_files_elsewhere_are_looked_at_again_when_asked_to(
    store: FarStore, version: Version, tmp_path: Path
) -> None:
    artifacts = Artifacts(store, tmp_path / "data")
    before = artifacts.fetch(version).digest
    (store.files / "data" / "model.pkl").write_bytes(b"WEIGHTS")
    assert artifacts.fetch(version).digest == before
    assert artifacts.fetch(version, again=True).digest != before


def test_a_number_that_was_given_anew_is_another_version(
    store: FarStore, version: Version, tmp_path: Path
) -> None:
    artifacts = Artifacts(store, tmp_path / "data")
    artifacts.fetch(version)
    for other in (
        replace(version, created=datetime(2026, 1, 3, tzinfo=UTC)),
        replace(version, source="models:/m-2"),
        replace(version, run_id="s"),
        replace(version, model="M"),
    ):
        assert artifacts.digest(other) is None


def test_kept_files_that_were_touched_are_fetched_anew(
    store: FarStore, version: Version, tmp_path: Path
) -> None:
    artifacts = Artifacts(store, tmp_path / "data")
    artifact = artifacts.fetch(version)
    assert artifacts.unchanged(version)
    target = artifact.folder / "data" / "model.pkl"
    target.chmod(0o644)
    target.write_bytes(b"WEIGHTS")
    assert not artifacts.unchanged(version)
    assert artifacts.digest(version) is None
    assert artifacts.fetch(version) == artifact
    assert target.read_bytes() == b"weights"


def _socket(files: Path) -> None:
    path = os.path.relpath(files / "s")  # a short path: sockets have a limit
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(path)


REFUSED: dict[str, tuple[Callable[[Path], object], str]] = {
    "a link": (
        lambda files: (files / "x").symlink_to("/etc/passwd"),
        "Among the version's files, x is a link",
    ),
    "a link to a folder": (lambda files: (files / "x").symlink_to("/etc"), "x is a link or a device"),
    "a pipe": (lambda files: os.mkfifo(files / "x"), "x is a link or a device"),
    "a socket": (_socket, "s is a link or a device"),
    "a name with a backslash": (
        lambda files: (files / "..\\x").touch(),
        "a path that must not be used: ..\\x",
    ),
    "a name with a line break": (
        lambda files: (files / "x\ny").touch(),
        "a path that must not be used: x\ny",
    ),
    "a path that climbs": (
        lambda files: (files / "MLmodel").write_text(MLMODEL.replace("model.pkl", "../../x")),
        "a path that must not be used: ../../x",
    ),
    "an absolute path": (
        lambda files: (files / "MLmodel").write_text(MLMODEL.replace("model.pkl", "/etc/passwd")),
        "a path that must not be used: /etc/passwd",
    ),
    "too much": (
        lambda files: (files / "x").write_bytes(b"x" * 3 * 2**20),
        "files are larger than 2 MB",
    ),
    "too many": (lambda files: [(files / f"{i}").write_text("") for i in range(20)], "more than 20 files"),
    "no MLmodel": (lambda files: (files / "MLmodel").unlink(), "hold no MLmodel file"),
    "no YAML": (lambda files: (files / "MLmodel").write_text("a: ["), "MLmodel file is not valid YAML"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_files_that_must_not_be_used_are_refused_and_stay_so(
    name: str, store: FarStore, version: Version, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(store.files)
    make, said = REFUSED[name]
    make(store.files)
    artifacts = Artifacts(store, tmp_path / "data", 2**21, max_files=20)
    with pytest.raises(ArtifactError) as caught:
        artifacts.fetch(version)
    assert said in str(caught.value)
    for again in (artifacts, Artifacts(store, tmp_path / "data")):
        with pytest.raises(ArtifactError) as kept:
            again.digest(version)
        assert str(kept.value) == str(caught.value)
        with pytest.raises(ArtifactError):
            again.fetch(version)
    assert store.downloads == 1
    assert [path.name for path in (tmp_path / "data" / "artifacts").iterdir()] == ["index"]


def test_a_refusal_ends_with_its_cause(store: FarStore, version: Version, tmp_path: Path) -> None:
    store.near = store.files
    (store.files / "x").symlink_to("/etc/passwd")
    artifacts = Artifacts(store, tmp_path / "data")
    with pytest.raises(ArtifactError):
        artifacts.fetch(version)
    (store.files / "x").unlink()
    (store.files / "y").touch()
    assert artifacts.digest(version) is None
    assert artifacts.fetch(version).digest == artifacts.digest(version)


def test_a_cancelled_download_leaves_nothing(store: FarStore, version: Version, tmp_path: Path) -> None:
    artifacts = Artifacts(store, tmp_path / "data")
    (store.files / "MLmodel").unlink()  # what a download that was stopped early may look like
    with pytest.raises(ArtifactError):
        artifacts.fetch(version, stop=lambda: True)
    assert artifacts.digest(version) is None
    assert not list((tmp_path / "data" / "artifacts").glob(".incoming*"))


def test_a_damaged_index_is_as_good_as_none(store: FarStore, version: Version, tmp_path: Path) -> None:
    artifacts = Artifacts(store, tmp_path / "data")
    digest = artifacts.fetch(version).digest
    (index,) = (tmp_path / "data" / "artifacts" / "index").glob("*.json")
    for damage in (b"", b"[]", b'{"version": 1}'):
        index.write_bytes(damage)
        assert artifacts.digest(version) is None
    assert artifacts.fetch(version).digest == digest


def test_versions_with_the_same_files_can_be_fetched_at_once(
    store: FarStore, version: Version, tmp_path: Path
) -> None:
    artifacts = Artifacts(store, tmp_path / "data")
    versions = [replace(version, number=number) for number in range(12)]
    with ThreadPoolExecutor(12) as threads:
        digests = {artifact.digest for artifact in threads.map(artifacts.fetch, versions)}
    assert len(digests) == 1
    assert {artifacts.digest(version) for version in versions} == digests
