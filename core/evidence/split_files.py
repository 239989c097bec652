"""CSV and Parquet files as one table, or one sentence about what is wrong with them."""

import csv
import gzip
import re
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from typing import BinaryIO, cast

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from core.errors import SplitError
from core.messages import message
from core.quoting import listed, quoted

_GZIP = b"\x1f\x8b"
_PARQUET = b"PAR1"
_RENAME = message("Write the file anew, or correct its name.")
_INDEX = re.compile(r"__index_level_\d+__")  # where pandas keeps an index without a name


def read_table(files: Sequence[Path], source: str) -> pd.DataFrame:
    """All rows and columns of a CSV file or of Parquet files, in the order of the files.

    A CSV gives what `pandas.read_csv` gives by default. Parquet gives its columns as they are: an index
    with a name is a column too, one without a name is none.

    Raises:
        SplitError: a file cannot be read, is no CSV or Parquet, or names a column twice.
    """
    name = files[0].name.lower()
    if name.endswith((".csv", ".csv.gz")):
        return _csv(files[0], source)
    if name.endswith(".parquet"):
        return _parquet(files, source)
    title = message("{source} is neither CSV nor Parquet by its name.", source=source)
    raise SplitError(title, message("Its name must end in .csv, .csv.gz or .parquet."))


def _csv(file: Path, source: str) -> pd.DataFrame:
    start = _start(file, source)
    if start == _PARQUET:
        raise SplitError(message("{source} is named CSV, but is Parquet.", source=source), _RENAME)
    with _parsed(source, "CSV"):
        header, first = _first_rows(file, compressed=start[:2] == _GZIP)
        _refuse_doubles(header, source)
        if len(first) > len(header):
            cells, names = len(first), len(header)
            title = message(
                "The first row of {source} has {cells} cells, its header {names}.",
                source=source, cells=cells, names=names,
            )  # fmt: skip
            raise SplitError(title, message("Give each column a name in the first line."))
        # By chunks, pandas could give one column two types.
        return pd.read_csv(file, compression="gzip" if start[:2] == _GZIP else None, low_memory=False)


def _first_rows(file: Path, *, compressed: bool) -> tuple[list[str], list[str]]:
    """The header and the first row: pandas renames a doubled column and takes a surplus one for an index."""
    with gzip.open(file) if compressed else file.open("rb") as content:
        text = TextIOWrapper(cast("BinaryIO", content), encoding="utf-8-sig", newline="")
        rows = (row for row in csv.reader(text) if len(row) > 1 or "".join(row).strip())
        return next(rows, []), next(rows, [])


def _parquet(files: Sequence[Path], source: str) -> pd.DataFrame:
    tables: list[pa.Table] = []
    for file in files:
        shown = source if len(files) == 1 else f"{source.rstrip('/')}/{file.name}"
        if _start(file, shown) != _PARQUET:
            raise SplitError(message("{source} is named Parquet, but is not.", source=shown), _RENAME)
        with _parsed(shown, "Parquet"):
            tables.append(_parquet_table(file, shown))
        other = set(tables[0].column_names) ^ set(tables[-1].column_names)
        if other:
            title = message("{source} has other columns than the first file.", source=shown)
            raise SplitError(title, message("They differ in {columns}.", columns=listed(sorted(other))))
    with _parsed(source, "Parquet"):
        alike = [table.select(tables[0].column_names) for table in tables]
        table = pa.concat_tables(alike, promote_options="permissive")
        return table.to_pandas(ignore_metadata=True, split_blocks=True)


def _parquet_table(file: Path, source: str) -> pa.Table:
    with pq.ParquetFile(file) as parquet:
        names = [name for name in parquet.schema_arrow.names if not _INDEX.fullmatch(name)]
        _refuse_doubles(names, source)
        return parquet.read().select(names)


def _refuse_doubles(names: Sequence[str], source: str) -> None:
    double = next((name for name, times in Counter(names).items() if name and times > 1), None)
    if double is not None:
        title = message("{source} has two columns named {column}.", source=source, column=quoted(double))
        raise SplitError(title, message("Give each column a name of its own."))


def _start(file: Path, source: str) -> bytes:
    """The first bytes, which tell what a file is."""
    try:
        with file.open("rb") as content:
            start = content.read(len(_PARQUET))
    except OSError as error:
        title = message("{source} cannot be read: {reason}.", source=source, reason=error.strerror)
        raise SplitError(title, message("Check that it is there and who may read it.")) from error
    if not start:
        raise _empty(source)
    return start


@contextmanager
def _parsed(source: str, kind: str) -> Iterator[None]:
    """What the parsers raise, as one sentence."""
    try:
        yield
    except UnicodeDecodeError as error:
        title = message("{source} is not UTF-8 text.", source=source)
        raise SplitError(title, message("Save it as CSV in UTF-8.")) from error
    except pd.errors.EmptyDataError as error:
        raise _empty(source) from error
    except (pd.errors.ParserError, pa.ArrowException, csv.Error, OSError, EOFError, zlib.error) as error:
        reason = str(error).strip().partition("\n")[0].rstrip(".")
        title = message(
            "{source} cannot be read as {kind}: {reason}.", source=source, kind=kind, reason=reason
        )
        raise SplitError(title, message("Write the file anew.")) from error


def _empty(source: str) -> SplitError:
    return SplitError(message("{source} is empty.", source=source), message("Name data with rows."))
