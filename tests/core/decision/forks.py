"""Children of the test's own process, for what only another process can do: own, die, be another user."""

import os
import time
import traceback
import warnings
from collections.abc import Callable
from typing import NoReturn

SECONDS = 30


def fork(act: Callable[[], object]) -> int:
    """Run `act` in a child; returns its process id."""
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore", DeprecationWarning
        )  # Python warns where other threads run; none matters
        pid = os.fork()
    if pid == 0:
        _end(act)
    return pid


def ended(pid: int) -> int:
    """Wait for a child; returns its exit status."""
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.005)
    os.kill(pid, 9)
    os.waitpid(pid, 0)
    raise TimeoutError(pid)


def run(act: Callable[[], object]) -> int:
    """Run `act` in a child to its end; returns its exit status."""
    return ended(fork(act))


def _end(act: Callable[[], object]) -> NoReturn:
    status = 1
    try:
        act()
        status = 0
    except BaseException:  # noqa: BLE001  the parent sees its status, people its words
        traceback.print_exc()
    finally:
        os._exit(status)
