"""The ledger and the reigns as CSV, by address: an export may be far too much for a page."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from http import HTTPStatus
from typing import Final

import flask

from core.decision.entry_report import COLUMNS, csv_rows
from core.decision.record import Entry
from core.errors import RunoffError
from core.services import Services
from dashboard import history_filter, request
from dashboard.figures import reigns_data
from dashboard.history_filter import HistoryFilter
from dashboard.messages import reader
from dashboard.pages import history as page
from looks.language import translate

BLOCK: Final = 2_000  # entries of an export that are read at once
CHUNK: Final = 2**16  # characters that are sent at once


def answer_downloads(server: flask.Flask, services: Services) -> None:
    """Answer the addresses of both files."""

    @server.get(page.EXPORT_PATH)
    def export() -> flask.Response:
        wanted, _at, _problems = history_filter.read(request.current_query(), reader.get().zone)
        entries = _all(services, wanted)
        try:
            first = next(entries, None)
        except RunoffError as error:
            return _refusal(error)
        rows = csv_rows(entry for part in ([] if first is None else [first], entries) for entry in part)
        return flask.Response(_lines(COLUMNS, rows), mimetype="text/csv", headers=_attachment("history.csv"))

    @server.get(page.REIGNS_PATH)
    def production() -> flask.Response:
        wanted, _at, _problems = history_filter.read(request.current_query(), reader.get().zone)
        try:
            reigns = services.decisions.reigns(wanted.model)
        except RunoffError as error:
            return _refusal(error)
        lines = _lines(reigns_data.COLUMNS, reigns_data.rows(reigns))
        return flask.Response(lines, mimetype="text/csv", headers=_attachment("production.csv"))


def _attachment(name: str) -> Mapping[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"'}


def _refusal(error: RunoffError) -> flask.Response:
    text = f"{error.read(translate)}\n"
    return flask.Response(text, status=HTTPStatus.SERVICE_UNAVAILABLE, mimetype="text/plain")


def _lines(head: Iterable[str], rows: Iterable[Iterable[object]]) -> Iterator[str]:
    """CSV line by line: an export of everything is never held at once."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(head)
    for row in rows:
        writer.writerow(row)
        if text.tell() > CHUNK:
            yield text.getvalue()
            text.seek(0)
            text.truncate()
    yield text.getvalue()


def _all(services: Services, wanted: HistoryFilter) -> Iterator[Entry]:
    """Every entry that matches, newest first, read in blocks."""
    before = None
    criteria = wanted.criteria(reader.get().zone)
    while True:
        block = services.decisions.history(**criteria, before_seq=before, limit=BLOCK)
        yield from block
        if len(block) < BLOCK:
            return
        before = block[-1].seq
