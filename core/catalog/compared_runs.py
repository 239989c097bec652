"""The runs of a comparison and their values, from the index, else from the store."""

import threading
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import isfinite
from typing import Final, Protocol

from cachetools import TTLCache

from core.catalog.runs.question import Columns, Field, FieldFacts, IndexState, Kind, Value
from core.catalog.store import Run
from core.errors import StoreError

EXPERIMENT: Final = Field(Kind.ATTRIBUTE, "experiment_id")
STATUS: Final = Field(Kind.ATTRIBUTE, "status")
STARTED: Final = Field(Kind.ATTRIBUTE, "start_time")
ENDED: Final = Field(Kind.ATTRIBUTE, "end_time")
DURATION: Final = Field(Kind.ATTRIBUTE, "duration")
MOST_DRAWN: Final = 5_000  # runs in a picture
_KEPT_SECONDS: Final = 60.0  # a run that the index lacks is asked of the store again after this long
_MOST_KEPT: Final = 20_000


class RunSource(Protocol):
    """What a comparison needs of the index of runs."""

    def open(self, experiments: Sequence[str]) -> IndexState:
        """Begin to fill or to refresh what is due."""

    def fields(self, experiments: Sequence[str]) -> tuple[FieldFacts, ...]:
        """Attributes first, then metrics, params, tags, the most used first."""

    def values(self, run_ids: Sequence[str], fields: Sequence[Field]) -> Columns:
        """A sequence of values for each field."""


class RunReader(Protocol):
    """What a comparison needs of the store."""

    def runs_by_id(self, run_ids: Sequence[str]) -> Mapping[str, Run]:
        """The runs that exist among these, deleted ones included."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """Runs in the order in which they were asked for, and the values of some fields.

    `missing` are ids that neither index nor store has; `trouble` says why the store could not be asked
    for those that the index lacks.
    """

    ids: tuple[str, ...]
    names: tuple[str, ...]
    values: Mapping[Field, Sequence[Value]]
    missing: tuple[str, ...] = ()
    trouble: StoreError | None = None
    is_indexed: bool = True  # the index has all of them

    def texts(self, field: Field) -> tuple[str, ...]:
        """The values of a text field, empty where there is none."""
        return tuple("" if value is None else str(value) for value in self.values[field])

    def only(self, kept: Sequence[bool]) -> "Compared":
        """The runs for which `kept` is true."""
        return self.at([index for index, is_kept in enumerate(kept) if is_kept])

    def first(self, count: int = MOST_DRAWN) -> "Compared":
        """The first runs, as many as a picture can show."""
        return self if len(self.ids) <= count else self.at(range(count))

    def at(self, at: Sequence[int]) -> "Compared":
        """The runs at these places, in that order."""
        return Compared(
            ids=tuple(self.ids[index] for index in at),
            names=tuple(self.names[index] for index in at),
            values={field: [column[index] for index in at] for field, column in self.values.items()},
            missing=self.missing,
            trouble=self.trouble,
            is_indexed=self.is_indexed,
        )


class ComparedRuns:
    """Reads the runs of comparisons; safe for threads."""

    def __init__(self, index: RunSource, store: RunReader) -> None:
        self._index = index
        self._store = store
        self._lock = threading.Lock()
        self._kept: TTLCache[str, Run | None] = TTLCache(_MOST_KEPT, _KEPT_SECONDS)  # the index lacks them

    def read(self, run_ids: Sequence[str], fields: Sequence[Field]) -> Compared:
        """The runs that exist among `run_ids`, each once, with their values.

        Raises:
            StoreError: The index has none of them, and the store does not answer.
        """
        wanted = tuple(dict.fromkeys(run_ids))
        asked = tuple(dict.fromkeys((EXPERIMENT, *fields)))
        columns = self._index.values(wanted, asked)
        rows = _rows(columns, asked)
        lacking = [run_id for run_id in wanted if run_id not in rows]
        trouble: StoreError | None = None
        if lacking:
            try:
                found = self._fetched(lacking)
            except StoreError as error:
                if not rows:
                    raise
                found, trouble = {}, error
            rows |= {
                run_id: (_name(run), [value_of(run, one) for one in asked]) for run_id, run in found.items()
            }
        ids = tuple(run_id for run_id in wanted if run_id in rows)
        return Compared(
            ids=ids,
            names=tuple(rows[run_id][0] for run_id in ids),
            values={one: [rows[run_id][1][at] for run_id in ids] for at, one in enumerate(asked)},
            missing=tuple(run_id for run_id in wanted if run_id not in rows) if trouble is None else (),
            trouble=trouble,
            is_indexed=not lacking,
        )

    def fields(self, compared: Compared) -> tuple[FieldFacts, ...]:
        """The fields of the experiments that the runs are in, the most used of a kind first."""
        experiments = sorted(set(compared.texts(EXPERIMENT)))
        known = {facts.field: facts for facts in self._index.fields(experiments)} if experiments else {}
        if compared.is_indexed:
            return tuple(known.values())
        with self._lock:
            kept = [self._kept.get(run_id) for run_id in compared.ids]
        for facts in _facts([run for run in kept if run is not None]):
            known.setdefault(facts.field, facts)
        order = list(Kind)
        return tuple(sorted(known.values(), key=lambda facts: order.index(facts.field.kind)))

    def open(self, compared: Compared) -> None:
        """Let the index read the experiments of the runs: the next look at them is quick."""
        experiments = sorted(set(compared.texts(EXPERIMENT)))
        if experiments:
            self._index.open(experiments)

    def _fetched(self, run_ids: Sequence[str]) -> Mapping[str, Run]:
        with self._lock, self._kept.timer:  # nothing expires in between
            fresh = {run_id: self._kept[run_id] for run_id in run_ids if run_id in self._kept}
        lacking = [run_id for run_id in run_ids if run_id not in fresh]
        if lacking:
            found = self._store.runs_by_id(lacking)
            fresh |= {run_id: found.get(run_id) for run_id in lacking}
            with self._lock:
                self._kept.update({run_id: found.get(run_id) for run_id in lacking})
        return {run_id: run for run_id, run in fresh.items() if run is not None}


def value_of(run: Run, field: Field) -> Value:
    """A run's value of a field, as the index has it."""
    match field.kind:
        case Kind.METRIC:
            return run.metrics.get(field.name)
        case Kind.PARAM:
            return run.params.get(field.name)
        case Kind.TAG:
            return run.tags.get(field.name)
    facts: Mapping[str, Value] = {
        "run_name": run.name,
        "status": run.status,
        "start_time": run.started,
        "end_time": run.ended,
        "duration": run.seconds,
        "user_id": run.user,
        "run_id": run.id,
        "experiment_id": run.experiment_id,
    }
    return facts.get(field.name)


