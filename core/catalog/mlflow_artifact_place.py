"""One place of artifacts: a folder of this machine, or what an artifact repository of MLflow's reads."""

import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any, Final, Protocol
from urllib.parse import quote

from core.catalog.address import shown_address
from core.catalog.deadline import Beat
from core.catalog.mlflow_errors import Translator
from core.catalog.store import ArtifactBytes, ArtifactEntry, ArtifactFolder
from core.errors import ArtifactError, NotFound, StoreUnreachable
from core.messages import message
from core.quoting import quoted

MOST_ENTRIES: Final = 1_000  # of a folder that are listed
_MOST_READ: Final = 20_000  # entries of a local folder that are read and sorted
_MOST_FETCHED: Final = 50_000_000  # bytes of a file whose beginning cannot be had without all of it
_SILENCE_SECONDS: Final = 10.0  # of a tracking server that fetches a file from elsewhere
_CHUNK: Final = 1 << 16  # bytes
_BAD_REQUEST: Final = 400
_NOT_FOUND: Final = 404


class Place(Protocol):
    """Lists folders and reads the beginnings of files; paths are clean, below the place."""

    def folder(self, path: str, beat: Beat) -> ArtifactFolder:
        """What a folder holds."""

    def file(self, path: str, beat: Beat, *, most: int) -> ArtifactBytes:
        """The first `most` bytes."""


