"""Times of versions: measured in turns, kept by session, a failing version costs itself only."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from core.catalog.store import Version
from core.errors import EvidenceError, NotFound, RunoffError, ScoringError
from core.evidence.engine import Timing
from core.evidence.latency import Latencies, Progress, thousand
from core.evidence.split import Split
from core.messages import message

BROKEN = ScoringError(message("It does not load."))


@dataclass
class Clockwork:
    """A scorer whose version n takes n milliseconds; what it was asked for is written down."""

    broken: dict[int, RunoffError] = field(default_factory=dict)
    slow_turn: int = -1
    asked: list[int] = field(default_factory=list)
    digests: dict[int, str] = field(default_factory=dict)
    wait: threading.Event | None = None

    def known_digest(self, version: Version) -> str | None:
        return self.digests.get(version.number)

    def time(self, version: Version, split: Split, *, repeats: int) -> tuple[str, Timing]:
        if self.wait is not None:
            assert self.wait.wait(10)
        self.asked.append(version.number)
        if version.number in self.broken:
            raise self.broken[version.number]
        digest = self.digests.setdefault(version.number, f"sha256:{version.number}")
        factor = 100 if self.asked.count(version.number) == self.slow_turn else 1
        seconds = (version.number / 1000 * factor,) * repeats
        return digest, Timing(load_seconds=version.number * factor, seconds=seconds)


Versions = Callable[..., Version]


@pytest.fixture
def split(split_of: Callable[..., Split]) -> Split:
    return split_of([0, 1, 1])


def test_versions_take_turns_and_a_busy_moment_does_not_show(
    tmp_path: Path, split: Split, version_of: Versions
) -> None:
    clockwork = Clockwork(slow_turn=2)
    times = Latencies(clockwork, tmp_path).of([version_of(1), version_of(2), version_of(3)], split)
    assert {number: one.ms_per_1000 for number, one in times.items()} == {1: 1, 2: 2, 3: 3}
    assert [times[2].load_seconds, times[2].rows, times[2].repeats] == [2, 3, 25]
    assert clockwork.asked[:9] == [1, 2, 3, 2, 3, 1, 3, 1, 2]
    assert len(clockwork.asked) == 15


def test_what_was_measured_is_not_measured_again_after_a_restart(
    tmp_path: Path, split: Split, version_of: Versions
) -> None:
    clockwork = Clockwork()
    both = [version_of(1), version_of(2)]
    first = Latencies(clockwork, tmp_path).of(both, split)
    asked = len(clockwork.asked)
    again = Latencies(clockwork, tmp_path)
    assert again.of(both, split) == first == again.state(both[::-1], split).latencies
    assert again.of(both[:1], split) == {1: first[1]}
    assert len(clockwork.asked) == asked


@pytest.mark.parametrize("change", ["bytes", "rows", "machine"])
def test_other_bytes_rows_or_machines_have_other_times(
    *,
    tmp_path: Path,
    split: Split,
    split_of: Callable[..., Split],
    version_of: Versions,
    change: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clockwork = Clockwork()
    Latencies(clockwork, tmp_path).of([version_of(1)], split)
    if change == "bytes":
        clockwork.digests[1] = "sha256:other"
    if change == "rows":
        split = split_of([0, 1], fingerprint="sha256:other")
    if change == "machine":
        monkeypatch.setattr("platform.node", lambda: "elsewhere")
    assert Latencies(clockwork, tmp_path).state([version_of(1)], split).latencies == {}


def test_times_of_different_sessions_never_stand_side_by_side(
    tmp_path: Path, split: Split, version_of: Versions
) -> None:
    clockwork = Clockwork()
    latencies = Latencies(clockwork, tmp_path)
    one, two, three = version_of(1), version_of(2), version_of(3)
    latencies.of([one, two], split)
    latencies.of([three], split)
    assert set(latencies.state([one, two, three], split).latencies) == {1, 2}
    clockwork.asked.clear()
    assert set(latencies.of([one, two, three], split)) == {1, 2, 3}
    assert set(clockwork.asked) == {1, 2, 3}
    clockwork.asked.clear()
    assert set(latencies.of([three, two], split)) == {2, 3}
    assert clockwork.asked == []


def test_the_newest_of_several_sessions_counts(tmp_path: Path, split: Split, version_of: Versions) -> None:
    clockwork = Clockwork()
    latencies = Latencies(clockwork, tmp_path)
    latencies.of([version_of(5)], split)
    clockwork.time = lambda version, split, *, repeats: (  # type: ignore[method-assign]  # a new machine
        f"sha256:{version.number}",
        Timing(load_seconds=9, seconds=(9.0,)),
    )
    latencies.of([version_of(5), version_of(6)], split)
    assert latencies.state([version_of(5)], split).latencies[5].load_seconds == 9


@pytest.mark.parametrize("error", [BROKEN, NotFound(message("Gone."))])
def test_a_version_that_fails_costs_itself_only(
    tmp_path: Path, split: Split, version_of: Versions, error: RunoffError
) -> None:
    clockwork = Clockwork(broken={2: error})
    latencies = Latencies(clockwork, tmp_path)
    asked = [version_of(1), version_of(2)]
    assert set(latencies.of(asked, split)) == {1}
    state = latencies.state(asked, split)
    assert state.failures == {2: error}
    assert set(state.latencies) == {1}
    assert clockwork.asked.count(2) == 1


def test_a_fault_of_this_machine_is_no_fault_of_a_version(
    tmp_path: Path, split: Split, version_of: Versions
) -> None:
    fault = EvidenceError(message("The process that scores versions could not be started."))
    latencies = Latencies(Clockwork(broken={1: fault}), tmp_path)
    with pytest.raises(EvidenceError, match="could not be started"):
        latencies.of([version_of(1)], split)
    latencies.request([version_of(1)], split)
    _ended(latencies, version_of(1), split)
    assert latencies.state([version_of(1)], split).failures == {1: fault}


def test_in_the_background_it_tells_how_far_it_is(tmp_path: Path, split: Split, version_of: Versions) -> None:
    clockwork = Clockwork(wait=threading.Event())
    latencies = Latencies(clockwork, tmp_path)
    assert latencies.state([version_of(1)], split).progress is None
    latencies.request([version_of(1)], split)
    latencies.request([version_of(1)], split)  # somebody else presses, too
    assert latencies.state([version_of(1)], split).progress == Progress(0, 5)
    assert clockwork.wait is not None
    clockwork.wait.set()
    _ended(latencies, version_of(1), split)
    assert latencies.state([version_of(1)], split).latencies[1].ms_per_1000 == 1
    assert len(clockwork.asked) == 5


def test_a_slow_version_is_measured_less_often(
    tmp_path: Path, split: Split, version_of: Versions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.evidence.latency._BUDGET_SECONDS", -1.0)
    clockwork = Clockwork()
    assert set(Latencies(clockwork, tmp_path).of([version_of(1), version_of(2)], split)) == {1, 2}
    assert clockwork.asked == [1, 2]


def test_damaged_files_are_measured_again(tmp_path: Path, split: Split, version_of: Versions) -> None:
    clockwork = Clockwork()
    latencies = Latencies(clockwork, tmp_path)
    latencies.of([version_of(1)], split)
    (kept,) = (tmp_path / "latencies").glob("*.json")
    kept.write_text("{", encoding="utf-8")
    assert latencies.state([version_of(1)], split).latencies == {}
    assert set(latencies.of([version_of(1)], split)) == {1}


@pytest.mark.parametrize("rows", [1, 3, 1000, 1500])
def test_a_thousand_rows_whatever_the_split_has(split_of: Callable[..., Split], rows: int) -> None:
    split = split_of(np.arange(rows) % 3 == 0)
    many = thousand(split)
    assert many.rows == len(many.frame) == 1000
    assert np.array_equal(many.labels, (np.arange(1000) % rows) % 3 == 0)
    assert np.array_equal(many.frame["y"] == 1, many.labels)
    assert many.fingerprint != split.fingerprint


def _ended(latencies: Latencies, version: Version, split: Split) -> None:
    """Wait for the thread that measures."""
    for thread in threading.enumerate():
        if thread.name == "runoff-latency":
            thread.join(10)
    assert latencies.state([version], split).progress is None
