"""A memo as headings, paragraphs, tables and drawings in the reader's language, whatever form it takes."""

from dataclasses import dataclass
from enum import StrEnum

from memo.curves import Drawing


class Tone(StrEnum):
    """What a cell means beyond what it says."""

    PLAIN = "plain"
    BETTER = "better"
    WORSE = "worse"
    QUIET = "quiet"  # not to be relied on: zero is inside the interval, or it is too little to judge


@dataclass(frozen=True, slots=True)
class Text:
    """A line of a cell; `number` is the exact value of what it writes."""

    text: str
    number: float | None = None
    tone: Tone = Tone.PLAIN


@dataclass(frozen=True, slots=True)
class Cell:
    """Lines, the first the main one; `version` gives the cell that version's swatch."""

    lines: tuple[Text, ...]
    version: int | None = None

    @classmethod
    def of(cls, text: str, *, version: int | None = None, tone: Tone = Tone.PLAIN) -> "Cell":
        """One line."""
        return cls((Text(text, tone=tone),), version)


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """The first cell of each row is its head; `is_numeric`: all others are numbers."""

    caption: str
    head: tuple[Cell, ...]
    rows: tuple[tuple[Cell, ...], ...]
    is_numeric: bool = False


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A sentence or some; a note is read last."""

    text: str
    is_note: bool = False


@dataclass(frozen=True, slots=True)
class Code:
    """A line for a machine, after what it is."""

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Curves:
    """Drawings side by side, and what is said where there can be none."""

    drawings: tuple[Drawing, ...]
    instead: str


Block = Table | Paragraph | Code | Curves


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """What stands under one heading."""

    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Swatch:
    """How a version looks on light and on dark ground; `dash` in the words of SVG, empty where solid."""

    number: int
    light: str
    dark: str
    dash: str
    width: float  # of its lines, in pixels


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """The whole memo."""

    title: str
    language: str
    facts: tuple[tuple[str, str], ...]  # name and value
    sections: tuple[Section, ...]
    swatches: tuple[Swatch, ...]
