"""Metrics of every version: read in the background, each once, and nothing kept but they."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pytest

from core.catalog.store import Version
from core.errors import ScoringError
from core.evidence.comparison import ScoringState, Status
from core.evidence.evaluation import evaluate
from core.evidence.scores import ScoreKey, ScoreKind, Scores
from core.evidence.split import Split
from core.evidence.trend import Trends, metric_values
from core.messages import message

Versions = Callable[..., Version]
SPLIT_SIZE = 60


@dataclass
class Shelf:
    """Scores of made-up versions; what was read is written down, and reading may be held up."""

    states: dict[int, ScoringState] = field(default_factory=dict)
    read: list[int] = field(default_factory=list)
    digests: dict[int, str] = field(default_factory=dict)
    hold: threading.Event | None = None
    faulty: int = 0

    def state(self, version: Version, split: Split) -> ScoringState:
        return self.states.get(version.number, ScoringState(status=Status.SCORED))

    def key(self, version: Version, split: Split) -> ScoreKey | None:
        digest = self.digests.get(version.number, f"sha256:{version.number}")
        return ScoreKey(digest=digest, fingerprint=split.fingerprint, code="1") if digest else None

    def scores(self, version: Version, split: Split) -> Scores:
        if self.hold is not None:
            assert self.hold.wait(10)
        self.read.append(version.number)
        if version.number == self.faulty:
            raise ZeroDivisionError
        key = self.key(version, split)
        assert key is not None
        values = np.random.default_rng(version.number).uniform(size=split.rows)
        return Scores(key=key, kind=ScoreKind.PROBABILITY, values=values)


@pytest.fixture
def split(split_of: Callable[..., Split]) -> Split:
    return split_of(np.arange(SPLIT_SIZE) % 3 == 0)


@pytest.fixture
def versions(version_of: Versions) -> list[Version]:
    return [version_of(number) for number in (3, 2, 1)]


@pytest.mark.parametrize("kind", ScoreKind)
@pytest.mark.parametrize("threshold", [None, 0.0, 0.3])
def test_values_are_those_of_an_evaluation(
    split: Split, scores_of: Callable[..., Scores], kind: ScoreKind, threshold: float | None
) -> None:
    scores = scores_of(np.random.default_rng(0).uniform(size=SPLIT_SIZE), kind)
    expected = evaluate(scores, split).at(0.3 if threshold is None else threshold)
    found = metric_values(scores, split, threshold)
    assert found == {name: expected[name] for name in found}
    assert set(expected) - set(found) == set(metric_values(scores, split, 0.3 if threshold is None else None))


def test_each_version_is_read_once_the_newest_first(split: Split, versions: list[Version]) -> None:
    shelf = Shelf()
    trends = Trends(shelf)
    trend = trends.of(versions, split, threshold=None, patience=10)
    assert trend.is_whole
    assert [version.number for version in trend.versions] == [1, 2, 3]
    assert set(trend.values) == {1, 2, 3}
    assert shelf.read == [3, 2, 1]
    assert trends.of(versions, split, threshold=None, patience=10).values == trend.values
    assert len(shelf.read) == 3


def test_other_bytes_are_other_values(split: Split, versions: list[Version]) -> None:
    shelf = Shelf()
    trends = Trends(shelf)
    trends.of(versions, split, threshold=None, patience=10)
    shelf.digests = {2: "sha256:other", 1: ""}
    trend = trends.of(versions, split, threshold=None, patience=10)
    assert shelf.read == [3, 2, 1, 2]
    assert trend.states[1].status is Status.NOT_SCORED


def test_whoever_is_not_patient_gets_what_is_there(split: Split, versions: list[Version]) -> None:
    shelf = Shelf(hold=threading.Event())
    trends = Trends(shelf)
    first = trends.of(versions, split, threshold=0.5, patience=0)
    assert not first.is_whole
    assert first.values == {}
    joined = trends.of(versions, split, threshold=0.5, patience=0, is_look=True)
    assert not joined.is_whole
    assert shelf.hold is not None
    shelf.hold.set()
    assert trends.of(versions, split, threshold=0.5, patience=10, is_look=True).is_whole
    assert shelf.read == [3, 2, 1]  # by one thread


def test_versions_without_scores_are_told_as_such(split: Split, versions: list[Version]) -> None:
    failed = ScoringState(status=Status.FAILED, error=ScoringError(message("It does not load.")))
    shelf = Shelf(states={1: failed, 2: ScoringState(status=Status.NOT_SCORED)})
    trend = Trends(shelf).of(versions, split, threshold=None, patience=10)
    assert trend.states == shelf.states
    assert trend.is_whole
    assert [version.number for version in trend.not_scored] == [2]
    assert not trend.is_scoring


def test_a_look_goes_back_only_to_what_was_being_scored(split: Split, versions: list[Version]) -> None:
    shelf = Shelf(states={number: ScoringState(status=Status.SCORING) for number in (1, 2)})
    trends = Trends(shelf)
    assert trends.of(versions, split, threshold=None, patience=10).is_scoring
    shelf.states = {3: ScoringState(status=Status.FAILED)}
    trend = trends.of(versions, split, threshold=None, patience=10, is_look=True)
    assert set(trend.values) == {1, 2, 3}  # nobody looked at the third again
    assert set(trends.of(versions, split, threshold=None, patience=10).values) == {1, 2}


def test_a_fault_costs_one_version(
    split: Split, versions: list[Version], caplog: pytest.LogCaptureFixture
) -> None:
    trend = Trends(Shelf(faulty=2)).of(versions, split, threshold=None, patience=10)
    assert set(trend.values) == {1, 3}
    assert trend.states[2].status is Status.FAILED
    assert "Reading the metrics of version 2" in caplog.text


def test_only_so_many_values_are_kept(split: Split, versions: list[Version]) -> None:
    shelf = Shelf()
    trends = Trends(shelf, most_values=2)
    assert len(trends.of(versions, split, threshold=None, patience=10).values) == 3
    trends.of(versions, split, threshold=None, patience=10)
    assert len(shelf.read) > 3


def test_no_version_and_a_wrong_threshold(split: Split) -> None:
    trends = Trends(Shelf())
    assert trends.of([], split, threshold=None, patience=10).is_whole
    with pytest.raises(ValueError, match="threshold"):
        trends.of([], split, threshold=1.5)