class LocalPlace:
    """A folder of this machine; a link that leads out of it is listed and not read."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def folder(self, path: str, beat: Beat) -> ArtifactFolder:
        """What a folder holds; one that is not there is empty, and says where it would be."""
        if not self._root.is_dir():  # MLflow makes it when something is logged
            return ArtifactFolder(missing=str(self._root))
        folder = self._inside(path)
        if not folder.is_dir():
            raise no_artifact(path)
        with os.scandir(folder) as found:
            read = list(islice(found, _MOST_READ))
            beat()
            return listed((_local_entry(entry, path) for entry in read), is_cut=next(found, None) is not None)

    def file(self, path: str, beat: Beat, *, most: int) -> ArtifactBytes:
        """The first `most` bytes."""
        file = self._inside(path)
        if not file.exists():
            raise no_artifact(path)
        if not file.is_file():
            raise ArtifactError(message("{name} is no ordinary file.", name=quoted(path)))
        with file.open("rb") as reader:
            data = reader.read(most + 1)
        beat()
        return ArtifactBytes(data=data[:most], size=file.stat().st_size, is_cut=len(data) > most)

    def _inside(self, path: str) -> Path:
        root = self._root.resolve()
        found = (root / path).resolve()
        if not found.is_relative_to(root):
            raise no_artifact(path)
        return found


class RemotePlace:
    """A place that one of MLflow's artifact repositories reads."""

    def __init__(self, location: str, tracking_uri: str) -> None:
        self._shown = shown_address(location, Path.cwd())
        self._errors = Translator(location, shown=self._shown)
        with self._translated():
            from mlflow.store.artifact.artifact_repository_registry import (  # noqa: PLC0415  see Connection
                get_artifact_repository,
            )

            self._repository: Any = get_artifact_repository(
                location, tracking_uri=tracking_uri, registry_uri=tracking_uri
            )

    def folder(self, path: str, beat: Beat) -> ArtifactFolder:
        """What a folder holds."""
        with self._translated():
            found = self._repository.list_artifacts(path or None)
        beat()
        return listed(
            (
                ArtifactEntry(
                    path=info.path,
                    is_folder=bool(info.is_dir),
                    size=None if info.is_dir else info.file_size,
                )
                for info in found
            ),
            is_cut=False,
        )

    def file(self, path: str, beat: Beat, *, most: int) -> ArtifactBytes:
        """The first `most` bytes; what is not streamed is fetched whole, if it is not too large for that."""
        from mlflow.store.artifact.http_artifact_repo import HttpArtifactRepository  # noqa: PLC0415  see Connection

        with self._translated():
            if isinstance(self._repository, HttpArtifactRepository):
                return self._stream(path, beat, most)
            return self._fetch(path, beat, most)

    def _stream(self, path: str, beat: Beat, most: int) -> ArtifactBytes:
        """From a tracking server: as MLflow does it, with a time limit, and no further than is needed."""
        from mlflow.utils.rest_utils import http_request  # noqa: PLC0415  see Connection

        with http_request(
            self._repository._host_creds,  # noqa: SLF001  credentials as MLflow finds them
            f"/{quote(path)}",
            "GET",
            stream=True,
            raise_on_status=False,
            timeout=_SILENCE_SECONDS,
        ) as response:
            if response.status_code == _NOT_FOUND:
                raise no_artifact(path)
            if response.status_code == _BAD_REQUEST:  # such as a name with # or % in it
                raise ArtifactError(
                    message("The MLflow server refuses to hand out {name}.", name=quoted(path)),
                    message("Look at the log of the MLflow server."),
                )
            response.raise_for_status()
            data = bytearray()
            for chunk in response.iter_content(_CHUNK):
                beat()
                data += chunk
                if len(data) > most:
                    break
            said = response.headers.get("Content-Length", "")
        is_cut = len(data) > most
        return ArtifactBytes(
            data=bytes(data[:most]), size=_number(said) if is_cut else len(data), is_cut=is_cut
        )

    def _fetch(self, path: str, beat: Beat, most: int) -> ArtifactBytes:
        size = self._size(path)
        beat()
        if size > _MOST_FETCHED:
            raise ArtifactError(
                message("{name} is too large to be shown.", name=quoted(path)),
                message("Download it with: mlflow artifacts download"),
            )
        with tempfile.TemporaryDirectory(prefix="runoff-") as folder:
            file = Path(folder) / "artifact"
            self._repository._download_file(path, str(file))  # noqa: SLF001  the public call lists the folder anew
            beat()
            with file.open("rb") as reader:
                data = reader.read(most)
            size = file.stat().st_size
        return ArtifactBytes(data=data, size=size, is_cut=size > most)

    def _size(self, path: str) -> int:
        for info in self._repository.list_artifacts(path.rpartition("/")[0] or None):
            if info.path == path:
                if info.is_dir:
                    raise ArtifactError(message("{name} is no ordinary file.", name=quoted(path)))
                return int(info.file_size or 0)
        raise no_artifact(path)

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """Failures told of the artifact store, which is another one than the tracking store."""
        try:
            yield
        except Exception as error:
            translated = self._errors.translate(error)
            if translated is error:
                raise
            raise translated or StoreUnreachable(
                message("The artifacts at {address} cannot be read: {reason}", **self._told(error)),
                message("Check that Runoff can reach the artifact store, and has its credentials."),
            ) from error

    def _told(self, error: Exception) -> dict[str, str]:
        words = str(error).strip().partition("\n")[0] or type(error).__name__
        return {"address": self._shown, "reason": words[:200]}


def listed(entries: Iterable[ArtifactEntry], *, is_cut: bool) -> ArtifactFolder:
    """Entries in the order of people: folders first, then by name, as many as are shown."""
    found = sorted(entries, key=lambda entry: (not entry.is_folder, entry.path))
    return ArtifactFolder(entries=tuple(found[:MOST_ENTRIES]), is_cut=is_cut or len(found) > MOST_ENTRIES)


def no_artifact(path: str) -> NotFound:
    """There is nothing at the path, or nothing that belongs to the run."""
    return NotFound(
        message("The run has no artifact {path}.", path=quoted(path)),
        message("It may have been deleted; load the page anew."),
    )


def _local_entry(entry: "os.DirEntry[str]", folder: str) -> ArtifactEntry:
    is_folder = entry.is_dir()
    try:
        size = None if is_folder else entry.stat().st_size
    except OSError:  # a link to nothing
        size = None
    path = f"{folder}/{entry.name}" if folder else entry.name
    return ArtifactEntry(path=path, is_folder=is_folder, size=size)


def _number(text: str) -> int | None:
    return int(text) if text.isdigit() else None
