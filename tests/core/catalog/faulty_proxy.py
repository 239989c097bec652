"""A proxy before a healthy tracking server that fails on demand, at a chosen place of a chosen call."""

import http.client
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self
from urllib.parse import urlsplit

WRITES = ("transition-stage", "registered-models/alias", "set-tag")
_HOP = frozenset({"connection", "keep-alive", "transfer-encoding", "content-length"})


class Fault(StrEnum):
    """What happens to a call."""

    ERROR = "answers 500; MLflow never hears of it"
    UNAVAILABLE = "answers 503; MLflow never hears of it"
    HANG = "says nothing; MLflow never hears of it"
    REFUSE = "closes the connection; MLflow never hears of it"
    CUT = "MLflow makes the change; its answer is cut in the middle"
    DROP = "MLflow makes the change; its answer is dropped"
    GATEWAY = "MLflow makes the change; the answer is 502"
    SILENT = "MLflow makes the change; nobody is told"
    LATE = "says nothing until `release`; MLflow makes the change then"


_BEFORE = frozenset({Fault.ERROR, Fault.UNAVAILABLE, Fault.HANG, Fault.REFUSE})


@dataclass
class _Order:
    fault: Fault
    on: str
    times: int | None


@dataclass
class Call:
    """One request as it came; `fault` is what happened to it."""

    method: str
    path: str
    fault: Fault | None = None


@dataclass
class FaultyProxy:
    """Use as a context manager: `with FaultyProxy(site.uri) as proxy: MlflowStore(proxy.uri)`."""

    target: str
    calls: list[Call] = field(default_factory=list)
    uri: str = ""

    def __post_init__(self) -> None:
        self._orders: list[_Order] = []
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._released = threading.Event()

    def fail(self, fault: Fault, *, on: str = "", times: int | None = 1) -> None:
        """Let the next `times` calls (None: all) whose path holds `on` fail; without `on`: every write."""
        with self._lock:
            self._orders.append(_Order(fault, on, times))

    def heal(self) -> None:
        """Forward everything from here on."""
        with self._lock:
            self._orders.clear()

    def release(self) -> None:
        """Let the calls that are kept LATE reach MLflow."""
        self._released.set()

    @property
    def writes(self) -> list[str]:
        """The paths of all writes so far, whatever happened to them."""
        return [call.path for call in self.calls if _is_write(call.path)]

    def __enter__(self) -> Self:
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                with suppress(ConnectionError):
                    proxy._handle(self)

            do_POST = do_PATCH = do_DELETE = do_PUT = do_GET  # noqa: N815  names that http.server looks for

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()
        self.uri = f"http://127.0.0.1:{self._server.server_port}"
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._released.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)

    def _handle(self, handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        call = Call(handler.command, handler.path, self._ordered(handler.path))
        self.calls.append(call)
        if call.fault in _BEFORE:
            self._fail_before(handler, call.fault)
            return
        if call.fault is Fault.LATE:
            self._released.wait(60)
        status, headers, answer = self._forward(handler, body)
        if call.fault in {Fault.DROP, Fault.LATE}:
            handler.close_connection = True
            return
        if call.fault is Fault.SILENT:
            self._over.wait(60)
            return
        if call.fault is Fault.GATEWAY:
            status, headers, answer = 502, {"Content-Type": "text/html"}, b"<h1>Bad Gateway</h1>"
        self._answer(handler, status, headers, answer, cut=call.fault is Fault.CUT)

    def _fail_before(self, handler: BaseHTTPRequestHandler, fault: Fault | None) -> None:
        if fault is Fault.HANG:
            self._over.wait(60)
        elif fault is Fault.ERROR:
            handler.send_error(500)
        elif fault is Fault.UNAVAILABLE:
            handler.send_error(503)

    def _ordered(self, path: str) -> Fault | None:
        with self._lock:
            for order in self._orders:
                if not (order.on in path if order.on else _is_write(path)):
                    continue
                if order.times is not None:
                    order.times -= 1
                    if not order.times:
                        self._orders.remove(order)
                return order.fault
        return None

    def _forward(self, handler: BaseHTTPRequestHandler, body: bytes) -> tuple[int, dict[str, str], bytes]:
        headers = {name: value for name, value in handler.headers.items() if name.lower() not in _HOP}
        connection = http.client.HTTPConnection(urlsplit(self.target).netloc, timeout=60)
        try:
            connection.request(handler.command, handler.path, body, headers)
            answer = connection.getresponse()
            kept = {name: value for name, value in answer.getheaders() if name.lower() not in _HOP}
            return answer.status, kept, answer.read()
        finally:
            connection.close()

    def _answer(
        self,
        handler: BaseHTTPRequestHandler,
        status: int,
        headers: dict[str, str],
        answer: bytes,
        *,
        cut: bool,
    ) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(answer)))
        handler.end_headers()
        handler.wfile.write(answer[: len(answer) // 2] if cut else answer)
        handler.close_connection = True


def _is_write(path: str) -> bool:
    return any(call in path for call in WRITES)
