import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from core.catalog.compared_runs import DURATION, EXPERIMENT, STARTED, ComparedRuns, numbers_of, value_of
from core.catalog.runs.question import Columns, Field, FieldFacts, IndexState, Kind, Value
from core.catalog.store import Run
from core.errors import StoreUnreachable
from core.messages import message

AUC = Field(Kind.METRIC, "auc")
DEPTH = Field(Kind.PARAM, "depth")


def run(run_id: str, **facts: Any) -> Run:
    return Run(
        **{"id": run_id, "name": f"name {run_id}", "experiment_id": "1", "status": "FINISHED", **facts}
    )


@dataclass
class Index:
    """An index of the runs that it was given."""

    runs: list[Run] = field(default_factory=list)
    opened: list[Sequence[str]] = field(default_factory=list)

    def open(self, experiments: Sequence[str]) -> IndexState:
        self.opened.append(experiments)
        return IndexState()

    def fields(self, experiments: Sequence[str]) -> tuple[FieldFacts, ...]:
        return (FieldFacts(field=AUC, runs=len(self.runs), is_number=True),) if self.runs else ()

    def values(self, run_ids: Sequence[str], fields: Sequence[Field]) -> Columns:
        known = {one.id: one for one in self.runs}
        found = [known[run_id] for run_id in run_ids if run_id in known]
        values = {one: [value_of(each, one) for each in found] for one in fields}
        return Columns(tuple(one.id for one in found), tuple(one.name for one in found), values)


@dataclass
class Store:
    """A store of the runs that it was given."""

    runs: list[Run] = field(default_factory=list)
    error: StoreUnreachable | None = None
    asked: list[Sequence[str]] = field(default_factory=list)

    def runs_by_id(self, run_ids: Sequence[str]) -> Mapping[str, Run]:
        self.asked.append(list(run_ids))
        if self.error is not None:
            raise self.error
        return {one.id: one for one in self.runs if one.id in run_ids}


def test_runs_come_from_the_index_in_the_order_asked_for() -> None:
    store = Store()
    reader = ComparedRuns(Index([run("a", metrics={"auc": 0.5}), run("b", params={"depth": "3"})]), store)
    found = reader.read(["b", "a", "b"], [AUC, DEPTH])

    assert found.ids == ("b", "a")
    assert found.names == ("name b", "name a")
    assert found.values[AUC] == [None, 0.5]
    assert found.values[DEPTH] == ["3", None]
    assert found.only([False, True]).ids == ("a",)
    assert store.asked == []


def test_what_the_index_lacks_comes_from_the_store_once() -> None:
    store = Store([run("b", metrics={"auc": 0.7}, params={"depth": "x"})])
    index = Index([run("a", metrics={"auc": 0.5})])
    reader = ComparedRuns(index, store)
    for _ in range(2):
        found = reader.read(["a", "b", "gone"], [AUC])
    assert found.ids == ("a", "b")
    assert found.values[AUC] == [0.5, 0.7]
    assert found.missing == ("gone",)
    assert store.asked == [["b", "gone"]]
    assert {facts.field: facts.is_number for facts in reader.fields(found)} == {AUC: True, DEPTH: False}
    reader.open(found)
    assert index.opened == [["1"]]


def test_a_store_that_is_down_leaves_what_the_index_has() -> None:
    store = Store(error=StoreUnreachable(message("Nobody answers.")))
    found = ComparedRuns(Index([run("a")]), store).read(["a", "b"], [])

    assert found.ids == ("a",)
    assert found.missing == ()
    assert found.trouble is store.error
    with pytest.raises(StoreUnreachable):
        ComparedRuns(Index(), store).read(["a"], [])


def test_attributes_of_a_run_are_those_of_the_index() -> None:
    started, ended = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, 0, 1, tzinfo=UTC)
    one = run("a", started=started, ended=ended)

    assert [value_of(one, each) for each in (STARTED, DURATION, EXPERIMENT)] == [started, 60, "1"]


@pytest.mark.parametrize(
    ("values", "numbers"),
    [
        (["0.1", "1e-3", None], (0.1, 0.001, None)),
        ([1.0, math.nan, math.inf], (1.0, None, None)),
        ([datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC)], (1000.0,)),
        (["1", "adam"], None),
        ([None, None], None),
        ([], None),
    ],
)
def test_texts_that_are_numbers_are_read_as_such(
    values: Sequence[Value], numbers: tuple[float | None, ...] | None
) -> None:
    assert numbers_of(values) == numbers
