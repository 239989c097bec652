"""The content-addressed store of scores."""

import contextlib
import hashlib
import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import ScoringError
from core.evidence.kept_errors import error_from_facts, facts_of_error, facts_of_message, message_from_facts
from core.messages import Message

_MAGIC = b"runoff scores 1\n"
_MAX_HEADER = 1_000_000


class ScoreKind(StrEnum):
    """What a score means."""

    PROBABILITY = "probability"  # of the positive label, in [0, 1]
    RANKING = "ranking"  # higher is more positive; any finite number, no probability


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreKey:
    """What scores are bound to: change any part and they are other scores."""

    digest: str  # SHA-256 of the version's files, "sha256:…"
    fingerprint: str  # of the split
    code: str  # version of the code that scores


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scores:
    """One version's output for every row of one split, in the split's order."""

    key: ScoreKey
    kind: ScoreKind
    values: NDArray[np.float64]  # (rows,), finite
    seconds: float = 0.0  # wall time of the prediction call in the child process
    flavor: str = ""  # the flavor that was loaded
    notes: tuple[Message, ...] = ()  # e.g. a library of another version than the model was trained with


class ScoreStore:
    """Scores and failures in files named by the SHA-256 of their key.

    A file is its magic line, a line of JSON with everything but the values, and the values as little-endian
    float64; the header holds the SHA-256 of the rest of it and the values. What does not fit its checksum
    or its key is as good as absent: it is computed anew. Safe for threads and processes.
    """

    def __init__(self, data_dir: Path) -> None:
        self._root = data_dir / "scores"
        self._sound: dict[Path, tuple[int, int]] = {}  # files read here without a fault: size and time

    def has(self, key: ScoreKey) -> bool:
        """Whether the scores are here and sound; each file is read once in a process to know."""
        path = self._path(key, "scores")
        try:
            facts = path.stat()
        except OSError:
            return False
        return self._sound.get(path) == (facts.st_size, facts.st_mtime_ns) or self.read(key) is not None

    def read(self, key: ScoreKey) -> Scores | None:
        """The scores, their values read-only; None where they are absent or damaged."""
        path = self._path(key, "scores")
        try:
            with path.open("rb") as file:
                facts = os.fstat(file.fileno())
                scores = _parsed(file.read(), key)
        except (OSError, ValueError, KeyError, TypeError):
            return None
        self._sound[path] = (facts.st_size, facts.st_mtime_ns)
        return scores

    def write(self, scores: Scores) -> None:
        """Keep the scores; an earlier failure of the same key is forgotten."""
        self._put(self._path(scores.key, "scores"), _formatted(scores))
        self.forget_failure(scores.key)

    def failure(self, key: ScoreKey) -> ScoringError | None:
        """Why it failed when it was tried last; None: it was not tried, or it went well."""
        try:
            return error_from_facts(json.loads(self._path(key, "failure").read_bytes()))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def write_failure(self, key: ScoreKey, error: ScoringError) -> None:
        """Keep why it failed; survives a restart."""
        self._put(self._path(key, "failure"), [json.dumps(facts_of_error(error)).encode()])

    def forget_failure(self, key: ScoreKey) -> None:
        """It is to be tried again."""
        self._path(key, "failure").unlink(missing_ok=True)

    def lock_path(self, key: ScoreKey) -> Path:
        """The lock file that whoever computes these scores holds."""
        path = self._path(key, "lock")
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def _path(self, key: ScoreKey, suffix: str) -> Path:
        name = hashlib.sha256(json.dumps(asdict(key)).encode()).hexdigest()
        return self._root / name[:2] / f"{name}.{suffix}"

    def _put(self, path: Path, parts: list[bytes | memoryview]) -> None:
        """All or nothing, also when the power fails."""
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(prefix=".", dir=path.parent)
        try:
            with os.fdopen(descriptor, "wb") as file:
                for part in parts:
                    file.write(part)
                file.flush()
                os.fsync(file.fileno())
            Path(temporary).replace(path)
        except BaseException:
            with contextlib.suppress(OSError):
                Path(temporary).unlink()
            raise


def _formatted(scores: Scores) -> list[bytes | memoryview]:
    facts = {
        "key": asdict(scores.key),
        "kind": scores.kind.value,
        "rows": len(scores.values),
        "seconds": scores.seconds,
        "flavor": scores.flavor,
        "notes": [facts_of_message(note) for note in scores.notes],
    }
    values = np.ascontiguousarray(scores.values, dtype="<f8").data.cast("B")
    header = {**facts, "sha256": _checksum(facts, values)}
    return [_MAGIC, json.dumps(header).encode() + b"\n", values]


def _parsed(content: bytes, key: ScoreKey) -> Scores:
    """Raises ValueError, KeyError or TypeError where the content is not what `_formatted` wrote."""
    end = content.index(b"\n", len(_MAGIC), _MAX_HEADER)
    facts: dict[str, Any] = json.loads(content[len(_MAGIC) : end])
    values = memoryview(content)[end + 1 :]
    checksum = facts.pop("sha256")
    if (
        content[: len(_MAGIC)] != _MAGIC
        or facts["key"] != asdict(key)
        or checksum != _checksum(facts, values)
    ):
        raise ValueError("damaged")
    array = np.frombuffer(values, dtype="<f8")
    if len(array) != facts["rows"]:
        raise ValueError("cut")
    return Scores(
        key=key,
        kind=ScoreKind(facts["kind"]),
        values=array,
        seconds=facts["seconds"],
        flavor=facts["flavor"],
        notes=tuple(message_from_facts(note) for note in facts["notes"]),
    )


def _checksum(facts: Mapping[str, Any], values: memoryview) -> str:
    hashed = hashlib.sha256(json.dumps(facts, sort_keys=True).encode())
    hashed.update(values)
    return hashed.hexdigest()
