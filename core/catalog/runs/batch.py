"""Runs as the index reads them from a store: a slice is asked for, a batch of columns comes back."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

import pyarrow as pa

RUN_COLUMNS = pa.schema(
    [
        ("experiment", pa.string()),
        ("run_id", pa.string()),
        ("name", pa.string()),
        ("status", pa.string()),
        ("user_id", pa.string()),
        ("started", pa.int64()),  # ms since 1970; null: none
        ("ended", pa.int64()),
        ("artifact_uri", pa.string()),
        ("parent", pa.string()),  # the run that it is nested in, or ''
        ("digest", pa.int64()),  # of everything that the run holds: equal where nothing changed
    ]
)
_RUN = ("run", pa.int32())  # the place of the run among those of its batch
METRIC_COLUMNS = pa.schema([_RUN, ("key", pa.string()), ("value", pa.float64())])
TEXT_COLUMNS = pa.schema([_RUN, ("key", pa.string()), ("value", pa.string())])
DATASET_COLUMNS = pa.schema([_RUN, ("name", pa.string()), ("digest", pa.string()), ("context", pa.string())])


class View(StrEnum):
    """Which runs a slice is of."""

    ACTIVE = "active"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSlice:
    """Runs in the store's default order, newest first; every condition that is given holds for them.

    `token` is that of the batch before, for an otherwise equal slice.
    """

    experiments: tuple[str, ...]
    view: View = View.ACTIVE
    until: int | None = None  # started at this time or earlier, ms since 1970
    status: str = ""
    run_ids: tuple[str, ...] = ()
    size: int = 1_000
    token: str = ""


@dataclass(frozen=True, slots=True)
class RunBatch:
    """What a store answered at one moment; `token` is empty where no more runs fit the slice."""

    runs: pa.Table  # RUN_COLUMNS
    metrics: pa.Table  # METRIC_COLUMNS
    params: pa.Table  # TEXT_COLUMNS
    tags: pa.Table
    datasets: pa.Table  # DATASET_COLUMNS
    token: str = ""

    def __len__(self) -> int:
        """The number of runs."""
        return int(self.runs.num_rows)

    @property
    def ids(self) -> list[str]:
        """Run ids, in the order of the store."""
        found: list[str] = self.runs["run_id"].to_pylist()
        return found

    @property
    def starts(self) -> list[int | None]:
        """When the runs started, in the same order."""
        found: list[int | None] = self.runs["started"].to_pylist()
        return found


class RunSource(Protocol):
    """The part of a store that the index reads; every method raises a StoreError, in time, or answers."""

    @property
    def address(self) -> str:
        """The store's URI as a person may see it: no password in it."""

    def run_batch(self, wanted: RunSlice) -> RunBatch:
        """Runs as columns; where an experiment is gone, none."""

    def experiment_created(self, experiment: str) -> int:
        """When an active experiment was made, in ms since 1970, 0 where MLflow does not know; NotFound."""
