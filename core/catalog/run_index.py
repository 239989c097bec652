"""The index of runs: the door through which pages and commands find, sort and compare runs.

MLflow is asked for runs in its default order only, in the background. Everything else is answered from
columns in memory, also while the store is down.
"""

import csv
import io
import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from pathlib import Path

from core.catalog import run_query
from core.catalog.run_batch import RunSource
from core.catalog.run_facts import facts_of
from core.catalog.run_filling import Filling
from core.catalog.run_question import (
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
from core.catalog.run_tables import Tables

_FIRST_ROWS_SECONDS = 0.9
_REMEMBERED = 16  # questions whose answer is kept in order, 4 bytes a run
_LINES_AT_ONCE = 1_000  # of a CSV


class RunIndex:
    """Runs of one store; shared by all threads."""

    def __init__(self, store: RunSource, folder: Path) -> None:
        """Nothing is opened and nothing is read before somebody asks.

        Args:
            store: Where the runs are.
            folder: Where what has been read is kept between starts.
        """
        self._tables = Tables()
        self._filling = Filling(store, self._tables)
        self._folder = folder
        self._lock = threading.Lock()
        self._ordered: OrderedDict[tuple[Question, tuple[int, ...]], run_query.Numbers] = OrderedDict()
        self._facts: OrderedDict[tuple[tuple[str, ...], tuple[int, ...]], tuple[FieldFacts, ...]] = (
            OrderedDict()
        )

    def open(self, experiments: Sequence[str]) -> IndexState:
        """Begin to fill, or to look for changes where that is due; waits for first rows, a second at most."""
        self._filling.open(experiments, seconds=_FIRST_ROWS_SECONDS)
        return self.state(experiments)

    def state(self, experiments: Sequence[str]) -> IndexState:
        """How far the index is; `is_filling` also where an experiment has not been opened."""
        seen = self._filling.seen(experiments)
        ages = [watch.as_of for watch, _ in seen]
        known = [age for age in ages if age is not None]
        return IndexState(
            runs=sum(watch.runs for watch, _ in seen),
            is_filling=len(seen) < len(set(experiments)) or any(not watch.is_complete for watch, _ in seen),
            is_refreshing=any(watch.is_refreshing or watch.is_behind for watch, _ in seen),
            as_of=min(known) if known and len(known) == len(ages) else None,
            revision=max((watch.revision for watch, _ in seen), default=0),
            trouble=next((trouble for _, trouble in seen if trouble is not None), None),
        )

    def refresh(self, experiments: Sequence[str]) -> None:
        """Read everything anew in the background; what is there stays usable."""
        self._filling.refresh(experiments)

    def fields(self, experiments: Sequence[str]) -> tuple[FieldFacts, ...]:
        """Attributes first, then metrics, params and tags, the most used first."""
        key = (tuple(experiments), self._revisions(experiments))
        with self._lock:
            found = self._facts.get(key)
        if found is None:
            with self._tables.reading() as cursor:
                found = facts_of(cursor, experiments)
            with self._lock:
                self._facts[key] = found
                while len(self._facts) > _REMEMBERED:
                    self._facts.popitem(last=False)
        return found

    def rows(self, question: Question, fields: Sequence[Field], *, start: int, end: int) -> RunRows:
        """Rows from `start` to before `end`; FilterError where the filter has a mistake."""
        numbers = self._matching(question)
        with self._tables.reading() as cursor:
            rows = run_query.rows_of(self._tables, cursor, numbers[start:end], fields)
        self._filling.show(question.experiments, [row.id for row in rows])
        return RunRows(rows, len(numbers))

    def groups(self, question: Question, by: Field, fields: Sequence[Field]) -> tuple[Group, ...]:
        """Runs that match, by the value of a field, the largest group first; spreads of `fields` in each."""
        numbers = self._matching(question)
        with self._tables.reading() as cursor:
            return run_query.groups_of(self._tables, cursor, numbers, by=by, fields=fields)

    def best(self, question: Question, metric: str, *, higher: bool) -> RunRow | None:
        """Of the runs that match, the one with the best value of a metric; None where none has one."""
        field = Field(Kind.METRIC, metric)
        ordered = Question(
            experiments=question.experiments,
            filter=question.filter,
            conditions=question.conditions,
            order=(Order(field, descending=higher),),
        )
        with self._tables.reading() as cursor:
            numbers = self._matching(ordered)
            row = next(iter(run_query.rows_of(self._tables, cursor, numbers[:1], [field])), None)
        return row if row is not None and _is_number(row.values[0]) else None

    def ids(self, question: Question, *, limit: int) -> tuple[str, ...]:
        """The first run ids that match, in order."""
        numbers = self._matching(question)[:limit]
        with self._tables.reading() as cursor:
            return run_query.ids_of(cursor, numbers)

    def values(self, run_ids: Sequence[str], fields: Sequence[Field]) -> Columns:
        """Values for pictures, in the order of `run_ids`; None throughout for a run that is not there."""
        with self._tables.reading() as cursor:
            return run_query.columns_of(self._tables, cursor, run_ids, fields)

    def csv(self, question: Question, fields: Sequence[Field]) -> Iterator[str]:
        """Every run that matches, a header first, in pieces of many lines."""
        numbers = self._matching(question)
        yield _lines([["run_id", *map(str, fields)]])
        for start in range(0, len(numbers), _LINES_AT_ONCE):
            with self._tables.reading() as cursor:
                rows = run_query.rows_of(
                    self._tables, cursor, numbers[start : start + _LINES_AT_ONCE], fields
                )
            yield _lines([[row.id, *row.values] for row in rows])

    def close(self) -> None:
        """Read nothing more and forget everything."""
        self._filling.close()
        self._tables.close()

    def _revisions(self, experiments: Sequence[str]) -> tuple[int, ...]:
        return tuple(watch.revision for watch, _ in self._filling.seen(experiments))

    def _matching(self, question: Question) -> run_query.Numbers:
        key = (question, self._revisions(question.experiments))
        with self._lock:
            found = self._ordered.get(key)
            if found is not None:
                self._ordered.move_to_end(key)
                return found
        with self._tables.reading() as cursor:
            found = run_query.matching(self._tables, cursor, question)
        with self._lock:
            self._ordered[key] = found
            while len(self._ordered) > _REMEMBERED:
                self._ordered.popitem(last=False)
        return found


def _is_number(value: Value) -> bool:
    return isinstance(value, float) and value == value  # noqa: PLR0124  NaN is not itself


def _lines(rows: Sequence[Sequence[Value]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows([map(_cell, row) for row in rows])
    return text.getvalue()


def _cell(value: Value) -> Value:
    """Text that a spreadsheet would take for a formula begins with an apostrophe; numbers are numbers."""
    return value
