"""A version's files: fetched once, checked, digested, and kept. No code of the model runs.

`data_dir/artifacts/<digest>/` holds the files, read-only; `data_dir/artifacts/index/` says which digest a
version has. Where the store keeps the files in a folder of this machine, their sizes and times are looked at
whenever the digest is asked for, so that overwritten bytes are seen; files elsewhere are looked at again
when a version is asked to be scored anew.
"""

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, runtime_checkable
from urllib.parse import unquote, urlsplit
from urllib.request import url2pathname

from filelock import FileLock

from core.catalog.mlmodel import ModelCard, parse_mlmodel
from core.catalog.store import Version
from core.catalog.transfer import Limits
from core.errors import ArtifactError
from core.evidence.artifact_files import Allowance, check_paths, digest_of, protect, stamp_of
from core.evidence.isolation.job import GIB
from core.evidence.kept_errors import error_from_facts, facts_of_error
from core.messages import message


class Files(Protocol):
    """The part of a store that hands out a version's files."""

    def download(self, version: Version, folder: Path, *, limits: Limits) -> Path:
        """Fetch the version's files below `folder`; returns the folder that holds MLmodel."""


@runtime_checkable
class LocalFiles(Protocol):
    """A store that knows where a version's files lie, if that is a folder of this machine."""

    def folder(self, version: Version) -> Path | None:
        """That folder; None where the files are elsewhere. Asked once for each download."""


@dataclass(frozen=True, slots=True)
class Artifact:
    """A version's files as they are kept here."""

    digest: str  # "sha256:" and 64 hexadecimal digits
    folder: Path
    card: ModelCard


