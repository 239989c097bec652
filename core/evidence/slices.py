"""Parts of the test split by the value of a column: what is true of all rows may be wrong for some."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from core.errors import SplitError
from core.evidence.split import Split
from core.messages import Message, message
from core.quoting import nearest, quoted

if TYPE_CHECKING:  # a page answers before pandas is imported, which takes a second
    import pandas as pd

BINS: Final = 4  # parts of a column with many different numbers, of about as many rows each
MANY: Final = 10  # different numbers above which they are quantities, and are put into bins
MOST: Final = 12  # slices of a column, the rest together as one of them; a missing value is one more
MISSING: Final = message("missing")
OTHER: Final = message("other values")

Codes = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Slice:
    """The rows of a split with a value, or in a range of values, of one column.

    `codes` is (rows of the split,), shared by all slices of the column; the slice has those equal to `code`.
    """

    column: str
    label: Message  # for people: male, 30 to below 45, missing
    rows: int
    positives: int
    codes: Codes = field(repr=False)
    code: int

    @property
    def name(self) -> str:
        """Column and value in English, the same for the same slice of another version."""
        return f"{self.column} = {self.label}"

    def mask(self) -> NDArray[np.bool_]:
        """(rows of the split,) whether a row is in the slice."""
        held: NDArray[np.bool_] = self.codes == self.code
        return held


@dataclass(frozen=True, slots=True, eq=False)
class _Parts:
    """(rows,) of each row's part of a column, and what each part is called; parts may be empty."""

    codes: Codes
    labels: tuple[Message, ...]


def slices_of(split: Split, columns: Sequence[str] | None = None, *, bins: int = BINS) -> tuple[Slice, ...]:
    """Slices by the values of columns, those configured where None are given; none is empty.

    Columns come in the order given. Up to ten different numbers, and whatever is no number, have a slice
    for each value: numbers in ascending order, other values most frequent first, the rest as one slice
    where there are more than twelve. More different numbers are put into `bins` quantiles, whose edges
    are rounded to be read. Rows without a value are a slice of their own, the column's last.

    Raises:
        SplitError: the split has no such column, or it holds no plain values.
    """
    found: list[Slice] = []
    for column in split.slices if columns is None else columns:
        parts = _parts(split, column, bins)
        counted = np.bincount(parts.codes, minlength=len(parts.labels))
        positives = np.bincount(parts.codes[split.labels], minlength=len(parts.labels))
        found += (
            Slice(
                column=column,
                label=label,
                rows=int(counted[code]),
                positives=int(positives[code]),
                codes=parts.codes,
                code=code,
            )
            for code, label in enumerate(parts.labels)
            if counted[code]
        )
    return tuple(found)


def _parts(split: Split, name: str, bins: int) -> _Parts:
    import pandas as pd  # noqa: PLC0415  a page answers before pandas is imported

    if name not in split.frame.columns:
        meant = nearest(name, map(str, split.frame.columns))
        hint = message("Did you mean {name}?", name=quoted(meant)) if meant else message("Name another one.")
        title = message("{source} has no column {columns}.", source=split.source, columns=quoted(name))
        raise SplitError(title, hint)
    column = split.frame[name]
    try:
        codes, values = pd.factorize(column)
    except TypeError as error:
        title = message("{column} of {source} holds no labels.", column=quoted(name), source=split.source)
        hint = message("Its values must be text, numbers, or true and false.")
        raise SplitError(title, hint) from error
    if pd.api.types.is_datetime64_any_dtype(column.dtype) and len(values) > MANY:
        days = column.to_numpy(dtype="datetime64[D]")
        return _binned(np.where(np.isnat(days), math.nan, days.astype(np.float64)), bins, _day)
    is_number = pd.api.types.is_numeric_dtype(column.dtype) and not pd.api.types.is_bool_dtype(column.dtype)
    if is_number and len(values) > MANY:
        return _binned(column.to_numpy(dtype=np.float64, na_value=math.nan), bins, number)
    return _valued(codes, values, split.raw_values.get(name, {}).get, is_number=is_number)


def _valued(
    codes: NDArray[np.int64], values: "pd.Index", raw: Callable[[object], str | None], *, is_number: bool
) -> _Parts:
    """A part for each value, as it stands in the data, or for the most frequent ones."""
    counted = np.bincount(codes[codes >= 0], minlength=len(values))
    order = (
        np.argsort(values.to_numpy(dtype=np.float64)) if is_number else np.argsort(-counted, kind="stable")
    )
    kept = order if len(order) <= MOST else order[: MOST - 1]
    part = np.full(len(values) + 1, len(kept), dtype=np.uint8)  # of each value; the last place is for missing
    part[kept] = np.arange(len(kept))
    part[-1] = len(kept) + 1
    named = tuple(_plain(raw(values[at]) or _written(values[at])) for at in kept)
    return _Parts(part[codes], (*named, OTHER, MISSING))


def _binned(values: NDArray[np.float64], bins: int, written: Callable[[float], str]) -> _Parts:
    edges = _edges(values[np.isfinite(values)], bins)
    codes = np.searchsorted(edges, values, side="right").astype(np.uint8)
    codes[np.isnan(values)] = len(edges) + 1
    named = [written(float(edge)) for edge in edges]
    if not named:
        return _Parts(codes, (message("all values"), MISSING))
    between = (message("{low} to below {high}", low=low, high=high) for low, high in pairwise(named))
    ends = message("below {high}", high=named[0]), message("{low} and above", low=named[-1])
    return _Parts(codes, (ends[0], *between, ends[1], MISSING))


def _edges(values: NDArray[np.float64], bins: int) -> NDArray[np.float64]:
    """Ascending lower ends of all bins but the first.

    Rounded to about a hundredth of the range that most rows are in. Where many rows have the smallest
    value of all, they are a bin of their own.
    """
    if not len(values):
        return values
    low, *quantiles, high = np.quantile(
        values, [0.05, *np.arange(1, bins) / bins, 0.95], method="inverted_cdf"
    )
    reach = float(high - low) or 1.0
    edges = np.unique(np.round(quantiles, max(0, 1 - math.floor(math.log10(reach)))) + 0.0)
    above: NDArray[np.float64] = values[values > values.min()]
    if not len(above):
        return above
    edges = np.where(edges <= values.min(), above.min(), edges)
    kept: NDArray[np.float64] = np.unique(edges[edges <= values.max()])
    return kept


def number(value: float) -> str:
    """A number as it is read: no zeros behind the point, no more digits than it has."""
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)  # noqa: PLR2004  exact


def _day(days: float) -> str:
    return str(np.datetime64(int(days), "D"))


def _written(value: object) -> str:
    plain = value.item() if isinstance(value, np.generic) else value
    return number(plain) if isinstance(plain, float) else str(plain)


def _plain(text: str) -> Message:
    """A value of the data: no language has another word for it."""
    return Message("{value}", {"value": text or '""'})
