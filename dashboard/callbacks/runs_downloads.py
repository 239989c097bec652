"""Every run that matches as CSV, by address: it may be far too much for a page."""

from collections.abc import Iterator
from http import HTTPStatus
from itertools import chain

import dash
import flask

from core.errors import RunoffError, UsageError
from core.services import Services
from dashboard import request
from dashboard.components.run_columns import NAME, usual
from dashboard.pages.runs import CSV_PATH
from dashboard.runs_choice import RunsChoice, read
from looks.language import translate


def answer_csv(app: dash.Dash, services: Services) -> None:
    """Answer the address of the file; the query is the page's."""

    @app.server.get(CSV_PATH)
    def runs_csv() -> flask.Response:
        choice = read(request.current_query())
        try:
            lines = _lines(services, choice)
        except UsageError as error:
            return _refusal(error, HTTPStatus.BAD_REQUEST)
        except RunoffError as error:
            return _refusal(error, HTTPStatus.SERVICE_UNAVAILABLE)
        disposition = {"Content-Disposition": 'attachment; filename="runs.csv"'}
        return flask.Response(lines, mimetype="text/csv", headers=disposition)


def _lines(services: Services, choice: RunsChoice) -> Iterator[str]:
    """The file; what is wrong with the question is raised here, not while it is sent."""
    services.runs.open(choice.experiments)
    facts = services.runs.fields(choice.experiments)
    fields = choice.columns or usual(facts, experiments=len(choice.experiments))
    lines = services.runs.csv(choice.question, [NAME, *(field for field in fields if field != NAME)])
    first = next(lines, "")
    return chain([first], lines)


def _refusal(error: RunoffError, status: HTTPStatus) -> flask.Response:
    return flask.Response(f"{error.read(translate)}\n", status=status, mimetype="text/plain")
