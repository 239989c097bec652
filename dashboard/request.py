"""What a request says: who reads, where they are, and whether a callback's body makes sense.

The only file that reads `flask.request`.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, tzinfo
from functools import cache
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo, available_timezones

import flask
from dash._utils import clean_property_name

from dashboard.messages import DEFAULT_LANGUAGE, LANGUAGES, Reader

LANGUAGE_COOKIE = "runoff-language"  # assets/shell.js writes it
ZONE_COOKIE = "runoff-zone"  # the script in the page's head writes it


def current_reader() -> Reader:
    """Language by cookie, else by Accept-Language; time zone by cookie, else UTC."""
    chosen = flask.request.cookies.get(LANGUAGE_COOKIE, "")
    offered = flask.request.accept_languages.best_match(list(LANGUAGES), DEFAULT_LANGUAGE)
    return Reader(chosen if chosen in LANGUAGES else str(offered), _zone())


def _zone() -> tzinfo:
    name = flask.request.cookies.get(ZONE_COOKIE, "")
    return ZoneInfo(name) if name in _zone_names() else UTC


@cache
def _zone_names() -> frozenset[str]:
    """Looking them up walks a folder: ten milliseconds of every request."""
    return frozenset(available_timezones())


def current_path() -> str:
    """The path as the browser has it, percent-encoded."""
    return quote(flask.request.path, safe="/")


def wants_page() -> bool:
    """True for a GET of a page: not of Dash's own addresses, not of a file."""
    own = ("/_", "/assets/")
    return flask.request.method == "GET" and not flask.request.path.startswith(own)


def is_callback() -> bool:
    """True where the page asks one of Dash's callbacks."""
    return flask.request.method == "POST" and flask.request.path.endswith("/_dash-update-component")


def malformed_callback(known: Mapping[str, Mapping[str, Any]]) -> str | None:
    """Why this callback request cannot be one that the page sent, or None where it can.

    `known` is Dash's map of callbacks. Ids and properties must be those of a registered callback, in
    its order; the values may be anything, and each callback must cope with that.
    """
    body = flask.request.get_json(silent=True)
    if not isinstance(body, dict):
        return "the body is not a JSON object"
    output = body.get("output")
    callback = known.get(output) if isinstance(output, str) else None
    if callback is None:
        return "there is no such callback"
    changed = body.get("changedPropIds", [])
    if not isinstance(changed, list) or not all(isinstance(item, str) for item in changed):
        return "changedPropIds is not a list of texts"
    outputs = [] if callback["no_output"] else callback["output"]
    wanted = {
        "inputs": callback["inputs"],
        "state": callback["state"],
        "outputs": [item.to_dict() for item in outputs]
        if isinstance(outputs, Sequence)
        else [outputs.to_dict()],
    }
    for part, specs in wanted.items():
        given = body.get(part) or []
        items = [given] if isinstance(given, dict) else given
        if not isinstance(items, list) or len(items) != len(specs):
            return f"{part} are not those of the callback"
        if not all(_matches(item, spec) for item, spec in zip(items, specs, strict=True)):
            return f"{part} are not those of the callback"
    return None


def _matches(item: object, spec: Mapping[str, str]) -> bool:
    """`item` names the component and property of `spec`; a list of them where the id is a pattern."""
    pattern = spec["id"].startswith("{")
    if pattern and isinstance(item, list):
        return all(isinstance(each, dict) and _matches(each, spec) for each in item)
    if not isinstance(item, dict):
        return False
    named = isinstance(item.get("id"), dict) if pattern else item.get("id") == spec["id"]
    prop = item.get("property")
    return (
        named and isinstance(prop, str) and clean_property_name(prop) == clean_property_name(spec["property"])
    )
