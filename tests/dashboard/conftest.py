"""An app over a store in memory, and calls of its callbacks as a browser makes them."""

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from dash import Dash

from dashboard.factory import create_app
from dashboard.messages import Reader, reader
from tests.dashboard.memory import MemoryStore, ScriptedDemo, services_over


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def demo() -> ScriptedDemo:
    return ScriptedDemo()


@pytest.fixture
def app(store: MemoryStore, demo: ScriptedDemo, tmp_path: Path) -> Dash:
    return create_app(services_over(store, tmp_path, demo))


@pytest.fixture
def call(app: Dash) -> Callable[..., Any]:
    """Call the callback that has this output, with values by "id.property"; every other input is None.

    `changed` are the inputs that made the browser call it, none where the page has just been opened.
    """

    def send(
        output: str, *, headers: dict[str, str] | None = None, changed: Sequence[str] = (), **values: Any
    ) -> Any:
        key = next(key for key in app.callback_map if output in key.strip(".").split("..."))
        spec = app.callback_map[key]
        given = {name.replace("__", "."): value for name, value in values.items()}

        def filled(items: list[dict[str, str]]) -> list[dict[str, Any]]:
            named = [{"id": item["id"], "property": item["property"]} for item in items]
            return [{**item, "value": given.get(f"{item['id']}.{item['property']}")} for item in named]

        outputs = spec["output"] if isinstance(spec["output"], list) else [spec["output"]]
        said = [item.to_dict() for item in outputs]
        body = {
            "output": key,
            "outputs": said if isinstance(spec["output"], list) else said[0],
            "inputs": filled(spec["inputs"]),
            "state": filled(spec["state"]),
            "changedPropIds": list(changed),
        }
        answer = app.server.test_client().post("/_dash-update-component", json=body, headers=headers)
        assert answer.status_code == 200, answer.text
        return json.loads(answer.text)

    return send


@pytest.fixture
def japanese() -> Iterator[None]:
    """The reader of this test reads Japanese."""
    before = reader.set(Reader("ja"))
    yield
    reader.reset(before)
