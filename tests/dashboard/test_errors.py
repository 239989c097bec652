import logging
import re
from collections.abc import Callable
from typing import Any

import pytest

from core.catalog.store import Experiment
from core.errors import StoreUnreachable
from core.messages import message
from dashboard import errors
from tests.dashboard.memory import MemoryStore


def test_an_expected_error_says_what_and_what_to_do(japanese: None) -> None:
    shown = str(
        errors.alert(
            StoreUnreachable(
                message("Nobody answers at {address}.", address="x"), message("Load the page anew.")
            )
        )
    )

    assert "x から応答がありません。" in shown
    assert "ページを再読み込みしてください。" in shown


def test_an_unexpected_error_is_a_reference_on_the_page_and_a_traceback_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.ERROR):
        shown = str(errors.alert(ValueError("secret")))
    reference = re.search(r"reference ([0-9a-f]{8})\.", shown)

    assert reference is not None
    assert f"reference {reference.group(1)}" in caplog.text
    assert "ValueError: secret" in caplog.text
    assert "secret" not in shown


def test_a_failing_callback_leaves_its_outputs_and_fills_the_alert_area(
    store: MemoryStore, call: Callable[..., Any]
) -> None:
    store.kept_experiments.append(Experiment(id="1", name="x"))
    store.error = KeyError("boom")  # type: ignore[assignment]  # not an error that is expected
    answer = call("runs-experiment.options")

    assert answer["response"] == {}
    assert list(answer["sideUpdate"]) == ["shell-alerts"]
