"""The comparison as a file: everything that is known of the runs, a line for each."""

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final

import dash
from flask import Response

from core.catalog.compared_runs import Compared
from core.catalog.runs.question import ATTRIBUTES, Field, Kind, Value
from core.decision.entry_report import safe_cell
from core.errors import NotFound, RunoffError, UsageError
from dashboard import request
from dashboard.messages import _
from dashboard.pages.run_comparison import asked
from dashboard.run_comparing import RunComparing
from dashboard.run_narrowing import Narrowing

PATH: Final = "/runs/compare.csv"
_AT_ONCE: Final = 200  # runs: of 12,000 fields they are 2,400,000 cells
_FIRST: Final = ("run_name", *(name for name in ATTRIBUTES if name != "run_name"))


def register(app: dash.Dash, runs: RunComparing) -> None:
    """Answer for the file."""

    @app.server.get(PATH)
    def csv_of_runs() -> Any:
        query = request.current_query()
        try:
            narrow = Narrowing.read(query.get("narrow", "")).data()
            compared = runs.look(asked(query), (), narrow).shown
            if not compared.ids:
                return _("None of these runs is in the store."), HTTPStatus.NOT_FOUND
            fields = _fields(runs, compared)
        except NotFound as error:
            return _(error.title), HTTPStatus.NOT_FOUND
        except UsageError as error:
            return _(error.title), HTTPStatus.BAD_REQUEST
        except RunoffError as error:
            return _(error.title), HTTPStatus.SERVICE_UNAVAILABLE
        headers = {"Content-Disposition": 'attachment; filename="runs.csv"'}
        return Response(report(runs, compared.ids, fields), mimetype="text/csv", headers=headers)


def _fields(runs: RunComparing, compared: Compared) -> Sequence[Field]:
    attributes = [Field(Kind.ATTRIBUTE, name) for name in _FIRST if name != "run_id"]
    others = [one.field for one in runs.fields(compared) if one.field.kind is not Kind.ATTRIBUTE]
    return [*attributes, *others]


def report(runs: RunComparing, ids: Sequence[str], fields: Sequence[Field]) -> Iterator[str]:
    """The lines, heads first; the report of many runs is read and sent piece by piece."""
    yield _line(["run_id", *(str(one) for one in fields)])
    for start in range(0, len(ids), _AT_ONCE):
        read = runs.look({"runs": list(ids[start : start + _AT_ONCE])}, fields).all
        columns = [read.values[one] for one in fields]
        for at, run in enumerate(read.ids):
            yield _line([run, *(_cell(column[at]) for column in columns)])


def _line(cells: Sequence[Any]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow([safe_cell(cell) for cell in cells])
    return text.getvalue()


def _cell(value: Value) -> str | float | None:
    return value.isoformat() if isinstance(value, datetime) else value
