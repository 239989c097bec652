"""MLflow's search calls: whole lists from pages, names of every kind in filters, filters explained."""

import re
import time
from collections.abc import Callable, Iterator
from typing import Any

from core.catalog.deadline import Beat
from core.catalog.mlflow_errors import UnreadableAnswerError
from core.errors import FilterError
from core.messages import Message, message

_FEWEST = 100  # rows of a page
_SECONDS_A_PAGE = 1.5  # well below the time limit of a request
_MOST_PAGES = 10_000
_LONGEST_NAME = 300  # characters of a name in a filter: a GET request holds it, percent-encoded
_EXAMPLE = message(
    'For example: metrics.roc_auc > 0.8 and params.max_depth = "5" and attributes.status = "FINISHED"'
)

# MLflow's words for a mistake, and ours; the group that is called `it` names the part that is wrong.
_MISTAKES: tuple[tuple[str, Message], ...] = (
    (
        r"Invalid clause\(s\) in filter string: 'OR'",
        message("Conditions can be joined by AND only, not by OR."),
    ),
    (
        r"Invalid clause\(s\) in filter string: (?P<it>.+)",
        message(
            "The filter has a part that MLflow cannot read: {it}. A condition is: name, comparison, value."
        ),
    ),
    (r"contained multiple expression", message("The filter must be one line of conditions joined by AND.")),
    (
        r"Expected numeric value type for (?:metric|numeric attribute: \w+)\. Found (?P<it>.+)",
        message("Metrics and times are compared with a number, without quotes: {it} is none."),
    ),
    (
        r"(?:Got value|used for string value) (?P<it>.+?)(?:\. Use either.*)?$",
        message("Params, tags and attributes are compared with text in quotes: {it} is not."),
    ),
    (
        r"Invalid entity type '(?P<it>.+?)'\.",
        message("A name starts with metrics., params., tags. or attributes.; MLflow does not know {it}."),
    ),
    (
        r"Invalid attribute key '(?P<it>.+?)' specified",
        message("There is no attribute {it}: use run_id, run_name, status, user_id, start_time or end_time."),
    ),
    (
        r"Invalid comparator '?(?P<it>[^' ]+)'?",
        message("{it} does not compare here: use = != > >= < <= for metrics, = != LIKE ILIKE for text."),
    ),
    (r"comparison with a list of quoted", message("IN (…) works for attributes.run_id only.")),
)


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


def filter_error(error: Exception, filter_text: str) -> FilterError | None:
    """What is wrong with a run filter that a store refused; None where the filter is not to blame."""
    from mlflow.exceptions import MlflowException  # noqa: PLC0415  loaded when a store is first read

    if not filter_text or not isinstance(error, MlflowException):
        return None
    words = str(error).removeprefix("INVALID_PARAMETER_VALUE: ")
    if error.error_code != "INVALID_PARAMETER_VALUE":
        from mlflow.utils.search_utils import SearchUtils  # noqa: PLC0415  loaded with MLflow

        try:
            SearchUtils.parse_search_filter(filter_text)
        except Exception as mistake:  # noqa: BLE001  MLflow's parser trips over some mistakes in many ways
            words = str(mistake)
        else:
            return None
    return FilterError(_explain(words), _EXAMPLE)


def _explain(words: str) -> Message:
    for pattern, sentence in _MISTAKES:
        if found := re.search(pattern, words):
            part = found.groupdict().get("it")
            return message(sentence.template, it=part[:_LONGEST_NAME]) if part else sentence
    return message("MLflow cannot read the filter: {words}", words=words.partition("\n")[0][:_LONGEST_NAME])
