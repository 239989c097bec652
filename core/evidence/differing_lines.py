"""What differs, as values: sections of lines, a cell for each version."""

import math
import re
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Final

from core.errors import RunoffError
from core.messages import Message

_NUMBER: Final = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,4})?", re.ASCII)
MOST_DIGITS: Final = 400  # of a text that is read as a number


class Unit(StrEnum):
    """What the numbers of a line count."""

    NONE = ""
    BYTES = "B"
    SECONDS = "s"
    MILLISECONDS = "ms"


@dataclass(frozen=True, slots=True)
class Cell:
    """What one version has in a line: a text, a number or a sentence; None: nothing of the kind.

    `same` is what is compared; a `note` says how it differs, from the baseline or from this environment.
    """

    value: str | float | Message | None
    same: Hashable = None
    note: Message | None = None
    is_unread: bool = False  # the store did not say


UNREAD: Final = Cell(None, is_unread=True)
ABSENT: Final = Cell(None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One key of all versions, in their order; `title` where people read something else than the key."""

    key: str
    cells: tuple[Cell, ...]
    title: Message | None = None
    unit: Unit = Unit.NONE

    @property
    def is_same(self) -> bool:
        """All versions that could be read agree, and with this environment."""
        read = [cell for cell in self.cells if not cell.is_unread]
        return len({cell.same for cell in read}) <= 1 and not any(cell.note for cell in read)

    @property
    def lone(self) -> int | None:
        """The position of the one version that has this at all, among several; else None."""
        having = [place for place, cell in enumerate(self.cells) if cell.value is not None]
        others = sum(not cell.is_unread for cell in self.cells) - 1
        return having[0] if len(having) == 1 and others > 0 else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """Lines of one kind; `unread` says by version number why one has no values here."""

    name: str
    title: Message
    lines: tuple[Line, ...]
    unread: Mapping[int, RunoffError] = field(default_factory=dict)

    @property
    def identical(self) -> int:
        """How many lines are."""
        return sum(line.is_same for line in self.lines)


def text_cell(value: str | None) -> Cell:
    """A text as it is."""
    return ABSENT if value is None else Cell(value, value)


def setting_cell(value: str | None) -> Cell:
    """A text in which a number counts as one: "0.10", "1e-1" and ".1" are the same."""
    if value is None:
        return ABSENT
    stripped = value.strip()
    is_number = len(stripped) <= MOST_DIGITS and _NUMBER.fullmatch(stripped)
    return Cell(value, Decimal(stripped) if is_number else value)


def number_cell(value: float | None) -> Cell:
    """A number; NaN equals NaN here."""
    if value is None:
        return ABSENT
    return Cell(value, "nan" if math.isnan(value) else value)


def sentence_cell(value: Message | None, same: Hashable) -> Cell:
    """A sentence, compared by `same`."""
    return ABSENT if value is None else Cell(value, same)
