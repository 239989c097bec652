from types import SimpleNamespace
from urllib.parse import quote

import pytest

from core.messages import message
from dashboard.router import Router

MODEL = SimpleNamespace(PATH="/models/<name>", TITLE=message("x"), layout=None)
HOME = SimpleNamespace(PATH="/", TITLE=message("x"), layout=None)
RUNS = SimpleNamespace(PATH="/runs", TITLE=message("x"), layout=None)
ROUTER = Router([HOME, MODEL, RUNS])


@pytest.mark.parametrize(
    "name",
    [
        "titanic",
        "a?b#c",
        "100%",
        "日本語 🚢",
        "line\nbreak",
        " leading",
        "<script>'\"&",
        "a\\b",
        "%2F",
        "+",
        "x" * 2000,
    ],
)
def test_a_name_of_any_kind_survives_the_address(name: str) -> None:
    route = ROUTER.find(f"/models/{quote(name, safe='')}")

    assert route is not None
    assert route.page is MODEL
    assert route.address.names == {"name": name}


@pytest.mark.parametrize("path", ["/", ""])
def test_the_root_is_the_first_page(path: str) -> None:
    route = ROUTER.find(path)

    assert route is not None
    assert route.page is HOME


def test_a_slash_at_the_end_is_forgiven() -> None:
    route = ROUTER.find("/runs/")

    assert route is not None
    assert route.page is RUNS


@pytest.mark.parametrize(
    "path", ["/nope", "/models", "/models/", "/models/a/b", "/models//", "/runs/x", None, 3]
)
def test_anything_else_is_no_page(path: object) -> None:
    assert ROUTER.find(path) is None


def test_the_query_is_decoded_and_cannot_stand_in_for_the_path() -> None:
    route = ROUTER.find("/models/a", "?name=b&filter=metrics.x%20%3E%201&empty=&name=c")

    assert route is not None
    assert route.address.names == {"name": "a"}
    assert route.address.query == {"name": "c", "filter": "metrics.x > 1", "empty": ""}