def numbers_of(values: Sequence[Value]) -> tuple[float | None, ...] | None:
    """The values as finite numbers; times in milliseconds since 1970; None where one is another text.

    What is missing, NaN or infinite is None. All of them None: no numbers, None.
    """
    numbers: list[float | None] = []
    for value in values:
        match value:
            case None:
                number: float | None = None
            case datetime():
                number = value.timestamp() * 1000
            case _:
                try:
                    number = float(value)
                except ValueError:
                    return None
        numbers.append(number if number is not None and isfinite(number) else None)
    return tuple(numbers) if any(number is not None for number in numbers) else None


def _rows(columns: Columns, fields: Sequence[Field]) -> dict[str, tuple[str, list[Value]]]:
    """Name and values by run; a run without an experiment is none that the index knows."""
    experiments = columns.values[EXPERIMENT]
    return {
        run_id: (name or run_id, [columns.values[one][at] for one in fields])
        for at, (run_id, name) in enumerate(zip(columns.ids, columns.names, strict=True))
        if experiments[at]
    }


def _name(run: Run) -> str:
    return run.name or run.id


def _facts(runs: Iterable[Run]) -> tuple[FieldFacts, ...]:
    counts: Counter[Field] = Counter()
    words: set[Field] = set()  # that some run has as no number
    for run in runs:
        for kind, named in ((Kind.METRIC, run.metrics), (Kind.PARAM, run.params), (Kind.TAG, run.tags)):
            for name, value in named.items():
                field = Field(kind, name)
                counts[field] += 1
                if kind is not Kind.METRIC and numbers_of([str(value)]) is None:
                    words.add(field)
    return tuple(
        FieldFacts(field=field, runs=count, is_number=field not in words)
        for field, count in counts.most_common()
    )
