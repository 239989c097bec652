from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from dash import Dash

from core.catalog.store import RegisteredModel
from core.errors import LedgerError, StoreUnreachable
from core.lifecycle.background import DemoProgress
from core.messages import message
from dashboard.factory import create_app
from tests.dashboard.memory import MemoryStore, ScriptedDemo, services_over
from tests.dashboard.remembered import MemoryDecisions

SHOW = "models-content.children"


@pytest.fixture
def decisions() -> MemoryDecisions:
    return MemoryDecisions()


@pytest.fixture
def app(store: MemoryStore, demo: ScriptedDemo, decisions: MemoryDecisions, tmp_path: Path) -> Dash:
    return create_app(services_over(store, tmp_path, demo, decisions=decisions))


def test_the_registry_is_read_once(store: MemoryStore, call: Callable[..., Any]) -> None:
    store.registered.append(RegisteredModel(name="a", version_count=3))
    answer = call(SHOW)["response"]

    assert store.reads == ["models"]
    assert answer["models-count"]["children"] == "1 model"
    assert "models-poll" not in answer


def test_counts_and_the_ledger_are_asked_for_apart(store: MemoryStore, call: Callable[..., Any]) -> None:
    store.registered.append(RegisteredModel(name="a", version_count=3))
    store.counts = False
    answer = call(SHOW)["response"]
    row = answer["models-content"]["children"][0]["props"]["rowData"][0]
    assert (row["versions"], row["ledger"]) == (None, "…")
    answer = call("models-table.rowData", **{"models-rest.data": answer["models-rest"]["data"]})["response"]
    row = answer["models-table"]["rowData"][0]

    assert (row["versions"], row["ledger"]) == (3, "")
    assert answer["models-notice"]["children"] is None


def test_a_ledger_that_cannot_be_read_leaves_the_list(
    store: MemoryStore, decisions: MemoryDecisions, call: Callable[..., Any]
) -> None:
    store.registered.append(RegisteredModel(name="a", version_count=3))
    decisions.error = LedgerError(message("The ledger is locked."))
    answer = call("models-table.rowData")["response"]

    assert answer["models-table"]["rowData"][0]["versions"] == 3
    assert "The ledger: The ledger is locked." in str(answer["models-notice"]["children"])


def test_while_the_demo_is_made_its_store_need_not_answer(
    store: MemoryStore, demo: ScriptedDemo, call: Callable[..., Any]
) -> None:
    store.error = StoreUnreachable(message("Nobody answers."))
    demo.now = DemoProgress(step=1, total=9, text=message("Preparing the demo."))
    answer = call(SHOW)["response"]

    assert "Preparing the demo." in str(answer)
    assert "Nobody answers." not in str(answer)
    assert answer["models-poll"]["n_intervals"] == 0
