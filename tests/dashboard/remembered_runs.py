"""An index of runs in memory: what the runs page sees, without a store and without an engine."""

import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from core.catalog.runs.filter import Comparison, parse
from core.catalog.runs.question import (
    ATTRIBUTES,
    Columns,
    Condition,
    Field,
    FieldFacts,
    Group,
    IndexState,
    Kind,
    Operator,
    Order,
    Question,
    RunRow,
    RunRows,
    Spread,
    Value,
)
from core.catalog.store import Run


@dataclass
class MemoryRuns:
    """A RunIndex of what it was given; of a filter it knows `=`, `>` and `<` between ANDs."""

    kept: list[Run] = field(default_factory=list)
    now: IndexState = field(default_factory=IndexState)
    asked: list[Question] = field(default_factory=list)
    refreshed: int = 0

    def open(self, experiments: Sequence[str]) -> IndexState:
        return self.state(experiments)

    def state(self, experiments: Sequence[str]) -> IndexState:
        return replace(self.now, runs=len(self._of(experiments)))

    def refresh(self, experiments: Sequence[str]) -> None:
        self.refreshed += 1

    def fields(self, experiments: Sequence[str]) -> tuple[FieldFacts, ...]:
        runs = self._of(experiments)
        facts = [
            FieldFacts(field=Field(Kind.ATTRIBUTE, name), runs=len(runs), is_number=False)
            for name in ATTRIBUTES
        ]
        for kind in (Kind.METRIC, Kind.PARAM, Kind.TAG):
            counts = Counter(name for run in runs for name in getattr(run, kind))
            for name, count in counts.most_common():
                values = {getattr(run, kind).get(name) for run in runs}
                facts.append(
                    FieldFacts(
                        field=Field(kind, name),
                        runs=count,
                        is_number=all(_is_number(value) for value in values - {None}),
                        is_constant=len(values) == 1,
                    )
                )
        return tuple(facts)

    def rows(self, question: Question, fields: Sequence[Field], *, start: int, end: int) -> RunRows:
        runs = self._matching(question)
        return RunRows(tuple(_row(run, fields) for run in runs[start:end]), len(runs))

    def groups(self, question: Question, by: Field, fields: Sequence[Field]) -> tuple[Group, ...]:
        groups: dict[Value, list[Run]] = {}
        for run in self._matching(question):
            groups.setdefault(_value(run, by), []).append(run)
        return tuple(
            Group(value, len(runs), tuple(_spread(runs, one) for one in fields))
            for value, runs in groups.items()
        )

    def best(self, question: Question, metric: str, *, higher: bool) -> RunRow | None:
        named = Field(Kind.METRIC, metric)
        ordered = replace(question, order=(Order(named, descending=higher),))
        runs = [run for run in self._matching(ordered) if not _lacks(run, named)]
        return _row(runs[0], [named]) if runs else None

    def ids(self, question: Question, *, limit: int) -> tuple[str, ...]:
        return tuple(run.id for run in self._matching(question)[:limit])

    def values(self, run_ids: Sequence[str], fields: Sequence[Field]) -> Columns:
        known = {run.id: run for run in self.kept}
        runs = [known.get(run) for run in run_ids]
        values = {one: [None if run is None else _value(run, one) for run in runs] for one in fields}
        return Columns(tuple(run_ids), tuple(run.name if run else "" for run in runs), values)

    def csv(self, question: Question, fields: Sequence[Field]) -> Iterator[str]:
        runs = self._matching(question)
        yield ",".join(["run_id", *map(str, fields)]) + "\r\n"
        for run in runs:
            yield ",".join([run.id, *(str(_value(run, one)) for one in fields)]) + "\r\n"

    def close(self) -> None:
        """Nothing is open."""

    def _of(self, experiments: Sequence[str]) -> list[Run]:
        return [run for run in self.kept if run.experiment_id in experiments]

    def _matching(self, question: Question) -> list[Run]:
        self.asked.append(question)
        conditions = [*map(_condition, parse(question.filter).comparisons), *question.conditions]
        runs = [run for run in self._of(question.experiments) if all(_holds(run, one) for one in conditions)]
        for order in reversed(question.order):
            there = [run for run in runs if not _lacks(run, order.field)]
            there.sort(key=_key(order.field), reverse=order.descending)
            runs = [*there, *(run for run in runs if _lacks(run, order.field))]
        return runs


def _key(named: Field) -> Callable[[Run], Any]:
    return lambda run: _value(run, named)


def _condition(one: Comparison) -> Condition:
    assert isinstance(one.field, Field)
    assert isinstance(one.value, str | float | int)
    return Condition(one.field, Operator(one.operator.value), one.value)


def _holds(run: Run, asked: Condition) -> bool:
    value, wanted = _value(run, asked.field), asked.value
    if isinstance(wanted, float | int) and isinstance(value, str):
        value = float(value)
    match asked.operator:
        case Operator.EQUAL:
            return value == wanted
        case Operator.GREATER | Operator.AT_LEAST:
            return value is not None and value > wanted  # type: ignore[operator]  # of one kind here
        case Operator.LESS | Operator.AT_MOST:
            return value is not None and value < wanted  # type: ignore[operator]  # of one kind here
        case Operator.CONTAINS:
            return str(wanted).casefold() in str(value).casefold()
        case Operator.EMPTY:
            return value is None
        case _:
            raise NotImplementedError(asked.operator)


def _lacks(run: Run, named: Field) -> bool:
    value = _value(run, named)
    return value is None or (isinstance(value, float) and math.isnan(value))


def _row(run: Run, fields: Sequence[Field]) -> RunRow:
    return RunRow(
        id=run.id,
        name=run.name,
        experiment=run.experiment_id,
        status=run.status,
        parent=run.tags.get("mlflow.parentRunId", ""),
        values=tuple(_value(run, one) for one in fields),
    )


def _value(run: Run, named: Field) -> Value:
    if named.kind != Kind.ATTRIBUTE:
        found: Value = getattr(run, named.kind).get(named.name)
        return found
    attributes: dict[str, Value] = {
        "run_name": run.name,
        "status": run.status,
        "start_time": run.started,
        "end_time": run.ended,
        "duration": run.seconds,
        "user_id": run.user or None,
        "run_id": run.id,
        "experiment_id": run.experiment_id,
    }
    return attributes.get(named.name)


def _spread(runs: Sequence[Run], named: Field) -> Spread:
    values = [value for run in runs if isinstance(value := _value(run, named), float) and value == value]  # noqa: PLR0124 - NaN is not itself
    if not values:
        return Spread(0, None, None, None)
    return Spread(len(values), sum(values) / len(values), min(values), max(values))


def _is_number(value: object) -> bool:
    try:
        float(str(value))
    except ValueError:
        return False
    return True
