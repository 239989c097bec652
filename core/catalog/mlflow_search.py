"""MLflow's search calls: whole lists from pages, and names of every kind in filters."""

import re
import time
from collections.abc import Callable, Iterator
from typing import Any

from core.catalog.deadline import Beat
from core.catalog.mlflow_errors import UnreadableAnswerError

_FEWEST = 100  # rows of a page
_SECONDS_A_PAGE = 1.5  # well below the time limit of a request
_MOST_PAGES = 10_000
_LONGEST_NAME = 300  # characters of a name in a filter: a GET request holds it, percent-encoded


class PageSize:
    """How many rows to ask for at once: as many as this store gives in a second or so."""

    def __init__(self, first: int, *, most: int) -> None:
        self.rows = first
        self._most = most

    def took(self, rows: int, seconds: float) -> None:
        """Learn from a page; a short one says nothing."""
        if rows >= self.rows:
            self.rows = max(_FEWEST, min(self._most, int(rows * _SECONDS_A_PAGE / max(seconds, 0.001))))

    def overdue(self) -> None:
        """Ask for less after a page that did not come in time."""
        self.rows = max(_FEWEST, self.rows // 5)


def pages(
    fetch: Callable[..., Any], size: PageSize, beat: Beat, *, limit: int | None = None
) -> Iterator[Any]:
    """Pages of one search until its end, or until `limit` rows.

    `fetch` takes max_results and page_token; it returns MLflow's PagedList, and so does this.
    """
    rows, token, left = size.rows, None, limit
    for _ in range(_MOST_PAGES):
        asked = rows if left is None else min(rows, left)
        started = time.monotonic()
        page = fetch(max_results=asked, page_token=token)
        size.took(len(page), time.monotonic() - started)
        beat()
        yield page
        if not page.token or page.token == token:
            return
        token = page.token
        if left is not None:
            left -= len(page)
            if left <= 0:
                return
    raise UnreadableAnswerError("the list of pages has no end")


def name_filter(name: str) -> str:
    """A filter that finds at least the model called `name`, whatever characters it has.

    MLflow's grammar knows no escape: a plain name is compared, any other is matched with a wildcard for
    each character that the grammar or a database could take for something else. The caller keeps exact
    matches only.
    """
    if len(name) <= _LONGEST_NAME and "'" not in name and "\\" not in name and name.isprintable():
        return f"name = '{name}'"
    # One character is one wildcard, except where a database may count a character as two.
    pattern = re.sub(r"[^\w .-]", lambda odd: "_" if odd.group() <= "\uffff" else "%", name[:_LONGEST_NAME])
    return f"name LIKE '{pattern}{'%' if len(name) > _LONGEST_NAME else ''}'"
