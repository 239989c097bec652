"""Metric histories as MLflow has them."""

import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import numpy as np

from core.catalog.deadline import Beat
from core.catalog.runs.histories import MOST_VALUES, History

SECONDS: Final = 3.0  # after which no further run is begun: a page shows those that are there
_PAGE: Final = 10_000
_SAMPLE: Final = 2_500  # as many as a tracking server gives


def read_histories(
    client: Any, beat: Beat, run_ids: Sequence[str], metric: str, *, seconds: float = SECONDS
) -> Mapping[str, History]:
    """Histories of a metric, run after run, as many as `seconds` allow, but one at least.

    Whoever misses some asks again for these. A run without the metric has an empty history, and so has
    one that is gone.

    Args:
        client: An MlflowClient.
        beat: Called after each answer of the store.
        run_ids: Which runs.
        metric: The metric's name.
        seconds: How long to go on.
    """
    until = time.monotonic() + seconds
    found: dict[str, History] = {}
    for run_id in run_ids:
        if found and time.monotonic() > until:
            break
        found[run_id] = _history(client, beat, run_id, metric)
    return found


def _history(client: Any, beat: Beat, run_id: str, metric: str) -> History:
    logged: list[Any] = []
    for page, token in _pages(client, run_id, metric):
        beat()
        logged.extend(page)
        if token and len(logged) >= MOST_VALUES:
            # Of a million values the rest would take minutes; a sample shows all of the course.
            store = client._tracking_client.store  # noqa: SLF001  MlflowClient hands over all or nothing
            sample = store.get_metric_history_bulk_interval([run_id], metric, _SAMPLE, None, None)
            beat()
            return _made(sample, is_sample=True)
    return _made(logged)


def _pages(client: Any, run_id: str, metric: str) -> Iterator[tuple[Sequence[Any], str | None]]:
    from mlflow.exceptions import MlflowException  # noqa: PLC0415  MLflow is imported by the connection

    store = client._tracking_client.store  # noqa: SLF001  MlflowClient hands over all or nothing
    token: str | None = None
    while True:
        try:
            page = store.get_metric_history(run_id, metric, max_results=_PAGE, page_token=token)
        except MlflowException as error:
            if error.error_code != "RESOURCE_DOES_NOT_EXIST":
                raise
            return
        yield page, page.token
        if not page.token or page.token == token:
            return
        token = page.token


def _made(logged: Sequence[Any], *, is_sample: bool = False) -> History:
    steps = np.array([one.step for one in logged], np.int64)
    times = np.array([one.timestamp for one in logged], np.int64)
    values = np.array([one.value for one in logged], np.float64)
    largest = np.abs(values) == np.finfo(np.float64).max  # as MLflow's databases keep infinity
    values[largest] = np.copysign(np.inf, values[largest])
    order = np.lexsort((times, steps))
    return History(steps=steps[order], times=times[order], values=values[order], is_sample=is_sample)
