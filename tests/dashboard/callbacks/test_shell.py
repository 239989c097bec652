from collections.abc import Callable
from typing import Any

from core.errors import StoreUnreachable
from core.messages import message
from tests.dashboard.memory import MemoryStore


def test_a_page_comes_with_its_title_and_place(call: Callable[..., Any]) -> None:
    answer = call("shell-page.children", **{"shell-location.pathname": "/runs", "shell-location.search": ""})[
        "response"
    ]

    assert answer["shell-title"]["data"] == {"title": "Runs · Runoff", "path": "/runs"}
    assert [link["props"]["className"] for link in answer["shell-nav"]["children"]] == ["", "nav-here", ""]


def test_a_model_belongs_to_the_models(call: Callable[..., Any]) -> None:
    answer = call("shell-page.children", **{"shell-location.pathname": "/models/a%3Fb"})["response"]

    assert [link["props"]["className"] for link in answer["shell-nav"]["children"]] == ["nav-here", "", ""]
    assert "a?b" in answer["shell-title"]["data"]["title"]


def test_any_address_from_the_browser_is_coped_with(call: Callable[..., Any]) -> None:
    for path in (None, 3, ["/"], "/nope", "//", "/models/%ff"):
        answer = call(
            "shell-page.children", **{"shell-location.pathname": path, "shell-location.search": path}
        )
        assert "sideUpdate" not in answer


def test_the_stores_dot(store: MemoryStore, call: Callable[..., Any]) -> None:
    answer = call("shell-store.children")["response"]
    assert "dot-up" in str(answer)
    assert answer["shell-store-poll"] == {"interval": 30_000, "n_intervals": 0}


def test_a_store_that_is_down_is_asked_more_often(store: MemoryStore, call: Callable[..., Any]) -> None:
    store.error = StoreUnreachable(message("Nobody answers."))
    answer = call("shell-store.children")["response"]

    assert "dot-down" in str(answer)
    assert "Nobody answers." in str(answer)
    assert answer["shell-store-poll"]["interval"] == 4_000
