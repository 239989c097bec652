"""The watch in the background outlives whatever is down for a while."""

import logging
import threading
from collections.abc import Callable

import pytest

from core.decision.watching import Watch
from core.errors import StoreUnreachable
from core.messages import message


def rounds(*outcomes: BaseException | None) -> tuple[Watch, threading.Event]:
    """A watch whose rounds end like this, and an event for when they are over."""
    left, over = iter(outcomes), threading.Event()

    def go_round() -> None:
        outcome = next(left, over)
        if outcome is over:
            over.set()
        elif isinstance(outcome, BaseException):
            raise outcome

    return Watch(go_round, seconds=0.001), over


def away(name: str) -> StoreUnreachable:
    return StoreUnreachable(message("{name} is away.", name=name))


@pytest.mark.parametrize(
    ("outcomes", "said"),
    [
        ((None, None), 0),
        ((away("MLflow"), None), 0),  # as at the start, while it is being imported
        ((away("MLflow"), away("MLflow"), away("MLflow"), None), 1),
        ((*[away("MLflow")] * 3, None, *[away("MLflow")] * 3), 2),
        ((*[away("MLflow")] * 2, *[away("the ledger")] * 2), 2),
        ((ValueError("a fault"), ValueError("a fault"), None), 1),
    ],
)
def test_trouble_is_logged_once_until_it_is_over(
    outcomes: tuple[BaseException | None, ...], said: int, caplog: pytest.LogCaptureFixture
) -> None:
    watch, over = rounds(*outcomes)
    with caplog.at_level(logging.WARNING):
        watch.start()
        assert over.wait(10)
        watch.close()
    assert len(caplog.records) == said


def test_it_ends_where_it_is_closed() -> None:
    watch, over = rounds()
    watch.start()
    assert over.wait(10)
    watch.close()
    assert not [thread for thread in threading.enumerate() if thread.name == "runoff-watch"]
    watch.start()  # too late
    assert not [thread for thread in threading.enumerate() if thread.name == "runoff-watch"]


def test_a_watch_that_never_began_is_closed_all_the_same() -> None:
    idle: Callable[[], None] = lambda: None  # noqa: E731  a round
    Watch(idle, seconds=1).close()
