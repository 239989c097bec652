"""Each hostile version costs itself a clear reason, and nobody else anything."""

import contextlib
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import psutil
import pytest

from core.catalog.store import Version
from core.errors import ArtifactError, ScoringError
from core.evidence.artifact_files import digest_of
from core.evidence.comparison import Status
from core.evidence.failures import CODES
from core.evidence.isolation.job import MIB, Limits
from core.evidence.isolation.nursery import Nursery
from core.evidence.scoring import Scorer
from core.evidence.split import Split
from tests.core.evidence.isolation.hostile import HOSTILE, SCORED
from tests.core.evidence.isolation.real_models import FolderStore, RealModel

LIMITS = Limits(seconds=4.0, cpu_seconds=30.0, memory_bytes=200 * MIB, disk_bytes=20 * MIB, processes=8)
GOOD_BETWEEN = 8


@dataclass(frozen=True)
class Crowd:
    """All hostile versions and a few good ones, asked for at once."""

    scorer: Scorer
    data_dir: Path
    hostile: dict[str, Version]
    good: list[tuple[Version, Split]]


@pytest.fixture(scope="module")
def crowd(
    tmp_path_factory: pytest.TempPathFactory, nursery: Nursery, logistic: RealModel, split: Split
) -> Iterator[Crowd]:
    folder, data_dir = tmp_path_factory.mktemp("hostile"), tmp_path_factory.mktemp("data")
    good = Version(model="good", number=1, source=str(logistic.folder))
    scorer = Scorer(FolderStore(), data_dir, LIMITS, workers=2, max_bytes=50 * MIB, nursery=nursery)
    made = Crowd(scorer, data_dir, {}, [])
    for number, (name, model) in enumerate(HOSTILE.items()):
        if model.needs and model.needs not in nursery.measures:
            continue
        model.write(folder / str(number))
        made.hostile[name] = Version(model="hostile", number=number, source=str(folder / str(number)))
        scorer.request(made.hostile[name], split)
        if number % GOOD_BETWEEN == 0:
            other = replace(split, fingerprint=f"sha256:{number:064d}")
            made.good.append((good, other))
            scorer.request(good, other)
    yield made
    scorer.close()


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_version_costs_itself_alone(name: str, crowd: Crowd, split: Split) -> None:
    if name not in crowd.hostile:
        pytest.skip(f"this kernel has no {HOSTILE[name].needs}")
    state = crowd.scorer.wait(crowd.hostile[name], split, 120)
    expected = HOSTILE[name].becomes.split(" or ")
    if state.status is Status.SCORED:
        assert SCORED in expected
        assert set(crowd.scorer.scores(crowd.hostile[name], split).values) == {0.5}
        return
    assert state.status is Status.FAILED
    assert isinstance(state.error, ScoringError)
    assert len(str(state.error)) < 1000
    assert str(state.error.hint)
    with pytest.raises(type(state.error)):
        crowd.scorer.scores(crowd.hostile[name], split)
    if expected == ["artifact"]:
        assert isinstance(state.error, ArtifactError), str(state.error)
    elif expected == ["flavor"]:
        assert str(state.error.title) == "Its flavors are spark; none of them can be scored."
    else:
        titles = {CODES[code].title.template for code in expected if code in CODES}
        assert state.error.title.template in titles, str(state.error)


def settled(crowd: Crowd, split: Split) -> None:
    for version in crowd.hostile.values():
        assert crowd.scorer.wait(version, split, 120).status in {Status.SCORED, Status.FAILED}


def test_good_versions_among_them_are_scored_as_ever(crowd: Crowd, split: Split, logistic: RealModel) -> None:
    for version, other in crowd.good:
        assert crowd.scorer.wait(version, other, 120).status is Status.SCORED
        scores = crowd.scorer.scores(version, other)
        np.testing.assert_array_equal(scores.values, logistic.expected(split.frame))


def test_what_a_model_says_is_quoted_as_it_is_and_cut(crowd: Crowd, split: Split) -> None:
    settled(crowd, split)

    def title(name: str) -> str:
        error = crowd.scorer.state(crowd.hostile[name], split).error
        return str(error.title if error else None)

    assert title("raises markup") == (
        "The model raised ValueError while it scored the split: <script>alert(1)</script>"
    )
    assert title("raises a huge message").endswith("x" * 450)
    assert title("raises what cannot be shown").endswith("Mute while it scored the split: (no message)")
    assert title("reads address zero") == "The model crashed its process (SIGSEGV)."
    assert title("calls os._exit") == "The model ended its process (status 3) instead of giving scores."
    assert title("hangs while it is loaded") == "The model took longer than 4 s and was stopped."
    assert title("allocates without end") == "The model took more than 200 MB of memory and was stopped."
    assert title("returns 2**30 rows") == f"The model returned {2**30} scores for 150 rows."


def test_nothing_of_them_stays(crowd: Crowd, split: Split) -> None:
    settled(crowd, split)
    assert list((crowd.data_dir / "jobs").iterdir()) == []
    assert not Path("/tmp/owned-by-a-model").exists()
    deadline = time.monotonic() + 10
    while remaining := [one for one in descendants() if one not in server_processes()]:
        assert time.monotonic() < deadline, remaining
    for version in crowd.hostile.values():
        digest = crowd.scorer.key(version, split) if is_kept(crowd, version, split) else None
        if digest is not None:
            folder = crowd.data_dir / "artifacts" / digest.digest.removeprefix("sha256:")
            assert digest_of(folder) == digest.digest


def is_kept(crowd: Crowd, version: Version, split: Split) -> bool:
    error = crowd.scorer.state(version, split).error
    return not isinstance(error, ArtifactError)


def descendants() -> list[psutil.Process]:
    """What runs below this process or was started by a model, the dead left out."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if "LINGERING" in " ".join(process.cmdline()) and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    for server in server_processes():
        found.extend(server.children(recursive=True))
    return found


def server_processes() -> list[psutil.Process]:
    found = []
    for process in psutil.Process().children():
        with contextlib.suppress(psutil.Error):  # it ends meanwhile
            if "core.evidence.isolation.server" in process.cmdline():
                found.append(process)
    return found
