"""Real models, timed in confined child processes."""

from collections.abc import Callable
from pathlib import Path

import pytest

from core.catalog.store import Version
from core.errors import ScoringError
from core.evidence.latency import Latencies
from core.evidence.scoring import Scorer
from core.evidence.split import Split
from tests.core.evidence.isolation.hostile import SCORED, runs
from tests.core.evidence.isolation.real_models import RealModel

Versions = Callable[..., Version]


def test_real_models_side_by_side_one_of_them_broken(
    *,
    scorer: Scorer,
    logistic: RealModel,
    sklearn_models: dict[str, RealModel],
    split: Split,
    version: Versions,
    tmp_path: Path,
) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    asked = [
        version(logistic.folder, 1),
        version(sklearn_models["forest"].folder, 2),
        version(empty, 3),
    ]
    latencies = Latencies(scorer, tmp_path)
    times = latencies.of(asked, split)
    assert set(times) == {1, 2}
    assert times[1].rows == split.rows
    assert 0 < times[1].ms_per_1000 < times[2].ms_per_1000  # twenty trees take longer than one product
    assert all(0 < one.load_seconds < 60 for one in times.values())
    assert set(latencies.state(asked, split).failures) == {3}


def test_a_model_that_spoils_its_rows_or_is_slow_is_timed_all_the_same(
    scorer: Scorer, split: Split, version: Versions, tmp_path: Path
) -> None:
    spoil = "assert len(frame.columns); frame.drop(columns=list(frame.columns), inplace=True)"
    runs(SCORED, predict=f"{spoil}; return HALF(frame)").write(tmp_path / "spoiler")
    runs(SCORED, predict="time.sleep(0.6); return HALF(frame)").write(tmp_path / "slow")
    spoiler, slow = version(tmp_path / "spoiler", 11), version(tmp_path / "slow", 12)
    _digest, timing = scorer.time(spoiler, split, repeats=5)
    assert len(timing.seconds) == 5
    _digest, timing = scorer.time(slow, split, repeats=5)
    assert len(timing.seconds) == 2  # no further one begins after a second
    assert all(one >= 0.6 for one in timing.seconds)


def test_times_that_are_none_are_not_taken(
    scorer: Scorer, split: Split, version: Versions, tmp_path: Path
) -> None:
    lie = "import time as clock; clock.perf_counter = lambda: float('nan'); return HALF(frame)"
    runs("garbled", predict=lie).write(tmp_path / "liar")
    with pytest.raises(ScoringError, match="cannot be read"):
        scorer.time(version(tmp_path / "liar", 13), split, repeats=5)
