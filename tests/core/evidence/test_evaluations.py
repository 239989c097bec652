import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from core.errors import ScoringError
from core.evidence.evaluation import Evaluation
from core.evidence.evaluations import Evaluations
from core.messages import message


@pytest.fixture
def split(split_of: Any) -> Any:
    return split_of([1, 0, 1, 0])


class Asker:
    """Asks for the evaluation of the same scores under any digest and remembers what was loaded."""

    def __init__(self, scores_of: Any, split: Any) -> None:
        self.scores_of, self.split = scores_of, split
        self.loaded: list[str] = []

    def __call__(self, evaluations: Evaluations, digest: str) -> Evaluation:
        scores = self.scores_of([0.1, 0.2, 0.3, 0.4], digest=digest)

        def load() -> Any:
            self.loaded.append(digest)
            return scores

        return evaluations.of(scores.key, load, self.split)


@pytest.fixture
def ask(scores_of: Any, split: Any) -> Asker:
    return Asker(scores_of, split)


def test_scores_are_loaded_once(ask: Any) -> None:
    evaluations = Evaluations(10_000)
    assert ask(evaluations, "a") is ask(evaluations, "a")
    assert ask.loaded == ["a"]
    assert evaluations.nbytes == ask(evaluations, "a").nbytes


def test_the_least_recently_asked_for_goes_first(ask: Any) -> None:
    size = ask(Evaluations(10_000), "a").nbytes
    ask.loaded.clear()
    evaluations = Evaluations(2 * size)
    for digest in ("a", "b", "a", "c", "a", "b"):
        ask(evaluations, digest)
    assert ask.loaded == ["a", "b", "c", "b"]
    assert evaluations.nbytes == 2 * size


def test_one_that_is_larger_than_the_limit_is_made_and_drives_nothing_out(
    ask: Any, scores_of: Any, split_of: Any
) -> None:
    evaluations = Evaluations(ask(Evaluations(10_000), "a").nbytes)
    kept = ask(evaluations, "a")
    large = scores_of([0.1, 0.2, 0.3, 0.4, 0.5], digest="large")
    assert evaluations.of(large.key, lambda: large, split_of([1, 0, 1, 0, 1])).digest == "large"
    assert evaluations.nbytes == kept.nbytes
    assert ask(evaluations, "a") is kept


def test_people_who_ask_at_once_share_one_evaluation(scores_of: Any, split: Any) -> None:
    evaluations, scores = Evaluations(10_000), scores_of([0.1, 0.2, 0.3, 0.4])
    entered, release, calls = threading.Event(), threading.Event(), []

    def load() -> Any:
        calls.append(1)
        entered.set()
        assert release.wait(10)
        return scores

    with ThreadPoolExecutor(6) as pool:
        first = pool.submit(evaluations.of, scores.key, load, split)
        assert entered.wait(10)
        others = [pool.submit(evaluations.of, scores.key, load, split) for _ in range(5)]
        release.set()
        assert {id(asked.result(10)) for asked in others} == {id(first.result(10))}
    assert calls == [1]


def test_one_version_does_not_wait_for_another(scores_of: Any, split: Any, ask: Any) -> None:
    evaluations, slow = Evaluations(10_000), scores_of([0.1, 0.2, 0.3, 0.4], digest="slow")
    entered, release = threading.Event(), threading.Event()

    def load() -> Any:
        entered.set()
        assert release.wait(10)
        return slow

    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(evaluations.of, slow.key, load, split)
        assert entered.wait(10)
        assert ask(evaluations, "quick").digest == "quick"
        release.set()
        assert waiting.result(10).digest == "slow"


def test_a_failure_reaches_everybody_and_is_not_remembered(scores_of: Any, split: Any) -> None:
    evaluations, scores = Evaluations(10_000), scores_of([0.1, 0.2, 0.3, 0.4])
    entered, release = threading.Event(), threading.Event()

    def fail() -> Any:
        entered.set()
        assert release.wait(10)
        raise ScoringError(message("It hangs."))

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(evaluations.of, scores.key, fail, split)
        assert entered.wait(10)
        second = pool.submit(evaluations.of, scores.key, fail, split)
        release.set()
        for asked in (first, second):
            with pytest.raises(ScoringError, match="It hangs"):
                asked.result(10)
    assert evaluations.of(scores.key, lambda: scores, split).digest == "sha256:version"


def test_scores_of_another_key_are_refused(scores_of: Any, split: Any) -> None:
    evaluations = Evaluations(10_000)
    asked, loaded = scores_of([0.1] * 4, digest="asked"), scores_of([0.1] * 4, digest="loaded")
    with pytest.raises(ValueError, match="loaded"):
        evaluations.of(asked.key, lambda: loaded, split)
    other = scores_of([0.1] * 4, fingerprint="sha256:other")
    with pytest.raises(ValueError, match="cannot be judged"):
        evaluations.of(other.key, lambda: other, split)
    assert evaluations.nbytes == 0
