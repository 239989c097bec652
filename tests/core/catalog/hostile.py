"""Servers that are not well: an HTTP server that answers anything, and a door before a healthy one."""

import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID


class Answering:
    """An HTTP server on loopback whose every answer is what `answer` writes."""

    def __init__(
        self,
        answer: Callable[[BaseHTTPRequestHandler], None],
        *,
        certificate: Path | None = None,
        key: Path | None = None,
    ) -> None:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                with suppress(ConnectionError):
                    answer(self)

            do_POST = do_DELETE = do_GET  # noqa: N815  the names that http.server looks for

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate, key)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self.uri = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)


def saying(
    status: int, body: str, kind: str = "application/json"
) -> Callable[[BaseHTTPRequestHandler], None]:
    """An answer with this status and body."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        data = body.encode()
        handler.send_response(status)
        handler.send_header("Content-Type", kind)
        handler.send_header("Content-Length", str(len(data)))
        handler.end_headers()
        handler.wfile.write(data)

    return answer


def cut(handler: BaseHTTPRequestHandler) -> None:
    """An answer that ends before its announced length."""
    handler.send_response(200)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b'{"registered_models": [')
    handler.connection.close()


def self_signed(folder: Path) -> tuple[Path, Path]:
    """A certificate for localhost that nobody has signed, and its key."""
    private = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(private, hashes.SHA256())
    )
    pem, key = folder / "certificate.pem", folder / "key.pem"
    pem.write_bytes(certificate.public_bytes(Encoding.PEM))
    key.write_bytes(private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return pem, key


class Door:
    """A way to another port of loopback that can be shut, or opened onto nobody."""

    def __init__(self, port: int) -> None:
        self._behind = port
        self._listener: socket.socket | None = None
        self._open: list[socket.socket] = []
        self.port = 0
        self.silent = False
        self.visitors = 0

    def __enter__(self) -> Self:
        self.unlock()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.shut()

    @property
    def uri(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def unlock(self) -> None:
        """Let visitors in, at the same port as before."""
        self._listener = socket.create_server(("127.0.0.1", self.port), reuse_port=False)
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._receive, args=(self._listener,), daemon=True).start()

    def shut(self) -> None:
        """Refuse visitors, and throw out those who are inside."""
        if self._listener is not None:
            with suppress(OSError):
                self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
        self.throw_out()

    def throw_out(self) -> None:
        """Break the connections that are open."""
        for connection in self._open:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()
        self._open.clear()

    def _receive(self, listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                visitor, _ = listener.accept()
                self.visitors += 1
                self._open.append(visitor)
                if not self.silent:
                    host = socket.create_connection(("127.0.0.1", self._behind))
                    self._open.append(host)
                    for source, target in ((visitor, host), (host, visitor)):
                        threading.Thread(target=_pump, args=(source, target), daemon=True).start()


def _pump(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65_536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
