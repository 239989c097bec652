from collections.abc import Callable
from typing import Any

from core.catalog.store import RegisteredModel
from core.errors import StoreUnreachable
from core.lifecycle.background import DemoProgress
from core.messages import message
from tests.dashboard.memory import MemoryStore, ScriptedDemo

SHOW = "models-content.children"


def test_the_registry_is_read_once(store: MemoryStore, call: Callable[..., Any]) -> None:
    store.registered.append(RegisteredModel(name="a", version_count=3))
    answer = call(SHOW)["response"]

    assert store.reads == ["models"]
    assert answer["models-count"]["children"] == "1 model"
    assert not {"models-uncounted", "models-poll"} & answer.keys()


def test_counts_that_take_their_time_are_asked_for_apart(
    store: MemoryStore, call: Callable[..., Any]
) -> None:
    store.registered.append(RegisteredModel(name="a", version_count=3))
    store.counts = False
    answer = call(SHOW)["response"]
    assert answer["models-content"]["children"][0]["props"]["rowData"][0]["versions"] is None
    answer = call("models-table.rowData", **{"models-uncounted.data": answer["models-uncounted"]["data"]})

    assert answer["response"]["models-table"]["rowData"][0]["versions"] == 3


def test_while_the_demo_is_made_its_store_need_not_answer(
    store: MemoryStore, demo: ScriptedDemo, call: Callable[..., Any]
) -> None:
    store.error = StoreUnreachable(message("Nobody answers."))
    demo.now = DemoProgress(step=1, total=9, text=message("Preparing the demo."))
    answer = call(SHOW)["response"]

    assert "Preparing the demo." in str(answer)
    assert "Nobody answers." not in str(answer)
    assert answer["models-poll"]["n_intervals"] == 0
