"""What differs between the versions of a comparison, for the terminal and for a program."""

import math
import shutil
import sys
from collections.abc import Sequence
from typing import Any

import click

from commands.output import one_line, print_table
from core.evidence.comparison import Comparison
from core.evidence.differing_lines import Cell, Line, Section
from looks.cells import written

KEY_WIDTH = 28
WIDEST = 34  # characters of a value in a table; JSON has all


def print_differences(comparison: Comparison, sections: Sequence[Section]) -> None:
    """The lines that differ, as many versions side by side as the terminal is wide; the rest is counted."""
    numbers = [one.version.number for one in comparison.versions]
    room = shutil.get_terminal_size().columns if sys.stdout.isatty() else sys.maxsize
    fit = max(1, (min(room, 10_000) - KEY_WIDTH) // (WIDEST // 2))
    for section in sections:
        differing = [line for line in section.lines if not line.is_same]
        click.echo(f"\n{section.title} ({section.identical} identical)")
        for number, error in section.unread.items():
            click.echo(f"v{number}: {error}")
        for start in range(0, len(numbers) if differing else 0, fit):
            heads = [f"v{number}" for number in numbers[start : start + fit]]
            rows = [[_name(line), *map(_shown, _texts(line)[start : start + fit])] for line in differing]
            print_table(["", *heads], rows)


def differences_as_json(comparison: Comparison, sections: Sequence[Section]) -> list[dict[str, Any]]:
    """All lines, values by version number; a number is a number where it was logged as one."""
    numbers = [one.version.number for one in comparison.versions]
    return [
        {
            "section": section.name,
            "lines": [
                {
                    "key": line.key,
                    "same": line.is_same,
                    "unit": line.unit.value,
                    "values": {str(n): _plain(cell) for n, cell in zip(numbers, line.cells, strict=True)},
                    "notes": {
                        str(n): str(cell.note)
                        for n, cell in zip(numbers, line.cells, strict=True)
                        if cell.note is not None
                    },
                }
                for line in section.lines
            ],
            "unread": {str(number): str(error.title) for number, error in section.unread.items()},
        }
        for section in sections
    ]


def _name(line: Line) -> str:
    return line.key if line.title is None else str(line.title)


def _texts(line: Line) -> list[str]:
    return [_text(cell, line) for cell in line.cells]


def _text(cell: Cell, line: Line) -> str:
    if cell.is_unread:
        return "?"
    note = "" if cell.note is None else f" ({cell.note})"
    return f"{written(cell, line.unit) or '-'}{note}"


def _shown(text: str) -> str:
    text = one_line(text)
    return text if len(text) <= WIDEST else f"{text[: WIDEST - 1]}…"


def _plain(cell: Cell) -> object:
    if isinstance(cell.value, float) and not math.isfinite(cell.value):
        return str(cell.value)
    return cell.value if cell.value is None or isinstance(cell.value, int | float) else written(cell)
