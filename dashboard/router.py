"""Address -> page. A small router of our own instead of `dash.pages`.

The registry of `dash.pages` is global to the process, so pages that close over one app's services leak
into the next; it hands over names undecoded, lets a query argument override a name in the path, and runs
every layout at the first request.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote

from dashboard.pages import Address, Page


@dataclass(frozen=True, slots=True)
class Route:
    """A page and where in it the reader is."""

    page: Page
    address: Address


class Router:
    """Finds the page of an address among a fixed list."""

    def __init__(self, pages: Sequence[Page]) -> None:
        self._pages = tuple((page.PATH.strip("/").split("/"), page) for page in pages)

    def find(self, path: object, search: object = "") -> Route | None:
        """The page at a percent-encoded path, or None; `search` is the query with its question mark."""
        if not isinstance(path, str):
            return None
        segments = path.removeprefix("/").removesuffix("/").split("/")
        for pattern, page in self._pages:
            names = _match(pattern, segments)
            if names is not None:
                query = dict(parse_qsl(str(search or "").removeprefix("?"), keep_blank_values=True))
                return Route(page, Address(path=path, names=names, query=query))
        return None


def _match(pattern: Sequence[str], segments: Sequence[str]) -> Mapping[str, str] | None:
    if len(pattern) != len(segments):
        return None
    names = {}
    for expected, segment in zip(pattern, segments, strict=True):
        if expected.startswith("<") and segment:
            names[expected.strip("<>")] = unquote(segment)
        elif expected != segment:
            return None
    return names
