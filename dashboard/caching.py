"""What a browser may keep of scripts, styles and icons, so that a page that was open before opens at once."""

from http import HTTPStatus
from typing import Final

import dash
import flask

from dashboard import request

YEAR: Final = "max-age=31536000, immutable"
DAY: Final = "max-age=86400"
_SUITES: Final = "/_dash-component-suites/"


def allow(app: dash.Dash) -> None:
    """Say how long files may be kept; answer at once where a browser has the newest already.

    Dash reads, hashes and compresses a component's script before it finds that nothing has changed: a tenth
    of a second for plotly's, at every visit. Those files change with an installation, never under a process.
    """
    server: flask.Flask = app.server
    known: dict[str, str] = {}  # path -> ETag, as it is before a compression marks it

    @server.before_request
    def answer() -> flask.Response | None:
        kept = request.kept_etags().get(known.get(request.current_path(), ""))
        if kept is None:
            return None
        response = flask.Response(status=HTTPStatus.NOT_MODIFIED)
        del response.headers["Content-Type"]  # what is kept has its own, and so its own time to be kept
        response.set_etag(kept)
        return response

    @server.after_request
    def note(response: flask.Response) -> flask.Response:
        path, etag = request.current_path(), response.get_etag()[0]
        if response.status_code != HTTPStatus.OK:
            return response
        if path.startswith("/assets/"):
            response.headers["Cache-Control"] = YEAR if _is_versioned(path) else DAY
        elif path.startswith(_SUITES) and etag is not None:
            known[path] = etag
        return response


def _is_versioned(path: str) -> bool:
    """Whether a new file comes under a new address: Dash adds the time of ours, the others' names tell."""
    return "m" in request.current_query() or path.startswith("/assets/vendor/")
