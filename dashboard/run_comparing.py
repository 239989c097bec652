"""What the comparison page asks of core: which runs, which of them are looked at, which are the best."""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from core.catalog.compared_runs import (
    ENDED,
    EXPERIMENT,
    MOST_DRAWN,
    STARTED,
    STATUS,
    Compared,
    ComparedRuns,
    numbers_of,
)
from core.catalog.runs.question import Condition, Field, FieldFacts, Kind, Operator, Question
from core.catalog.runs.tree import PARENT, Trial
from core.catalog.selections import Selections
from core.catalog.store import Run
from core.errors import RunoffError
from core.evidence.metric_direction import higher_is_better
from core.evidence.run_curves import RunCurves, Wanted
from core.evidence.run_defaults import Defaults, choose, main_metrics
from core.services import Services
from dashboard.run_narrowing import Narrowing

_MOST_PARAMS: Final = 60  # that come into question for the axes
_MOST_SWEEPS: Final = 20  # compared runs of which it is looked whether others are nested in them
PARENT_TAG: Final = Field(Kind.TAG, PARENT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """The runs of the page: all that are compared, and those that are looked at."""

    all: Compared
    shown: Compared


class RunComparing:
    """One for each dashboard; safe for threads."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self.selections = Selections(services.settings.data_dir / "selections")

    @cached_property
    def _runs(self) -> ComparedRuns:
        return ComparedRuns(self._services.runs, self._services.store)

    @cached_property
    def curves(self) -> RunCurves:
        """Metric histories."""
        return RunCurves(self._services.store)

    def ids(self, asked: object) -> tuple[str, ...]:
        """The ids that RUNS names; NotFound where there is no such selection."""
        named = asked if isinstance(asked, dict) else {}
        key = named.get("selection")
        if isinstance(key, str):
            return self.selections.read(key)
        runs = named.get("runs")
        return (
            tuple(dict.fromkeys(run for run in runs if isinstance(run, str)))
            if isinstance(runs, list)
            else ()
        )

    def query(self, asked: object) -> str:
        """The query of an address that names these runs."""
        named = asked if isinstance(asked, dict) else {}
        if isinstance(named.get("selection"), str):
            return f"selection={named['selection']}"
        return self.selections.query(self.ids(asked))

    def named(self, ids: Sequence[str]) -> Mapping[str, Any]:
        """These runs as RUNS has them: by their ids, or as a selection that is kept."""
        key, _equals, value = self.selections.query(ids).partition("=")
        return {"selection": value} if key == "selection" else {"runs": list(ids)}

    def look(self, asked: object, fields: Sequence[Field], narrow: object = None) -> Looked:
        """The runs with these fields, and those of them that the narrowing leaves; raises StoreError."""
        narrowing = Narrowing.read(narrow)
        read = self._runs.read(self.ids(asked), [*fields, *narrowing.fields])
        return Looked(all=read, shown=narrowing.of(read))

    def fields(self, compared: Compared) -> tuple[FieldFacts, ...]:
        """The fields that there are."""
        return self._runs.fields(compared)

    def warm(self, compared: Compared) -> None:
        """Let the index read the experiments of these runs, without waiting for it."""
        threading.Thread(target=self._open, args=(compared,), name="runoff-index", daemon=True).start()

    def _open(self, compared: Compared) -> None:
        try:
            self._runs.open(compared)
        except RunoffError:
            return  # the index says so itself where it is asked for rows

    def defaults(self, compared: Compared, facts: Sequence[FieldFacts], metric: Field | None) -> Defaults:
        """What the page opens with, given the metric."""
        params = [
            one.field for one in facts if one.field.kind is Kind.PARAM and not one.is_constant
        ][:_MOST_PARAMS]  # fmt: skip
        second = next((one for one in main_metrics(facts) if one != metric), None)
        metrics = [one for one in (second, metric) if one is not None]
        read = self._runs.read(compared.ids, [*params, *metrics])
        return choose({one: read.values[one] for one in (*params, *metrics)}, metric, second=second)

    def few(self, compared: Compared) -> Sequence[Run]:
        """The runs with all their metrics, params and tags."""
        facts = [one.field for one in self._runs.fields(compared) if one.field.kind is not Kind.ATTRIBUTE]
        read = self._runs.read(compared.ids, [*facts, STATUS, STARTED, ENDED])
        return [self._run(read, at) for at in range(len(read.ids))]

    def _run(self, read: Compared, at: int) -> Run:
        named: dict[Kind, dict[str, Any]] = {kind: {} for kind in Kind}
        for field, column in read.values.items():
            if column[at] is not None:
                named[field.kind][field.name] = column[at]
        return Run(
            id=read.ids[at],
            name=read.names[at],
            experiment_id=named[Kind.ATTRIBUTE]["experiment_id"],
            status=named[Kind.ATTRIBUTE].get("status", ""),
            metrics=named[Kind.METRIC],
            params=named[Kind.PARAM],
            tags=named[Kind.TAG],
        )

    def names(self, run_ids: Sequence[str]) -> Mapping[str, str]:
        """The names of some runs, of those that are there."""
        wanted_ids = list(dict.fromkeys(run_id for run_id in run_ids if run_id))
        if not wanted_ids:
            return {}
        try:
            found = self._runs.read(wanted_ids, ())
        except RunoffError:
            return {}  # the ids say it, too
        return dict(zip(found.ids, found.names, strict=True))

    def nested(self, compared: Compared) -> Sequence[tuple[str, int, str]]:
        """Of each compared run in which others are nested that are not: its name, how many, their query."""
        if len(compared.ids) > _MOST_SWEEPS:
            return []
        found = []
        experiments = sorted(set(compared.texts(EXPERIMENT)))
        for run, name in zip(compared.ids, compared.names, strict=True):
            question = Question(
                experiments=tuple(experiments), conditions=(Condition(PARENT_TAG, Operator.EQUAL, run),)
            )
            inside = self._services.runs.ids(question, limit=MOST_DRAWN)
            if inside and not set(inside) <= set(compared.ids):
                found.append((name, len(inside), self.selections.query([run, *inside])))
        return found


def higher(direction: object, metric: Field | None) -> bool:
    """Whether a higher value is better: as the reader says, else by the metric's name."""
    if direction in {"higher", "lower"}:
        return direction == "higher"
    return metric is None or higher_is_better(metric.name)


def best(compared: Compared, metric: Field | None, count: int, *, is_higher: bool) -> Compared:
    """The best `count` runs, best first; those without a number come last, in their order."""
    numbers = numbers_of(compared.values[metric]) if metric is not None else None
    if numbers is None:
        return compared.only([at < count for at in range(len(compared.ids))])
    sign = -1 if is_higher else 1
    order = sorted(
        range(len(numbers)),
        key=lambda at: (numbers[at] is None, sign * (numbers[at] or 0.0)),
    )
    return compared.at(order[:count])


def trials(compared: Compared, metric: Field) -> Sequence[Trial]:
    """The runs as trials of a sweep; STARTED and PARENT_TAG must have been read."""
    numbers = numbers_of(compared.values[metric]) or (None,) * len(compared.ids)
    parents = compared.texts(PARENT_TAG)
    started = compared.values[STARTED]
    return [
        Trial(id=run, name=name, parent=parents[at], started=when, value=numbers[at])
        for at, (run, name) in enumerate(zip(compared.ids, compared.names, strict=True))
        for when in (started[at],)
        if when is None or not isinstance(when, (str, float))
    ]


def wanted(compared: Compared) -> Sequence[Wanted]:
    """The runs as those whose curves are wanted; ENDED must have been read."""
    return [
        Wanted(run, ended if ended is None or not isinstance(ended, (str, float)) else None)
        for run, ended in zip(compared.ids, compared.values[ENDED], strict=True)
    ]


def read_field(value: object) -> Field | None:
    """A field that the browser sent; None for anything else."""
    try:
        return Field.read(value) if isinstance(value, str) else None
    except ValueError:
        return None


def read_fields(value: object) -> Sequence[Field]:
    """The fields in a list that the browser sent, each once."""
    found = (read_field(item) for item in value) if isinstance(value, list) else ()
    return list(dict.fromkeys(one for one in found if one is not None))


def some(field: Field | None) -> list[Field]:
    """The field where there is one."""
    return [] if field is None else [field]
