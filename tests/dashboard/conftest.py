"""A store in memory and services over it: what a page sees, without MLflow."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from core.catalog.mlmodel import ModelCard
from core.catalog.store import Experiment, RegisteredModel, Run, RunPage, Version
from core.errors import NotFound, RunoffError
from core.messages import message
from core.settings import Settings


@dataclass
class MemoryStore:
    """A Store of what it was given; `error`, where set, is what every read raises."""

    address: str = "sqlite:///.runoff/mlflow.db"
    registered: list[RegisteredModel] = field(default_factory=list)
    kept_experiments: list[Experiment] = field(default_factory=list)
    kept_runs: list[Run] = field(default_factory=list)
    error: RunoffError | None = None
    reads: list[str] = field(default_factory=list)

    def _read(self, what: str) -> None:
        self.reads.append(what)
        if self.error is not None:
            raise self.error

    def check(self) -> None:
        self._read("check")

    def models(self) -> tuple[RegisteredModel, ...]:
        self._read("models")
        return tuple(self.registered)

    def model(self, name: str) -> RegisteredModel:
        self._read("model")
        for model in self.registered:
            if model.name == name:
                return model
        raise NotFound(message("There is no model {name}.", name=name))

    def versions(self, model: str) -> tuple[Version, ...]:
        raise NotImplementedError

    def card(self, version: Version) -> ModelCard:
        raise NotImplementedError

    def experiments(self) -> tuple[Experiment, ...]:
        self._read("experiments")
        return tuple(self.kept_experiments)

    def runs(self, experiment_ids: Sequence[str], filter_text: str = "", limit: int = 10_000) -> RunPage:
        self._read(f"runs {filter_text} {limit}")
        runs = [run for run in self.kept_runs if run.experiment_id in experiment_ids]
        return RunPage(tuple(runs[:limit]), len(runs) > limit)

    def runs_by_id(self, run_ids: Sequence[str]) -> Mapping[str, Run]:
        self._read("runs_by_id")
        return {run.id: run for run in self.kept_runs if run.id in run_ids}

    def download(self, version: Version, folder: Path) -> Path:
        raise NotImplementedError


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def services(store: MemoryStore, tmp_path: Path) -> Any:
    settings = Settings(tracking_uri="sqlite://", embedded=True, data_dir=tmp_path, database_url="sqlite://")
    return SimpleNamespace(settings=settings, store=store, demo=SimpleNamespace(progress=lambda: None))


@pytest.fixture
def registered() -> Callable[..., RegisteredModel]:
    def make(name: str, **facts: Any) -> RegisteredModel:
        return RegisteredModel(name=name, **{"updated": datetime(2026, 11, 12, 14, 5, tzinfo=UTC), **facts})

    return make
