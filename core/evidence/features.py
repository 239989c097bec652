"""A split's columns as a version's signature asks for them, in a file that every child maps into memory.

No child gets the target: neither among the columns, nor in a file that it may open.
"""

import contextlib
import hashlib
import json
import os
import tempfile
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from core.catalog.mlmodel import Column, ModelCard
from core.errors import ScoringError
from core.evidence.isolation.job import GIB
from core.evidence.split import Split
from core.messages import message

_MAX_KEPT_BYTES = 2 * GIB
_FITS = message(
    "Point the split's settings at data with the columns and types that the version was trained on."
)

Stamp = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Features:
    """The columns for one version: names in order, in a file of (rows, columns)."""

    path: Path  # .npy: one block of one type, column after column; .arrow: anything else
    columns: tuple[str, ...]
    chosen: bool  # by a signature or by the settings; otherwise: whatever is not the target or the id


def chosen_columns(card: ModelCard, split: Split) -> tuple[tuple[Column, ...], bool]:
    """The columns that a version gets, and whether a signature or the settings chose them.

    Raises:
        ScoringError: a column is missing, or is the target.
    """
    if card.inputs is not None:
        there = set(split.frame.columns)
        wanted = tuple(column for column in card.inputs if column.required or column.name in there)
    else:
        rest = [str(name) for name in split.frame.columns if name not in (split.target, split.id)]
        wanted = tuple(Column(name, "") for name in (split.features or rest))
    missing = [column.name for column in wanted if column.name not in split.frame.columns]
    if missing:
        raise ScoringError(
            message("The split has no column {columns}, which the model asks for.", columns=_listed(missing)),
            _FITS,
        )
    if any(column.name == split.target for column in wanted):
        raise ScoringError(
            message(
                "The model asks for the target {column} as an input: it would see the labels.",
                column=split.target,
            ),
            message("Train it without that column, or name the right target in the split's settings."),
        )
    return wanted, card.inputs is not None or split.features is not None


class FeatureFiles:
    """Feature files below `data_dir/splits/<fingerprint>/`, each written once in a process. Thread-safe."""

    def __init__(self, data_dir: Path) -> None:
        self._root = data_dir / "splits"
        self._lock = threading.Lock()
        self._written: dict[Path, Stamp] = {}

    def of(self, card: ModelCard, split: Split) -> Features:
        """The file with the version's features; the same for all versions that ask for the same columns.

        A file that was not written by this process, or has been touched since, is written again: a model
        of an earlier job may have had its hands on it.

        Raises:
            ScoringError: columns are missing or cannot be cast as the signature asks.
        """
        columns, chosen = chosen_columns(card, split)
        asked = json.dumps([[column.name, column.type] for column in columns])
        name = hashlib.sha256(asked.encode()).hexdigest()[:32]
        folder = self._root / split.fingerprint.removeprefix("sha256:")
        names = tuple(column.name for column in columns)
        with self._lock:
            for suffix in (".npy", ".arrow"):
                path = folder / f"{name}{suffix}"
                if path in self._written and self._written[path] == _stamp(path):
                    os.utime(path)
                    self._written[path] = _stamp(path)
                    return Features(path=path, columns=names, chosen=chosen)
            folder.mkdir(parents=True, exist_ok=True)
            path = _write(folder / name, split.frame, columns)
            self._written[path] = _stamp(path)
            self._make_room(path)
        return Features(path=path, columns=names, chosen=chosen)

    def _make_room(self, latest: Path) -> None:
        """Drop what was not used for longest; a child that maps a file keeps it until it ends."""
        files = sorted((_stamp(path)[1], _stamp(path)[0], path) for path in self._root.glob("*/*.*"))
        total = sum(size for _, size, _ in files)
        for _, size, path in files:
            if total <= _MAX_KEPT_BYTES or path == latest:
                return
            path.unlink(missing_ok=True)
            total -= size


