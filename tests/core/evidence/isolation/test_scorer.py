"""Jobs: asked for once or by many, cancelled, kept, repeated, and cleared away."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import psutil
import pytest

from core.catalog.store import Version
from core.catalog.transfer import Limits as TransferLimits
from core.errors import ArtifactError, ScoringError, StoreUnreachable
from core.evidence.comparison import ScoringState, Status
from core.evidence.isolation.job import Ending, Job, Limits
from core.evidence.isolation.nursery import Nursery
from core.evidence.scoring import Scorer
from core.evidence.split import Split
from core.messages import message
from tests.core.evidence.isolation.hostile import runs
from tests.core.evidence.isolation.real_models import FolderStore, RealModel, split_of_rows

Versions = Callable[..., Version]
ROOT = Path(__file__).parents[4]


class BlockingStore(FolderStore):
    """A store whose downloads wait for a permit, and which may be down."""

    def __init__(self) -> None:
        super().__init__()
        self.permit = threading.Event()
        self.asked = threading.Event()
        self.down = False

    def download(self, version: Version, folder: Path, *, limits: TransferLimits) -> Path:
        self.asked.set()
        while not self.permit.wait(0.01):
            if limits.stop is not None and limits.stop():
                raise ArtifactError(message("The download was cancelled."))
        if self.down:
            raise StoreUnreachable(message("Nobody answers."), message("Start it."))
        return super().download(version, folder, limits=limits)


@pytest.fixture
def store() -> BlockingStore:
    made = BlockingStore()
    made.permit.set()
    return made


@pytest.fixture
def own_scorer(store: BlockingStore, tmp_path: Path, nursery: Nursery) -> Iterator[Scorer]:
    made = Scorer(store, tmp_path / "data", Limits(seconds=30.0), workers=2, nursery=nursery)
    yield made
    made.close()


@pytest.fixture
def sleeper(tmp_path: Path) -> Path:
    """A model that takes half a minute."""
    folder = tmp_path / "sleeper"
    runs("", "time.sleep(25)\nreturn HALF(frame)").write(folder)
    return folder


def until(condition: Callable[[], bool], seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def servers(nursery: Nursery) -> list[psutil.Process]:
    """Its fork server, if it runs; other tests may have left those of other nurseries."""
    found = []
    for process in psutil.Process().children():
        with contextlib.suppress(psutil.Error):  # it ends meanwhile
            is_server = "core.evidence.isolation.server" in process.cmdline()
            if is_server and Path(process.cwd()) == nursery._folder:
                found.append(process)
    return found


def children(nursery: Nursery) -> list[psutil.Process]:
    found = []
    for server in servers(nursery):
        with contextlib.suppress(psutil.Error):
            found.extend(server.children())
    return found


def test_states_from_never_asked_to_scored(
    own_scorer: Scorer, store: BlockingStore, logistic: RealModel, split: Split, version: Versions
) -> None:
    store.permit.clear()
    one = version(logistic.folder)
    assert own_scorer.state(one, split).status is Status.NOT_SCORED
    assert own_scorer.key(one, split) is None
    with pytest.raises(ScoringError, match="not scored yet"):
        own_scorer.scores(one, split)
    own_scorer.request(one, split)
    waiting = own_scorer.wait(one, split, 0.01)
    assert waiting.status is Status.WAITING
    assert waiting.seconds > 0
    store.permit.set()
    assert own_scorer.wait(one, split).status is Status.SCORED
    key = own_scorer.key(one, split)
    assert key is not None
    assert key == own_scorer.scores(one, split).key
    assert key.fingerprint == split.fingerprint
    assert own_scorer.scores(one, split).seconds > 0


def test_many_who_ask_share_one_job(
    own_scorer: Scorer, store: BlockingStore, logistic: RealModel, split: Split, version: Versions
) -> None:
    store.permit.clear()
    one = version(logistic.folder)
    threads = [threading.Thread(target=own_scorer.request, args=(one, split)) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    store.asked.wait()
    assert own_scorer._queue.empty()
    store.permit.set()
    assert own_scorer.wait(one, split).status is Status.SCORED
    own_scorer.request(one, split)
    assert own_scorer.state(one, split).status is Status.SCORED
    assert len(store.downloads) == 1


def test_two_scorers_on_one_data_directory_run_one_job(
    nursery: Nursery, split: Split, version: Versions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran: list[str] = []

    def run(job: Job, cancelled: threading.Event) -> Ending:
        ran.append(job.id)
        return Nursery.run(nursery, job, cancelled)

    monkeypatch.setattr(nursery, "run", run)
    slow = version(tmp_path / "slow")
    runs("", "time.sleep(0.5)\nreturn HALF(frame)").write(Path(slow.source))
    both = [Scorer(FolderStore(), tmp_path / "data", nursery=nursery) for _ in range(2)]
    for scorer in both:
        scorer.request(slow, split)
    assert [scorer.wait(slow, split).status for scorer in both] == [Status.SCORED, Status.SCORED]
    assert len(ran) == 1
    for scorer in both:
        scorer.close()


def test_a_restart_scores_nothing_again(
    own_scorer: Scorer, logistic: RealModel, split: Split, version: Versions, tmp_path: Path
) -> None:
    one, broken = version(logistic.folder), version(tmp_path / "broken", 2)
    runs("", "raise ValueError('so')").write(Path(broken.source))
    bare = version(tmp_path / "bare", 3)
    Path(bare.source).mkdir()
    for each in (one, broken, bare):
        own_scorer.request(each, split)
        own_scorer.wait(each, split)
    errors = [str(own_scorer.state(each, split).error) for each in (broken, bare)]
    own_scorer.close()
    store = FolderStore()
    restarted = Scorer(store, tmp_path / "data")
    for each in (one, broken, bare):
        restarted.request(each, split)
    assert restarted.state(one, split).status is Status.SCORED
    np.testing.assert_array_equal(restarted.scores(one, split).values, own_scorer.scores(one, split).values)
    assert [str(restarted.state(each, split).error) for each in (broken, bare)] == errors
    assert [type(restarted.state(each, split).error) for each in (broken, bare)] == [
        ScoringError,
        ArtifactError,
    ]
    assert store.downloads == []
    restarted.close()


def test_a_failure_is_tried_again_when_asked_to(
    own_scorer: Scorer, tmp_path: Path, split: Split, version: Versions
) -> None:
    flag = tmp_path / "flaky" / "fail"
    flaky = version(flag.parent)
    runs("", "if os.path.exists(self.path + '/fail'): raise ValueError('no')\nreturn HALF(frame)").write(
        flag.parent
    )
    flag.write_text("")
    own_scorer.request(flaky, split)
    assert own_scorer.wait(flaky, split).status is Status.FAILED
    own_scorer.request(flaky, split, again=True)
    assert own_scorer.wait(flaky, split).status is Status.FAILED
    flag.unlink()
    assert own_scorer.state(flaky, split).status is Status.NOT_SCORED  # its files have changed
    own_scorer.request(flaky, split)
    assert own_scorer.wait(flaky, split).status is Status.SCORED


def test_a_change_of_files_rows_or_damage_is_scored_anew(
    own_scorer: Scorer, logistic: RealModel, split: Split, version: Versions, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(logistic.folder, tmp_path / "model"))
    one = version(folder)
    own_scorer.request(one, split)
    own_scorer.wait(one, split)
    before = own_scorer.scores(one, split)
    (kept,) = (tmp_path / "data" / "scores").glob("*/*.scores")
    content = bytearray(kept.read_bytes())
    content[-3] ^= 1
    kept.write_bytes(content)
    assert own_scorer.state(one, split).status is Status.NOT_SCORED
    own_scorer.request(one, split)
    assert own_scorer.wait(one, split).status is Status.SCORED
    np.testing.assert_array_equal(own_scorer.scores(one, split).values, before.values)
    (folder / "note.txt").write_text("new bytes")
    assert own_scorer.state(one, split).status is Status.NOT_SCORED
    own_scorer.request(one, split)
    own_scorer.wait(one, split)
    after = own_scorer.key(one, split)
    assert after is not None
    assert after.digest != before.key.digest
    other = split_of_rows(split.frame.assign(age=50.0), fingerprint="sha256:" + "5" * 64)
    assert own_scorer.state(one, other).status is Status.NOT_SCORED
    own_scorer.request(one, other)
    assert own_scorer.wait(one, other).status is Status.SCORED
    assert not np.array_equal(own_scorer.scores(one, other).values, before.values)


def test_cancel_stops_a_job_that_runs_waits_or_downloads(  # noqa: PLR0917 - fixtures
    own_scorer: Scorer,
    store: BlockingStore,
    nursery: Nursery,
    sleeper: Path,
    logistic: RealModel,
    split: Split,
    version: Versions,
) -> None:
    asleep = [version(sleeper, number) for number in (1, 2)]
    for one in asleep:
        own_scorer.request(one, split)
    queued = version(logistic.folder, 3)
    until(lambda: len(children(nursery)) > 0)
    states = {own_scorer.state(one, split).status for one in asleep}
    assert states == {Status.SCORING, Status.WAITING}  # they have the same files: one job scores both
    own_scorer.request(queued, split)
    assert own_scorer.state(queued, split).status is Status.WAITING
    own_scorer.cancel(queued, split)
    for one in asleep:
        own_scorer.cancel(one, split)
    for one in (*asleep, queued):
        assert own_scorer.wait(one, split) == ScoringState(status=Status.NOT_SCORED, cancelled=True)
    until(lambda: not children(nursery))
    store.permit.clear()
    store.asked.clear()
    own_scorer.request(queued, split)
    store.asked.wait()
    own_scorer.cancel(queued, split)
    assert own_scorer.state(queued, split).status is Status.NOT_SCORED
    store.permit.set()
    own_scorer.request(queued, split)
    assert own_scorer.wait(queued, split).status is Status.SCORED
    own_scorer.cancel(queued, split)  # nothing is under way: nothing happens
    assert own_scorer.state(queued, split) == ScoringState(status=Status.SCORED)


def test_a_store_that_is_down_is_no_verdict_on_the_version(
    own_scorer: Scorer, store: BlockingStore, logistic: RealModel, split: Split, version: Versions
) -> None:
    one = version(logistic.folder)
    store.down = True
    own_scorer.request(one, split)
    state = own_scorer.wait(one, split)
    assert (state.status, str(state.error)) == (Status.FAILED, "Nobody answers. Start it.")
    store.down = False
    own_scorer.request(one, split)
    assert own_scorer.state(one, split).status is Status.FAILED  # for a while it is not asked again
    own_scorer.request(one, split, again=True)
    assert own_scorer.wait(one, split).status is Status.SCORED


def test_versions_of_one_model_name_that_was_made_anew_are_different_versions(
    own_scorer: Scorer, logistic: RealModel, split: Split, version: Versions
) -> None:
    one = version(logistic.folder)
    own_scorer.request(one, split)
    own_scorer.wait(one, split)
    again = replace(one, created=None)
    assert own_scorer.state(again, split).status is Status.NOT_SCORED


def test_columns_that_the_split_lacks_are_named(
    own_scorer: Scorer, logistic: RealModel, split: Split, version: Versions
) -> None:
    less = split_of_rows(split.frame.drop(columns=["fare", "dose"]))
    own_scorer.request(version(logistic.folder), less)
    state = own_scorer.wait(version(logistic.folder), less)
    assert str(state.error).startswith("The split has no column fare, dose, which the model asks for.")


def test_processor_time_has_a_limit_of_its_own(
    nursery: Nursery, split: Split, version: Versions, tmp_path: Path
) -> None:
    busy = version(tmp_path / "busy")
    runs("", "while True: pass").write(Path(busy.source))
    scorer = Scorer(FolderStore(), tmp_path / "data", Limits(seconds=60.0, cpu_seconds=0.0), nursery=nursery)
    scorer.request(busy, split)
    state = scorer.wait(busy, split)
    assert str(state.error).startswith("The model used more than 0 s of processor time and was stopped.")
    scorer.close()


def test_a_lost_fork_server_is_started_again_and_a_scorer_ends_its_jobs(  # noqa: PLR0917 - fixtures
    own_scorer: Scorer,
    nursery: Nursery,
    logistic: RealModel,
    sleeper: Path,
    split: Split,
    version: Versions,
) -> None:
    asleep = version(sleeper)
    own_scorer.request(asleep, split)
    until(lambda: children(nursery) != [])
    (lost,) = servers(nursery)
    orphans = children(nursery)
    lost.send_signal(signal.SIGKILL)
    own_scorer.request(version(logistic.folder, 2), split)
    assert own_scorer.wait(version(logistic.folder, 2), split).status is Status.SCORED
    _, alive = psutil.wait_procs(orphans, timeout=10)
    assert alive == []
    until(lambda: children(nursery) != [])  # the job that was lost runs again
    assert own_scorer.state(asleep, split).status is Status.SCORING
    jobs = children(nursery)
    own_scorer.close()
    _, alive = psutil.wait_procs(jobs, timeout=10)
    assert alive == []
    own_scorer.request(asleep, split)
    assert own_scorer.state(asleep, split).status is Status.NOT_SCORED


def test_children_that_are_new_interpreters_score_the_same(
    logistic: RealModel, split: Split, version: Versions, tmp_path: Path
) -> None:
    """Where there is no fork."""
    nursery = Nursery(tmp_path / "nursery", fork=False)
    scorer = Scorer(FolderStore(), tmp_path / "data", workers=1, nursery=nursery)
    one = version(logistic.folder)
    scorer.request(one, split)
    assert scorer.wait(one, split).status is Status.SCORED, scorer.state(one, split).error
    np.testing.assert_array_equal(scorer.scores(one, split).values, logistic.expected(split.frame))
    scorer.close()
    nursery.close()


SCRIPT = """
import os, sys
from pathlib import Path

