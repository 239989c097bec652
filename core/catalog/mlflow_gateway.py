"""The MLflow store: every call within a time limit, every failure a sentence and what to do."""

import threading
from collections.abc import Hashable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.catalog.address import shown_address
from core.catalog.deadline import Beat
from core.catalog.mlflow_artifacts import Artifacts
from core.catalog.mlflow_asking import Asking
from core.catalog.mlflow_connection import Connection
from core.catalog.mlflow_errors import Translator
from core.catalog.mlflow_registry import Registry
from core.catalog.mlflow_run_files import RunFiles
from core.catalog.mlflow_run_histories import read_histories
from core.catalog.mlflow_runs import Runs
from core.catalog.mlflow_writing import WRITE_SECONDS, Writing
from core.catalog.mlmodel import ModelCard
from core.catalog.runs.histories import History
from core.catalog.store import (
    ArtifactBytes,
    ArtifactFolder,
    ArtifactPlace,
    Experiment,
    Holders,
    LoggedModel,
    RegisteredModel,
    Run,
    RunPage,
    Version,
)
from core.catalog.transfer import Limits, Transfer
from core.errors import StoreError

if TYPE_CHECKING:
    from core.catalog.runs.batch import RunBatch, RunSlice

PATIENCE_SECONDS = 4.5  # without a sign of life from the store; a page shall answer within five
_MOST_FOLDERS = 20_000  # versions of which it is remembered where their files are