class Artifacts:
    """Fetches and keeps the files of versions; safe for threads and processes that share a data directory."""

    def __init__(
        self, store: Files, data_dir: Path, max_bytes: int = 4 * GIB, *, max_files: int = 10_000
    ) -> None:
        self._store = store
        self._root = data_dir / "artifacts"
        self._index = self._root / "index"
        self._allowance = Allowance(max_bytes, max_files)
        self._read: dict[Path, tuple[int, Mapping[str, Any]]] = {}

    def digest(self, version: Version) -> str | None:
        """The digest of the version's files; None: not fetched yet, refused, or changed since. Cheap.

        Raises:
            ArtifactError: the files were refused, and are still the same.
        """
        record = self._record(version)
        if record is None:
            return None
        if record["error"] is not None:
            raise error_from_facts(record["error"])
        digest: str = record["digest"]
        return digest

    def fetch(
        self, version: Version, *, again: bool = False, stop: Callable[[], bool] | None = None
    ) -> Artifact:
        """The version's files, from here where they are kept, `again` from the store in any case.

        `stop` is asked while they are downloaded: True ends that, with an ArtifactError.

        Raises:
            ArtifactError: the files are such that they must not be used; this is remembered.
            StoreError: the store does not hand them out.
            OSError: they cannot be written here.
        """
        path = self._path(version)
        self._index.mkdir(parents=True, exist_ok=True)
        with FileLock(path.with_suffix(".lock")):
            record = None if again else self._record(version)
            if record is not None and record["error"] is not None:
                raise error_from_facts(record["error"])
            if record is not None and self._intact(record):
                folder = self._folder(record["digest"])
                return Artifact(record["digest"], folder, _card(folder))
            return self._fetched(version, path, stop)

    def confirm(self, version: Version) -> Artifact:
        """The version's files as they are in the store now: fetched anew unless that is known already.

        It is where they lie in a folder of this machine, and nothing there was touched since.

        Raises: as `fetch` does.
        """
        record = self._record(version)
        origin = record["origin"] if record is not None and record["error"] is None else None
        return self.fetch(version, again=not (origin and Path(origin).is_dir()))

    def unchanged(self, version: Version) -> bool:
        """Whether the kept files are still what they were; if not, they are fetched anew next time."""
        record = self._record(version)
        if record is None or record["error"] is not None or self._intact(record):
            return True
        self._path(version).unlink(missing_ok=True)
        return False

    def _fetched(self, version: Version, path: Path, stop: Callable[[], bool] | None) -> Artifact:
        origin = self._origin(version)
        facts = {
            "version": identity_of(version),
            "origin": str(origin) if origin else None,
            "stamp": stamp_of(origin) if origin else None,
        }
        incoming = Path(tempfile.mkdtemp(prefix=".incoming-", dir=self._root))
        try:
            limits = Limits(max_bytes=self._allowance.max_bytes, stop=stop)
            artifact = self._taken_in(self._store.download(version, incoming, limits=limits))
        except ArtifactError as error:
            if stop is None or not stop():
                _write(path, {**facts, "digest": None, "files": None, "error": facts_of_error(error)})
            raise
        finally:
            shutil.rmtree(incoming, ignore_errors=True)
        _write(path, {**facts, "digest": artifact.digest, "files": stamp_of(artifact.folder), "error": None})
        return artifact

    def _taken_in(self, folder: Path) -> Artifact:
        """Check, digest, and put into place what has been downloaded."""
        self._allowance.check(folder)
        card = _card(folder)
        check_paths(card)
        digest = digest_of(folder)
        target = self._folder(digest)
        with FileLock(self._index / f"{target.name}.lock"):  # versions may have the same files
            if target.exists() and digest_of(target) != digest:
                shutil.rmtree(target)
            if not target.exists():
                protect(folder)
                folder.rename(target)
        return Artifact(digest, target, card)

    def _record(self, version: Version) -> Mapping[str, Any] | None:
        """What the index says of the version; None where it says nothing, or the origin has changed."""
        path = self._path(version)
        try:
            written = path.stat().st_mtime_ns
            cached = self._read.get(path)
            if cached is None or cached[0] != written:
                cached = (written, json.loads(path.read_bytes()))
                self._read[path] = cached
        except (OSError, ValueError):
            return None
        record = cached[1]
        if not isinstance(record, dict) or record.get("version") != identity_of(version):
            return None
        origin = Path(record["origin"]) if record["origin"] else None
        if origin is not None and origin.is_dir() and stamp_of(origin) != record["stamp"]:
            return None
        return record

    def _intact(self, record: Mapping[str, Any]) -> bool:
        folder = self._folder(record["digest"])
        return folder.is_dir() and stamp_of(folder) == record["files"]

    def _origin(self, version: Version) -> Path | None:
        folder = self._store.folder(version) if isinstance(self._store, LocalFiles) else None
        folder = folder or _local_folder(version.source)
        return folder if folder is not None and folder.is_dir() else None

    def _folder(self, digest: str) -> Path:
        return self._root / digest.removeprefix("sha256:")

    def _path(self, version: Version) -> Path:
        name = hashlib.sha256(json.dumps(identity_of(version)).encode()).hexdigest()[:40]
        return self._index / f"{name}.json"


def identity_of(version: Version) -> list[str | int | None]:
    """What tells a version from every other, as far as the registry knows.

    Numbers restart when a model is deleted and made again: time, source and run tell those apart.
    """
    created = version.created.isoformat() if version.created else None
    return [version.model, version.number, created, version.source, version.run_id]


def _local_folder(source: str) -> Path | None:
    parts = urlsplit(source)
    if parts.scheme == "file" and parts.netloc in {"", "localhost"}:
        return Path(url2pathname(unquote(parts.path) if os.name != "nt" else parts.path))
    path = Path(source)
    return path if path.is_absolute() else None


def _card(folder: Path) -> ModelCard:
    mlmodel, requirements = folder / "MLmodel", folder / "requirements.txt"
    if not mlmodel.is_file():
        raise ArtifactError(
            message("The version's files hold no MLmodel file."), message("Log the model with MLflow.")
        )
    asked = requirements.read_text(encoding="utf-8", errors="replace") if requirements.is_file() else ""
    return parse_mlmodel(mlmodel.read_text(encoding="utf-8", errors="replace"), asked)


def _write(path: Path, facts: Mapping[str, object]) -> None:
    temporary = path.with_suffix(f".{os.getpid()}")
    temporary.write_text(json.dumps(facts), encoding="utf-8")
    temporary.replace(path)
