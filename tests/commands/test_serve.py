import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import psutil
import pytest

from commands.serve import listen
from core.errors import RunoffError
from core.settings import DEMO_FILE
from tests.commands.conftest import Call

APP = DEMO_FILE.parent / "app.py"
Serving = Callable[..., "Served"]


def _hear_interrupts() -> None:
    """A shell has what it starts in the background ignore Ctrl-C, and so would what the tests start."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class Served:
    """`python app.py serve` in a folder, on a free port."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        environ = {
            name: text for name, text in os.environ.items() if not name.startswith(("MLFLOW_", "RUNOFF_"))
        }
        self.process = subprocess.Popen(
            [sys.executable, str(APP), *arguments],
            cwd=folder,
            env=environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=_hear_interrupts,  # noqa: PLW1509  takes no lock
        )
        assert self.process.stderr is not None
        self.first = self.process.stderr.readline()
        found = re.match(r"Runoff is at (http://\S+) and reads (.*)\. Ctrl-C ends it\.$", self.first)
        assert found, self.first + self.process.stderr.read()
        self.address, self.store = found.groups()

    def get(self, path: str) -> tuple[int, str]:
        with urllib.request.urlopen(f"{self.address}{path}", timeout=30) as answer:
            return answer.status, answer.read().decode()

    def children(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def end(self, with_signal: signal.Signals) -> tuple[int, str, str]:
        """Exit status, and what it said since the first line."""
        assert self.process.stdout is not None
        assert self.process.stderr is not None
        self.process.send_signal(with_signal)
        err, out = self.process.stderr.read(), self.process.stdout.read()
        return self.process.wait(60), out, err


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serving]:
    started: list[Served] = []

    def start(*arguments: str) -> Served:
        started.append(Served(tmp_path, *arguments))
        return started[-1]

    yield start
    for served in started:
        served.process.kill()
        served.process.communicate()


@pytest.mark.parametrize("with_signal", [signal.SIGINT, signal.SIGTERM])
def test_it_answers_while_the_demo_is_made_and_leaves_nothing_running(
    serve: Serving, tmp_path: Path, with_signal: signal.Signals
) -> None:
    served = serve("serve", "--port", "0")
    assert served.get("/healthz")[0] == 200
    assert "<title>" in served.get("/")[1]
    assert served.store == "sqlite:///.runoff/mlflow.db"
    children = served.children()
    assert any("core.lifecycle.filling_process" in child.cmdline() for child in children)
    assert served.end(with_signal) == (0, "", "Preparing the demo.\n")
    _, alive = psutil.wait_procs(children, timeout=10)
    assert alive == []


def test_serving_is_what_happens_without_a_command(tmp_path: Path) -> None:
    """On the usual port, or in one sentence why not there."""
    with closing(socket.socket()) as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            taken.bind(("127.0.0.1", 8050))
            taken.listen()
        except OSError:
            pass  # somebody else has it, which will do as well
        ended = subprocess.run(
            [sys.executable, str(APP)], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60
        )
    sentence = "Error: Port 8050 is in use. Choose another with --port, or PORT= before make.\n"
    assert (ended.returncode, ended.stdout, ended.stderr) == (3, "", sentence)
    assert list(tmp_path.iterdir()) == []


def test_a_named_store_gets_no_demo(serve: Serving, tmp_path: Path) -> None:
    served = serve("--tracking-uri", f"sqlite:///{tmp_path}/mine.db", "serve", "--port", "0")
    served.get("/")
    assert not any("core.lifecycle.filling_process" in child.cmdline() for child in served.children())
    assert served.end(signal.SIGINT)[:2] == (0, "")
    assert not (tmp_path / "mine.db").exists()


def test_the_demo_is_refused_where_a_store_is_named(call: Call) -> None:
    ended = call("--tracking-uri", "http://me:secret@127.0.0.1:1/", "serve", "--demo", "--port", "0")
    assert (ended.status, ended.out) == (2, "")
    assert ended.err.startswith("Error: The demo is for the embedded store alone, and http://")
    assert ended.err.endswith(" is named. Leave out --demo, or the store.\n")
    assert "secret" not in ended.err


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1"])
def test_an_address_that_others_reach_is_refused(call: Call, host: str) -> None:
    """Before a port is taken or a store is looked at."""
    ended = call("--tracking-uri", "sqlite:///none.db", "serve", "--host", host, "--port", "8051")
    assert (ended.status, ended.out) == (2, "")
    assert ended.err == (
        f"Error: Runoff has no login yet, so it listens on this machine alone; {host} is open to others. "
        "Leave out --host (or HOST=), and reach it from elsewhere by ssh -L 8051:127.0.0.1:8051, "
        "or through a reverse proxy on this machine that knows who people are.\n"
    )


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "localhost"])
def test_any_address_of_this_machine_alone_will_do(host: str) -> None:
    with closing(listen(host, 0)) as listener:
        assert listener.getsockname()[0].startswith(("127.", "::1"))


def test_a_host_that_is_not_there() -> None:
    with pytest.raises(RunoffError) as caught:
        listen("no.such.host.invalid", 0)
    assert str(caught.value.title) == "no.such.host.invalid is no address of this machine."
    assert caught.value.exit_status == 3


def test_a_port_that_cannot_be_listened_on() -> None:
    with closing(listen("127.0.0.1", 0)) as taken, pytest.raises(RunoffError) as caught:
        listen("127.0.0.1", taken.getsockname()[1])
    assert str(caught.value.title).endswith(" is in use.")
    assert caught.value.exit_status == 3


def test_a_free_port_is_taken_at_once() -> None:
    with closing(listen("127.0.0.1", 0)) as listener, closing(socket.socket()) as early:
        early.settimeout(5)
        early.connect(listener.getsockname())  # waits in line until the server is there


def test_the_first_page_does_not_wait_for_mlflow(serve: Serving, copied_demo: Path) -> None:
    """Ten times what it takes on an idle machine, so that a busy one passes too."""
    began = time.monotonic()
    served = serve("--tracking-uri", f"sqlite:///{copied_demo}/.runoff/mlflow.db", "serve", "--port", "0")
    served.get("/")
    assert time.monotonic() - began < 20
