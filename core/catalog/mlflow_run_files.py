"""What a run logged beside its numbers: artifacts, models, and the versions registered from them."""

import json
import re
from collections.abc import Iterator
from functools import partial
from typing import Any, Final, NamedTuple

from core.catalog import mlflow_entities as values
from core.catalog.address import local_path
from core.catalog.deadline import Beat
from core.catalog.mlflow_artifact_place import LocalPlace, Place, RemotePlace
from core.catalog.mlflow_connection import Connection
from core.catalog.mlflow_search import PageSize, pages
from core.catalog.mlmodel import MAX_CHARACTERS, ModelCard, parse_mlmodel
from core.catalog.store import (
    ArtifactBytes,
    ArtifactFolder,
    ArtifactPlace,
    LoggedModel,
    Run,
    RunPage,
    Version,
)
from core.errors import NotFound
from core.messages import message
from core.quoting import quoted

_MLMODEL: Final = "MLmodel"
_HISTORY: Final = "mlflow.log-model.history"  # the tag in which MLflow 2 wrote down the models of a run
_RUN_ID: Final = re.compile(r"[\w-]{1,64}")  # what may stand in a filter and in an address; a model's, too
_MOST_MODELS: Final = 200
_MOST_HOMES: Final = 10_000  # runs of which it is remembered where they belong
_MOST_LOOKED_INTO: Final = 10  # folders in which a model is looked for that nobody wrote down


class _Home(NamedTuple):
    """A run's experiment, and where its artifacts are."""

    experiment: str
    artifacts: str


class RunFiles:
    """Reads artifacts and models of runs through an MlflowClient."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._homes: dict[str, _Home] = {}

    def folder(self, client: Any, beat: Beat, place: ArtifactPlace, path: str) -> ArtifactFolder:
        """What a folder holds."""
        return self._place(client, beat, place).folder(path, beat)

    def file(self, client: Any, beat: Beat, place: ArtifactPlace, path: str, *, most: int) -> ArtifactBytes:
        """The beginning of a file."""
        return self._place(client, beat, place).file(path, beat, most=most)

    def models(self, client: Any, beat: Beat, run_id: str) -> tuple[LoggedModel, ...]:
        """Models that the run logged, oldest first; those of MLflow 2 where there are none of MLflow 3."""
        experiment = self._home(client, beat, run_id).experiment
        logged = list(_logged_models(client, beat, run_id, experiment))
        if logged:
            return tuple(sorted(logged, key=lambda model: (model.created is not None, model.created)))
        run = _run(client, beat, run_id)
        paths = list(dict.fromkeys(_paths_written_down(run.data.tags.get(_HISTORY, ""))))
        paths = paths or list(self._paths_found(run, beat))
        return tuple(_classic_model(run, path) for path in paths)

    def card(self, client: Any, beat: Beat, run_id: str, model: LoggedModel) -> ModelCard:
        """What the model's MLmodel says."""
        place = self._place(client, beat, ArtifactPlace(run_id, model.id))
        path = f"{model.path}/{_MLMODEL}" if model.path else _MLMODEL
        found = place.file(path, beat, most=MAX_CHARACTERS + 1)
        return parse_mlmodel(found.data.decode("utf-8", errors="replace"))

    def versions(self, client: Any, beat: Beat, run_id: str) -> tuple[Version, ...]:
        """Versions of any model that were registered from the run, by model, newest first."""
        if not _RUN_ID.fullmatch(run_id):
            raise no_run(run_id)
        search = partial(client.search_model_versions, f"run_id = '{run_id}'")
        rows: dict[str, list[Any]] = {}
        for page in pages(search, PageSize(200, most=1_000), beat):
            for row in page:
                rows.setdefault(row.name, []).append(row)
        return tuple(version for name in sorted(rows) for version in values.versions(rows[name], {}))

    def children(self, client: Any, beat: Beat, run_id: str, experiment_id: str, *, limit: int) -> RunPage:
        """Active runs nested in this one, newest first."""
        if not _RUN_ID.fullmatch(run_id):
            raise no_run(run_id)
        if not experiment_id.isdecimal():
            return RunPage((), more=False)
        nested = f"tags.`mlflow.parentRunId` = '{run_id}'"
        search = partial(client.search_runs, [experiment_id], nested)
        found: list[Run] = []
        more = False
        for page in pages(search, PageSize(200, most=1_000), beat, limit=limit):
            found += map(values.run, page)
            more = bool(page.token)
        return RunPage(tuple(found), more=more)

    def _place(self, client: Any, beat: Beat, place: ArtifactPlace) -> Place:
        if place.model_id:
            is_id = _RUN_ID.fullmatch(place.model_id)
            model = client.get_logged_model(place.model_id) if is_id else None
            if model is None or model.source_run_id != place.run_id:
                raise NotFound(message("The run has logged no model {model}.", model=quoted(place.model_id)))
            location = model.artifact_location
        else:
            location = self._home(client, beat, place.run_id).artifacts
        beat()
        return self._at(location)

    def _home(self, client: Any, beat: Beat, run_id: str) -> "_Home":
        """Where a run belongs; asked once, since it stays and a run comes with all of its metrics."""
        home = self._homes.get(run_id)
        if home is None:
            info = _run(client, beat, run_id).info
            home = _Home(str(info.experiment_id), info.artifact_uri or "")
            if len(self._homes) >= _MOST_HOMES:
                self._homes.clear()
            self._homes[run_id] = home
        return home

    def _at(self, location: str) -> Place:
        folder = local_path(location)
        return RemotePlace(location, self._connection.uri) if folder is None else LocalPlace(folder)

    def _paths_found(self, run: Any, beat: Beat) -> Iterator[str]:
        """Folders right below the artifacts that hold a model."""
        place = self._at(run.info.artifact_uri)
        folders = [entry.path for entry in place.folder("", beat).entries if entry.is_folder]
        for path in folders[:_MOST_LOOKED_INTO]:
            if any(entry.name == _MLMODEL for entry in place.folder(path, beat).entries):
                yield path


