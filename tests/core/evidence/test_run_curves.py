import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import numpy as np
import pytest

from core.catalog.runs.histories import History
from core.errors import StoreUnreachable
from core.evidence import run_curves
from core.evidence.run_curves import Axis, Drawing, RunCurves, Wanted, curve, smoothed
from core.evidence.thinning import LIMIT, TOLERANCE, thin_course
from core.messages import message

ENDED = datetime(2026, 11, 1, tzinfo=UTC)


def history(values: Sequence[float], *, steps: Sequence[int] | None = None, start: int = 1_000) -> History:
    count = len(values)
    return History(
        steps=np.array(range(count) if steps is None else steps, np.int64),
        times=np.arange(count, dtype=np.int64) * 500 + start,
        values=np.array(values, np.float64),
    )


@dataclass
class Histories:
    """A store of histories; answers `at_once` of them at a time."""

    kept: dict[str, History]
    at_once: int = 100
    error: StoreUnreachable | None = None
    asked: list[Sequence[str]] = field(default_factory=list)

    def histories(self, run_ids: Sequence[str], metric: str) -> Mapping[str, History]:
        self.asked.append(list(run_ids))
        if self.error is not None:
            raise self.error
        return {run: self.kept.get(run, history([])) for run in run_ids[: self.at_once]}


def test_a_history_is_drawn_over_steps_times_and_times_since_its_start() -> None:
    kept = history([3.0, 2.0, 1.0], steps=[10, 20, 30])

    assert curve(kept, Drawing()).line.x.tolist() == [10, 20, 30]
    assert curve(kept, Drawing(axis=Axis.TIME)).line.x.tolist() == [1_000, 1_500, 2_000]
    assert curve(kept, Drawing(axis=Axis.RELATIVE)).line.x.tolist() == [0, 0.5, 1]
    assert curve(kept, Drawing()).line.y.tolist() == [3, 2, 1]


def test_what_cannot_be_drawn_is_counted() -> None:
    kept = history([1.0, float("nan"), float("inf"), -1.0, 0.0])

    assert curve(kept, Drawing()).left_out == 2
    assert curve(kept, Drawing(is_log=True)).left_out == 4
    assert curve(history([float("nan")] * 3), Drawing(smoothing=0.5)).line.x.tolist() == []
    assert curve(history([]), Drawing()).values == 0


def test_smoothing_is_the_mean_of_what_came_before_and_keeps_a_constant() -> None:
    assert smoothed(np.full(5, 3.0), 0.9) == pytest.approx([3.0] * 5)
    half = smoothed(np.array([0.0, 1.0, 1.0]), 0.5)
    assert half == pytest.approx([0.0, 2 / 3, 6 / 7])
    drawn = curve(history([0.0, 1.0, 0.0, 1.0]), Drawing(smoothing=0.9))
    assert drawn.raw is not None
    assert drawn.raw.y.tolist() == [0, 1, 0, 1]
    assert np.ptp(drawn.line.y) < 0.6


def test_a_smooth_curve_of_many_points_stays_where_it_was() -> None:
    steps = np.arange(20_000)
    values = np.exp(-steps / 3_000) + 0.1 * np.sin(steps / 500)
    drawn = curve(history(values.tolist()), Drawing()).line

    assert len(drawn.x) < LIMIT
    assert np.abs(np.interp(steps, drawn.x, drawn.y) - values).max() < 2 * TOLERANCE * np.ptp(values)


def test_a_lone_peak_of_a_noisy_curve_is_kept() -> None:
    values = np.random.default_rng(1).normal(size=50_000) * 0.01
    values[31_337] = 5.0
    drawn = curve(history(values.tolist()), Drawing()).line

    assert len(drawn.x) < LIMIT
    assert drawn.y.max() == 5.0
    assert drawn.x[np.argmax(drawn.y)] == 31_337
    assert drawn.x[-1] == 49_999


@pytest.mark.parametrize("values", [[1.0] * 3_000, [1e308, -1e308] * 1_500, [5e-324] * 1_500 + [0.0] * 1_500])
def test_odd_values_are_no_failure(values: list[float]) -> None:
    drawn = curve(history(values, steps=[0] * 1_500 + [1] * 1_500), Drawing())

    assert 0 < len(drawn.line.x) < LIMIT
    assert drawn.left_out == 0


def test_points_that_stand_above_each_other_are_kept_by_their_ends() -> None:
    x, y = np.zeros(5_000), np.linspace(0, 1, 5_000)

    assert y[thin_course(x, y)][[0, -1]].tolist() == [0, 1]


def test_what_a_run_that_has_ended_logged_is_read_once() -> None:
    store = Histories({"a": history([1.0]), "b": history([2.0])})
    curves = RunCurves(store)
    for _ in range(3):
        found = curves.read([Wanted("a", ENDED), Wanted("b", ENDED)], "m", Drawing())
    assert store.asked == [["a", "b"]]
    assert list(found.curves) == ["a", "b"]
    assert found.waiting == 0
    curves.read([Wanted("a", ENDED)], "other", Drawing())
    assert len(store.asked) == 2


def test_a_running_run_is_read_again_when_it_is_no_longer_fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    store = Histories({"a": history([1.0])})
    curves = RunCurves(store)
    curves.read([Wanted("a")], "m", Drawing())
    curves.read([Wanted("a")], "m", Drawing(smoothing=0.5))
    assert len(store.asked) == 1
    monkeypatch.setattr(run_curves, "_FRESH_SECONDS", -1.0)
    store.kept["a"] = history([1.0, 2.0])

    assert curves.read([Wanted("a")], "m", Drawing()).curves["a"].values == 2


def test_the_rest_is_asked_for_the_next_time() -> None:
    store = Histories({str(i): history([float(i)]) for i in range(5)}, at_once=3)
    curves, wanted = RunCurves(store), [Wanted(str(i), ENDED) for i in range(5)]

    assert curves.read(wanted, "m", Drawing()).waiting == 2
    assert curves.read(wanted, "m", Drawing()).waiting == 0
    assert store.asked == [["0", "1", "2", "3", "4"], ["3", "4"]]


def test_a_store_that_is_down_leaves_what_is_kept() -> None:
    store = Histories({"a": history([1.0])})
    curves = RunCurves(store)
    curves.read([Wanted("a", ENDED)], "m", Drawing())
    store.error = StoreUnreachable(message("Nobody answers."))
    found = curves.read([Wanted("a", ENDED), Wanted("b", ENDED)], "m", Drawing())

    assert list(found.curves) == ["a"]
    assert found.trouble is store.error
    with pytest.raises(StoreUnreachable):
        curves.read([Wanted("b", ENDED)], "m", Drawing())


def test_only_so_much_is_kept() -> None:
    store = Histories({str(i): history([0.0] * 100) for i in range(10)})
    curves = RunCurves(store, most_bytes=3 * 3_000)
    for i in range(10):
        curves.read([Wanted(str(i), ENDED)], "m", Drawing())
    curves.read([Wanted("9", ENDED), Wanted("0", ENDED)], "m", Drawing())

    assert store.asked[-1] == ["0"]
    assert len(curves._kept) == 3


def test_threads_share_it() -> None:
    store = Histories({str(i): history([0.0] * 100) for i in range(20)})
    curves = RunCurves(store, most_bytes=5 * 3_000)

    def work() -> None:
        for i in range(200):
            curves.read([Wanted(str(i % 20), ENDED)], "m", Drawing())

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(curves._kept) == 5
