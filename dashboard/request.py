"""What a request says: who reads, where they are, where it comes from, and whether its body makes sense.

The only file that reads `flask.request`.
"""

import ipaddress
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, tzinfo
from functools import cache
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo, available_timezones

import flask
from dash._utils import clean_property_name

from core.quoting import quoted
from dashboard.messages import DEFAULT_LANGUAGE, LANGUAGES, Reader, _

LANGUAGE_COOKIE = "runoff-language"  # assets/shell.js writes it
ZONE_COOKIE = "runoff-zone"  # the script in the page's head writes it
HOST = re.compile(r"(?P<name>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+)(:[0-9]{1,5})?", re.ASCII)
FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP", "Via")  # what proxies add
CHANGES_NOTHING = ("GET", "HEAD", "OPTIONS")


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


def current_origin() -> str:
    """Where this Runoff is served, as the browser names it: http://127.0.0.1:8050."""
    return flask.request.host_url.rstrip("/")


def current_query() -> Mapping[str, str]:
    """The query, decoded; of a key given twice, the first."""
    return flask.request.args.to_dict()


def kept_etags() -> Mapping[str, str]:
    """ETags of what the browser has of this address, by what they are before a compression marks them."""
    return {etag.partition(":")[0]: etag for etag in flask.request.if_none_match.as_set()}


def wants_page() -> bool:
    """True for a GET of a page: not of Dash's own addresses, not of a file."""
    own = ("/_", "/assets/")
    return flask.request.method == "GET" and not flask.request.path.startswith(own)


def is_local() -> bool:
    """True for a request of this machine, made to its loopback address, with no proxy in between."""
    sender = flask.request.remote_addr or ""
    return _is_loopback(sender) and _names_loopback() and not any(map(flask.request.headers.get, FORWARDED))


def forbidden() -> str | None:
    """Why another web site could be behind this request, or None where that cannot be.

    Whoever serves a page under a name of their own can let that name resolve to 127.0.0.1 (DNS rebinding):
    their page would then read ours, so only a loopback Host is answered. And any page can make a browser
    post to us; the browser says from where, and a page cannot change what it says.
    """
    if not _names_loopback():
        return _(
            "Runoff answers under 127.0.0.1 and localhost alone, and this request names the host {host}.",
            host=quoted(flask.request.headers.get("Host", "")),
        )
    if flask.request.method not in CHANGES_NOTHING and not _sent_by_our_page():
        return _("This request was sent by the page of another web site.")
    return None


def _sent_by_our_page() -> bool:
    """Sec-Fetch-Site where the browser sends it, else Origin; a program that is no browser sends neither."""
    site = flask.request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    origin = flask.request.headers.get("Origin")
    return origin is None or origin.partition("://")[2] == flask.request.headers.get("Host")


def _names_loopback() -> bool:
    host = HOST.fullmatch(flask.request.headers.get("Host", ""))
    name = host["name"].strip("[]").lower() if host else ""
    return name == "localhost" or _is_loopback(name)


def _is_loopback(address: str) -> bool:
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    return (getattr(ip, "ipv4_mapped", None) or ip).is_loopback  # ::ffff:127.0.0.1 where both are listened on


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
