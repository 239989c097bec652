"""Rules that name a part of the test split: column after column, in words and as rows."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.evidence.slices import Slice, number
from core.evidence.split import Split
from core.messages import Message, message


@dataclass(frozen=True, slots=True, kw_only=True)
class Within:
    """Rows with a number above `low` and up to `high`; with `is_missing` those without a number, too."""

    column: str
    low: float = -math.inf
    high: float = math.inf
    is_missing: bool = False

    def rows(self, split: Split) -> NDArray[np.bool_]:
        """(rows,) whether a row fits."""
        values = numbers(split, self.column)
        missing: NDArray[np.bool_] = np.isnan(values) & self.is_missing
        return missing | ((values > self.low) & (values <= self.high))

    @property
    def words(self) -> Message:
        """Age > 30."""
        if math.isinf(self.low) and math.isinf(self.high):
            return message("{column} is there", column=self.column)
        if self.low == math.inf or self.high == -math.inf:
            return message("{column} is missing", column=self.column)
        ends = {"column": self.column, "low": _end(self.low), "high": _end(self.high)}
        if math.isinf(self.high):
            said = Message("{column} > {low}", ends)
        elif math.isinf(self.low):
            said = Message("{column} ≤ {high}", ends)
        else:
            said = Message("{low} < {column} ≤ {high}", ends)
        return message("{rule} (or missing)", rule=said) if self.is_missing else said


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Among:
    """Rows in some slices of one column; `others` are the column's remaining ones."""

    column: str
    kept: tuple[Slice, ...]
    others: tuple[Slice, ...]

    def rows(self, _split: Split) -> NDArray[np.bool_]:
        """(rows,) whether a row fits."""
        held: NDArray[np.bool_] = np.isin(self.kept[0].codes, [one.code for one in self.kept])
        return held

    @property
    def words(self) -> Message:
        """Sex = male; what is left out is said where that is shorter."""
        if len(self.kept) <= len(self.others):
            return Message("{column} = {values}", {"column": self.column, "values": _either(self.kept)})
        return Message("{column} ≠ {values}", {"column": self.column, "values": _either(self.others)})


Condition = Within | Among


class Rule(NamedTuple):
    """Conditions that a row must fit all of, at least one."""

    conditions: tuple[Condition, ...]

    def rows(self, split: Split) -> NDArray[np.bool_]:
        """(rows,) whether a row fits."""
        held = self.conditions[0].rows(split)
        for condition in self.conditions[1:]:
            held &= condition.rows(split)
        return held

    @property
    def words(self) -> Message:
        """Sex = male and Age > 30."""
        said = self.conditions[0].words
        for condition in self.conditions[1:]:
            said = message("{first} and {second}", first=said, second=condition.words)
        return said


def numbers(split: Split, column: str) -> NDArray[np.float64]:
    """(rows,) of a column of numbers; NaN where one is missing."""
    values: NDArray[np.float64] = split.frame[column].to_numpy(dtype=np.float64, na_value=math.nan)
    return values


def _end(value: float) -> str:
    return number(value) if math.isfinite(value) else ""


def _either(slices: Sequence[Slice]) -> Message:
    said = slices[0].label
    for one in slices[1:]:
        said = message("{first} or {second}", first=said, second=one.label)
    return said
