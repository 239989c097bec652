"""Fills the index of runs in the background, and keeps it true while somebody looks at it."""

import itertools
import logging
import math
import threading
import time
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from core.catalog.runs.batch import RunBatch, RunSlice, RunSource
from core.catalog.runs.snapshot import Snapshot, Snapshots
from core.catalog.runs.tables import ClosedError, Tables
from core.catalog.runs.watch import Watch
from core.errors import NotFound, StoreError, StoreUnreachable
from core.messages import message

_FIRST_ROWS = 20  # read at once, before anything else, so that a page has something to show
_LOOK_SHARE = 10  # a look that took a second is followed by ten of rest
_WATCHED_SECONDS = 60.0  # after the last question about an experiment
_SHOWN_SECONDS = 30.0  # a run was in a page's sight
_MOST_SHOWN = 200
_RETRY_SECONDS = (1.0, 2.0, 5.0, 10.0)  # after the store did not answer, again and again

_KEEP_SECONDS = 30.0  # from one time that an experiment is kept on disk to the next
_KEEP_SHARE = 20  # what took a second to keep is kept again after twenty

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Place:
    """An experiment in the index; times are by the monotonic clock."""

    watch: Watch
    ready: threading.Event = field(default_factory=threading.Event)  # there are rows, or trouble
    is_begun: bool = False  # the thread that reads may go on with it
    trouble: StoreError | None = None
    asked: float = 0.0  # when somebody last asked about it
    due: float = 0.0  # when to look again
    shown: dict[str, float] = field(default_factory=dict)  # runs in sight, and since when
    kept: tuple[int, bool] | None = None  # revision and completeness of what is on disk
    keep_at: float = 0.0  # not before