def no_run(run_id: str) -> NotFound:
    """The store has no such run."""
    return NotFound(
        message("There is no run {run}.", run=quoted(run_id)),
        message("It may have been deleted for good, or belong to another store."),
    )


def _run(client: Any, beat: Beat, run_id: str) -> Any:
    from mlflow.exceptions import MlflowException  # noqa: PLC0415  see Connection

    if not _RUN_ID.fullmatch(run_id):
        raise no_run(run_id)
    try:
        run = client.get_run(run_id)
    except MlflowException as error:
        if error.error_code != "RESOURCE_DOES_NOT_EXIST":
            raise
        raise no_run(run_id) from error
    beat()
    return run


def _logged_models(client: Any, beat: Beat, run_id: str, experiment: str) -> Iterator[LoggedModel]:
    from mlflow.exceptions import MlflowException  # noqa: PLC0415  see Connection

    search = partial(client.search_logged_models, [experiment], filter_string=f"source_run_id = '{run_id}'")
    try:
        for page in pages(search, PageSize(100, most=100), beat, limit=_MOST_MODELS):
            yield from map(_logged_model, page)
    except MlflowException as error:
        if error.error_code != "ENDPOINT_NOT_FOUND":  # a server of MLflow 2 knows no logged models
            raise


def _logged_model(entity: Any) -> LoggedModel:
    return LoggedModel(
        uri=f"models:/{entity.model_id}",
        name=entity.name or "",
        id=entity.model_id,
        location=entity.artifact_location or "",
        status=str(getattr(entity.status, "value", entity.status) or ""),
        created=values.instant(entity.creation_timestamp),
    )


def _classic_model(run: Any, path: str) -> LoggedModel:
    return LoggedModel(
        uri=f"runs:/{run.info.run_id}/{path}",
        name=path,
        path=path,
        location=f"{run.info.artifact_uri.rstrip('/')}/{path}",
        created=values.instant(run.info.end_time),
    )


def _paths_written_down(history: str) -> Iterator[str]:
    """The paths in MLflow 2's tag, which may be cut or made by hand."""
    try:
        found = json.loads(history) if history else []
    except (ValueError, RecursionError):
        return
    for entry in found if isinstance(found, list) else []:
        path = entry.get("artifact_path") if isinstance(entry, dict) else None
        parts = path.split("/") if isinstance(path, str) else []
        if parts and not any(part in {"", ".", ".."} for part in parts):
            yield "/".join(parts)
