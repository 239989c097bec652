"""The decision memo of what the page shows, as a file by address."""

from dataclasses import replace
from http import HTTPStatus
from typing import Final
from urllib.parse import quote

import dash
import flask

from core.errors import NotFound, RunoffError
from core.evidence.comparison import Comparison
from core.services import Services
from dashboard import request
from dashboard.callbacks.comparison_reading import ComparisonReader
from dashboard.choice import Choice, read
from dashboard.messages import _
from looks.language import translate
from memo.composition import compose, file_name
from memo.memo import candidates_of, gather
from memo.rendering import render

PATH: Final = "/models/<model>/memo.<any(html, md):ending>"
FORMS: Final = {"html": ("html", "text/html"), "md": ("markdown", "text/markdown")}


def register(app: dash.Dash, services: Services, reader: ComparisonReader) -> None:
    """Answer the addresses of both forms; the query is the page's."""

    @app.server.get(PATH)
    def memo(model: str, ending: str) -> flask.Response:
        choice, problems = read(request.current_query())
        if problems:
            return _refusal(" ".join(_(problem) for problem in problems), HTTPStatus.BAD_REQUEST)
        try:
            return _file(services, reader, model, choice, ending)
        except NotFound as error:
            return _refusal(error.read(translate), HTTPStatus.NOT_FOUND)
        except RunoffError as error:
            return _refusal(error.read(translate), HTTPStatus.SERVICE_UNAVAILABLE)


def _file(
    services: Services, reader: ComparisonReader, model: str, choice: Choice, ending: str
) -> flask.Response:
    form, mimetype = FORMS[ending]
    found = gather(services, reader.compare(model, choice))
    text = render(compose(found, form=form, address=_address(found.comparison, choice)), form)
    disposition = f'attachment; filename="{file_name(model, form)}"'
    return flask.Response(
        text,
        mimetype=mimetype,
        headers={"Content-Disposition": disposition, "Cache-Control": "no-store"},
    )


def _address(comparison: Comparison, choice: Choice) -> str:
    """The page with the numbers of the versions that it shows now, whatever is in Production later."""
    numbers = tuple(one.version.number for one in candidates_of(comparison))
    pinned = replace(choice, versions=numbers)
    if comparison.baseline is not None:
        pinned = replace(pinned, baseline=comparison.baseline)
    return f"{request.current_origin()}/models/{quote(comparison.model, safe='')}{pinned.search}"


def _refusal(text: str, status: HTTPStatus) -> flask.Response:
    return flask.Response(f"{text}\n", status=status, mimetype="text/plain")
