"""The index of runs: the door through which pages and commands find, sort and compare runs.

MLflow is asked for runs in its default order only, in the background. Everything else is answered from
columns in memory, also while the store is down.
"""

import math
import threading
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import replace
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from cachetools import LRUCache, cachedmethod

from core.catalog.runs.csv_lines import csv_lines
from core.catalog.runs.question import (
    Columns,
    Field,
    FieldFacts,
    Group,
    IndexState,
    Kind,
    Order,
    Question,
    RunRow,
    RunRows,
    Value,
)
from core.errors import NotFound

if TYPE_CHECKING:  # a process that never asks about runs need not wait for DuckDB and pyarrow
    from core.catalog.runs.answers import Answers, Numbers
    from core.catalog.runs.batch import RunSource
    from core.catalog.runs.filling import Filling
    from core.catalog.runs.tables import Tables

LOOK_SECONDS = 5.0
_FIRST_ROWS_SECONDS = 0.9
_REMEMBERED = 16  # questions whose answer is kept, 4 bytes a run
_LINES_AT_ONCE = 1_000  # of a CSV


class _Parts(NamedTuple):
    tables: "Tables"
    filling: "Filling"
    answers: "Answers"


class RunIndex:
    """Runs of one store; shared by all threads."""

    def __init__(self, store: "RunSource", folder: Path, *, look_seconds: float = LOOK_SECONDS) -> None:
        """Nothing is opened and nothing is read before somebody asks.

        Args:
            store: Where the runs are.
            folder: Where what has been read is kept between starts.
            look_seconds: From one look for changes to the next, at least.
        """
        self._look_seconds = look_seconds
        self._store = store
        self._folder = folder
        self._lock = threading.Lock()
        self._made: _Parts | None = None
        self._remembering = threading.Lock()
        self._ordered: LRUCache[Hashable, Numbers] = LRUCache(_REMEMBERED)
        self._known: LRUCache[Hashable, tuple[FieldFacts, ...]] = LRUCache(_REMEMBERED)

    def open(self, experiments: Sequence[str]) -> IndexState:
        """Begin to fill, or to look for changes where that is due; waits for first rows, a second at most."""
        self._parts().filling.open(experiments, seconds=_FIRST_ROWS_SECONDS)
        return self.state(experiments)

    def state(self, experiments: Sequence[str]) -> IndexState:
        """How far the index is; `is_filling` also where an experiment has not been opened."""
        seen = self._parts().filling.seen(experiments)
        ages = [watch.as_of for watch, _ in seen]
        known = [age for age in ages if age is not None]
        return IndexState(
            runs=sum(watch.runs for watch, _ in seen),
            is_filling=len(seen) < len(set(experiments))
            or any(not (watch.is_complete or isinstance(trouble, NotFound)) for watch, trouble in seen),
            is_refreshing=any(watch.is_refreshing or watch.is_behind for watch, _ in seen),
            as_of=min(known) if known and len(known) == len(ages) else None,
            revision=max((watch.revision for watch, _ in seen), default=0),
            trouble=next((trouble for _, trouble in seen if trouble is not None), None),
        )

    def refresh(self, experiments: Sequence[str]) -> None:
        """Read everything anew in the background; what is there stays usable."""
        self._parts().filling.refresh(experiments)

    def fields(self, experiments: Sequence[str]) -> tuple[FieldFacts, ...]:
        """Attributes first, then metrics, params and tags, the most used first."""
        return self._fields(tuple(experiments), self._revisions(experiments))

    def rows(self, question: Question, fields: Sequence[Field], *, start: int, end: int) -> RunRows:
        """Rows from `start` to before `end`; FilterError where the filter has a mistake."""
        numbers = self._matching(question)
        rows = self._parts().answers.rows(numbers[start:end], fields)
        self._parts().filling.show(question.experiments, [row.id for row in rows])
        return RunRows(rows, len(numbers))

    def groups(self, question: Question, by: Field, fields: Sequence[Field]) -> tuple[Group, ...]:
        """Runs that match, by the value of a field, the largest group first; spreads of `fields` in each."""
        return self._parts().answers.groups(self._matching(question), by=by, fields=fields)

    def best(self, question: Question, metric: str, *, higher: bool) -> RunRow | None:
        """Of the runs that match, the one with the best value of a metric; None where none has one."""
        field = Field(Kind.METRIC, metric)
        numbers = self._matching(replace(question, order=(Order(field, descending=higher),)))
        row = next(iter(self._parts().answers.rows(numbers[:1], [field])), None)
        return row if row is not None and _is_number(row.values[0]) else None

    def ids(self, question: Question, *, limit: int) -> tuple[str, ...]:
        """The first run ids that match, in order."""
        return self._parts().answers.ids(self._matching(question)[:limit])

    def values(self, run_ids: Sequence[str], fields: Sequence[Field]) -> Columns:
        """Values for pictures, in the order of `run_ids`; None throughout for a run that is not there."""
        return self._parts().answers.columns(run_ids, fields)

    def csv(self, question: Question, fields: Sequence[Field]) -> Iterator[str]:
        """Every run that matches, a header first, in pieces of many lines."""
        numbers = self._matching(question)  # a mistake in the filter is raised here, before the first line
        return self._csv(numbers, fields)

    def close(self) -> None:
        """Read nothing more and forget everything."""
        with self._lock:
            if self._made is not None:
                self._made.filling.close()
                self._made.tables.close()

    def _csv(self, numbers: "Numbers", fields: Sequence[Field]) -> Iterator[str]:
        yield csv_lines([["run_id", *map(str, fields)]])
        for start in range(0, len(numbers), _LINES_AT_ONCE):
            rows = self._parts().answers.rows(numbers[start : start + _LINES_AT_ONCE], fields)
            yield csv_lines([[row.id, *row.values] for row in rows])

    def _parts(self) -> _Parts:
        from core.catalog.runs.answers import Answers  # noqa: PLC0415  as said above
        from core.catalog.runs.filling import Filling  # noqa: PLC0415
        from core.catalog.runs.snapshot import Snapshots  # noqa: PLC0415
        from core.catalog.runs.tables import Tables  # noqa: PLC0415

        with self._lock:
            if self._made is None:
                tables, snapshots = Tables(), Snapshots(self._folder, self._store.address)
                filling = Filling(self._store, tables, snapshots, look_seconds=self._look_seconds)
                self._made = _Parts(tables, filling, Answers(tables))
            return self._made

    def _revisions(self, experiments: Sequence[str]) -> tuple[int, ...]:
        return tuple(watch.revision for watch, _ in self._parts().filling.seen(experiments))

    @cachedmethod(attrgetter("_known"), lock=attrgetter("_remembering"))
    def _fields(self, experiments: tuple[str, ...], _revisions: tuple[int, ...]) -> tuple[FieldFacts, ...]:
        return self._parts().answers.facts(experiments)

    def _matching(self, question: Question) -> "Numbers":
        return self._found(question, self._revisions(question.experiments))

    @cachedmethod(attrgetter("_ordered"), lock=attrgetter("_remembering"))
    def _found(self, question: Question, _revisions: tuple[int, ...]) -> "Numbers":
        """Start from what is remembered: a filter thins the default order, and metrics sort what it left."""
        answers, plain = self._parts().answers, Question(experiments=question.experiments)
        if _is_by_keys(question.order):
            return answers.ordered(self._matching(replace(question, order=())), question.order)
        if question.order or question == plain:
            return answers.matching(question)
        return answers.thinned(self._matching(plain), question)


def _is_by_keys(orders: Sequence[Order]) -> bool:
    """Whether nothing but metrics, params and tags is sorted by."""
    return bool(orders) and all(order.field.kind is not Kind.ATTRIBUTE for order in orders)


def _is_number(value: Value) -> bool:
    return isinstance(value, float) and not math.isnan(value)
