"""Evaluations in memory, within a limit: made once for each key, however many people ask."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress

from cachetools import LRUCache

from core.evidence.evaluation import Evaluation, evaluate
from core.evidence.scores import ScoreKey, Scores
from core.evidence.split import Split


class Evaluations:
    """A cache of evaluations by score key; the least recently asked for goes first. Thread-safe.

    Args:
        max_bytes: limit of the arrays that are kept, 24 bytes for each distinct score of a version.
            What callers still hold counts nowhere; an evaluation above the limit is made and not kept.
    """

    def __init__(self, max_bytes: int) -> None:
        self._lock = threading.Lock()
        self._kept: LRUCache[ScoreKey, Evaluation] = LRUCache(max_bytes, lambda one: one.nbytes)
        self._being_made: dict[ScoreKey, Future[Evaluation]] = {}

    def of(self, key: ScoreKey, load: Callable[[], Scores], split: Split) -> Evaluation:
        """The evaluation of the scores under `key`; `load` reads them where it is not at hand.

        While one caller makes it, others who ask for the same key wait and get the same, also where it
        fails: the exception of `load` or `evaluate` reaches all of them and is not remembered.
        """
        with self._lock:
            kept = self._kept.get(key)
            if kept is not None:
                return kept
            future = self._being_made.get(key)
            is_maker = future is None
            if future is None:
                future = self._being_made[key] = Future()
        if is_maker:
            self._make(key, future, load, split)
        return future.result()

    @property
    def nbytes(self) -> int:
        """Bytes of the evaluations that are kept."""
        return int(self._kept.currsize)

    def _make(
        self, key: ScoreKey, future: Future[Evaluation], load: Callable[[], Scores], split: Split
    ) -> None:
        try:
            evaluation = evaluate(_checked(load(), key), split)
        except BaseException as error:  # noqa: BLE001 -- whoever waits must hear of anything at all
            with self._lock:
                del self._being_made[key]
            future.set_exception(error)
        else:
            with self._lock:
                del self._being_made[key]
                with suppress(ValueError):  # above the limit
                    self._kept[key] = evaluation
            future.set_result(evaluation)


def _checked(scores: Scores, key: ScoreKey) -> Scores:
    if scores.key != key:
        msg = f"asked for the scores of {key}, loaded those of {scores.key}"
        raise ValueError(msg)
    return scores