class MlflowStore:
    """Reads and changes one MLflow store; shared by all threads, works again as soon as the store does."""

    def __init__(
        self,
        tracking_uri: str,
        *,
        alias: str = "production",
        embedded: bool = False,
        patience: float = PATIENCE_SECONDS,
        write_seconds: float = WRITE_SECONDS,
    ) -> None:
        """Nothing is opened and MLflow is not imported before the first read.

        Args:
            tracking_uri: Any address that MLflow reads; the registry is at the same one.
            alias: The alias that is kept in step with the stage Production.
            embedded: The store is Runoff's own: empty, not missing, until it has been made.
            patience: Seconds without a sign of life from the store after which a read fails.
            write_seconds: Limit of each change.
        """
        self.alias = alias
        self._address = shown_address(tracking_uri, Path.cwd())
        self._connection = Connection(tracking_uri, shown=self._address, embedded=embedded)
        self._registry = Registry(self._connection)
        self._runs = Runs()
        self._artifacts = Artifacts(self._connection)
        self._run_files = RunFiles(self._connection)
        self._ask = Asking(
            self._connection,
            Translator(tracking_uri, shown=self._address),
            shown=self._address,
            patience=patience,
            too_much=self._ask_for_less,
        )
        self._writing = Writing(
            self._connection, uri=tracking_uri, shown=self._address, seconds=write_seconds
        )
        self._folders: dict[Hashable, tuple[Path | None]] = {}

    @property
    def address(self) -> str:
        """The store's URI as a person may see it."""
        return self._address

    def warm(self) -> None:
        """Import MLflow and count the versions, in a thread of its own; failures are for the reads.

        From here on a read does not wait for the import longer than it waits for the store.
        """
        self._ask.is_patient = False
        threading.Thread(target=self._warm, name="runoff-warm", daemon=True).start()

    def check(self) -> None:
        """Raise the StoreError that a read would raise now; return where the store answers."""
        self._ask.read(
            "check", lambda client, _: client.search_registered_models(max_results=1), lambda: None
        )

    def models(self, *, counted: bool = False) -> tuple[RegisteredModel, ...]:
        """All registered models, by name; `counted`: no version count is None."""
        return self._ask.read(
            ("models", counted),
            lambda client, beat: self._registry.models(client, beat, counted=counted),
            tuple,
        )

    def model(self, name: str) -> RegisteredModel:
        """One registered model; NotFound where there is none."""
        return self._ask.read(("model", name), lambda client, beat: self._registry.model(client, beat, name))

    def versions(self, model: str) -> tuple[Version, ...]:
        """All versions of a model, newest number first; NotFound where there is no such model."""
        return self._ask.read(
            ("versions", model), lambda client, beat: self._registry.versions(client, beat, model)
        )

    def card(self, version: Version) -> ModelCard:
        """What the version's MLmodel file says, read without running code."""
        return self._ask.read(
            ("card", version.model, version.number, version.created),
            lambda client, beat: self._artifacts.card(client, beat, version),
        )

    def experiments(self) -> tuple[Experiment, ...]:
        """Active experiments, last updated first."""
        return self._ask.read("experiments", self._runs.experiments, tuple)

    def runs_by_id(self, run_ids: Sequence[str]) -> Mapping[str, Run]:
        """The runs that exist among `run_ids`, in a batch."""
        return self._ask.read(
            ("runs_by_id", *sorted(set(run_ids))),
            lambda client, beat: self._runs.runs_by_id(client, beat, run_ids),
            dict,
        )

    def run_batch(self, wanted: "RunSlice") -> "RunBatch":
        """Runs as columns, for the index of runs; where an experiment is gone, none."""
        from core.catalog.mlflow_run_batches import read_batch  # noqa: PLC0415  brings pyarrow

        return self._ask.batch(("run_batch", wanted), lambda client, _: read_batch(client, wanted))

    def experiment_created(self, experiment: str) -> int:
        """When an active experiment was made, in ms since 1970, 0 where MLflow does not know; NotFound."""
        return self._ask.read(
            ("experiment_created", experiment), lambda client, _: self._runs.created(client, experiment)
        )

    def histories(self, run_ids: Sequence[str], metric: str) -> Mapping[str, History]:
        """Histories of a metric, of as many of the runs as a few seconds allow, in their order."""
        return self._ask.read(
            ("histories", metric, *run_ids),
            lambda client, beat: read_histories(client, beat, run_ids, metric),
            dict,
        )

    def folder(self, version: Version) -> Path | None:
        """The folder of this machine in which the version's files lie; None where they are elsewhere.

        The store is asked once for each version: what one consists of stays where it is.
        """
        key = ("folder", version.model, version.number, version.created, version.source)
        known = self._folders.get(key)
        if known is None:
            known = (self._ask.read(key, lambda client, beat: self._artifacts.folder(client, beat, version)),)
            if len(self._folders) >= _MOST_FOLDERS:
                self._folders.clear()
            self._folders[key] = known
        (folder,) = known
        return folder if folder is not None and folder.is_dir() else None

    def download(self, version: Version, folder: Path, *, limits: Limits = Limits()) -> Path:  # noqa: B008  frozen
        """Fetch the version's files into a new folder below `folder`; returns it: it holds MLmodel.

        Raises:
            ArtifactError: A limit is reached, it was cancelled, or a file must not be fetched.
            StoreError: The version, its files or the store cannot be reached.
        """
        transfer = Transfer(limits, lambda: None)

        def fetch(client: Any, beat: Beat) -> Path:
            transfer.beat = beat
            return self._artifacts.download(client, transfer, version, folder)

        return self._ask.download(fetch, stop=transfer.refusal)

    def artifacts(self, place: ArtifactPlace, folder: str = "") -> ArtifactFolder:
        """One folder of a run's artifacts; `folder` is below the place and free of `..`."""
        return self._ask.files(
            ("artifacts", place, folder),
            lambda client, beat: self._run_files.folder(client, beat, place, folder),
        )

    def artifact(self, place: ArtifactPlace, path: str, *, most: int) -> ArtifactBytes:
        """The first `most` bytes of a file; ArtifactError where it is none, or larger than can be fetched."""
        return self._ask.files(
            ("artifact", place, path, most),
            lambda client, beat: self._run_files.file(client, beat, place, path, most=most),
        )

    def run_models(self, run_id: str) -> tuple[LoggedModel, ...]:
        """Models that the run logged, oldest first."""
        return self._ask.files(
            ("run_models", run_id), lambda client, beat: self._run_files.models(client, beat, run_id)
        )

    def run_model_card(self, run_id: str, model: LoggedModel) -> ModelCard:
        """What the model's MLmodel file says, read without running code."""
        return self._ask.files(
            ("run_model_card", run_id, model),
            lambda client, beat: self._run_files.card(client, beat, run_id, model),
        )

    def run_versions(self, run_id: str) -> tuple[Version, ...]:
        """Registered versions, of any model, that were made from the run; without their aliases."""
        return self._ask.read(
            ("run_versions", run_id),
            lambda client, beat: self._run_files.versions(client, beat, run_id),
            tuple,
        )

    def child_runs(self, run_id: str, experiment_id: str, *, limit: int) -> RunPage:
        """Active runs of its experiment that are nested in the run, newest first."""
        return self._ask.read(
            ("child_runs", run_id, experiment_id, limit),
            lambda client, beat: self._run_files.children(client, beat, run_id, experiment_id, limit=limit),
        )

    def holders(self, model: str) -> Holders:
        """What is in Production now, read after everything that was written before; NotFound."""
        return self._ask.read(
            ("holders", model),
            lambda client, beat: self._registry.holders(client, beat, model, alias=self.alias),
        )

    def move_stage(self, model: str, number: int, stage: str, *, archive_others: bool = False) -> None:
        """Put a version into a stage; `archive_others`: whatever else is in that stage becomes Archived.

        Raises:
            WriteUnanswered: The change may or may not have been made.
            StoreError: It has not been made; NotFound where there is no such version.
        """
        self._writing.move_stage(model, number, stage, archive_others=archive_others)

    def move_alias(self, model: str, number: int | None) -> None:
        """Let the alias of Production point at a version; None: take it away. Raises as `move_stage` does."""
        if number is None:
            self._writing.delete_alias(model, self.alias)
        else:
            self._writing.set_alias(model, self.alias, number)

    def tag(self, model: str, number: int, tags: Mapping[str, str]) -> None:
        """Set tags of a version, a call for each; raises as `move_stage` does, at the first that fails."""
        for name, value in tags.items():
            self._writing.set_tag(model, number, name=name, value=value)

    def add_model(self, name: str) -> None:
        """Make a registered model, unless it is there already. Raises as `move_stage` does."""
        self._writing.add_model(name)

    def add_version(
        self, name: str, model: LoggedModel, *, run_id: str, description: str, tags: Mapping[str, str]
    ) -> int:
        """Register a run's model as a new version; returns its number. Raises as `move_stage` does."""
        return self._writing.add_version(name, model, run_id=run_id, description=description, tags=tags)

    def _warm(self) -> None:
        try:
            self.models(counted=True)
        except StoreError:
            return  # every page that reads the store says so itself

    def _ask_for_less(self) -> None:
        self._registry.ask_for_less()
        self._runs.ask_for_less()
