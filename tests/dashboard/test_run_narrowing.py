from typing import Any

import pytest

from core.catalog.compared_runs import Compared
from core.catalog.runs.question import Field, Kind, Value
from dashboard.run_narrowing import Narrowing, said

LR, KIND = Field(Kind.PARAM, "lr"), Field(Kind.PARAM, "kind.of a:b")


def compared(**columns: list[Value]) -> Compared:
    count = len(next(iter(columns.values())))
    fields = {"lr": LR, "kind": KIND}
    return Compared(
        ids=tuple("abcdef"[:count]),
        names=tuple("ABCDEF"[:count]),
        values={fields[name]: column for name, column in columns.items()},
    )


def test_runs_in_every_range_are_looked_at_ends_included() -> None:
    runs = compared(lr=["0.1", "0.2", "0.3", None], kind=["x", "y", "x", "x"])
    narrowing = Narrowing.read({"params.lr": {"in": [[0.1, 0.3]]}, "params.kind.of a:b": {"of": ["x"]}})

    assert narrowing.of(runs).ids == ("a", "c")
    assert Narrowing.read(narrowing.data()) == narrowing


def test_several_ranges_and_missing_values() -> None:
    runs = compared(lr=["0.1", "0.2", "0.9", None])

    assert Narrowing.read({"params.lr": {"in": [[0, 0.15], [1, 0.8]]}}).of(runs).ids == ("a", "c")
    assert Narrowing.read({"params.lr": {"missing": True}}).of(runs).ids == ("d",)
    assert Narrowing.read({"params.lr": {"in": [[0, 0.15]], "missing": True}}).of(runs).ids == ("a", "d")


@pytest.mark.parametrize(
    "sent",
    [
        *(None, 3, "", "{", "[" * 9_999, [], {"lr": {}}, {"params.lr": None}, {"params.": {"of": ["a"]}}),
        {"params.lr": {"in": [[1], ["a", 2], [float("nan"), 1], None], "of": [3], "missing": 1}},
    ],
)
def test_what_makes_no_sense_narrows_nothing(sent: Any) -> None:
    assert Narrowing.read(sent).fields == {}


def test_a_range_is_said() -> None:
    narrowing = Narrowing.read('{"params.lr": {"in": [[0.1, 0.25]], "missing": true}}')

    assert said(narrowing.fields[LR]) == "0.1 to 0.25, n/a"
