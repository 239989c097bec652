import threading
import time

import pytest

from core.errors import RunoffError, StoreUnreachable
from core.messages import message
from dashboard import health
from dashboard.health import Health

DOWN = StoreUnreachable(message("Nobody answers."))


class Part:
    """Something to ask; `hold` makes it take its time."""

    def __init__(self) -> None:
        self.error: RunoffError | None = None
        self.asked = 0
        self.hold = threading.Event()
        self.asking = threading.Event()
        self.hold.set()

    def check(self) -> None:
        self.asked += 1
        self.asking.set()
        assert self.hold.wait(10)
        if self.error is not None:
            raise self.error


def test_what_fails_is_named() -> None:
    good, bad = Part(), Part()
    bad.error = DOWN

    assert Health({"scorer": good.check, "store": bad.check}).failures() == {"store": DOWN}


def test_an_answer_holds_for_a_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    part, now = Part(), [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    asked = Health({"store": part.check})
    assert asked.failures() == {}
    part.error = DOWN
    assert asked.failures() == {}
    now[0] = health.FRESH_SECONDS + 0.1

    assert asked.failures() == {"store": DOWN}
    assert part.asked == 2


def test_who_comes_while_a_question_is_under_way_gets_the_last_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    part = Part()
    monkeypatch.setattr(health, "FRESH_SECONDS", -1)
    asked = Health({"store": part.check})
    assert asked.failures() == {}
    part.error = DOWN
    part.hold.clear()
    part.asking.clear()
    slow = threading.Thread(target=asked.failures)
    slow.start()
    assert part.asking.wait(10)

    assert asked.failures() == {}
    assert part.asked == 2
    part.hold.set()
    slow.join()
    assert asked.failures() == {"store": DOWN}


def test_a_failure_is_logged_once_until_it_is_over(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    part = Part()
    part.error = DOWN
    monkeypatch.setattr(health, "FRESH_SECONDS", -1)
    asked = Health({"store": part.check})
    for _ in range(3):
        asked.failures()

    assert caplog.text.count("Nobody answers.") == 1
