"""A store in memory and services over it: what a page sees, without MLflow."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from core.catalog.mlmodel import ModelCard
from core.catalog.runs.histories import History
from core.catalog.store import Experiment, RegisteredModel, Run, Version
from core.catalog.transfer import Limits
from core.errors import NotFound, RunoffError
from core.lifecycle.background import DemoProgress
from core.messages import message
from core.settings import Settings
from tests.dashboard.remembered import MemoryDecisions
from tests.dashboard.remembered_runs import MemoryRuns

EMPTY = History(steps=np.empty(0, np.int64), times=np.empty(0, np.int64), values=np.empty(0))


@dataclass
class MemoryStore:
    """A Store of what it was given; `error`, where set, is what every read raises."""

    address: str = "sqlite:///.runoff/mlflow.db"
    registered: list[RegisteredModel] = field(default_factory=list)
    kept_experiments: list[Experiment] = field(default_factory=list)
    kept_runs: list[Run] = field(default_factory=list)
    kept_histories: dict[tuple[str, str], History] = field(default_factory=dict)  # by run and metric
    counts: bool = True  # it knows at once how many versions a model has
    error: RunoffError | None = None
    reads: list[str] = field(default_factory=list)

    def _read(self, what: str) -> None:
        self.reads.append(what)
        if self.error is not None:
            raise self.error

    def warm(self) -> None:
        """It is."""

    def check(self) -> None:
        self._read("check")

    def models(self, *, counted: bool = False) -> tuple[RegisteredModel, ...]:
        self._read("models counted" if counted else "models")
        if counted or self.counts:
            return tuple(self.registered)
        return tuple(replace(model, version_count=None) for model in self.registered)

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

    def runs_by_id(self, run_ids: Sequence[str]) -> Mapping[str, Run]:
        self._read("runs_by_id")
        return {run.id: run for run in self.kept_runs if run.id in run_ids}

    def histories(self, run_ids: Sequence[str], metric: str) -> Mapping[str, History]:
        self._read(f"histories {metric}")
        return {run: self.kept_histories.get((run, metric), EMPTY) for run in run_ids}

    def folder(self, version: Version) -> Path | None:
        raise NotImplementedError

    def download(self, version: Version, folder: Path, *, limits: Limits) -> Path:
        raise NotImplementedError


@dataclass
class ScriptedDemo:
    """A Demo that is as far as `now` says."""

    now: DemoProgress | None = None

    def progress(self) -> DemoProgress | None:
        return self.now


@dataclass
class ScriptedScorer:
    """A Scorer that only says how it is; `error`, where set, is what it says."""

    error: RunoffError | None = None

    def check(self) -> None:
        if self.error is not None:
            raise self.error


def services_over(
    store: MemoryStore,
    folder: Path,
    demo: ScriptedDemo | None = None,
    *,
    scorer: ScriptedScorer | None = None,
    decisions: MemoryDecisions | None = None,
    runs: MemoryRuns | None = None,
) -> Any:
    """What models, runs and history need of Services."""
    settings = Settings(tracking_uri="sqlite://", embedded=True, data_dir=folder, database_url="sqlite://")
    return SimpleNamespace(
        settings=settings,
        store=store,
        demo=demo or ScriptedDemo(),
        scorer=scorer or ScriptedScorer(),
        comparisons=None,  # none of these pages compares
        decisions=decisions or MemoryDecisions(),
        runs=runs or MemoryRuns(store.kept_runs),
    )
