"""One experiment in the index: what has been read of it, and what to ask next to keep it true."""

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from core.catalog.runs.batch import RunBatch, RunSlice, RunSource, View
from core.catalog.runs.pace import Pace
from core.catalog.runs.snapshot import Snapshot
from core.catalog.runs.tables import Change, Span, Tables

_NEWEST = 100  # runs that are read anew at each look
_RUNNING = 200
_IDS_AT_ONCE = 200  # MLflow's parser slows down over longer lists
_DELETED = 200
_A_ROUND = 500  # runs a look that are read anew for what may have changed in them
_MOST_GONE = 2_000  # deleted runs that are watched for their return


@dataclass(slots=True)
class Round:
    """A way through all runs of an experiment, newest first, page after page.

    Each page begins at the time at which the last one ended, not at a number of runs to pass over: runs
    that come or go meanwhile shift nothing.
    """

    until: int | None = None
    token: str = ""

    def slice(self, experiment: str, size: int, view: View = View.ACTIVE) -> RunSlice:
        """What to ask for next."""
        return RunSlice(experiments=(experiment,), view=view, until=self.until, token=self.token, size=size)

    def covers(self, experiment: str, batch: RunBatch) -> Span | None:
        """The span whose active runs are all in the batch."""
        until = self.until - 1 if self.token and self.until is not None else self.until
        if not batch.token:
            return Span(experiment, None, until)
        last = batch.starts[-1]
        return None if last is None else Span(experiment, last, until)

    def after(self, batch: RunBatch) -> "Round | None":
        """Where to go on; None at the end."""
        if not batch.token:
            return None
        last = batch.starts[-1]
        if last is None or last == self.until:  # more runs at this very time than a page holds
            return Round(self.until, batch.token)
        return Round(last)


