"""Before a version may go to Production: are its bytes what they were, and does it load and score now?"""

import shutil
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.catalog.store import Version
from core.catalog.transfer import Limits as TransferLimits
from core.errors import ArtifactError, NotFound, ScoringError
from core.evidence.comparison import Status
from core.evidence.isolation.job import Limits
from core.evidence.isolation.nursery import Nursery
from core.evidence.probing import Prober
from core.evidence.scoring import Scorer
from core.evidence.split import Split
from core.messages import message
from tests.core.evidence.isolation.hostile import runs
from tests.core.evidence.isolation.real_models import FolderStore, RealModel, rows, split_of_rows

Versions = Callable[..., Version]


class FarStore(FolderStore):
    """A store whose files are elsewhere: the versions' sources are names."""

    def __init__(self, **places: Path) -> None:
        super().__init__()
        self.places = places

    def download(self, version: Version, folder: Path, *, limits: TransferLimits) -> Path:
        place = self.places.get(version.source.removeprefix("models:/"))
        if place is None:
            raise NotFound(message("There is no version {number}.", number=version.number))
        self.downloads.append(place)
        return Path(shutil.copytree(place, folder / "model"))


@pytest.fixture
def copy(logistic: RealModel, tmp_path: Path) -> Path:
    """A model's folder that a test may change."""
    return Path(shutil.copytree(logistic.folder, tmp_path / "copy"))


@pytest.fixture
def store() -> FolderStore:
    return FolderStore()


@pytest.fixture
def own(store: FolderStore, tmp_path: Path, nursery: Nursery) -> Iterator[Scorer]:
    made = Scorer(store, tmp_path / "data", Limits(seconds=30.0), workers=2, nursery=nursery)
    yield made
    made.close()


def test_a_version_that_loads_and_scores_leaves_no_trace(
    own: Scorer, store: FolderStore, copy: Path, split: Split, version: Versions
) -> None:
    one = version(copy)
    own.probe(one, split)
    assert own.state(one, split).status is Status.NOT_SCORED
    own.request(one, split)
    assert own.wait(one, split).status is Status.SCORED
    scores = own.scores(one, split)
    own.probe(one, split)
    assert np.array_equal(own.scores(one, split).values, scores.values)
    assert len(scores.values) == split.rows
    assert len(store.downloads) == 1


def test_every_flavor_and_format_scores_one_row(
    scorer: Scorer, sklearn_models: dict[str, RealModel], rankers: dict[str, RealModel], version: Versions
) -> None:

    for number, model in enumerate([*sklearn_models.values(), *rankers.values()], start=100):
        labelled = split_of_rows(rows(20, seed=2), model.positive, model.negative)
        scorer.probe(version(model.folder, number), labelled)


def test_bytes_that_were_overwritten_after_it_was_scored(
    own: Scorer, copy: Path, split: Split, version: Versions
) -> None:
    one = version(copy)
    own.request(one, split)
    assert own.wait(one, split).status is Status.SCORED
    before = own.confirm(one)
    own.probe(one, split)
    (weights,) = copy.glob("model.*")
    weights.write_bytes(weights.read_bytes()[:100])
    assert own.confirm(one) != before
    with pytest.raises(ScoringError) as caught:
        own.probe(one, split)
    assert caught.value.title.template
    assert own.state(one, split).status is Status.NOT_SCORED


def test_known_bytes_of_a_local_folder_are_not_fetched_anew(
    own: Scorer, store: FolderStore, copy: Path, version: Versions
) -> None:
    one = version(copy)
    digest = own.confirm(one)
    assert own.confirm(one) == digest
    assert len(store.downloads) == 1
    (copy / "MLmodel").touch()  # other stamps, the same bytes
    assert own.confirm(one) == digest
    assert len(store.downloads) == 2
    shutil.rmtree(copy)
    with pytest.raises(ArtifactError, match="could not write or read"):  # a real store says what is gone
        own.confirm(one)


def test_bytes_elsewhere_are_fetched_each_time(
    copy: Path, tmp_path: Path, nursery: Nursery, version: Versions
) -> None:
    store = FarStore(m=copy)
    scorer = Scorer(store, tmp_path / "data", nursery=nursery)
    one = version(Path("models:/m"))
    digest = scorer.confirm(one)
    assert scorer.confirm(one) == digest
    assert len(store.downloads) == 2
    (copy / "requirements.txt").write_text("others\n")
    assert scorer.confirm(one) != digest
    store.places.clear()
    with pytest.raises(NotFound):
        scorer.confirm(one)
    scorer.close()


