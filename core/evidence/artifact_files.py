"""The files of a version as they lie on disk: which are allowed, what shows a change, their digest."""

import contextlib
import hashlib
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from core.catalog.mlmodel import ModelCard
from core.errors import ArtifactError
from core.evidence.isolation.job import in_words
from core.messages import message

_LEFT_OUT = "registered_model_meta"  # MLflow writes it beside a model that it loads from a local store
_PATHS = ("code", "data", "model_path", "pickled_model", "model_data", "python_model")  # of a flavor
_CHUNK = 1 << 20
_LESS = message("Log the model without what is not needed to score.")

Stamp = list[list[Any]]  # path, size, modified, changed, inode of each file, sorted


@dataclass(frozen=True, slots=True)
class Allowance:
    """How much a version may bring along."""

    max_bytes: int
    max_files: int

    def check(self, folder: Path) -> None:
        """Plain files and folders only, with plain names, and not too many of them.

        Raises:
            ArtifactError: says what is wrong with them.
        """
        size = 0
        for count, entry in enumerate(_entries(folder), start=1):
            facts = entry.stat(follow_symlinks=False)
            if "\\" in entry.name or not entry.name.isprintable():
                raise _refused(entry.name)
            if not (stat.S_ISREG(facts.st_mode) or stat.S_ISDIR(facts.st_mode)):
                raise ArtifactError(
                    message(
                        "Among the version's files, {name} is a link or a device.", name=entry.name[:200]
                    ),
                    message("Log the model with plain files only."),
                )
            size += facts.st_size if stat.S_ISREG(facts.st_mode) else 0
            if size > self.max_bytes:
                limit = in_words(self.max_bytes)
                raise ArtifactError(
                    message("The version's files are larger than {limit}.", limit=limit), _LESS
                )
            if count > self.max_files:
                raise ArtifactError(
                    message("The version has more than {count} files.", count=self.max_files), _LESS
                )


def check_paths(card: ModelCard) -> None:
    """Raise an ArtifactError where MLmodel names a path outside of the version's files."""
    for conf in card.flavors.values():
        for name in _PATHS:
            path = conf.get(name)
            if isinstance(path, str) and (Path(path).is_absolute() or ".." in PurePosixPath(path).parts):
                raise _refused(path)


def _refused(name: str) -> ArtifactError:
    return ArtifactError(
        message("The version's files name a path that must not be used: {name}", name=name[:200]),
        message("Log the model with plain relative paths."),
    )


def protect(folder: Path) -> None:
    """Make the files read-only; folders stay, so that a person can delete them."""
    for file in _files(folder):
        file.chmod(0o444)


def _entries(folder: Path) -> Iterator[os.DirEntry[str]]:
    """Everything below a folder, links not followed."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name == _LEFT_OUT:
                continue
            yield entry
            if entry.is_dir(follow_symlinks=False):
                yield from _entries(Path(entry.path))


def _files(folder: Path) -> Iterator[Path]:
    return (Path(entry.path) for entry in _entries(folder) if entry.is_file(follow_symlinks=False))


def stamp_of(folder: Path) -> Stamp:
    """What shows a change without reading a byte."""
    stamp: Stamp = []
    with contextlib.suppress(FileNotFoundError):  # something is being written there: another stamp next time
        for entry in _entries(folder):
            if entry.is_file(follow_symlinks=False):
                facts = entry.stat(follow_symlinks=False)
                name = Path(entry.path).relative_to(folder).as_posix()
                stamp.append([name, facts.st_size, facts.st_mtime_ns, facts.st_ctime_ns, facts.st_ino])
    return sorted(stamp)


def digest_of(folder: Path) -> str:
    """SHA-256 over each file's path, size and bytes, in the order of the paths."""
    hashed = hashlib.sha256()
    for name, file in sorted((file.relative_to(folder).as_posix(), file) for file in _files(folder)):
        encoded = name.encode("utf-8", "surrogateescape")
        hashed.update(b"%d:%s:%d:" % (len(encoded), encoded, file.stat().st_size))
        with file.open("rb") as stream:
            while chunk := stream.read(_CHUNK):
                hashed.update(chunk)
    return f"sha256:{hashed.hexdigest()}"
