import threading
import time
from collections.abc import Callable

import pytest

from core.catalog.deadline import Beat, Questions
from core.errors import StoreRefused, StoreUnreachable
from core.messages import message

OVERDUE = StoreUnreachable(message("overdue"))
CROWDED = StoreUnreachable(message("crowded"))


def questions(*, patience: float = 5.0, longest: float = 60.0, places: int = 4) -> Questions:
    return Questions(
        patience=patience, longest=longest, places=places, overdue=lambda: OVERDUE, crowded=lambda: CROWDED
    )


def ask_aside(ask: Callable[[], object]) -> tuple[threading.Thread, list[object]]:
    answers: list[object] = []

    def run() -> None:
        try:
            answers.append(ask())
        except StoreUnreachable as error:
            answers.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    return thread, answers


def test_an_answer_and_an_error_reach_whoever_asked() -> None:
    asked = questions()
    assert asked.ask("a", lambda _: 42) == 42

    def refuse(_: Beat) -> int:
        raise StoreRefused(message("no"), message("ask nicely"))

    with pytest.raises(StoreRefused) as caught:
        asked.ask("a", refuse)
    assert str(caught.value) == "no ask nicely"


def test_nobody_waits_for_a_silent_store() -> None:
    asked, hang = questions(patience=0.2), threading.Event()
    started = time.monotonic()
    with pytest.raises(StoreUnreachable, match="overdue"):
        asked.ask("a", lambda _: hang.wait(30))
    assert time.monotonic() - started < 2
    hang.set()


def test_a_store_that_keeps_giving_signs_of_life_is_waited_for_up_to_a_limit() -> None:
    def slow(beat: Beat) -> str:
        for _ in range(8):
            threading.Event().wait(0.1)
            beat()
        return "done"

    assert questions(patience=0.4).ask("a", slow) == "done"
    with pytest.raises(StoreUnreachable, match="overdue"):
        questions(patience=0.4, longest=0.3).ask("a", slow)


def test_a_store_that_hangs_holds_one_thread_however_many_pages_poll_it() -> None:
    asked, hang = questions(patience=0.2), threading.Event()
    for _ in range(3):
        askers = [ask_aside(lambda: asked.ask("models", lambda _: hang.wait(30))) for _ in range(10)]
        for thread, answers in askers:
            thread.join(5)
            assert [str(answer) for answer in answers] == ["overdue"]
        assert asked.open == 1
    hang.set()


def test_it_works_again_when_the_store_does() -> None:
    asked, hang = questions(patience=0.2), threading.Event()
    with pytest.raises(StoreUnreachable, match="overdue"):
        asked.ask("models", lambda _: hang.wait(30))
    thread, answers = ask_aside(lambda: asked.ask("models", lambda _: "back"))
    hang.set()
    thread.join(5)
    assert answers == ["back"]


def test_whoever_waits_for_the_question_before_waits_no_longer_than_others() -> None:
    asked, hang = questions(patience=0.5), threading.Event()
    first, _ = ask_aside(lambda: asked.ask("models", lambda _: hang.wait(30)))
    threading.Timer(0.3, hang.set).start()
    started = time.monotonic()
    with pytest.raises(StoreUnreachable, match="overdue"):
        asked.ask("models", lambda _: threading.Event().wait(1.5))
    assert time.monotonic() - started < 0.75
    first.join(5)


def test_equal_questions_share_an_answer_that_is_never_older_than_the_question() -> None:
    asked, gate, runs = questions(), threading.Event(), []

    def read(_: Beat) -> int:
        runs.append(1)
        gate.wait(5)
        return len(runs)

    first, first_answers = ask_aside(lambda: asked.ask("models", read))
    while not runs:
        threading.Event().wait(0.01)
    later = [ask_aside(lambda: asked.ask("models", read)) for _ in range(5)]
    while sum(thread.is_alive() for thread, _ in later) < 5:
        threading.Event().wait(0.01)
    gate.set()
    first.join(5)
    for thread, _ in later:
        thread.join(5)
    assert first_answers == [1]
    assert {answer for _, answers in later for answer in answers} <= {2, 3}
    assert len(runs) <= 3


def test_there_are_never_more_threads_than_places() -> None:
    asked, hang = questions(patience=0.1, places=2), threading.Event()
    for key in "ab":
        with pytest.raises(StoreUnreachable, match="overdue"):
            asked.ask(key, lambda _: hang.wait(30))
    with pytest.raises(StoreUnreachable, match="crowded"):
        asked.ask("c", lambda _: 1)
    hang.set()


def test_whoever_waits_can_leave() -> None:
    asked, hang = questions(), threading.Event()
    with pytest.raises(StoreRefused, match="cancelled"):
        asked.ask("a", lambda _: hang.wait(30), stop=lambda: StoreRefused(message("cancelled")))
    hang.set()