def test_refused_files_are_looked_at_again(own: Scorer, copy: Path, version: Versions) -> None:
    (copy / "code").symlink_to("/etc")
    one = version(copy)
    for _ in range(2):
        with pytest.raises(ArtifactError, match="link or a device"):
            own.confirm(one)
    (copy / "code").unlink()
    assert own.confirm(one).startswith("sha256:")


def test_a_library_that_is_missing_is_named(
    own: Scorer, tmp_path: Path, split: Split, version: Versions
) -> None:
    runs("", load="import fancy_boosting").write(tmp_path / "m")
    (tmp_path / "m" / "requirements.txt").write_text("fancy-boosting==1.2\n")
    with pytest.raises(ScoringError, match="fancy"):
        own.probe(version(tmp_path / "m"), split)


def test_one_that_hangs_is_stopped_and_holds_nobody_up(
    logistic: RealModel, tmp_path: Path, nursery: Nursery, split: Split, version: Versions
) -> None:
    scorer = Scorer(FolderStore(), tmp_path / "data", Limits(seconds=1.0), nursery=nursery)
    scorer._prober = Prober(scorer._artifacts, scorer._engine, patience=0.05)
    runs("", load="time.sleep(20)").write(tmp_path / "m")
    hanging, said = version(tmp_path / "m"), []

    def probe() -> None:
        with pytest.raises(ScoringError) as caught:
            scorer.probe(hanging, split)
        said.append(str(caught.value))

    threads = [threading.Thread(target=probe) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(15)
    assert sorted(words.split(".")[0] for words in said) == [
        "Other versions are being tried, and take long",
        "The model took longer than 1 s and was stopped",
        "The model took longer than 1 s and was stopped",
    ]
    scorer.probe(version(logistic.folder, 2), split)
    scorer.close()


def test_a_row_of_which_a_model_is_certain_is_no_class_label(
    own: Scorer, tmp_path: Path, split: Split, version: Versions
) -> None:
    runs("", "return np.r_[1.0, np.full(len(frame) - 1, 0.5)]").write(tmp_path / "m")
    own.probe(version(tmp_path / "m"), split)


def test_what_a_model_returns_is_checked(
    own: Scorer, tmp_path: Path, split: Split, version: Versions
) -> None:
    runs("", "return np.full(len(frame), 1.5)").write(tmp_path / "high")
    runs("", "return np.full(150, 0.5)").write(tmp_path / "long")
    with pytest.raises(ScoringError, match="probabilities lie between"):
        own.probe(version(tmp_path / "high"), split)
    with pytest.raises(ScoringError, match="150 scores for 1 rows"):
        own.probe(version(tmp_path / "long", 2), split)


def test_a_split_that_lacks_a_column_is_said(
    own: Scorer, copy: Path, split: Split, version: Versions
) -> None:

    poorer = replace(split, frame=split.frame.drop(columns="fare"))
    with pytest.raises(ScoringError, match="no column fare"):
        own.probe(version(copy), poorer)


def test_no_room_for_what_a_probe_writes(own: Scorer, copy: Path, split: Split, version: Versions) -> None:
    own.probe(version(copy), split)
    shutil.rmtree(own._data_dir / "jobs")
    (own._data_dir / "jobs").write_text("a file where the folder should be")
    with pytest.raises(ScoringError, match="could not write or read its own files"):
        own.probe(version(copy), split)


def test_a_probe_is_quick_and_runs_beside_a_job(
    own: Scorer, logistic: RealModel, tmp_path: Path, split: Split, version: Versions
) -> None:
    runs("", "time.sleep(25)\nreturn HALF(frame)").write(tmp_path / "slow")
    slow, one = version(tmp_path / "slow"), version(logistic.folder, 2)
    own.probe(one, split)
    own.request(slow, split)
    seconds = []
    for _ in range(5):
        started = time.monotonic()
        own.probe(one, split)
        seconds.append(time.monotonic() - started)
    assert own.state(slow, split).status in {Status.SCORING, Status.WAITING}
    own.cancel(slow, split)
    assert sorted(seconds)[2] < 2.0  # 0.15 to 0.3 s on two cores with four times the work that they can do
    print(f"median of a probe: {1000 * sorted(seconds)[2]:.0f} ms")  # noqa: T201  a figure to look at
