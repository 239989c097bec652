"""Columns cast to the types of a signature, and written to a file that a child maps into memory."""

import contextlib
import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from core.catalog.mlmodel import Column
from core.errors import ScoringError
from core.evidence.features import FITS
from core.messages import message


def write_features(path: Path, frame: pd.DataFrame, columns: Sequence[Column]) -> Path:
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
    return ScoringError(title, FITS)


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
