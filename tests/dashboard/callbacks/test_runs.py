from collections.abc import Callable
from typing import Any

import pytest

from core.catalog.store import Experiment, Run
from core.errors import FilterError, StoreUnreachable
from core.messages import message
from dashboard.callbacks.runs import text, texts
from tests.dashboard.memory import MemoryStore

SHOW = "runs-content.children"


@pytest.fixture
def filled(store: MemoryStore) -> MemoryStore:
    store.kept_experiments += [Experiment(id="1", name="new"), Experiment(id="0", name="old")]
    store.kept_runs += [
        Run(id=f"r{i}", name=f"run {i}", experiment_id="1", status="FINISHED", params={"a": str(i)})
        for i in range(300)
    ]
    return store


def test_the_newest_experiment_opens(filled: MemoryStore, call: Callable[..., Any]) -> None:
    answer = call(SHOW)["response"]

    assert answer["runs-experiment"]["value"] == "1"
    assert [option["label"] for option in answer["runs-experiment"]["options"]] == ["new", "old"]
    assert len(answer["runs-content"]["children"]["props"]["rowData"]) == 200
    assert answer["runs-more"]["data"]["experiment"] == "1"


def test_an_experiment_that_is_gone_gives_way(filled: MemoryStore, call: Callable[..., Any]) -> None:
    answer = call(SHOW, **{"runs-experiment.value": "77"})["response"]

    assert answer["runs-experiment"]["value"] == "1"


@pytest.mark.parametrize("junk", [3, ["x"], {"a": 1}, True, "x" * 10_000])
def test_any_value_from_the_browser_is_coped_with(
    filled: MemoryStore, call: Callable[..., Any], junk: Any
) -> None:
    answer = call(
        SHOW, **{"runs-experiment.value": junk, "runs-filter.value": None, "runs-chosen.data": junk}
    )
    assert "runs-content" in answer["response"]
    assert "sideUpdate" not in answer
    answer = call("runs-compare.children", **{"runs-chosen.data": junk, "shell-scheme.data": junk})

    assert "sideUpdate" not in answer


def test_the_rest_follows(filled: MemoryStore, call: Callable[..., Any]) -> None:
    more = call(SHOW)["response"]["runs-more"]["data"]
    answer = call("runs-table.rowData", **{"runs-more.data": more})["response"]

    assert len(answer["runs-table"]["rowData"]) == 300
    assert answer["runs-count"]["children"] == "300 runs"


def test_a_wrong_filter_is_explained(
    filled: MemoryStore, call: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_args: Any, **_named: Any) -> None:
        raise FilterError(message("It is wrong."), message("Write it so."))

    monkeypatch.setattr(filled, "runs", refuse)
    answer = call(SHOW, **{"runs-filter.value": "nonsense"})["response"]

    assert "It is wrong." in str(answer["runs-filter-state"]["children"])
    assert "runs-poll" not in answer


def test_a_store_that_is_down_is_asked_again(filled: MemoryStore, call: Callable[..., Any]) -> None:
    filled.error = StoreUnreachable(message("Nobody answers."), message("Start it."))
    answer = call(SHOW, headers={"Accept-Language": "ja"})["response"]

    assert "Nobody answers." in str(answer["runs-content"]["children"])
    assert "このページは自動的に再試行します。" in str(answer["runs-content"]["children"])
    assert answer["runs-poll"]["n_intervals"] == 0
    assert "runs-experiment" not in answer


def test_ticked_runs_are_read_in_one_question(filled: MemoryStore, call: Callable[..., Any]) -> None:
    answer = call("runs-compare.children", **{"runs-chosen.data": ["r1", "gone", "r0"]})["response"]

    assert filled.reads == ["runs_by_id"]
    assert "run 1" in str(answer["runs-compare"]["children"])


@pytest.mark.parametrize(("value", "read"), [(" a ", "a"), (None, ""), (3, ""), (["a"], "")])
def test_a_text_of_the_browser(value: Any, read: str) -> None:
    assert text(value) == read


@pytest.mark.parametrize(
    ("value", "read"), [(["a", 3, "b", "a"], ["a", "b"]), (None, []), ("ab", []), ({}, [])]
)
def test_texts_of_the_browser(value: Any, read: list[str]) -> None:
    assert texts(value) == read
