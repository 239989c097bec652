"""A split's columns as a version's signature asks for them, in a file that every child maps into memory.

No child gets the target: neither among the columns, nor in a file that it may open.
"""

import hashlib
import json
import os
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from core.catalog.mlmodel import Column, ModelCard
from core.errors import ScoringError
from core.evidence.isolation.job import GIB
from core.evidence.split import Split
from core.messages import message

_MAX_KEPT_BYTES = 2 * GIB

FITS = message(
    "Point the split's settings at data with the columns and types that the version was trained on."
)

Stamp = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Features:
    """The columns for one version: names in order, in a file of (rows, columns)."""

    path: Path  # .npy: one block of one type, column after column; .arrow: anything else
    columns: tuple[str, ...]
    chosen: bool  # by a signature or by the settings; otherwise: whatever is not the target or the id


def chosen_columns(card: ModelCard, split: Split) -> tuple[tuple[Column, ...], bool]:
    """The columns that a version gets, and whether a signature or the settings chose them.

    Raises:
        ScoringError: a column is missing, or is the target.
    """
    if card.inputs is not None:
        there = set(split.frame.columns)
        wanted = tuple(column for column in card.inputs if column.required or column.name in there)
    else:
        rest = [str(name) for name in split.frame.columns if name not in (split.target, split.id)]
        wanted = tuple(Column(name, "") for name in (split.features or rest))
    missing = [column.name for column in wanted if column.name not in split.frame.columns]
    if missing:
        raise ScoringError(
            message("The split has no column {columns}, which the model asks for.", columns=_listed(missing)),
            FITS,
        )
    if any(column.name == split.target for column in wanted):
        raise ScoringError(
            message(
                "The model asks for the target {column} as an input: it would see the labels.",
                column=split.target,
            ),
            message("Train it without that column, or name the right target in the split's settings."),
        )
    return wanted, card.inputs is not None or split.features is not None


class FeatureFiles:
    """Feature files below `data_dir/splits/<fingerprint>/`, each written once in a process. Thread-safe."""

    def __init__(self, data_dir: Path) -> None:
        self._root = data_dir / "splits"
        self._lock = threading.Lock()
        self._written: dict[Path, Stamp] = {}

    def of(self, card: ModelCard, split: Split) -> Features:
        """The file with the version's features; the same for all versions that ask for the same columns.

        A file that was not written by this process, or has been touched since, is written again: a model
        of an earlier job may have had its hands on it.

        Raises:
            ScoringError: columns are missing or cannot be cast as the signature asks.
        """
        from core.evidence.feature_casts import write_features  # noqa: PLC0415 - brings pandas

        columns, chosen = chosen_columns(card, split)
        asked = json.dumps([[column.name, column.type] for column in columns])
        name = hashlib.sha256(asked.encode()).hexdigest()[:32]
        folder = self._root / split.fingerprint.removeprefix("sha256:")
        names = tuple(column.name for column in columns)
        with self._lock:
            for suffix in (".npy", ".arrow"):
                path = folder / f"{name}{suffix}"
                if path in self._written and self._written[path] == _stamp(path):
                    os.utime(path)
                    self._written[path] = _stamp(path)
                    return Features(path=path, columns=names, chosen=chosen)
            folder.mkdir(parents=True, exist_ok=True)
            path = write_features(folder / name, split.frame, columns)
            self._written[path] = _stamp(path)
            self._make_room(path)
        return Features(path=path, columns=names, chosen=chosen)

    def _make_room(self, latest: Path) -> None:
        """Drop what was not used for longest; a child that maps a file keeps it until it ends."""
        files = sorted((_stamp(path)[1], _stamp(path)[0], path) for path in self._root.glob("*/*.*"))
        total = sum(size for _, size, _ in files)
        for _, size, path in files:
            if total <= _MAX_KEPT_BYTES or path == latest:
                return
            path.unlink(missing_ok=True)
            total -= size


def _listed(names: Sequence[str], most: int = 10) -> str:
    shown = ", ".join(names[:most])
    return shown if len(names) <= most else f"{shown}, … ({len(names)})"


def _stamp(path: Path) -> Stamp:
    try:
        facts = path.stat()
    except OSError:
        return (0, 0, 0, 0)
    return (facts.st_size, facts.st_mtime_ns, facts.st_ctime_ns, facts.st_ino)
