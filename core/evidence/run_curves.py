"""Metric histories of runs as curves to draw: smoothed on all values, then thinned by their geometry."""

import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, Protocol

import numpy as np
from cachetools import LRUCache
from numpy.typing import NDArray

from core.catalog.runs.histories import History
from core.errors import StoreError
from core.evidence.thinning import Positions, thin_course

MOST_SMOOTH: Final = 0.99
_MOST_BYTES: Final = 64 * 2**20  # of histories that are kept: 500 of 5,000 values
_ENTRY_BYTES: Final = 500  # of a history, beside its values
_FRESH_SECONDS: Final = 5.0  # a running run's history is read again after this long

Numbers = NDArray[np.float64]
Key = tuple[str, str, datetime | None]  # run, metric, its end


class Axis(StrEnum):
    """What a metric is drawn over."""

    STEP = "step"
    TIME = "time"  # when it was logged, in milliseconds since 1970
    RELATIVE = "relative"  # seconds since the run's first value


class Historian(Protocol):
    """What reads histories: the store."""

    def histories(self, run_ids: Sequence[str], metric: str) -> Mapping[str, History]:
        """Histories of as many runs as a few seconds allow; raises StoreError."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """How curves are drawn; `smoothing` is the weight of what came before, from 0 (none) to MOST_SMOOTH."""

    axis: Axis = Axis.STEP
    is_log: bool = False  # values that are not positive are left out
    smoothing: float = 0.0


@dataclass(frozen=True, slots=True)
class Wanted:
    """A run whose curve is wanted; one that has ended logs no more."""

    id: str
    ended: datetime | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """Points of a curve in order of x, (m,) float64 each, fewer than 1,000."""

    x: Numbers
    y: Numbers


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """A run's curve; `raw` is the unsmoothed one, None where nothing is smoothed."""

    line: Line
    raw: Line | None = None
    values: int = 0  # that were read
    left_out: int = 0  # of them: not finite, or not positive on a log scale
    is_sample: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Curves by run, in the order asked for; `waiting` runs have not been read: ask again."""

    curves: Mapping[str, Curve]
    waiting: int = 0
    trouble: StoreError | None = None  # why the store gave no more


class RunCurves:
    """Reads histories through the store and keeps them; safe for threads."""

    def __init__(self, store: Historian, most_bytes: int = _MOST_BYTES) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._kept: LRUCache[Key, tuple[float, History]] = LRUCache(most_bytes, _bytes)

    def read(self, wanted: Sequence[Wanted], metric: str, drawing: Drawing) -> Found:
        """The curves of a metric; takes some seconds at most.

        Raises:
            StoreError: The store gives nothing, and nothing of it is kept either.
        """
        known = {one.id: found for one in wanted if (found := self._known(one, metric)) is not None}
        missing = [one for one in wanted if one.id not in known]
        trouble: StoreError | None = None
        try:
            read = self._store.histories([one.id for one in missing], metric) if missing else {}
        except StoreError as error:
            if not known:
                raise
            read, trouble = {}, error
        self._keep(missing, metric, read)
        known.update(read)
        curves = {one.id: curve(known[one.id], drawing) for one in wanted if one.id in known}
        return Found(curves=curves, waiting=len(wanted) - len(curves), trouble=trouble)

    def _known(self, one: Wanted, metric: str) -> History | None:
        key = one.id, metric, one.ended
        with self._lock:
            kept = self._kept.get(key)
            if kept is None:
                return None
            read, history = kept
            if one.ended is None and time.monotonic() - read > _FRESH_SECONDS:
                return None
            return history

    def _keep(self, asked: Sequence[Wanted], metric: str, read: Mapping[str, History]) -> None:
        now = time.monotonic()
        with self._lock:
            for one in asked:
                if one.id not in read:
                    continue
                with suppress(ValueError):  # larger than all that may be kept
                    self._kept[one.id, metric, one.ended] = now, read[one.id]


def _bytes(kept: tuple[float, History]) -> int:
    return _ENTRY_BYTES + kept[1].nbytes


def curve(history: History, drawing: Drawing) -> Curve:
    """A history as a curve; values that cannot be drawn are left out and counted."""
    usable = np.isfinite(history.values)
    if drawing.is_log:
        usable &= history.values > 0
    values, x = history.values[usable], _along(history, drawing.axis)[usable]
    order = np.argsort(x, kind="stable")
    x, values = x[order], values[order]
    is_smooth = drawing.smoothing > 0 and len(values) > 1
    return Curve(
        line=_thin(x, smoothed(values, drawing.smoothing) if is_smooth else values, drawing),
        raw=_thin(x, values, drawing) if is_smooth else None,
        values=len(history.values),
        left_out=len(history.values) - len(values),
        is_sample=history.is_sample,
    )


def smoothed(values: Numbers, strength: float) -> Numbers:
    """The exponential mean of all values so far, the newest with weight 1 - `strength`.

    The first values are not pulled to zero: the weights of what there is sum to 1 everywhere. `values` is
    (n,) finite float64, `strength` in [0, 1).
    """
    from scipy.signal import lfilter  # noqa: PLC0415 - a quarter of a second that only a smoothing costs

    weights = lfilter([1 - strength], [1, -strength], np.ones_like(values))
    return np.asarray(lfilter([1 - strength], [1, -strength], values) / weights)


def _along(history: History, axis: Axis) -> Numbers:
    if axis is Axis.STEP:
        return history.steps.astype(np.float64)
    times = history.times.astype(np.float64)
    return times if axis is Axis.TIME or not len(times) else (times - times.min()) / 1000.0


def _thin(x: Numbers, y: Numbers, drawing: Drawing) -> Line:
    at: Positions = (
        thin_course(_unit(x), _unit(np.log(y) if drawing.is_log else y)) if len(x) else np.arange(0)
    )
    return Line(x[at], y[at])


def _unit(values: Numbers) -> Numbers:
    """From 0 to 1, as high and wide as the picture; half of everything, so that no span overflows."""
    low, high = values.min() / 2, values.max() / 2
    return (values / 2 - low) / (high - low) if high > low else np.zeros_like(values)
