"""Runs as lines of CSV that a spreadsheet may open."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import datetime

from core.catalog.runs.question import Value
from core.quoting import spreadsheet_safe


def csv_lines(rows: Iterable[Sequence[Value]]) -> str:
    """Lines as RFC 4180 has them: times in ISO 8601, an empty cell where a run lacks the value."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows([map(_cell, row) for row in rows])
    return text.getvalue()


def _cell(value: Value) -> str | float:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat(timespec="milliseconds")
    return spreadsheet_safe(value) if isinstance(value, str) and not _is_number(value) else value


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