class Filling:
    """One thread that reads, and a moment's thread for the first rows of what was never seen."""

    def __init__(
        self,
        source: RunSource,
        tables: Tables,
        snapshots: Snapshots,
        *,
        look_seconds: float,
    ) -> None:
        """Starts nothing.

        Args:
            source: Where to read.
            tables: Where to put it.
            snapshots: Where to keep it between starts.
            look_seconds: From one look at an experiment to the next.
        """
        self._source = source
        self._tables = tables
        self._snapshots = snapshots
        self._look_seconds = look_seconds
        self._revisions = itertools.count(time.time_ns() // 1_000_000)
        self._places: dict[str, _Place] = {}
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._closed = False
        self._failures = 0

    def open(self, experiments: Sequence[str], *, seconds: float) -> None:
        """Begin with experiments that were never seen; wait for their first rows, so many seconds at most."""
        with self._changed:
            new = [one for one in dict.fromkeys(experiments) if one not in self._places]
            for experiment in new:
                self._places[experiment] = self._place(experiment)
            places = self._ask(experiments)
            if new:
                beginning = [self._places[one] for one in new]
                threading.Thread(
                    target=self._begin, args=(beginning,), name="runoff-runs", daemon=True
                ).start()
            if self._thread is None and not self._closed:
                self._thread = threading.Thread(target=self._serve, name="runoff-runs", daemon=True)
                self._thread.start()
            self._changed.notify_all()
        until = time.monotonic() + seconds
        for place in places:
            place.ready.wait(max(0.0, until - time.monotonic()))

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

    def _place(self, experiment: str) -> _Place:
        watch = Watch(experiment, self._source, self._tables, revise=self._revisions.__next__)
        return _Place(watch, keep_at=time.monotonic() + _KEEP_SECONDS)

    def _ask(self, experiments: Iterable[str]) -> list[_Place]:
        now = time.monotonic()
        places = [self._places[one] for one in experiments if one in self._places]
        for place in places:
            place.asked = now
        return places

    def _begin(self, places: Sequence[_Place]) -> None:
        try:
            kept = [(place, self._snapshots.load(place.watch.experiment)) for place in places]
            new = [place for place, found in kept if found is None]
            if new:
                self._read_first_rows(new)
            for place, found in kept:
                if found is not None:
                    self._restore(place, *found)
        except ClosedError:
            return
        finally:
            with self._changed:
                for place in places:
                    place.is_begun = True
                    place.ready.set()
                self._changed.notify_all()

    def _read_first_rows(self, places: Sequence[_Place]) -> None:
        """The newest runs of several experiments at once, as the page will show them."""
        wanted = RunSlice(experiments=tuple(place.watch.experiment for place in places), size=_FIRST_ROWS)
        try:
            self._tables.put(self._source.run_batch(wanted))
        except StoreError as trouble:
            for place in places:
                place.trouble = trouble
        for place in places:
            if place.trouble is None:
                place.watch.begin()
            place.ready.set()

    def _restore(self, place: _Place, snapshot: Snapshot, batches: Iterable[RunBatch]) -> None:
        watch = place.watch
        try:
            for _ in watch.restore(snapshot, batches):
                place.ready.set()
        except (OSError, ValueError) as damage:
            _log.warning("what was kept of experiment %s is damaged: %s", watch.experiment, damage)
            self._snapshots.drop(watch.experiment)
            watch.refresh()
        else:
            place.kept = (watch.revision, watch.is_complete)

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
        wanted = [place for place in self._places.values() if place.is_begun and _is_wanted(place, now)]
        ready = [place for place in wanted if place.due <= now]
        if ready:
            return min(ready, key=lambda place: (not place.watch.is_complete, place.due)), None
        return None, min((place.due - now for place in wanted), default=None)

    def _step(self, place: _Place) -> None:
        watch = place.watch
        try:
            rest = self._read(place)
            place.trouble, self._failures = None, 0
            self._keep(place)
        except NotFound as gone:
            watch.forget()
            self._snapshots.drop(watch.experiment)
            place.trouble, rest = gone, self._look_seconds
        except StoreError as trouble:
            if isinstance(trouble, StoreUnreachable):
                watch.pace.overdue()
            rest = self._pause(place, trouble)
        except ClosedError:
            rest = math.inf
        except Exception:  # noqa: BLE001  logged; a thread that ends would keep the page waiting for ever
            _log.exception("the index of runs stumbled over experiment %s", watch.experiment)
            rest = self._pause(place, _stumbled())
        with self._changed:
            place.due = time.monotonic() + rest

    def _read(self, place: _Place) -> float:
        """Read the next piece of an experiment; returns the seconds to rest until the next one."""
        watch, started = place.watch, time.monotonic()
        if not watch.is_complete or watch.is_refreshing:
            watch.fill()
            return 0.0
        watch.look(self._shown(place))
        taken = time.monotonic() - started
        return 0.0 if watch.is_behind else max(self._look_seconds, _LOOK_SHARE * taken)

    def _keep(self, place: _Place) -> None:
        """Keep what has been read on disk: at once when it is complete, otherwise from time to time."""
        watch, started = place.watch, time.monotonic()
        state = (watch.revision, watch.is_complete)
        is_due = started >= place.keep_at or (watch.is_complete and not (place.kept and place.kept[1]))
        snapshot = watch.snapshot()
        if snapshot is None or not is_due or state == place.kept:
            return
        self._snapshots.save(self._tables, snapshot)
        taken = time.monotonic() - started
        place.kept, place.keep_at = state, started + max(_KEEP_SECONDS, _KEEP_SHARE * taken)

    def _pause(self, place: _Place, trouble: StoreError) -> float:
        place.trouble = trouble
        self._failures += 1
        return _RETRY_SECONDS[min(self._failures, len(_RETRY_SECONDS)) - 1]

    def _shown(self, place: _Place) -> list[str]:
        since = time.monotonic() - _SHOWN_SECONDS
        with self._changed:
            place.shown = {run_id: when for run_id, when in place.shown.items() if when > since}
            return sorted(place.shown, key=place.shown.__getitem__)[-_MOST_SHOWN:]


def _is_wanted(place: _Place, now: float) -> bool:
    """Somebody looks at it, or it has not been read to its end; one that is gone is not asked for again."""
    if place.asked > now - _WATCHED_SECONDS:
        return True
    return not place.watch.is_complete and not isinstance(place.trouble, NotFound)


def _stumbled() -> StoreError:
    return StoreError(
        message("The runs cannot be read: something went wrong that should not."),
        message("Runoff tries again; its log says more."),
    )
