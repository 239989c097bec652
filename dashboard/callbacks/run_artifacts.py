"""A run's artifacts by address: folders and texts as JSON, pictures as pictures, and never a page."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

import flask

from core.catalog.runs.artifacts import Form, Preview, is_image, listing, preview
from core.catalog.store import ArtifactPlace
from core.errors import ArtifactError, NotFound, RunoffError
from core.services import Services
from dashboard import request
from dashboard.messages import _
from dashboard.theme import integer
from looks.language import translate

FOLDER: Final = "/runs/<run>/artifacts"
FILE: Final = "/runs/<run>/artifact"
PICTURE: Final = "/runs/<run>/picture"
_APART: Final = {  # a picture may be markup: whatever opens it, nothing in it runs and nothing is loaded
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


def answer_artifacts(server: flask.Flask, services: Services) -> None:
    """Answer the addresses; each takes `path` and, for a model's own files, `model`."""

    @server.get(FOLDER)
    def folder(run: str) -> flask.Response:
        try:
            found = listing(services.store, _place(run), _path())
        except RunoffError as error:
            return _refusal(error)
        entries = [
            {"path": one.path, "name": one.name, "folder": one.is_folder, "size": _size(one.size)}
            for one in found.entries
        ]
        missing = (
            _("This run has no artifacts, or they are not on this machine: {folder}", folder=found.missing)
            if found.missing
            else ""
        )
        return _json({"entries": entries, "cut": found.is_cut, "missing": missing})

    @server.get(FILE)
    def file(run: str) -> flask.Response:
        if is_image(_path()):
            return _json({"form": Form.IMAGE})
        try:
            shown = preview(services.store, _place(run), _path())
        except RunoffError as error:
            return _refusal(error)
        return _json(
            {"form": shown.form, "text": shown.text if shown.form is Form.TEXT else "", "note": _note(shown)}
        )

    @server.get(PICTURE)
    def picture(run: str) -> flask.Response:
        try:
            shown = preview(services.store, _place(run), _path())
        except RunoffError as error:
            return _refusal(error)
        if shown.form is not Form.IMAGE:
            return _plain(_note(shown), HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
        headers = dict(_APART)
        if shown.media_type == "image/svg+xml":  # drawn by <img>; whoever opens it gets a file
            headers["Content-Disposition"] = 'attachment; filename="picture.svg"'
        return flask.Response(shown.data, mimetype=shown.media_type, headers=headers)


def _note(shown: Preview) -> str:
    size = _size(shown.size)
    if shown.form is Form.BINARY:
        return _("This file is neither text nor a picture ({size}).", size=size or "?")
    if shown.form is Form.LARGE:
        return _("The picture is too large to be shown ({size}).", size=size or "?")
    if shown.is_cut:
        return _("The beginning of the file ({size} in all).", size=size or "?")
    return size


def _size(size: int | None) -> str:
    if size is None:
        return ""
    if size < 1_000:  # noqa: PLR2004 - bytes in a kilobyte
        return _("{bytes} bytes", bytes=integer(size))
    return _("{kilobytes} kB", kilobytes=integer(-(-size // 1_000)))


def _place(run: str) -> ArtifactPlace:
    return ArtifactPlace(run, request.current_query().get("model", ""))


def _path() -> str:
    return request.current_query().get("path", "")


def _json(answer: Mapping[str, Any]) -> flask.Response:
    return flask.jsonify(answer)


def _refusal(error: RunoffError) -> flask.Response:
    if isinstance(error, NotFound):
        status = HTTPStatus.NOT_FOUND
    elif isinstance(error, ArtifactError):
        status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE
    else:
        status = HTTPStatus.SERVICE_UNAVAILABLE
    return _plain(error.read(translate), status)


def _plain(text: str, status: HTTPStatus) -> flask.Response:
    return flask.Response(f"{text}\n", status=status, mimetype="text/plain")
