"""The web process's side of the fork server: starts it, sends jobs, waits for how they end."""

import contextlib
import json
import logging
import os
import queue
import subprocess
import sys
import tempfile
import threading
from dataclasses import asdict
from pathlib import Path
from typing import IO

from core.errors import EvidenceError
from core.evidence.isolation.job import Ending, Job
from core.messages import message

_log = logging.getLogger(__name__)

_START_SECONDS = 120.0
_GRACE_SECONDS = 10.0  # beyond a job's own limit before the server counts as stuck

# All that the server and its children see of this process's environment: no credentials among them.
_KEPT = (
    *("PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "PYTHONPATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"),
    *("CUDA_VISIBLE_DEVICES", "SYSTEMROOT"),
    "MLFLOW_ALLOW_PICKLE_DESERIALIZATION",  # an operator's ban on pickles shall hold here too
)
_SET = {
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "VECLIB_MAXIMUM_THREADS": "1",
    "JOBLIB_MULTIPROCESSING": "0",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONIOENCODING": "utf-8",
}


class Nursery:
    """One fork server; started when first needed, started again where it died. Safe for threads."""

    def __init__(self, folder: Path, *, fork: bool = True) -> None:
        self._folder = folder  # its home and temporary directory
        self._fork = fork
        self._lock = threading.Lock()
        self._server: _Connection | None = None
        self._closed = False
        self._failure: EvidenceError | None = None

    def check(self) -> None:
        """Raise the EvidenceError with which the last start failed; a start under way counts as none."""
        if self._failure is not None:
            raise self._failure

    def start(self) -> None:
        """Start the server unless it runs; returns when it is ready.

        Raises:
            EvidenceError: it does not start.
        """
        self._connection()

    def run(self, job: Job, cancelled: threading.Event) -> Ending:
        """Run a job to its end, whatever that is; blocks. A status of None: the server was lost.

        Whoever sets `cancelled` calls `cancel` after it: then the ending says stopped="cancelled".
        """
        return self._connection().run(job, cancelled)

    def cancel(self, job_id: str) -> None:
        """Stop a job that runs."""
        with self._lock:
            server = self._server
        if server is not None:
            server.cancel(job_id)

    @property
    def measures(self) -> tuple[str, ...]:
        """What confines the children here; empty before the server has started."""
        with self._lock:
            return self._server.measures if self._server is not None else ()

    def close(self) -> None:
        """End the server and every child of it."""
        with self._lock:
            self._closed = True
            server, self._server = self._server, None
        if server is not None:
            server.close()

    def _connection(self) -> "_Connection":
        with self._lock:
            if self._closed:
                raise _shutting_down()
            if self._server is None or not self._server.alive:
                if self._server is not None:
                    self._server.close()
                self._server = _Connection(self._folder, fork=self._fork)
            server = self._server
        if server.wait_ready():
            self._failure = None
            return server
        if self._closed:
            raise _shutting_down()
        _log.error("The process that scores versions did not start: %s", server.said())
        server.close()
        title = message("The process that scores versions could not be started.")
        self._failure = EvidenceError(title, message("Runoff's log says why."))
        raise self._failure


class _Connection:
    """A server process and the thread that listens to it."""

    def __init__(self, folder: Path, *, fork: bool) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - open as long as this object
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            [sys.executable, "-m", "core.evidence.isolation.server", *([] if fork else ["--spawn"])],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            cwd=folder,
            env=_environment(folder),
            start_new_session=True,
        )
        self._waiting: dict[str, queue.SimpleQueue[Ending]] = {}
        self._lock = threading.Lock()
        self._settled = threading.Event()  # it has become ready, or has ended
        self._served = False  # it has become ready; it may have ended since
        self.measures: tuple[str, ...] = ()
        self.alive = True
        threading.Thread(target=self._listen, name="runoff-nursery", daemon=True).start()

    def wait_ready(self) -> bool:
        """Until the server has imported what it needs; False: it ended before, or takes too long."""
        return self._settled.wait(_START_SECONDS) and self._served

    def run(self, job: Job, cancelled: threading.Event) -> Ending:
        """See Nursery.run."""
        answer: queue.SimpleQueue[Ending] = queue.SimpleQueue()
        with self._lock:
            if cancelled.is_set():
                return Ending(stopped="cancelled")
            if not self.alive:
                return Ending()
            self._waiting[job.id] = answer
            self._send({"job": asdict(job)})
        try:
            return answer.get(timeout=job.limits.seconds + _GRACE_SECONDS)
        except queue.Empty:  # it neither ended the job nor itself
            self._process.kill()
            return Ending()

    def cancel(self, job_id: str) -> None:
        """See Nursery.cancel."""
        with self._lock:
            if job_id in self._waiting:
                self._send({"cancel": job_id})

    def _send(self, request: object) -> None:
        """One line to the server; that it is dead, the listening thread will notice."""
        with contextlib.suppress(OSError, ValueError):
            _stream(self._process.stdin).write(json.dumps(request).encode() + b"\n")
            _stream(self._process.stdin).flush()

    def close(self) -> None:
        """End the server; it takes its children along."""
        with self._lock, contextlib.suppress(OSError, ValueError):
            _stream(self._process.stdin).close()
        if not self._settled.is_set():  # it imports, and would notice only afterwards
            self._process.kill()
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._errors.close()

    def _listen(self) -> None:
        with _stream(self._process.stdout) as lines:
            for line in lines:
                facts = json.loads(line)
                if "ready" in facts:
                    self.measures = tuple(facts["ready"])
                    self._served = True
                    self._settled.set()
                else:
                    self._answer(facts.pop("ended"), Ending(**facts))
        with self._lock:
            self.alive = False
            lost = list(self._waiting)
        self._settled.set()
        self._process.wait()
        for job_id in lost:
            self._answer(job_id, Ending())

    def said(self) -> str:
        """The end of what the server wrote to its standard error."""
        with contextlib.suppress(ValueError):  # closed meanwhile
            self._errors.seek(0)
            return self._errors.read()[-4000:].decode(errors="replace")
        return ""

    def _answer(self, job_id: str, ending: Ending) -> None:
        with self._lock:
            waiting = self._waiting.pop(job_id, None)
        if waiting is not None:
            waiting.put(ending)


def _shutting_down() -> EvidenceError:
    return EvidenceError(message("Runoff is shutting down: nothing is scored any more."))


def _stream(stream: IO[bytes] | None) -> IO[bytes]:
    assert stream is not None  # the process was started with pipes
    return stream


def _environment(folder: Path) -> dict[str, str]:
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    packages = [str(Path(__file__).resolve().parents[3]), *filter(None, [kept.get("PYTHONPATH")])]
    return {
        **kept,
        **_SET,
        "PYTHONPATH": os.pathsep.join(packages),
        "HOME": str(folder),
        "TMPDIR": str(folder),
    }
