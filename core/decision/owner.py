"""Which process carries an operation out, and whether it is still there to end it."""

import os
import platform
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

import psutil

LEASE_SECONDS = 120.0  # far beyond the longest move: some calls of at most 10 s each
_SAME_START = 0.5  # seconds; Linux counts in hundredths, others in milliseconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """A process, told apart from any other that had or will have its number.

    `host` is the machine and, on Linux, the space in which process numbers are counted: containers may
    share a host name. `started` is in seconds since the machine booted, which no change of the clock moves.
    """

    host: str
    pid: int
    started: float

    def gone(self, *, lease_until: datetime, now: datetime) -> bool:
        """Whether the process can no longer end what it began: seen here, elsewhere by its lease."""
        if self.host == _host():
            return not _runs(self)
        return now > lease_until


def this_process() -> Owner:
    """The process that asks."""
    return _process(os.getpid())  # a fork is another process


@cache
def _process(pid: int) -> Owner:
    return Owner(host=_host(), pid=pid, started=round(_started(psutil.Process(pid)), 2))


def _runs(owner: Owner) -> bool:
    try:
        process = psutil.Process(owner.pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return False
        return abs(_started(process) - owner.started) < _SAME_START
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:
        return True  # it is somebody's: rather wait than take over from the living


def _started(process: psutil.Process) -> float:
    return process.create_time() - psutil.boot_time()


@cache
def _host() -> str:
    space = Path("/proc/self/ns/pid")
    try:
        name = f"{platform.node()} {space.readlink()}"
    except OSError:  # not Linux
        name = platform.node()
    return ascii(name)[1:-1]
