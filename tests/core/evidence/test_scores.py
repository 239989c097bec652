from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.errors import ArtifactError, ScoringError
from core.evidence.scores import ScoreKey, ScoreKind, Scores, ScoreStore
from core.messages import message

KEY = ScoreKey(digest="sha256:a", fingerprint="sha256:b", code="1")


@pytest.fixture
def scores() -> Scores:
    values = np.random.default_rng(0).random(1000)
    values[:3] = [0.0, 1.0, 5e-324]
    notes = (message("Trained with {trained}; scored with {here}.", trained="a 1", here="a {2} 日本"),)
    return Scores(
        key=KEY, kind=ScoreKind.RANKING, values=values, seconds=0.125, flavor="sklearn", notes=notes
    )


@pytest.fixture
def store(tmp_path: Path) -> ScoreStore:
    return ScoreStore(tmp_path)


def the_file(tmp_path: Path, suffix: str = "scores") -> Path:
    (path,) = tmp_path.glob(f"scores/*/*.{suffix}")
    return path


def test_what_is_written_is_read_bit_for_bit(store: ScoreStore, scores: Scores, tmp_path: Path) -> None:
    assert store.read(KEY) is None
    assert not store.has(KEY)
    store.write(scores)
    for reader in (store, ScoreStore(tmp_path)):
        assert reader.has(KEY)
        read = reader.read(KEY)
        assert read is not None
        assert read.values.tobytes() == scores.values.tobytes()
        assert read.values.dtype == np.float64
        assert not read.values.flags.writeable
        assert replace(read, values=scores.values).notes == scores.notes
        assert (read.key, read.kind, read.seconds, read.flavor) == (KEY, ScoreKind.RANKING, 0.125, "sklearn")


@pytest.mark.parametrize("part", ["digest", "fingerprint", "code"])
def test_another_part_of_the_key_is_another_entry(store: ScoreStore, scores: Scores, part: str) -> None:
    store.write(scores)
    changed: dict[str, Any] = {part: "other"}
    assert store.read(replace(KEY, **changed)) is None


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda _: b"",
    "cut": lambda content: content[:-8],
    "longer": lambda content: content + b"\0" * 8,
    "a bit of a value": lambda content: content[:-20] + bytes([content[-20] ^ 1]) + content[-19:],
    "the kind": lambda content: content.replace(b'"ranking"', b'"probability"'),
    "the seconds": lambda content: content.replace(b"0.125", b"0.126"),
    "the magic": lambda content: content.replace(b"scores 1", b"scores 2"),
    "no header": lambda content: content[:16],
    "another header": lambda content: content[:16] + b"[]\n",
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_file_is_as_good_as_absent_and_can_be_replaced(
    store: ScoreStore, scores: Scores, tmp_path: Path, damage: str
) -> None:
    store.write(scores)
    path = the_file(tmp_path)
    damaged = DAMAGES[damage](path.read_bytes())
    assert damaged != path.read_bytes()
    path.write_bytes(damaged)
    for reader in (store, ScoreStore(tmp_path)):
        assert not reader.has(KEY)
        assert reader.read(KEY) is None
    store.write(scores)
    assert store.has(KEY)


def test_scores_under_the_name_of_another_key_are_not_taken_for_its_own(
    store: ScoreStore, scores: Scores, tmp_path: Path
) -> None:
    store.write(scores)
    stolen = the_file(tmp_path).read_bytes()
    other = replace(KEY, digest="sha256:c")
    store.write(replace(scores, key=other))
    for path in tmp_path.glob("scores/*/*.scores"):
        path.write_bytes(stolen)
    assert store.has(KEY)
    assert not store.has(other)


@pytest.mark.parametrize("kind", [ScoringError, ArtifactError])
def test_a_failure_is_kept_until_scores_come(
    store: ScoreStore, scores: Scores, tmp_path: Path, kind: type[ScoringError]
) -> None:
    assert store.failure(KEY) is None
    error = kind(
        message("It has {count} rows: {what}", count=3, what="<script>"), message("Do {this}.", this="that")
    )
    store.write_failure(KEY, error)
    kept = ScoreStore(tmp_path).failure(KEY)
    assert type(kept) is kind
    assert (kept.title, kept.hint) == (error.title, error.hint)
    store.write(scores)
    assert store.failure(KEY) is None


def test_a_damaged_failure_is_as_good_as_absent(store: ScoreStore, tmp_path: Path) -> None:
    store.write_failure(KEY, ScoringError(message("So.")))
    the_file(tmp_path, "failure").write_bytes(b'{"kind": "Surprise"}')
    assert store.failure(KEY) is None


def test_nothing_half_written_is_left(
    store: ScoreStore, scores: Scores, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        store.write(scores)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