def _write(path: Path, frame: pd.DataFrame, columns: Sequence[Column]) -> Path:
    """As one block where all columns are numbers of one type, else as an Arrow table."""
    cast = {column.name: cast_column(frame[column.name], column) for column in columns}
    dtypes = {series.dtype for series in cast.values()}
    plain = len(dtypes) == 1 and isinstance(dtype := dtypes.pop(), np.dtype) and dtype.kind in "fiub"
    target = path.with_suffix(".npy" if plain else ".arrow")
    descriptor, temporary = tempfile.mkstemp(prefix=".", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            if plain:
                header = {"descr": dtype.str, "fortran_order": True, "shape": (len(frame), len(columns))}
                np.lib.format.write_array_header_2_0(file, header)
                for series in cast.values():
                    file.write(np.ascontiguousarray(series.to_numpy()).data.cast("B"))
            else:
                table = pa.Table.from_pandas(pd.DataFrame(cast, copy=False), preserve_index=False)
                with pa.ipc.new_file(file, table.schema) as writer:
                    writer.write_table(table)
        Path(temporary).chmod(0o444)
        Path(temporary).replace(target)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(temporary).unlink()
        raise
    return target


def cast_column(series: pd.Series, column: Column) -> pd.Series:
    """The column as the signature's type; columns without a type, or of a nested one, stay as they are.

    Raises:
        ScoringError: a value cannot be read as that type; it and its row are named.
    """
    cast = _CASTS.get(column.type)
    if cast is None or (column.type == "string" and isinstance(series.dtype, pd.CategoricalDtype)):
        return series
    try:
        return cast(series)
    except (TypeError, ValueError, OverflowError):
        raise _not_castable(series, column, cast) from None


def _not_castable(series: pd.Series, column: Column, cast: Callable[[pd.Series], pd.Series]) -> ScoringError:
    good, bad = 0, len(series)  # the first `good` rows can be cast, the first `bad` cannot
    while bad - good > 1:
        middle = (good + bad) // 2
        try:
            cast(series.iloc[:middle])
            good = middle
        except (TypeError, ValueError, OverflowError):
            bad = middle
    title = message(
        "Column {column} cannot be read as {type}: row {row} of the split holds {value}.",
        column=column.name,
        type=column.type,
        row=bad,
        value=str(series.iloc[bad - 1])[:100],
    )
    return ScoringError(title, _FITS)


def _to_floats(dtype: type[np.floating]) -> Callable[[pd.Series], pd.Series]:
    def cast(series: pd.Series) -> pd.Series:
        return series if series.dtype == dtype else pd.to_numeric(series).astype(dtype)

    return cast


def _to_integers(dtype: type[np.signedinteger]) -> Callable[[pd.Series], pd.Series]:
    bounds = np.iinfo(dtype)

    def cast(series: pd.Series) -> pd.Series:
        if series.dtype == dtype:
            return series
        numbers = pd.to_numeric(series)
        if numbers.dtype.kind == "f" and not (numbers == np.floor(numbers)).all():
            raise ValueError("a fraction, or missing")
        if len(numbers) and not (numbers.min() >= bounds.min and numbers.max() <= bounds.max):
            raise OverflowError("too large")
        return numbers.astype(dtype)

    return cast


def _to_booleans(series: pd.Series) -> pd.Series:
    if series.dtype == bool:
        return series
    known = series.map({True: True, False: False, "True": True, "False": False, "true": True, "false": False})
    if known.isna().any():
        raise ValueError("neither true nor false")
    return known.astype(bool)


def _to_text(series: pd.Series) -> pd.Series:
    """Numbers become their text, missing values stay missing."""
    if series.dtype.kind in "fc":
        raise TypeError("fractions have no one text")
    return series.astype("str") if series.dtype != object else series.map(str, na_action="ignore")


def _to_times(series: pd.Series) -> pd.Series:
    return pd.to_datetime(series)


_CASTS: Mapping[str, Callable[[pd.Series], pd.Series]] = {
    "double": _to_floats(np.float64),
    "float": _to_floats(np.float32),
    "long": _to_integers(np.int64),
    "integer": _to_integers(np.int32),
    "boolean": _to_booleans,
    "string": _to_text,
    "datetime": _to_times,
}


def _listed(names: Sequence[str], most: int = 10) -> str:
    shown = ", ".join(names[:most])
    return shown if len(names) <= most else f"{shown}, … ({len(names)})"


def _stamp(path: Path) -> Stamp:
    try:
        facts = path.stat()
    except OSError:
        return (0, 0, 0, 0)
    return (facts.st_size, facts.st_mtime_ns, facts.st_ctime_ns, facts.st_ino)
