"""A version's files: found wherever MLflow has put them, and fetched without touching the original.

MLflow's own download resolves models:/ addresses against the process-wide tracking URI, writes a file
into a local model's folder, and cannot be stopped: so addresses are resolved here.
"""

import re
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

from core.catalog import mlflow_entities as values
from core.catalog.address import local_path
from core.catalog.deadline import Beat
from core.catalog.mlflow_connection import Connection
from core.catalog.mlflow_search import PageSize, pages
from core.catalog.mlmodel import ModelCard, parse_mlmodel
from core.catalog.store import Version
from core.catalog.transfer import Limits, Transfer, copy_folder, place, remove
from core.errors import ArtifactError, NotFound
from core.messages import message

_MLMODEL = "MLmodel"
_REQUIREMENTS = "requirements.txt"
_MOST_TEXT = Limits(seconds=60, max_bytes=20_000_000)  # for MLmodel and requirements.txt
_MOST_FILES = 20_000
_MOST_COPIES = 20  # a version may be a copy of a copy
_SILENCE_SECONDS = 60  # a server may fetch a file from elsewhere before its first byte arrives


class Artifacts:
    """Reads the files of versions through an MlflowClient."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def card(self, client: Any, beat: Beat, version: Version) -> ModelCard:
        """What MLmodel and requirements.txt say; nothing else is fetched."""
        source = self._source(client, beat, version)
        names = source.names()
        if _MLMODEL not in names:
            raise _no_mlmodel(version)
        transfer = Transfer(_MOST_TEXT, beat)
        with tempfile.TemporaryDirectory(prefix="runoff-") as folder:
            texts = [
                source.text(name, Path(folder), transfer) if name in names else ""
                for name in (_MLMODEL, _REQUIREMENTS)
            ]
        return parse_mlmodel(*texts)

    def folder(self, client: Any, beat: Beat, version: Version) -> Path | None:
        """Where the files are, if that is a path of this machine; nothing need be there."""
        return local_path(self._location(client, beat, version))

    def download(self, client: Any, transfer: Transfer, version: Version, folder: Path) -> Path:
        """All files, in a new folder below `folder`, which is removed again where that fails."""
        source = self._source(client, transfer.beat, version)
        folder.mkdir(parents=True, exist_ok=True)
        target = Path(tempfile.mkdtemp(prefix="model-", dir=folder))
        try:
            source.fetch(target, transfer)
        except BaseException:
            remove(target)
            raise
        if (target / _MLMODEL).is_file():
            return target
        remove(target)
        raise _no_mlmodel(version)

    def _source(self, client: Any, beat: Beat, version: Version) -> "_Local | _Remote":
        location = self._location(client, beat, version)
        folder = local_path(location)
        if folder is None:
            return _Remote(location, self._connection.uri)
        if not folder.is_dir():
            raise NotFound(
                message(
                    "The files of version {number} of {model} are not at {folder} on this machine.",
                    number=version.number,
                    model=version.model,
                    folder=str(folder),
                ),
                message(
                    "If they were not deleted: make the folder visible here, "
                    "or start the MLflow server with --serve-artifacts."
                ),
            )
        return _Local(folder)

    def _location(self, client: Any, beat: Beat, version: Version) -> str:
        _require_same(client, version)
        beat()
        uri = client.get_model_version_download_uri(version.model, str(version.number))
        for _ in range(_MOST_COPIES):
            scheme, _colon, rest = uri.partition(":")
            rest = rest.lstrip("/")
            beat()
            if scheme == "runs":
                uri = _of_run(client, beat, rest)
            elif scheme == "models" and "/" in rest:
                name, _slash, number = rest.rpartition("/")
                uri = client.get_model_version_download_uri(name, number)
            elif scheme == "models":
                uri = client.get_logged_model(rest).artifact_location
            else:
                return str(uri)
        raise NotFound(
            message(
                "Version {number} of {model} is a copy of itself: its files cannot be found.",
                number=version.number,
                model=version.model,
            )
        )


class _Local:
    """A folder of this machine; read only."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def names(self) -> set[str]:
        return {entry.name for entry in self._folder.iterdir()}

    def text(self, name: str, _folder: Path, transfer: Transfer) -> str:
        file = self._folder / name
        if file.is_symlink() or not file.is_file():
            raise ArtifactError(message("{name} is no ordinary file.", name=name))
        transfer.took(file.stat().st_size)
        return file.read_text(encoding="utf-8", errors="replace")

    def fetch(self, target: Path, transfer: Transfer) -> None:
        copy_folder(self._folder, target, transfer)


