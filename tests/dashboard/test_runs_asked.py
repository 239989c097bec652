from datetime import UTC
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from core.catalog.runs.question import Condition, Field, Kind, Operator, Order
from dashboard.runs_asked import asked, conditions, models
from dashboard.runs_choice import RunsChoice

AUC = Field(Kind.METRIC, "roc_auc")
KIND = Field(Kind.PARAM, "kind")
START = Field(Kind.ATTRIBUTE, "start_time")
STATUS = Field(Kind.ATTRIBUTE, "status")
TOKYO = ZoneInfo("Asia/Tokyo")
DAY = 86_400_000.0
FIRST = 1_767_193_200_000.0  # midnight of 1 January 2026 in Tokyo

MODELS: list[tuple[Field, dict[str, Any], list[Condition]]] = [
    (KIND, {"filterType": "text", "type": "contains", "filter": "for"}, [Condition(KIND, Operator.CONTAINS, "for")]),
    (KIND, {"filterType": "text", "type": "blank"}, [Condition(KIND, Operator.EMPTY)]),
    (AUC, {"filterType": "number", "type": "greaterThan", "filter": 0.5}, [Condition(AUC, Operator.GREATER, 0.5)]),
    (
        AUC,
        {"filterType": "number", "type": "inRange", "filter": 0.5, "filterTo": 0.9},
        [Condition(AUC, Operator.AT_LEAST, 0.5), Condition(AUC, Operator.AT_MOST, 0.9)],
    ),
    (
        START,
        {"filterType": "date", "type": "greaterThan", "dateFrom": "2026-01-01 00:00:00", "dateTo": None},
        [Condition(START, Operator.AT_LEAST, FIRST)],
    ),
    (
        START,
        {"filterType": "date", "type": "lessThan", "dateFrom": "2026-01-01 00:00:00", "dateTo": None},
        [Condition(START, Operator.LESS, FIRST)],
    ),
    (
        START,
        {"filterType": "date", "type": "equals", "dateFrom": "2026-01-01 00:00:00", "dateTo": None},
        [Condition(START, Operator.AT_LEAST, FIRST), Condition(START, Operator.LESS, FIRST + DAY)],
    ),
    (
        START,
        {"filterType": "date", "type": "inRange", "dateFrom": "2026-01-01 00:00:00", "dateTo": "2026-01-03 00:00:00"},
        [Condition(START, Operator.AT_LEAST, FIRST), Condition(START, Operator.LESS, FIRST + 3 * DAY)],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("field", "model", "where"), MODELS)
def test_a_filter_of_the_grid_and_its_conditions_are_the_same_thing(
    field: Field, model: dict[str, Any], where: list[Condition]
) -> None:
    assert list(conditions({str(field): model}, TOKYO)) == where
    found = models(where, TOKYO)[field]
    type_of_blank = "text" if model["type"] == "blank" else model["filterType"]

    assert {**found, "filterType": type_of_blank} == model


@pytest.mark.parametrize(
    "where",
    [
        [Condition(START, Operator.AT_LEAST, FIRST + 1)],
        [Condition(STATUS, Operator.EQUAL, "FAILED")],
        [Condition(AUC, Operator.AT_LEAST, 0.1), Condition(AUC, Operator.GREATER, 0.2)],
        [Condition(START, Operator.EQUAL, 1e30)],
    ],
)
def test_what_the_grid_cannot_show_stays_with_the_view(where: list[Condition]) -> None:
    choice = RunsChoice(experiments=("1",), where=tuple(where))
    _start, _end, now = asked({"filterModel": {}, "sortModel": []}, choice, TOKYO, is_of_grid=True)

    assert models(where, TOKYO) == {}
    assert now.where == tuple(where)


def test_the_grid_says_how_it_is_sorted_and_filtered() -> None:
    choice = RunsChoice(where=(Condition(KIND, Operator.EQUAL, "forest"),))
    request = {
        "startRow": 100,
        "endRow": 200,
        "sortModel": [{"colId": "metrics.roc_auc", "sort": "desc"}, {"colId": "params.kind", "sort": "asc"}],
        "filterModel": {"metrics.roc_auc": {"filterType": "number", "type": "lessThan", "filter": 1}},
    }
    start, end, now = asked(request, choice, UTC, is_of_grid=True)

    assert (start, end) == (100, 200)
    assert now.order == (Order(AUC, descending=True), Order(KIND))
    assert now.where == (Condition(AUC, Operator.LESS, 1.0),)


def test_before_the_grid_has_been_told_of_the_view_the_view_counts() -> None:
    choice = RunsChoice(order=(Order(AUC),), where=(Condition(KIND, Operator.EQUAL, "forest"),))

    assert asked({"sortModel": [], "filterModel": {}}, choice, UTC, is_of_grid=False) == (0, 0, choice)


@pytest.mark.parametrize(
    "junk",
    [
        {"sortModel": 3, "filterModel": "x"},
        {"sortModel": [3, {"colId": 4}, {"colId": "x"}], "filterModel": {"x": 1, "metrics.a": 3}},
        {"filterModel": {"metrics.a": {"type": "equals", "filter": {}}, "params.b": {"type": "odd"}}},
        {"filterModel": {"attributes.start_time": {"type": "equals", "dateFrom": "0001-01-01"}}},
        {"filterModel": {"metrics.a": {"type": "inRange", "filter": True, "filterTo": "x"}}},
    ],
)
def test_any_request_is_coped_with(junk: dict[str, Any]) -> None:
    assert asked(junk, RunsChoice(), UTC, is_of_grid=True) == (0, 0, RunsChoice())
