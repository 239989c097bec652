"""A store that holds runs with models and artifacts, and a registering that does as it is told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from core.catalog.mlmodel import Column, ModelCard
from core.catalog.runs.histories import History
from core.catalog.store import (
    ArtifactBytes,
    ArtifactEntry,
    ArtifactFolder,
    ArtifactPlace,
    LoggedModel,
    RunPage,
    Version,
)
from core.decision.access import Actor, Permission, require
from core.decision.registering import Registered, Request
from core.errors import NotFound, RunoffError
from core.messages import message
from tests.dashboard.memory import MemoryStore, services_over

MODEL = LoggedModel(uri="models:/m-1", name="model <b>", id="m-1", location="s3://b/m-1")
CARD = ModelCard(flavors={"sklearn": {}}, inputs=(Column("Age", "double"), Column("Fare", "double")))


@dataclass
class RunStore(MemoryStore):
    """Files by path, of the one run that has any; `far`, where set, is what the artifact store raises."""

    files: dict[str, bytes] = field(default_factory=dict)
    logged: tuple[LoggedModel, ...] = ()
    made: list[Version] = field(default_factory=list)
    far: RunoffError | None = None

    def _fetch(self) -> None:
        if self.far is not None:
            raise self.far

    def artifacts(self, place: ArtifactPlace, folder: str = "") -> ArtifactFolder:
        self._fetch()
        below = [name for name in self.files if name.startswith(f"{folder}/" if folder else "")]
        depth = len(folder.split("/")) if folder else 0
        parts = {"/".join(name.split("/")[: depth + 1]): name.count("/") > depth for name in below}
        entries = [ArtifactEntry(path=path, is_folder=is_folder) for path, is_folder in sorted(parts.items())]
        return ArtifactFolder(entries=tuple(entries))

    def artifact(self, place: ArtifactPlace, path: str, *, most: int) -> ArtifactBytes:
        self._fetch()
        if path not in self.files:
            raise NotFound(message("The run has no artifact {path}.", path=path))
        data = self.files[path]
        return ArtifactBytes(data=data[:most], size=len(data), is_cut=len(data) > most)

    def run_models(self, run_id: str) -> tuple[LoggedModel, ...]:
        self._fetch()
        return self.logged

    def run_model_card(self, run_id: str, model: LoggedModel) -> ModelCard:
        self._fetch()
        return CARD

    def run_versions(self, run_id: str) -> tuple[Version, ...]:
        return tuple(self.made)

    def child_runs(self, run_id: str, experiment_id: str, *, limit: int) -> RunPage:
        nested = [one for one in self.kept_runs if one.tags.get("mlflow.parentRunId") == run_id]
        return RunPage(tuple(nested[:limit]), len(nested) > limit)

    def histories(self, run_ids: Sequence[str], metric: str) -> Mapping[str, History]:
        values = np.array([0.5, np.nan, 0.25] if metric == "loss" else [1.0])
        steps = np.arange(values.size)
        return {run_id: History(steps=steps, times=steps, values=values) for run_id in run_ids}


@dataclass
class ScriptedRegistering:
    """A Registering that makes version 7, or raises `error`."""

    error: RunoffError | None = None
    asked: list[Request] = field(default_factory=list)

    def register(self, actor: Actor, request: Request) -> Registered:
        require(actor, Permission.WRITE)
        self.asked.append(request)
        if self.error is not None:
            raise self.error
        return Registered(name=request.name, number=7)


def run_services(store: RunStore, folder: Path, registering: ScriptedRegistering) -> Any:
    """What the page of a run needs of Services."""
    services = services_over(store, folder)
    services.registering = registering
    return services
