"""Fills the index of runs in the background, and keeps it true while somebody looks at it."""

import itertools
import logging
import math
import threading
import time
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from core.catalog.mlflow_search import PageSize
from core.catalog.run_batch import RunSlice, RunSource
from core.catalog.run_tables import ClosedError, Tables
from core.catalog.run_watch import Watch
from core.errors import NotFound, StoreError, StoreUnreachable
from core.messages import message

_FIRST_ROWS = 50  # read at once, before anything else, so that a page has something to show
_LOOK_SECONDS = 5.0  # from one look at an experiment to the next
_LOOK_SHARE = 10  # a look that took a second is followed by ten of rest
_WATCHED_SECONDS = 60.0  # after the last question about an experiment
_SHOWN_SECONDS = 30.0  # a run was in a page's sight
_MOST_SHOWN = 200
_RETRY_SECONDS = (1.0, 2.0, 5.0, 10.0)  # after the store did not answer, again and again

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Place:
    """An experiment in the index."""

    watch: Watch
    begun: threading.Event = field(default_factory=threading.Event)
    trouble: StoreError | None = None
    asked: float = 0.0  # when somebody last asked about it, by the monotonic clock
    due: float = 0.0  # when to look again
    shown: dict[str, float] = field(default_factory=dict)  # runs in sight, and since when


class Filling:
    """One thread that reads, and a moment's thread for the first rows of what was never seen."""

    def __init__(self, source: RunSource, tables: Tables) -> None:
        """Starts nothing."""
        self._source = source
        self._tables = tables
        self._revisions = itertools.count(time.time_ns() // 1_000_000)
        self._size = PageSize(500, most=5_000)
        self._places: dict[str, _Place] = {}
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._closed = False
        self._failures = 0
        self._turn = 0

    def open(self, experiments: Sequence[str], *, seconds: float) -> None:
        """Begin with experiments that were never seen; wait for their first rows, so many seconds at most."""
        with self._changed:
            new = [one for one in dict.fromkeys(experiments) if one not in self._places]
            for experiment in new:
                self._places[experiment] = _Place(self._watch(experiment))
            places = self._ask(experiments)
            if new:
                threading.Thread(
                    target=self._begin, args=([self._places[one] for one in new],), daemon=True
                ).start()
            if self._thread is None and not self._closed:
                self._thread = threading.Thread(target=self._serve, name="runoff-runs", daemon=True)
                self._thread.start()
            self._changed.notify_all()
        until = time.monotonic() + seconds
        for place in places:
            place.begun.wait(max(0.0, until - time.monotonic()))

    def seen(self, experiments: Iterable[str]) -> list[tuple[Watch, StoreError | None]]:
        """What is known of those experiments that were opened, and why one does not go on."""
        with self._changed:
            return [(place.watch, place.trouble) for place in self._ask(experiments)]

    def refresh(self, experiments: Iterable[str]) -> None:
        """Read everything anew, now."""
        with self._changed:
            for place in self._ask(experiments):
                place.watch.refresh()
                place.due = 0.0
            self._failures = 0
            self._changed.notify_all()

    def show(self, experiments: Collection[str], run_ids: Iterable[str]) -> None:
        """These runs are in somebody's sight: they are read anew at each look."""
        now = time.monotonic()
        with self._changed:
            for place in self._ask(experiments):
                place.shown.update(dict.fromkeys(run_ids, now))

    def close(self) -> None:
        """Read nothing more."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _watch(self, experiment: str) -> Watch:
        return Watch(experiment, self._source, self._tables, revise=lambda: next(self._revisions))

    def _ask(self, experiments: Iterable[str]) -> list[_Place]:
        now = time.monotonic()
        places = [self._places[one] for one in experiments if one in self._places]
        for place in places:
            place.asked = now
        return places

    def _begin(self, places: Sequence[_Place]) -> None:
        """The newest runs of several experiments at once, as the page will show them."""
        wanted = RunSlice(experiments=tuple(place.watch.experiment for place in places), size=_FIRST_ROWS)
        try:
            batch = self._source.run_batch(wanted)
            for place in places:
                place.watch.take(batch)
        except StoreError as trouble:
            for place in places:
                place.trouble = trouble
        except ClosedError:
            return
        finally:
            with self._changed:
                for place in places:
                    place.begun.set()
                self._changed.notify_all()

    def _serve(self) -> None:
        while True:
            with self._changed:
                place, rest = self._next()
                while place is None and not self._closed:
                    self._changed.wait(rest)
                    place, rest = self._next()
                if self._closed or place is None:
                    return
            self._step(place)

    def _next(self) -> tuple[_Place | None, float | None]:
        """The experiment that comes next; where there is none, seconds until there may be."""
        now = time.monotonic()
        begun = [place for place in self._places.values() if place.begun.is_set()]
        waiting = [place for place in begun if place.due > now]
        ready = [place for place in begun if place.due <= now and (place.asked > now - _WATCHED_SECONDS)]
        ready += [place for place in begun if place.due <= now and not place.watch.is_complete]
        if ready:
            return min(ready, key=lambda place: (not place.watch.is_complete, place.due)), None
        return None, min((place.due - now for place in waiting), default=None)

    def _step(self, place: _Place) -> None:
        watch, started = place.watch, time.monotonic()
        try:
            if watch.is_complete and not watch.is_refreshing:
                watch.look(self._shown(place), self._size)
                rest = max(_LOOK_SECONDS, _LOOK_SHARE * (time.monotonic() - started))
            else:
                watch.fill(self._size)
                rest = 0.0
            place.trouble, self._failures = None, 0
        except NotFound as gone:
            watch.forget()
            place.trouble, rest = gone, _LOOK_SECONDS
        except StoreError as trouble:
            if isinstance(trouble, StoreUnreachable):
                self._size.overdue()
            rest = self._pause(place, trouble)
        except ClosedError:
            rest = math.inf
        except Exception:  # noqa: BLE001  logged; a thread that ends would keep the page waiting for ever
            _log.exception("the index of runs stumbled over experiment %s", watch.experiment)
            rest = self._pause(
                place,
                StoreError(
                    message("The runs cannot be read: something went wrong that should not."),
                    message("Runoff tries again; its log says more."),
                ),
            )
        with self._changed:
            place.due = time.monotonic() + rest if rest and not watch.is_behind else time.monotonic()

    def _pause(self, place: _Place, trouble: StoreError) -> float:
        place.trouble = trouble
        self._failures += 1
        return _RETRY_SECONDS[min(self._failures, len(_RETRY_SECONDS)) - 1]

    def _shown(self, place: _Place) -> list[str]:
        since = time.monotonic() - _SHOWN_SECONDS
        with self._changed:
            place.shown = {run_id: when for run_id, when in place.shown.items() if when > since}
            return sorted(place.shown, key=place.shown.__getitem__)[-_MOST_SHOWN:]
