"""The ledger's second sink: one line of JSON for each entry, on the disk before the database commits.

It is a log written ahead. A line that the database lacks is of a process that was killed in between, and
is brought into the database; half a line is of a process that was killed while it wrote, and is cut.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from core.decision.ledger_chain import Sealed
from core.decision.ledger_trouble import LOCK_SECONDS, file_trouble, lock_trouble
from core.errors import LedgerError
from core.messages import message

_BLOCK = 65_536
_POLL_SECONDS = 0.005


class OpenLines:
    """The lines while their lock is held."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self._path = path
        self._descriptor = descriptor
        self.size = os.fstat(descriptor).st_size

    def last(self) -> Sealed | None:
        """The last whole line, None where there is none; what follows it is cut.

        Raises:
            LedgerError: The line is no entry.
        """
        line, end = _last_line(self._descriptor, self.size)
        if end < self.size:
            self.cut(end)
        return None if line is None else sealed_of(line, self._path)

    def append(self, *entries: Sealed) -> None:
        """Add lines; when this returns they are on the disk."""
        content = b"".join(entry.line for entry in entries)
        os.lseek(self._descriptor, self.size, os.SEEK_SET)
        rest = memoryview(content)
        while rest:
            rest = rest[os.write(self._descriptor, rest) :]
        os.fsync(self._descriptor)
        self.size += len(content)

    def cut(self, size: int) -> None:
        """Leave the first bytes alone, where there are more."""
        if os.fstat(self._descriptor).st_size > size:
            os.ftruncate(self._descriptor, size)
            os.fsync(self._descriptor)
        self.size = size


class JsonLines:
    """The file `ledger.jsonl` and its lock, for threads and processes."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "ledger.jsonl"
        self._lock = folder / "ledger.lock"

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Nobody else on this machine writes to the ledger meanwhile.

        Raises:
            LedgerError: The folder cannot be written to, or somebody holds the lock for too long.
        """
        try:
            self._lock.parent.mkdir(parents=True, exist_ok=True)
            lock = FileLock(self._lock, timeout=LOCK_SECONDS, poll_interval=_POLL_SECONDS)
            lock.acquire()
        except Timeout:
            raise lock_trouble(str(self._lock)) from None
        except OSError as error:
            raise file_trouble(error, str(self._lock)) from None
        try:
            yield
        finally:
            lock.release()

    @contextmanager
    def open(self) -> Iterator[OpenLines]:
        """The lines for writing, made where there are none; only while locked.

        Raises:
            LedgerError: The file cannot be written to.
        """
        try:
            new = not self.path.exists()
            descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o644)
            try:
                if new:
                    _keep_name(self.path.parent)
                yield OpenLines(self.path, descriptor)
            finally:
                os.close(descriptor)
        except OSError as error:
            raise file_trouble(error, str(self.path)) from None

    def end(self) -> tuple[int, bool]:
        """Number of the last entry, 0 where there is none, and whether the file ends with its line.

        Raises:
            LedgerError: The file cannot be read, or its last line is no entry.
        """
        try:
            with self.path.open("rb") as file:
                size = os.fstat(file.fileno()).st_size
                line, end = _last_line(file.fileno(), size)
        except FileNotFoundError:
            return 0, True
        except OSError as error:
            raise file_trouble(error, str(self.path)) from None
        return 0 if line is None else sealed_of(line, self.path).seq, end == size

    def size(self) -> int:
        """Bytes in the file; 0 where there is none."""
        return self.path.stat().st_size if self.path.exists() else 0

    def read(self, size: int | None = None) -> Iterator[bytes]:
        """Each line as it is, of the first `size` bytes; nothing where there is no file.

        Raises:
            LedgerError: The file cannot be read.
        """
        try:
            with self.path.open("rb") as file:
                left = os.fstat(file.fileno()).st_size if size is None else size
                for line in file:
                    if left <= 0:
                        return
                    yield line[:left]
                    left -= len(line)
        except FileNotFoundError:
            return
        except OSError as error:
            raise file_trouble(error, str(self.path)) from None

    def entries(self) -> Iterator[Sealed]:
        """Each whole line as an entry; LedgerError where one is none."""
        for line in self.read():
            if line.endswith(b"\n"):
                yield sealed_of(line, self.path)


def _last_line(descriptor: int, size: int) -> tuple[bytes | None, int]:
    """The last line that is whole, None where there is none, and where it ends."""
    tail, start = b"", size
    while start > 0 and tail.count(b"\n") < 2:  # noqa: PLR2004  the line's own end, and that of the one before
        step = min(_BLOCK, start)
        start -= step
        os.lseek(descriptor, start, os.SEEK_SET)
        tail = os.read(descriptor, step) + tail
    whole = tail.rfind(b"\n") + 1
    return (tail[:whole].split(b"\n")[-2] if whole else None), start + whole


def sealed_of(line: bytes, path: Path) -> Sealed:
    """The entry of a line; LedgerError where it is none."""
    try:
        return Sealed.of_line(line)
    except ValueError:
        raise LedgerError(
            message("A line of {path} is no entry of the ledger.", path=str(path)),
            message(
                "Run python app.py ledger verify. Bring the file back from a backup, or move it away: "
                "it is written anew from the database."
            ),
        ) from None


def _keep_name(folder: Path) -> None:
    """A new file's name is on the disk only when its folder is."""
    if os.name == "nt":  # Windows does not open folders
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
