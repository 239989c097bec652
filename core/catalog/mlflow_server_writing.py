"""Changes through a tracking server's documented REST calls, each sent once.

MLflow's client reads one time limit from the environment for reads and writes alike, repeats POSTs, and
shares connections that the server may just be closing. So each change is a request of its own, with its
own limit, on a connection of its own.
"""

import time
from collections.abc import Mapping
from typing import Any

from core.catalog import mlflow_entities as values
from core.catalog.mlflow_errors import UnansweredError, UnreadableAnswerError, chain, comes_from
from core.catalog.store import LoggedModel

_OK = 200
_CLIENT_ERRORS = range(400, 500)
_UNDECIDED = frozenset({408, 499})  # a proxy that did not wait for the server's answer
_REFUSED = frozenset({500, 501, 505})  # any other from 502 on is a proxy's word for not knowing
_NO_BODY_HELPS = frozenset({401, 403})
_LEAST_SECONDS = 0.05

# Errors of a connection that was never open, so that nothing can have been sent over it.
_NEVER_OPEN = (
    ("urllib3", "NewConnectionError"),
    ("urllib3", "ConnectTimeoutError"),
    ("requests", "ConnectTimeout"),
    ("requests", "ProxyError"),
    ("requests", "InvalidURL"),
    ("requests", "InvalidSchema"),
    ("requests", "MissingSchema"),
)


class ServerRoad:
    """The REST calls of one tracking server that change its registry."""

    def __init__(self, uri: str, until: float) -> None:
        """`until` is the time, by the monotonic clock, at which nobody waits for the answer any more."""
        self._uri = uri
        self._until = until

    def move_stage(self, model: str, number: int, stage: str, *, archive_others: bool) -> None:
        """Put a version into a stage."""
        self._call(
            "POST",
            "model-versions/transition-stage",
            name=model,
            version=str(number),
            stage=stage,
            archive_existing_versions=archive_others,
        )

    def set_alias(self, model: str, alias: str, number: int) -> None:
        """Let the alias point at a version."""
        self._call("POST", "registered-models/alias", name=model, alias=alias, version=str(number))

    def delete_alias(self, model: str, alias: str) -> None:
        """Take the alias away; the server says nothing about one that is not there."""
        self._call("DELETE", "registered-models/alias", name=model, alias=alias)

    def set_tag(self, model: str, number: int, *, name: str, value: str) -> None:
        """Set one tag of a version."""
        self._call("POST", "model-versions/set-tag", name=model, version=str(number), key=name, value=value)

    def add_model(self, name: str) -> None:
        """Make a registered model."""
        self._call("POST", "registered-models/create", name=name)

    def add_version(
        self, name: str, model: LoggedModel, *, run_id: str, description: str, tags: Mapping[str, str]
    ) -> int:
        """Register a run's model; a folder of a run's artifacts by its own address, as MLflow does it."""
        made = self._call(
            "POST",
            "model-versions/create",
            name=name,
            source=model.uri if model.id else model.location,
            run_id=run_id,
            description=description,
            tags=[{"key": key, "value": value} for key, value in tags.items()],
            **({"model_id": model.id} if model.id else {}),
        )
        try:
            return values.number(made["model_version"]["version"])
        except (KeyError, TypeError, UnreadableAnswerError) as error:
            raise UnansweredError from error

    def _call(self, method: str, call: str, **facts: object) -> Mapping[str, Any]:
        """Send one change; returns the answer.

        Raises:
            UnansweredError: It may have been made.
            Exception: As MLflow and requests have it; it has not been made.
        """
        from mlflow.utils.credentials import get_default_host_creds  # noqa: PLC0415  see Connection
        from mlflow.utils.rest_utils import http_request  # noqa: PLC0415  see Connection

        credentials = get_default_host_creds(self._uri)
        try:
            response = http_request(
                credentials,
                f"/api/2.0/mlflow/{call}",
                method,
                max_retries=0,
                retry_codes=frozenset(),
                raise_on_status=False,
                extra_headers={"Connection": "close"},
                timeout=max(_LEAST_SECONDS, self._until - time.monotonic()),
                json=facts,
            )
        except Exception as error:
            if _never_sent(error):
                raise
            raise UnansweredError from error
        return _judge(response, method)


def _judge(response: Any, method: str) -> Mapping[str, Any]:
    """The answer, where the server says that the change was made."""
    from mlflow.exceptions import RestException  # noqa: PLC0415  see Connection
    from requests import HTTPError  # noqa: PLC0415  comes with MLflow

    status = response.status_code
    body = _object(response)
    if response.request.method != method:  # a redirect made a question of it, which changes nothing
        raise HTTPError(f"a redirect to {response.url}", response=_as_not_found(response))
    if status == _OK:
        if body is None:  # cut, or a proxy's own page
            raise UnansweredError
        return body
    words = str((body or {}).get("message", ""))
    made_nothing = status < _CLIENT_ERRORS.stop and status not in _UNDECIDED
    if not (made_nothing or status in _REFUSED or "is locked" in words):
        raise UnansweredError
    if body is not None and "error_code" in body and status not in _NO_BODY_HELPS:
        raise RestException(body)
    raise HTTPError(response.text[:1_000], response=response)


def _object(response: Any) -> dict[str, Any] | None:
    """The answer as a JSON object; an empty one is one."""
    if not response.text.strip():
        return {}
    try:
        answer = response.json()
    except ValueError:
        return None
    return answer if isinstance(answer, dict) else None


def _as_not_found(response: Any) -> Any:
    response.status_code = 404
    return response


def _never_sent(error: Exception) -> bool:
    links = list(chain(error))
    if not any(comes_from(link, library) for link in links for library in ("requests", "urllib3")):
        return True  # credentials that cannot be had, a plug-in that is missing
    if any(comes_from(link, library, name) for link in links for library, name in _NEVER_OPEN):
        return True
    return any(
        comes_from(link, "requests", "SSLError") and "certificate verify failed" in str(link)
        for link in links
    )