class Watch:
    """Reads one experiment into the tables; one thread at a time."""

    def __init__(
        self, experiment: str, source: RunSource, tables: Tables, *, revise: Callable[[], int]
    ) -> None:
        """Nothing is read yet.

        Args:
            experiment: Its id.
            source: Where to read.
            tables: Where to keep.
            revise: Gives a number that is higher each time.
        """
        self.experiment = experiment
        self.runs = 0
        self.revision = revise()
        self.as_of: datetime | None = None
        self.is_complete = False
        self.is_refreshing = False
        self.created: int | None = None
        self.pace = Pace()
        self._source = source
        self._tables = tables
        self._revise = revise
        self._wants_all = False
        self._round: Round | None = Round()
        self._catching_up: Round | None = None
        self._gone: dict[str, int] = {}  # deleted runs, and when they started

    @property
    def is_behind(self) -> bool:
        """New runs are known to be there that have not been read."""
        return self._catching_up is not None

    def refresh(self) -> None:
        """Read everything anew, from the top; any thread may ask for it."""
        self._wants_all = True
        self.is_refreshing = self.is_complete

    def restore(self, snapshot: Snapshot, batches: Iterable[RunBatch]) -> Iterator[int]:
        """Take what was kept on disk; gives the number of runs that are there after each batch.

        Raises:
            OSError: The file is damaged; what could be read of it is kept, and everything is read anew.
            ValueError: The same.
        """
        self.created, self.as_of = snapshot.created, snapshot.as_of
        for batch in batches:
            change = self._tables.put(batch)
            if change:
                self.runs, self.revision = self._tables.count(self.experiment), self._revise()
            yield self.runs
        self.is_complete = snapshot.is_complete
        self._round = None if snapshot.is_complete else Round(snapshot.until)
        self.revision = self._revise()

    def snapshot(self) -> Snapshot | None:
        """How far it has been read; None where nothing has."""
        if self.as_of is None or self.created is None:
            return None
        until = self._round.until if self._round and not self.is_complete else None
        return Snapshot(
            experiment=self.experiment,
            created=self.created,
            as_of=self.as_of,
            is_complete=self.is_complete and self._catching_up is None,
            until=until,
        )

    def begin(self) -> None:
        """The first rows are in the tables."""
        self.as_of = _now()
        self.runs, self.revision = self._tables.count(self.experiment), self._revise()

    def fill(self) -> None:
        """Read the next page of the round; at its end the experiment is complete.

        Raises:
            NotFound: The experiment has been deleted.
            StoreError: The store did not answer; what had been read is kept.
        """
        if self.created is None or self._wants_all:
            self._see_whether_it_is_the_same()
        if self._wants_all:
            self._wants_all, self._round = False, Round()
        self._go_round(self.pace.rows)

    def look(self, shown: Collection[str]) -> None:
        """See what is new, what still runs, what was deleted or restored, and what is `shown`.

        Those shown may be of other experiments, too: a page shows several at once.

        Raises:
            NotFound: The experiment has been deleted.
            StoreError: The store did not answer; what had been read is kept.
        """
        if not self._see_whether_it_is_the_same():
            return
        read = set(self._newest())
        if self.is_behind:
            return  # first what is new, without a rest; the others when it has been read
        read.update(self._running())
        self._by_ids([run_id for run_id in (*self._still_running(), *self._own(shown)) if run_id not in read])
        self._deleted()
        self._go_round(min(_A_ROUND, self.pace.rows))
        self.as_of = _now()

    def forget(self) -> None:
        """Nothing of it is known any more."""
        self._tables.drop(self.experiment)
        self._round, self._catching_up = Round(), None
        self._gone.clear()
        self.is_complete = self.is_refreshing = False
        self.created = None
        self.runs, self.revision = 0, self._revise()

    def _see_whether_it_is_the_same(self) -> bool:
        """False where the experiment was deleted for good, and another one made under its id."""
        created = self._source.experiment_created(self.experiment)
        is_same = self.created in {None, created}
        if not is_same:
            self.forget()
        self.created = created
        return is_same

    def _go_round(self, rows: int) -> None:
        way = self._round or Round()
        started = time.monotonic()
        batch = self._source.run_batch(way.slice(self.experiment, rows))
        self.pace.took(len(batch), time.monotonic() - started)
        self._note(self._tables.put(batch, way.covers(self.experiment, batch)))
        self._round = way.after(batch)
        if self._round is None:
            self.is_complete, self.is_refreshing = True, False
            self.revision = self._revise()

    def _newest(self) -> Iterator[str]:
        """Read from the top down to a run that is known; a long way is gone page by page, look by look."""
        way = self._catching_up or Round()
        rows = self.pace.rows if self._catching_up else min(_NEWEST, self.pace.rows)
        batch = self._source.run_batch(way.slice(self.experiment, rows))
        change = self._tables.put(batch, way.covers(self.experiment, batch))
        self._note(change)
        ids = batch.ids
        self._catching_up = way.after(batch) if ids and ids[-1] in change.new else None
        yield from ids

    def _running(self) -> Iterator[str]:
        batch = self._source.run_batch(
            RunSlice(experiments=(self.experiment,), status="RUNNING", size=min(_RUNNING, self.pace.rows))
        )
        self._note(self._tables.put(batch))
        yield from batch.ids

    def _still_running(self) -> Sequence[str]:
        with self._tables.reading() as cursor:
            rows = cursor.execute(
                "SELECT run_id FROM runs WHERE experiment = ? AND status IN ('RUNNING', 'SCHEDULED')"
                " ORDER BY started DESC LIMIT ?",
                [self.experiment, min(_RUNNING, self.pace.rows)],
            ).fetchall()
        return [run_id for (run_id,) in rows]

    def _own(self, run_ids: Collection[str]) -> Sequence[str]:
        """Those of this experiment: a run that is not among its runs would count as deleted."""
        with self._tables.reading() as cursor:
            rows = cursor.execute(
                "SELECT run_id FROM runs WHERE experiment = ? AND list_contains(?, run_id)",
                [self.experiment, list(run_ids)],
            ).fetchall()
        return [run_id for (run_id,) in rows]

    def _by_ids(self, run_ids: Sequence[str]) -> None:
        """Read these runs anew; those that are not active any more go."""
        rows = min(_IDS_AT_ONCE, self.pace.rows)
        for start in range(0, len(run_ids), rows):
            wanted = tuple(dict.fromkeys(run_ids[start : start + rows]))
            batch = self._source.run_batch(
                RunSlice(experiments=(self.experiment,), run_ids=wanted, size=_IDS_AT_ONCE)
            )
            self._note(self._tables.put(batch))
            self._note(self._tables.remove(set(wanted).difference(batch.ids)))

    def _deleted(self) -> None:
        """Deleted runs go; those that were deleted and are no longer among them may be back."""
        listed: dict[str, int] = {}
        way: Round | None = Round()
        while way is not None:
            batch = self._source.run_batch(
                way.slice(self.experiment, min(_DELETED, self.pace.rows), View.DELETED)
            )
            removed = self._tables.remove(batch.ids)
            self._note(removed)
            listed.update(zip(batch.ids, (start or 0 for start in batch.starts), strict=True))
            way = way.after(batch)
            if not removed:
                break
        oldest = min(listed.values()) if way is not None else -1
        absent = [run_id for run_id, start in self._gone.items() if run_id not in listed and start > oldest]
        self._by_ids(absent)
        for run_id in absent:
            del self._gone[run_id]
        self._gone.update(listed)
        for run_id in list(self._gone)[:-_MOST_GONE]:
            del self._gone[run_id]

    def _note(self, change: Change) -> None:
        self.as_of = _now()
        if change:
            self.runs = self._tables.count(self.experiment)
            self.revision = self._revise()


def _now() -> datetime:
    return datetime.now(UTC)
