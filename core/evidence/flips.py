"""Rows that two versions decide differently, and the rows behind a cell of a confusion matrix.

```
   labels, both scores ─► rows that match ─► in order ─► a page of lines, or all of them as CSV
```
"""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from core.errors import UsageError
from core.evidence.certainty import Flips
from core.evidence.paired import Paired, Thresholds
from core.evidence.split import Split
from core.evidence.statistics.cells import eight_cells
from core.evidence.statistics.proportions import mcnemar
from core.messages import message
from core.quoting import quoted

if TYPE_CHECKING:  # a page answers before pandas is imported, which takes a second
    import pandas as pd

CHUNK: Final = 10_000  # rows of CSV at a time
COLUMN: Final = "column:"  # before the name of a column of the data, among the things to sort by

Rows = NDArray[np.int64]
Value = str | int | float | bool | None


class Which(StrEnum):
    """Which rows are looked at; cells are the candidate's, or the baseline's."""

    FLIPPED = "flipped"
    FIXED = "fixed"
    BROKEN = "broken"
    TN = "tn"
    FP = "fp"
    FN = "fn"
    TP = "tp"
    BASELINE_TN = "baseline_tn"
    BASELINE_FP = "baseline_fp"
    BASELINE_FN = "baseline_fn"
    BASELINE_TP = "baseline_tp"


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What rows are sorted by: change (of the score), baseline, candidate, label, row, or column:NAME."""

    by: str = "change"
    is_descending: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A row for people: its name, label, both scores and the values of the features, words as in the data."""

    row: str
    label: bool
    baseline: float
    candidate: float
    outcome: Which | None  # FIXED, BROKEN, or neither
    features: tuple[Value, ...]


def flips(paired: Paired, at: Thresholds) -> Flips:
    """How many rows the candidate fixed and broke, and McNemar's p-value."""
    both = eight_cells(paired.split.labels, paired.before >= at.baseline, paired.after >= at.candidate)
    return Flips(fixed=both.fixed, broken=both.broken, p_value=mcnemar(both.fixed, both.broken))


def columns(split: Split) -> tuple[str, ...]:
    """The columns that describe a row: the features, or whatever is neither target nor name."""
    left_out = (split.target, split.id)
    return split.features or tuple(str(name) for name in split.frame.columns if name not in left_out)


def found(paired: Paired, at: Thresholds, which: Which, order: Order) -> Rows:
    """The positions of the rows that match, in order; missing values come last whatever the direction.

    Raises:
        UsageError: there is nothing of that name to sort by.
    """
    rows = np.flatnonzero(_matching(paired, at, which))
    keys = _keys(paired, rows, order.by)
    if order.is_descending:
        keys = -keys
    return rows[np.argsort(keys, kind="stable")]


def lines(paired: Paired, at: Thresholds, rows: Rows) -> tuple[Line, ...]:
    """What is said of each of some rows."""
    split = paired.split
    labels = split.labels[rows]
    before, after = paired.before[rows], paired.after[rows]
    was_right, is_right = (called == labels for called in (before >= at.baseline, after >= at.candidate))
    values = [_values(split, name, rows) for name in columns(split)]
    outcomes = [
        None if was == now else Which.FIXED if now else Which.BROKEN
        for was, now in zip(was_right.tolist(), is_right.tolist(), strict=True)
    ]
    names = _names(split, rows)
    return tuple(
        Line(
            row=names[place],
            label=bool(labels[place]),
            baseline=float(before[place]),
            candidate=float(after[place]),
            outcome=outcomes[place],
            features=tuple(column[place] for column in values),
        )
        for place in range(len(rows))
    )


def as_csv(paired: Paired, at: Thresholds, rows: Rows) -> Iterator[str]:
    """CSV of rows in pieces, its head first; all digits of numbers, what is missing is empty."""
    text = io.StringIO()
    write = csv.writer(text, lineterminator="\n")
    split = paired.split
    write.writerow(
        [split.id or "row", split.target, "baseline_score", "candidate_score", "outcome", *columns(split)]
    )
    for start in range(0, max(1, len(rows)), CHUNK):
        for line in lines(paired, at, rows[start : start + CHUNK]):
            label = split.positive if line.label else split.negative
            write.writerow(
                [line.row, label, line.baseline, line.candidate, line.outcome or "", *line.features]
            )
        yield text.getvalue()
        text.seek(0)
        text.truncate()


def _matching(paired: Paired, at: Thresholds, which: Which) -> NDArray[np.bool_]:
    labels = paired.split.labels
    before, after = paired.before >= at.baseline, paired.after >= at.candidate
    if which in {Which.FLIPPED, Which.FIXED, Which.BROKEN}:
        flipped: NDArray[np.bool_] = before != after
        if which is Which.FLIPPED:
            return flipped
        right: NDArray[np.bool_] = (after if which is Which.FIXED else before) == labels
        return flipped & right
    called = before if which.startswith("baseline_") else after
    is_right, is_positive = which[-2] == "t", which[-1] == "p"
    held: NDArray[np.bool_] = (called == is_positive) & ((called == labels) == is_right)
    return held


def _keys(paired: Paired, rows: Rows, by: str) -> NDArray[np.float64] | Rows:
    """Numbers to sort by; NaN where a value is missing."""
    baseline, candidate = paired.before[rows], paired.after[rows]
    if by == "change":
        return np.abs(candidate - baseline)
    if by in {"baseline", "candidate"}:
        return baseline if by == "baseline" else candidate
    split = paired.split
    if by == "label":
        return split.labels[rows].astype(np.float64)
    if by == "row":
        return rows if split.id is None else _column_keys(split.frame[split.id].iloc[rows])
    name = by.removeprefix(COLUMN)
    if by == name or name not in split.frame.columns:
        title = message("There is no column {column} to sort by.", column=quoted(name))
        raise UsageError(title, message("Choose one that the table shows."))
    return _column_keys(split.frame[name].iloc[rows])


def _column_keys(column: "pd.Series") -> NDArray[np.float64]:
    import pandas as pd  # noqa: PLC0415  as above

    if pd.api.types.is_numeric_dtype(column.dtype):
        known: NDArray[np.float64] = column.to_numpy(dtype=np.float64, na_value=np.nan)
        return known
    try:
        codes, _values = pd.factorize(column, sort=True)
    except TypeError:  # lists, or kinds of values that cannot be compared
        codes, _values = pd.factorize(column.astype(str), sort=True)
    return np.where(codes < 0, np.nan, codes.astype(np.float64))


def _values(split: Split, name: str, rows: Rows) -> Sequence[Value]:
    column = split.frame[name].iloc[rows]
    raw = split.raw_values.get(name, {})
    return [
        None if is_missing else raw.get(value) or _plain(value)
        for value, is_missing in zip(column.tolist(), column.isna().tolist(), strict=True)
    ]


def _plain(value: object) -> Value:
    return value if isinstance(value, str | int | float | bool) else str(value)


def _names(split: Split, rows: Rows) -> Sequence[str]:
    """`Split.row_name` of many rows."""
    numbers = (rows + 1 if split.row_numbers is None else split.row_numbers[rows]).tolist()
    if split.id is None:
        return [str(number) for number in numbers]
    column = split.frame[split.id].iloc[rows]
    known = zip(column.tolist(), column.isna().tolist(), numbers, strict=True)
    return [
        str(number)
        if is_missing
        else str(int(value) if isinstance(value, float) and value.is_integer() else value)
        for value, is_missing, number in known
    ]
