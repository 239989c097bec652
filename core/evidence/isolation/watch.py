"""The fork server's watch over a child and what it started: time, memory, processes, disk, and the end."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from core.evidence.isolation.job import WORK, Job

TICK = 0.05  # seconds between two looks
_CENSUS = 5  # every so many looks, all descendants are counted and what was written is summed up
_MOST_FILES = 5_000
_LOOK_SECONDS = 0.2  # the watch over one child must not keep it from the others
_SWEEPS = 100  # until which a fork bomb has been out-killed


@dataclass(eq=False)
class Running:
    """A child under watch."""

    job: Job
    pid: int
    shared_bytes: int = 0  # resident memory that it has in common with the server
    popen: subprocess.Popen[bytes] | None = None  # None: it was forked
    started: float = field(default_factory=time.monotonic)
    stopped: str = ""
    peak_bytes: int = 0
    looks: int = 0

    def status(self) -> int | None:
        """Its exit status, a signal as a negative number; None while it lives. Reaps it."""
        if self.popen is not None:
            return self.popen.poll()
        pid, status = os.waitpid(self.pid, os.WNOHANG)
        return os.waitstatus_to_exitcode(status) if pid else None

    def look(self) -> str:
        """Which limit it has passed (a code of core.evidence.failures), or an empty text."""
        limits = self.job.limits
        self.looks += 1
        if time.monotonic() - self.started > limits.seconds:
            return "wall"
        with contextlib.suppress(psutil.Error):  # it may end meanwhile
            process = psutil.Process(self.pid)
            family = [process]
            if self.looks % _CENSUS == 0:
                family += process.children(recursive=True)
                if len(family) > limits.processes:
                    return "processes"
                if _too_much_written(Path(self.job.folder) / WORK, limits.disk_bytes):
                    return "disk"
            used = sum(max(0, one.memory_info().rss - self.shared_bytes) for one in family)
            self.peak_bytes = max(self.peak_bytes, used)
            if used > limits.memory_bytes:
                return "memory"
        return ""

    def kill(self, reason: str) -> None:
        """End it and its process group at once; what has left the group, `sweep` finds."""
        self.stopped = self.stopped or reason
        if sys.platform == "win32":
            _kill_family(self.pid)
            return
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)  # it may not lead its group yet
        self.kill_group()

    def kill_group(self) -> None:
        """End what a child that has ended left in its group."""
        if sys.platform != "win32":
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, signal.SIGKILL)


def sweep(children: set[int]) -> None:
    """Kill every child of this process but `children`: as Linux's subreaper it inherits all their orphans."""
    if sys.platform != "linux":
        return
    for _ in range(_SWEEPS):
        orphans = _children_of_this_process() - children
        if not orphans:
            return
        for act in (signal.SIGSTOP, signal.SIGKILL):  # first stop them all, or a bomb forks on meanwhile
            for pid in orphans:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, act)
        for pid in orphans:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, 0)


def _children_of_this_process() -> set[int]:
    try:
        text = Path(f"/proc/self/task/{os.getpid()}/children").read_text(encoding="ascii")
    except OSError:
        return {process.pid for process in psutil.Process().children()}
    return {int(pid) for pid in text.split()}


def _kill_family(pid: int) -> None:
    with contextlib.suppress(psutil.Error):
        process = psutil.Process(pid)
        for one in [*process.children(recursive=True), process]:
            with contextlib.suppress(psutil.Error):
                one.kill()


def _too_much_written(folder: Path, most: int) -> bool:
    """Whether what lies below a folder is more than `most` bytes, or more than can be looked through."""
    deadline = time.monotonic() + _LOOK_SECONDS
    folders, total, count = [str(folder)], 0, 0
    while folders:
        with contextlib.suppress(OSError), os.scandir(folders.pop()) as entries:
            for entry in entries:
                count += 1
                if count > _MOST_FILES or time.monotonic() > deadline:
                    return True
                if entry.is_dir(follow_symlinks=False):
                    folders.append(entry.path)
                else:
                    total += entry.stat(follow_symlinks=False).st_size
    return total > most
