"""`serve`: the dashboard, and the demo that is made while it already answers."""

import errno
import ipaddress
import logging
import signal
import socket
import sys
from collections.abc import Callable
from types import FrameType
from typing import TYPE_CHECKING, NoReturn

import click
from tqdm import tqdm
from waitress.server import create_server

from commands.output import tell
from commands.session import Session, pass_session
from core.errors import RunoffError, UsageError
from core.messages import message

if TYPE_CHECKING:  # at run time they would be imported before the port is known to be free
    from core.lifecycle.background import DemoProgress

USUAL_PORT = 8050
THREADS = 8
BACKLOG = 128
TURN_SECONDS = 0.0005  # of a thread that computes, before one that waits; see `serve`


@click.command()
@click.option(
    "--host", default="127.0.0.1", show_default=True, help="Address of this machine's own to listen on."
)
@click.option(
    "--port",
    default=USUAL_PORT,
    show_default=True,
    type=click.IntRange(0, 65535),
    help="0 takes one that is free.",
)
@click.option("--demo", is_flag=True, help="Make and fill the embedded store first where it is empty.")
@pass_session
def serve(session: Session, host: str, port: int, *, demo: bool) -> None:
    """Serve the dashboard. This is what happens where no command is given."""
    with listen(host, port) as listener:
        services = session.services
        if demo and not services.settings.embedded:
            raise UsageError(
                message(
                    "The demo is for the embedded store alone, and {store} is named.",
                    store=services.store.address,
                ),
                message("Leave out --demo, or the store."),
            )
        signal.signal(signal.SIGTERM, _end)
        logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # browsers ask for many things at once
        # While the index of runs reads in the background, an answer comes back from DuckDB several times and
        # would wait five milliseconds each time, Python's own turn: 450 ms for a filter instead of 100.
        sys.setswitchinterval(TURN_SECONDS)
        server = create_server(session.parts.web(services), sockets=[listener], threads=THREADS, ident=None)
        _announce(listener, services.store.address)
        services.demo.start(_report())
        server.run()
        logging.disable()  # whatever is cut short from here on is so on purpose


def listen(host: str, port: int) -> socket.socket:
    """Take the port before anything heavy is imported: who comes early waits in line instead of failing.

    Raises:
        UsageError: the address is one that other machines reach.
        RunoffError: it cannot be listened on.
    """
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        if not ipaddress.ip_address(address[0]).is_loopback:
            raise _open_to_others(host, port)
        return socket.create_server(address[:2], family=family, backlog=BACKLOG)
    except socket.gaierror:
        title = message("{host} is no address of this machine.", host=host)
        raise RunoffError(title, message("Leave out --host to listen on 127.0.0.1.")) from None
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            title = message("Port {port} is in use.", port=port)
        else:
            title = message("Port {port} cannot be opened: {why}.", port=port, why=error.strerror)
        raise RunoffError(title, message("Choose another with --port, or PORT= before make.")) from None


def _open_to_others(host: str, port: int) -> UsageError:
    title = message(
        "Runoff has no login yet, so it listens on this machine alone; {host} is open to others.", host=host
    )
    hint = message(
        "Leave out --host (or HOST=), and reach it from elsewhere by ssh -L {port}:127.0.0.1:{port}, "
        "or through a reverse proxy on this machine that knows who people are.",
        port=port or USUAL_PORT,
    )
    return UsageError(title, hint)


def _announce(listener: socket.socket, store: str) -> None:
    host, port = listener.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    tell(f"Runoff is at http://{shown}:{port} and reads {store}. Ctrl-C ends it.")


def _report() -> "Callable[[DemoProgress], None]":
    """A progress bar on a terminal; elsewhere one line when it starts and one when it ends."""
    bar = tqdm(
        disable=not sys.stderr.isatty(),
        bar_format="{percentage:3.0f}% {bar:24} {desc}",
        leave=False,
        delay=1e-9,  # nothing is drawn before the first report
    )

    def report(progress: "DemoProgress") -> None:
        bar.total = progress.total or None
        bar.n = progress.step
        bar.set_description_str(str(progress.text))
        if progress.done or progress.error:
            bar.close()
        if progress.error or progress.done or (bar.disable and not progress.total):
            tell(str(progress.error or progress.text))

    return report


def _end(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise SystemExit(0)
