"""The registry and the runs as values, and the contract of whatever reads them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from core.catalog.mlmodel import ModelCard
from core.catalog.transfer import Limits

if TYPE_CHECKING:  # numpy comes with it, and a page answers before
    from core.catalog.runs.histories import History

PRODUCTION = "Production"


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisteredModel:
    """A registered model as the list of models shows it; times are UTC.

    `version_count` is None where the store cannot count and nobody asked to; `production_by_stage` then
    holds the highest number in stage Production only, otherwise all of them, highest first.
    """

    name: str
    description: str = ""
    created: datetime | None = None
    updated: datetime | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    aliases: Mapping[str, int] = field(default_factory=dict)
    version_count: int | None = 0
    production_by_stage: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A registered model version.

    `number` restarts at 1 when a model is deleted and made again, so a version's identity is its
    model, number, creation time and source together; what binds evidence is the digest of its files.
    """

    model: str
    number: int
    stage: str = "None"
    aliases: tuple[str, ...] = ()
    status: str = "READY"
    run_id: str | None = None
    source: str = ""
    created: datetime | None = None
    updated: datetime | None = None
    user: str = ""
    description: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Holders:
    """What is in Production: all versions in the stage, highest first, and the holder of the alias."""

    stage: tuple[int, ...] = ()
    alias: int | None = None

    @property
    def numbers(self) -> tuple[int, ...]:
        """Every version that somebody may get who asks for Production, highest first."""
        return tuple(sorted({*self.stage, *(() if self.alias is None else (self.alias,))}, reverse=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class Experiment:
    """An experiment; `id` is MLflow's."""

    id: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """Data that a run was given, as MLflow recorded them; `digest` is of its logger's making."""

    name: str
    digest: str = ""
    source: str = ""  # an address or a path where MLflow knows one, otherwise what it wrote down
    context: str = ""  # training, evaluation, …


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run with its latest metrics; a metric may be NaN or infinite, as it was logged."""

    id: str
    name: str
    experiment_id: str
    status: str
    user: str = ""
    started: datetime | None = None
    ended: datetime | None = None
    params: Mapping[str, str] = field(default_factory=dict)
    metrics: Mapping[str, float] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    datasets: tuple[Dataset, ...] = ()
    artifact_uri: str = ""
    is_deleted: bool = False

    @property
    def seconds(self) -> float | None:
        """Duration in seconds; None while it runs."""
        if self.started is None or self.ended is None:
            return None
        return (self.ended - self.started).total_seconds()

    @property
    def git_commit(self) -> str:
        """The commit that MLflow recorded, or an empty string."""
        return self.tags.get("mlflow.source.git.commit", "")


@dataclass(frozen=True, slots=True)
class RunPage:
    """Runs in the store's default order, and whether the limit cut the list."""

    runs: tuple[Run, ...]
    more: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedModel:
    """A model that a run logged: a thing of its own since MLflow 3, a folder of the run's artifacts before.

    `uri` is what MLflow loads it by and a version is registered from: `models:/m-…`, or `runs:/<run>/<path>`.
    """

    uri: str
    name: str
    id: str = ""  # m-…; empty: of MLflow 2
    path: str = ""  # of MLflow 2: below the run's artifacts
    location: str = ""  # where its files are
    status: str = "READY"
    created: datetime | None = None


@dataclass(frozen=True, slots=True)
class ArtifactPlace:
    """Where artifacts are listed: a run's own, or those of a model that it logged."""

    run_id: str
    model_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArtifactEntry:
    """A file or a folder; `path` is below the place, its parts joined by slashes."""

    path: str
    is_folder: bool = False
    size: int | None = None  # bytes; None where the artifact store does not say

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition("/")[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class ArtifactFolder:
    """What one folder holds, folders first; `missing`: the folder of this machine that is not there."""

    entries: tuple[ArtifactEntry, ...] = ()
    is_cut: bool = False  # there are more
    missing: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArtifactBytes:
    """The beginning of a file, or all of it."""

    data: bytes
    size: int | None = None  # of the whole file, where that is known
    is_cut: bool = False


class Store(Protocol):
    """Reads one MLflow store. Every method raises a StoreError, within the time limit, or answers."""

    @property
    def address(self) -> str:
        """The store's URI as a person may see it: no password in it."""

    def check(self) -> None:
        """Raise the StoreError that a read would raise now; return where the store answers."""

    def models(self, *, counted: bool = False) -> tuple[RegisteredModel, ...]:
        """All registered models, by name.

        A tracking server cannot count: there `counted` reads out every version that changed since the
        last time, which takes a second or two for 10,000. Without it, counts not known yet are None.
        """

    def model(self, name: str) -> RegisteredModel:
        """One registered model; NotFound where there is none."""

    def versions(self, model: str) -> tuple[Version, ...]:
        """All versions of a model, newest number first; NotFound where there is no such model."""

    def card(self, version: Version) -> ModelCard:
        """What the version's MLmodel file says, read without running code."""

    def experiments(self) -> tuple[Experiment, ...]:
        """Active experiments, last updated first."""

    def runs_by_id(self, run_ids: Sequence[str]) -> Mapping[str, Run]:
        """The runs that exist among `run_ids`, in a batch."""

    def histories(self, run_ids: Sequence[str], metric: str) -> "Mapping[str, History]":
        """Histories of a metric, of as many of the runs as a few seconds allow, in their order.

        One at least; a run without the metric, and one that is gone, has an empty history.
        """

    def folder(self, version: Version) -> Path | None:
        """The folder of this machine in which the version's files lie; None where they are elsewhere."""

    def download(self, version: Version, folder: Path, *, limits: Limits) -> Path:
        """Fetch the version's files below `folder`; returns the folder that holds MLmodel."""


class RunFiles(Protocol):
    """Reads what one run logged beside its numbers; raises as a Store does, NotFound: no such run."""

    def artifacts(self, place: ArtifactPlace, folder: str = "") -> ArtifactFolder:
        """One folder; `folder` is below the place and free of `..`."""

    def artifact(self, place: ArtifactPlace, path: str, *, most: int) -> ArtifactBytes:
        """The first `most` bytes of a file; ArtifactError where it is none, or larger than can be fetched."""

    def run_models(self, run_id: str) -> tuple[LoggedModel, ...]:
        """Models that the run logged, oldest first."""

    def run_model_card(self, run_id: str, model: LoggedModel) -> ModelCard:
        """What the model's MLmodel file says, read without running code."""

    def run_versions(self, run_id: str) -> tuple[Version, ...]:
        """Registered versions, of any model, that were made from the run; without their aliases."""

    def child_runs(self, run_id: str, experiment_id: str, *, limit: int) -> RunPage:
        """Active runs of its experiment that are nested in the run, newest first."""


class Enrolment(Protocol):
    """Adds to a registry; each call is made once and raises as the changes of a Registrar do."""

    def add_model(self, name: str) -> None:
        """Make a registered model; one that is there already is left as it is."""

    def add_version(
        self, name: str, model: LoggedModel, *, run_id: str, description: str, tags: Mapping[str, str]
    ) -> int:
        """Register a run's model as a new version of a registered model; returns its number."""


class Registrar(Protocol):
    """Changes one MLflow registry: 10 s for each change, and no change is repeated.

    Every change raises WriteUnanswered where it may or may not have been made, another StoreError where
    it has not been made. Looking at the holders has the time limit of a read.
    """

    def holders(self, model: str) -> Holders:
        """What is in Production now, read after everything that was written before; NotFound."""

    def move_stage(self, model: str, number: int, stage: str, *, archive_others: bool = False) -> None:
        """Put a version into a stage; `archive_others`: whatever else is in that stage becomes Archived."""

    def move_alias(self, model: str, number: int | None) -> None:
        """Let the alias of Production point at a version; None: take it away."""

    def tag(self, model: str, number: int, tags: Mapping[str, str]) -> None:
        """Set tags of a version."""
