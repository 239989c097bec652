import string
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.catalog.runs.question import Condition, Field, Kind, Operator, Order
from dashboard.router import Router
from dashboard.runs_choice import RunsChoice, chosen, ids, read

NAMES = st.text(st.sampled_from(string.ascii_letters + " ,%~'\"#&=.-日\n"), min_size=1, max_size=12)
FIELDS = st.builds(Field, st.sampled_from(list(Kind)), NAMES)
CONDITIONS = st.builds(
    Condition, FIELDS, st.sampled_from(list(Operator)), NAMES | st.floats(allow_nan=False) | st.just("")
)
CHOICES = st.builds(
    RunsChoice,
    experiments=st.lists(st.sampled_from(["0", "1", "1,2"]), unique=True).map(tuple),
    filter=NAMES.map(str.strip),
    where=st.lists(CONDITIONS, max_size=3, unique=True).map(tuple),
    order=st.lists(st.builds(Order, FIELDS, st.booleans()), max_size=3, unique_by=lambda one: one.field).map(
        tuple
    ),
    columns=st.none() | st.lists(FIELDS, min_size=1, max_size=3, unique=True).map(tuple),
    pinned=st.lists(FIELDS, max_size=2, unique=True).map(tuple),
    group=st.none() | FIELDS,
)


class PageOfRuns:
    PATH = "/runs"


@given(CHOICES)
def test_an_address_and_the_browser_restore_every_view(choice: RunsChoice) -> None:
    route = Router([PageOfRuns()]).find("/runs", choice.search)  # type: ignore[list-item]  # it needs no more
    assert route is not None

    assert read(route.address.query) == choice
    assert chosen(choice.kept) == choice


def test_an_address_as_a_person_writes_it() -> None:
    choice = read({"experiments": "1,2", "order": "-metrics.roc_auc,params.depth", "group": "params.kind"})

    assert choice.experiments == ("1", "2")
    assert choice.order == (
        Order(Field(Kind.METRIC, "roc_auc"), descending=True),
        Order(Field(Kind.PARAM, "depth")),
    )
    assert choice.group == Field(Kind.PARAM, "kind")
    assert choice.columns is None


def test_an_address_of_one_experiment_is_still_understood() -> None:
    assert read({"experiment": "7"}).experiments == ("7",)


@pytest.mark.parametrize(
    "junk",
    [3, None, "x", ["a"], {"order": 3}, {"order": ["-nonsense", "x.y"]}, {"where": ["a", "metrics.a~!~#x"]}],
)
def test_anything_may_come_from_the_browser(junk: Any) -> None:
    assert chosen(junk) == RunsChoice()


def test_a_field_is_sorted_by_once() -> None:
    assert chosen({"order": ["-metrics.a", "metrics.a"]}).order == (
        Order(Field(Kind.METRIC, "a"), descending=True),
    )


def test_what_the_table_is_sorted_or_filtered_by_is_needed() -> None:
    choice = chosen({"order": ["-metrics.a"], "where": ["params.b~=~'x", "metrics.a~>~#1"]})

    assert choice.needed == (Field(Kind.METRIC, "a"), Field(Kind.PARAM, "b"))


def test_ids_come_once_and_not_too_many() -> None:
    assert ids(["a", 3, "a", "b", "c"], 2) == ("a", "b")
