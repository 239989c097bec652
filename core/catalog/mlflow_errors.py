"""What MLflow and the libraries below it raise, as one sentence and what to do about it.

MLflow wraps nearly everything in MlflowException and keeps the cause, so the chain of causes is what
tells a server that is down from one that says no.
"""

import os
import re
import sqlite3
from collections.abc import Iterator
from typing import Any

from core.catalog import store_trouble as trouble
from core.catalog.address import without_secrets
from core.errors import NotFound, RunoffError, StoreError, StoreUnreachable
from core.messages import message

_MAX_REASON = 200  # characters of a library's own words
_STATUS_IN_WORDS = re.compile(r"too many (\d{3}) error responses|failed with error code (\d{3})")


class UnreadableAnswerError(ValueError):
    """The store answered with values that make no sense."""


class UnansweredError(Exception):
    """A change was sent, and nobody knows whether it was made."""


class TooLateError(Exception):
    """Nobody waits for a change any more, so it is not made."""


class Translator:
    """Turns errors met at one store into StoreErrors."""

    def __init__(self, uri: str, *, shown: str, changes: bool = False) -> None:
        """`shown` is the address for people; `changes`: what failed was a change, no read."""
        self._uri = uri
        self._shown = shown
        self._changes = changes

    def translate(self, error: Exception) -> RunoffError | None:
        """The error for people; None for one that the store has no part in."""
        for link in chain(error):
            if isinstance(link, RunoffError):
                return link
            for explain in (self._requests, self._database, self._mlflow, self._system):
                if explained := explain(link):
                    return explained
        return self._say(trouble.OTHER, error) if comes_from(error, "mlflow", "MlflowException") else None

    def _requests(self, error: BaseException) -> StoreError | None:
        if not comes_from(error, "requests", "RequestException"):
            return None
        if comes_from(error, "requests", "RetryError") or comes_from(error, "requests", "HTTPError"):
            return self._status(_status(error), error)
        if _aborted(error):
            return self._say(trouble.CONNECTION["ChunkedEncodingError"], error)
        if timed_out(error):
            return self._say(trouble.CONNECTION["Timeout"], error)
        kinds = (trouble.CONNECTION.get(ancestor.__name__) for ancestor in type(error).__mro__)
        return self._say(next(filter(None, kinds)), error)

    def _database(self, error: BaseException) -> StoreError | None:
        if not (comes_from(error, "sqlalchemy", "SQLAlchemyError") or isinstance(error, sqlite3.Error)):
            return None
        words = str(getattr(error, "orig", None) or error)
        return self._by_words(words) or self._say(trouble.DATABASE, words)

    def _mlflow(self, error: BaseException) -> StoreError | None:
        if not comes_from(error, "mlflow", "MlflowException") or error.__cause__ or _from_requests(error):
            return None  # its cause says more
        code = getattr(error, "error_code", "")
        if code == "RESOURCE_DOES_NOT_EXIST":
            return NotFound(message("The store has no such thing: {reason}", reason=self._reason(error)))
        if code in trouble.STATUS_OF_CODE:
            return self._status(trouble.STATUS_OF_CODE[code], error)
        return self._by_words(str(error)) or self._say(trouble.OTHER, error)

    def _system(self, error: BaseException) -> StoreError | None:
        if isinstance(error, ImportError):
            library = error.name or self._reason(error)
            return StoreUnreachable(
                message("MLflow needs the library {library}, which is not installed here.", library=library),
                message(
                    "Install it beside Runoff, for example with: pip install {package}",
                    package=trouble.PACKAGES.get(library, library),
                ),
            )
        if type(error).__module__.startswith("google.protobuf") or isinstance(error, UnreadableAnswerError):
            return self._say(trouble.UNREADABLE, error)
        return self._say(trouble.SYSTEM, error) if isinstance(error, OSError) else None

    def _status(self, status: int, error: BaseException) -> StoreError:
        if status == 401:  # noqa: PLR2004  HTTP's number
            known = os.environ.get("MLFLOW_TRACKING_USERNAME") or os.environ.get("MLFLOW_TRACKING_TOKEN")
            return self._say(trouble.DENIES if known else trouble.ASKS, error)
        if status == 403:  # noqa: PLR2004  HTTP's number
            return self._by_words(str(error)) or self._say(trouble.FORBIDS, error)
        if status in {404, 405, 501}:
            return self._say(trouble.FOREIGN, error)
        return (
            self._say(trouble.NOT_NOW, error)
            if status in trouble.PASSING
            else self._say(trouble.FAILS, error, status=status)
        )

    def _by_words(self, words: str) -> StoreError | None:
        for pattern, sentence in (*(trouble.WORDS_OF_CHANGES if self._changes else ()), *trouble.WORDS):
            if re.search(pattern, words.lower()):
                return self._say(sentence, words)
        return None

    def _say(self, sentence: trouble.Sentence, words: object, **values: object) -> StoreError:
        if self._changes:
            sentence = trouble.of_change(sentence)
        if "{reason}" in sentence.title.template:
            values["reason"] = self._reason(words)
        return sentence.kind(message(sentence.title.template, address=self._shown, **values), sentence.hint)

    def _reason(self, words: object) -> str:
        """The first line of a library's own words, short and without secrets."""
        text = without_secrets(str(words), self._uri).strip()
        line = text.partition("\n")[0] if text else type(words).__name__
        return line if len(line) <= _MAX_REASON else f"{line[:_MAX_REASON]}…"


def chain(error: BaseException) -> Iterator[BaseException]:
    """The error, then what caused it, and so on; each once."""
    seen: list[BaseException] = []
    link: BaseException | None = error
    while link is not None and link not in seen:
        seen.append(link)
        yield link
        link = link.__cause__ or link.__context__


def comes_from(error: BaseException, library: str, name: str | None = None) -> bool:
    """Whether the error is of this class, or of any, of a library, which need not be imported to ask."""
    return any(
        ancestor.__module__.partition(".")[0] == library and name in {None, ancestor.__name__}
        for ancestor in type(error).__mro__
    )


def timed_out(error: BaseException) -> bool:
    """Whether a server took too long over one request."""
    # MLflow's retries hide it: requests then speaks of a connection that failed, urllib3 keeps the cause.
    silent = (("requests", "ReadTimeout"), ("urllib3", "ReadTimeoutError"))
    return any(comes_from(link, library, name) for link in chain(error) for library, name in silent)


def dropped(error: BaseException) -> bool:
    """Whether a connection broke that was open before: asking once more is worth it."""
    return any(
        comes_from(link, "requests", "ChunkedEncodingError") or _aborted(link) for link in chain(error)
    )


def _aborted(error: BaseException) -> bool:
    return comes_from(error, "requests", "ConnectionError") and "Connection aborted" in str(error)


def _from_requests(error: BaseException) -> bool:
    return error.__context__ is not None and comes_from(error.__context__, "requests", "RequestException")


def _status(error: BaseException) -> int:
    response: Any = getattr(error, "response", None)
    if response is not None:
        return int(response.status_code)
    found = _STATUS_IN_WORDS.search(str(error))
    return int(next(filter(None, found.groups()))) if found else 500
