"""Where the fork server's requests come from: lines of JSON on its standard input."""

import os
import queue
import select
import signal
import threading
from typing import BinaryIO, Protocol


class Inbox(Protocol):
    """Where requests come from."""

    def take(self, timeout: float | None) -> list[bytes] | None:
        """Lines that have come, perhaps none, within `timeout` seconds; None: there will be no more."""


class PipeInbox:
    """Requests from a pipe, read by the one thread there is; a child that ends cuts the wait short."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._rest = b""
        self._woken, wake = os.pipe()
        for end in (self._woken, wake):
            os.set_blocking(end, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(wake, warn_on_full_buffer=False)

    def take(self, timeout: float | None) -> list[bytes] | None:
        """See `Inbox`."""
        ready, _, _ = select.select([self._descriptor, self._woken], [], [], timeout)
        if self._woken in ready:
            os.read(self._woken, 65536)
        if self._descriptor not in ready:
            return []
        data = os.read(self._descriptor, 65536)
        if not data:
            return None
        *lines, self._rest = (self._rest + data).split(b"\n")
        return lines


class ThreadInbox:
    """Requests read by a second thread, where select() knows no pipes; never beside a fork."""

    def __init__(self, stream: BinaryIO) -> None:
        self._lines: queue.Queue[bytes | None] = queue.Queue()
        threading.Thread(target=self._read, args=(stream,), daemon=True).start()

    def take(self, timeout: float | None) -> list[bytes] | None:
        """See `Inbox`."""
        try:
            line = self._lines.get(timeout=timeout)
        except queue.Empty:
            return []
        return None if line is None else [line]

    def _read(self, stream: BinaryIO) -> None:
        for line in stream:
            self._lines.put(line)
        self._lines.put(None)
