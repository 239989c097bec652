"""What the index has read of an experiment, kept on disk between starts: one Parquet file for each.

A file is written beside its name and then takes it, so that it is whole or not there; any number of
processes may share the folder. Its pages carry checksums, and what cannot be read is thrown away: it
is read from the store again.
"""

import contextlib
import hashlib
import json
import logging
import os
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from core.catalog.runs.batch import (
    DATASET_COLUMNS,
    METRIC_COLUMNS,
    RUN_COLUMNS,
    TEXT_COLUMNS,
    RunBatch,
)
from core.catalog.runs.tables import Tables

if TYPE_CHECKING:  # see core.catalog.runs.tables
    from duckdb import DuckDBPyConnection

_FORMAT = "1"  # another one is read from the store again
_RUNS_AT_ONCE = 10_000
_PARTS = {
    "metrics": METRIC_COLUMNS,
    "params": TEXT_COLUMNS,
    "tags": TEXT_COLUMNS,
    "datasets": DATASET_COLUMNS,
}

_log = logging.getLogger(__name__)


def _lists(part: pa.Schema) -> pa.DataType:
    return pa.list_(pa.struct([column for column in part if column.name != "run"]))


_SCHEMA = pa.schema([*RUN_COLUMNS, *((name, _lists(part)) for name, part in _PARTS.items())])


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """How far an experiment had been read.

    `created` is when the experiment was made, ms since 1970; `until`: where reading was to go on, of one
    that is not complete.
    """

    experiment: str
    created: int | None
    as_of: datetime
    is_complete: bool
    until: int | None = None


class Snapshots:
    """The files of one store."""

    def __init__(self, folder: Path, address: str) -> None:
        """Nothing is made before there is something to keep.

        Args:
            folder: For the files of any number of stores.
            address: Of the store.
        """
        self._folder = folder
        self._address = address

    def save(self, tables: Tables, snapshot: Snapshot) -> None:
        """Keep the runs of an experiment as they are in the tables; a full disk is logged, and no more."""
        path = self._path(snapshot.experiment)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            descriptor, temporary = tempfile.mkstemp(prefix=".", dir=path.parent)
            try:
                with os.fdopen(descriptor, "wb") as file:
                    _write(file, tables, snapshot)
                    file.flush()
                    os.fsync(file.fileno())
                Path(temporary).replace(path)
            except BaseException:
                with contextlib.suppress(OSError):
                    Path(temporary).unlink()
                raise
        except OSError as trouble:
            _log.warning("the runs of experiment %s are not kept: %s", snapshot.experiment, trouble)

    def load(self, experiment: str) -> tuple[Snapshot, Iterator[RunBatch]] | None:
        """What was kept, the newest runs first; None where there is nothing that can be read.

        The batches raise OSError or ValueError where the file is damaged further on.
        """
        path = self._path(experiment)
        try:
            file = pq.ParquetFile(path, page_checksum_verification=True)
            snapshot = _facts(file.schema_arrow.metadata or {})
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError) as trouble:
            _log.warning("what was kept of experiment %s cannot be read: %s", experiment, trouble)
            self.drop(experiment)
            return None
        if snapshot.experiment != experiment:
            return None
        return snapshot, _batches(file)

    def drop(self, experiment: str) -> None:
        """Keep nothing of an experiment."""
        with contextlib.suppress(OSError):
            self._path(experiment).unlink()

    def _path(self, experiment: str) -> Path:
        name = hashlib.sha256(json.dumps([self._address, experiment]).encode()).hexdigest()
        return self._folder / f"{name[:40]}.parquet"


def _write(file: object, tables: Tables, snapshot: Snapshot) -> None:
    facts = {
        "format": _FORMAT,
        "experiment": snapshot.experiment,
        "created": snapshot.created,
        "as_of": snapshot.as_of.isoformat(),
        "is_complete": snapshot.is_complete,
        "until": snapshot.until,
    }
    schema = _SCHEMA.with_metadata({"runoff": json.dumps(facts)})
    with (
        tables.reading() as cursor,
        pq.ParquetWriter(file, schema, compression="zstd", write_page_checksum=True) as writer,
    ):
        numbers = cursor.execute(
            "SELECT run FROM runs WHERE experiment = ? ORDER BY started DESC NULLS LAST",
            [snapshot.experiment],
        ).fetchnumpy()["run"]
        for start in range(0, len(numbers), _RUNS_AT_ONCE):
            writer.write_table(_rows(cursor, numbers[start : start + _RUNS_AT_ONCE]).cast(schema))


def _rows(cursor: "DuckDBPyConnection", numbers: object) -> pa.Table:
    """Runs with lists of what they hold."""
    cursor.register("wanted", pa.table({"run": pa.array(numbers, pa.int32())}))
    lists = " ".join(_list_sql(name, part.names[1:]) for name, part in _PARTS.items())
    columns = ", ".join([*(f"runs.{name}" for name in RUN_COLUMNS.names), *_PARTS])
    rows: pa.Table = cursor.sql(
        f"SELECT {columns} FROM runs SEMI JOIN wanted USING (run) {lists}"  # noqa: S608  ours
        " ORDER BY started DESC NULLS LAST"
    ).to_arrow_table()
    return rows


def _list_sql(name: str, columns: Sequence[str]) -> str:
    packed = ", ".join(f"{column} := {column}" for column in columns)
    return (
        f"LEFT JOIN (SELECT run, list(struct_pack({packed})) AS {name}"  # noqa: S608  our own names
        f" FROM {name} SEMI JOIN wanted USING (run) GROUP BY run) AS {name}_list USING (run)"
    )


def _facts(metadata: dict[bytes, bytes]) -> Snapshot:
    facts = json.loads(metadata[b"runoff"])
    if facts.pop("format") != _FORMAT:
        raise ValueError("another format")
    return Snapshot(**facts | {"as_of": datetime.fromisoformat(facts["as_of"])})


def _batches(file: pq.ParquetFile) -> Iterator[RunBatch]:
    with file:
        for group in range(file.num_row_groups):
            rows = file.read_row_group(group).combine_chunks()
            yield RunBatch(
                rows.select(RUN_COLUMNS.names).cast(RUN_COLUMNS),
                *(_unlisted(rows[name].combine_chunks(), part) for name, part in _PARTS.items()),
            )


def _unlisted(lists: pa.ListArray, part: pa.Schema) -> pa.Table:
    run = np.asarray(pc.list_parent_indices(lists), dtype=np.int32)
    return pa.table([pa.array(run), *pc.list_flatten(lists).flatten()], schema=part)