print("MAIN IS RUN", flush=True)  # once: no child runs the script again

from core.catalog.store import Version
from core.evidence.scoring import Scorer
from tests.core.evidence.isolation.real_models import FolderStore, rows, split_of_rows

split = split_of_rows(rows(150, seed=1), fingerprint="sha256:" + "1" * 64)
version = Version(model="m", number=1, source=sys.argv[2])
scorer = Scorer(FolderStore(), Path(sys.argv[1]))
print(scorer.state(version, split).status, flush=True)
other = os.fork()  # as a web server does that loads the application once for several workers
scorer.request(version, split)
os.write(1, f"{scorer.wait(version, split).status}\\n".encode())  # at once: both processes write here
scorer.close()
if other:
    os.waitpid(other, 0)
"""


def test_two_processes_share_one_job_and_leave_nothing_behind(logistic: RealModel, tmp_path: Path) -> None:
    script = tmp_path / "main_script.py"
    script.write_text(SCRIPT)
    command = [sys.executable, str(script), str(tmp_path / "data"), str(logistic.folder)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=240, check=True)
    assert ended.stdout.split("\n")[:4] == ["MAIN IS RUN", "not_scored", "scored", "scored"]
    assert len(list((tmp_path / "data" / "scores").glob("*/*.scores"))) == 1
    assert [line for line in ended.stderr.splitlines() if "Traceback" in line] == []
    home = str(tmp_path / "data" / "nursery")
    until(lambda: not [one for one in psutil.process_iter(["environ"]) if home in str(one.info["environ"])])
