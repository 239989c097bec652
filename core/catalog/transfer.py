"""Copying a version's files: bounded in time and size, cancellable, never following a link."""

import shutil
import stat
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from core.errors import ArtifactError
from core.messages import message

_CHUNK = 1 << 20  # bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one download may take."""

    seconds: float = 900.0
    max_bytes: int | None = None
    stop: Callable[[], bool] | None = None  # True: the person who wanted it has cancelled


@dataclass(slots=True)
class Transfer:
    """One download under way; every step asks it whether to go on."""

    limits: Limits
    beat: Callable[[], None]
    size: int = 0  # bytes so far
    started: float = field(default_factory=time.monotonic)

    def took(self, size: int) -> None:
        """Count bytes that arrived.

        Raises:
            ArtifactError: A limit is reached, or the download was cancelled.
        """
        self.size += size
        if refusal := self.refusal():
            raise refusal
        self.beat()

    def refusal(self) -> ArtifactError | None:
        """Why the download must end here, or None."""
        limits = self.limits
        if limits.stop is not None and limits.stop():
            return ArtifactError(message("The download was cancelled."))
        if time.monotonic() - self.started > limits.seconds:
            return ArtifactError(
                message(
                    "The version's files did not arrive within {seconds} s.", seconds=round(limits.seconds)
                ),
                message("Look whether the artifact store is slow, and ask again."),
            )
        if limits.max_bytes is not None and self.size > limits.max_bytes:
            return ArtifactError(
                message(
                    "The version's files are larger than {megabytes} MB.", megabytes=limits.max_bytes // 10**6
                ),
                message("Remove from the model's folder what prediction does not need."),
            )
        return None


def copy_folder(source: Path, target: Path, transfer: Transfer) -> None:
    """Copy the files below `source` into the existing folder `target`; links are copied as links.

    Raises:
        ArtifactError: A limit is reached, or an entry is neither file, folder nor link.
        OSError: As the file system has it.
    """
    for entry in sorted(source.iterdir()):
        mode = entry.lstat().st_mode
        if stat.S_ISLNK(mode):
            (target / entry.name).symlink_to(entry.readlink())
        elif stat.S_ISDIR(mode):
            (target / entry.name).mkdir()
            copy_folder(entry, target / entry.name, transfer)
        elif stat.S_ISREG(mode):
            _copy_file(entry, target / entry.name, transfer)
        else:
            raise ArtifactError(
                message("The version's files hold {name}, which is no ordinary file.", name=entry.name),
                message("Log the model anew without it."),
            )
        transfer.took(0)


def place(target: Path, path: str) -> Path:
    """Where a file that a store calls `path` goes below `target`; its folder is made.

    Raises:
        ArtifactError: The name leads out of the folder.
    """
    parts = PurePosixPath(path).parts
    if not parts or path.startswith("/") or ".." in parts or "\\" in path or "\0" in path:
        raise ArtifactError(
            message(
                "The version's files hold a name that leads out of their folder: {name}.", name=path[:200]
            ),
            message("Log the model anew without it."),
        )
    file = target.joinpath(*parts)
    file.parent.mkdir(parents=True, exist_ok=True)
    return file


def remove(folder: Path) -> None:
    """Remove what an unfinished download left."""
    shutil.rmtree(folder, ignore_errors=True)


def _copy_file(source: Path, target: Path, transfer: Transfer) -> None:
    with source.open("rb") as reader, target.open("xb") as writer:
        while chunk := reader.read(_CHUNK):
            transfer.took(len(chunk))
            writer.write(chunk)
