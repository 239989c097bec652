from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from dash import Dash

from core.errors import LedgerError
from core.messages import message
from dashboard.factory import create_app
from tests.dashboard.memory import MemoryStore, services_over
from tests.dashboard.recorded import ODD, TITANIC, year_entries
from tests.dashboard.remembered import MemoryDecisions

SHOW = "model-history-content.children"


@pytest.fixture
def decisions() -> MemoryDecisions:
    return MemoryDecisions(year_entries())


@pytest.fixture
def app(decisions: MemoryDecisions, tmp_path: Path) -> Dash:
    return create_app(services_over(MemoryStore(), tmp_path, decisions=decisions))


def shown(call: Callable[..., Any], model: str) -> Any:
    return call(SHOW, **{"model-history-model.data": model})["response"]


def test_the_latest_five_operations_of_the_model_link_to_their_evidence(call: Callable[..., Any]) -> None:
    lane, entries = shown(call, TITANIC)["model-history-content"]["children"]
    items = entries["props"]["children"]
    first = str(items[0])

    assert len(items) == 5
    assert "Promotion v7 → v9" in first
    assert "/history?model=titanic-survival&entry=55" in first
    assert "churn" not in str(items)
    assert lane["props"]["children"]["props"]["figure"]["data"]


def test_an_operation_under_way_is_on_top(call: Callable[..., Any]) -> None:
    _lane, entries = shown(call, "churn")["model-history-content"]["children"]

    assert "no answer yet" in str(entries["props"]["children"][0])


def test_a_model_without_history_says_what_will_be_there(call: Callable[..., Any]) -> None:
    assert "Nothing has been decided about this model yet" in str(shown(call, "never"))


def test_names_and_reasons_are_texts(call: Callable[..., Any]) -> None:
    assert "\"quoted\" & 'single'" in repr(shown(call, ODD)).replace("\\'", "'")


def test_a_ledger_that_cannot_be_read_leaves_the_rest_of_the_page(
    call: Callable[..., Any], decisions: MemoryDecisions
) -> None:
    decisions.error = LedgerError(message("The ledger is locked."))
    answer = shown(call, TITANIC)

    assert "The ledger is locked." in str(answer)
    assert answer["model-history-poll"]["n_intervals"] == 0