class _Remote:
    """A place that one of MLflow's artifact repositories reads."""

    def __init__(self, location: str, tracking_uri: str) -> None:
        from mlflow.store.artifact.artifact_repository_registry import (  # noqa: PLC0415  see Connection
            get_artifact_repository,
        )

        self._repository = get_artifact_repository(
            location, tracking_uri=tracking_uri, registry_uri=tracking_uri
        )

    def names(self) -> set[str]:
        return {info.path for info in self._repository.list_artifacts() if not info.is_dir}

    def text(self, name: str, folder: Path, transfer: Transfer) -> str:
        self._fetch_file(name, folder / name, transfer)
        return (folder / name).read_text(encoding="utf-8", errors="replace")

    def fetch(self, target: Path, transfer: Transfer) -> None:
        for path in self._walk(transfer):
            self._fetch_file(path, place(target, path), transfer)

    def _walk(self, transfer: Transfer) -> Iterator[str]:
        folders: list[str | None] = [None]
        seen = 0
        while folders:
            for info in self._repository.list_artifacts(folders.pop()):
                seen += 1
                if seen > _MOST_FILES:
                    raise ArtifactError(message("The version has more than {most} files.", most=_MOST_FILES))
                if info.is_dir:
                    folders.append(info.path)
                else:
                    yield info.path
            transfer.took(0)

    def _fetch_file(self, path: str, file: Path, transfer: Transfer) -> None:
        from mlflow.store.artifact.http_artifact_repo import HttpArtifactRepository  # noqa: PLC0415  see Connection

        if isinstance(self._repository, HttpArtifactRepository):
            self._stream(path, file, transfer)
            return
        self._repository._download_file(path, str(file))  # noqa: SLF001  the public call lists each file's folder anew
        transfer.took(file.stat().st_size)

    def _stream(self, path: str, file: Path, transfer: Transfer) -> None:
        """From a tracking server: as MLflow does it, with a time limit, and stoppable at any chunk."""
        from mlflow.utils.rest_utils import http_request  # noqa: PLC0415  see Connection

        with (
            http_request(
                self._repository._host_creds,  # noqa: SLF001  credentials as MLflow finds them
                f"/{quote(path)}",
                "GET",
                stream=True,
                timeout=_SILENCE_SECONDS,
            ) as response,
            file.open("xb") as writer,
        ):
            response.raise_for_status()
            for chunk in response.iter_content(1 << 20):
                transfer.took(len(chunk))
                writer.write(chunk)


def _require_same(client: Any, version: Version) -> None:
    """Raise NotFound where the version is gone, or where its number now is another version's."""
    from mlflow.exceptions import MlflowException  # noqa: PLC0415  see Connection

    names = {"number": version.number, "model": version.model}
    try:
        found = client.get_model_version(version.model, str(version.number))
    except MlflowException as error:
        if error.error_code != "RESOURCE_DOES_NOT_EXIST":
            raise
        raise NotFound(
            message("There is no version {number} of {model}.", **names),
            message("It may have been deleted; load the page anew."),
        ) from error
    if version.created is not None and values.instant(found.creation_timestamp) != version.created:
        raise NotFound(
            message("Version {number} of {model} was deleted and made anew since it was listed.", **names),
            message("Load the page anew."),
        )


def _of_run(client: Any, beat: Beat, path: str) -> str:
    """Where runs:/<path> is: with the model that the run logged by that name, or in its own files."""
    run_id, _slash, name = path.partition("/")
    run = client.get_run(run_id)
    beat()
    model_name, _slash, rest = name.partition("/")
    if re.fullmatch(r"\w+", run_id):
        search = partial(
            client.search_logged_models,
            [run.info.experiment_id],
            filter_string=f"source_run_id = '{run_id}'",
        )
        for page in pages(search, PageSize(100, most=100), beat):
            for model in page:
                if model.name == model_name:
                    return f"{model.artifact_location}/{rest}".rstrip("/")
    return f"{run.info.artifact_uri}/{name}"


def _no_mlmodel(version: Version) -> NotFound:
    return NotFound(
        message(
            "The files of version {number} of {model} hold no MLmodel file.",
            number=version.number,
            model=version.model,
        ),
        message("Log the model with MLflow, which writes it."),
    )
