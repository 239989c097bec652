"""The fork server: a process of its own, preloaded once, that starts children, watches them and ends them.

Reads lines of JSON from standard input, {"job": ...} and {"cancel": id}; writes {"ready": ...} once and
{"ended": id, ...} for each job. When its input ends, so does everything that it started. It runs no code of
a model itself, and it has one thread, so that forking is sound. Where there is no fork, a job is a new
interpreter: the same, but for the seconds it takes to import the libraries.
"""

import ctypes
import gc
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

import psutil
import yaml
from threadpoolctl import ThreadpoolController

from core.evidence.isolation import child
from core.evidence.isolation.confinement import measures
from core.evidence.isolation.inbox import Inbox, PipeInbox, ThreadInbox
from core.evidence.isolation.job import Ending, Job
from core.evidence.isolation.watch import TICK, Running, sweep

_PR_SET_CHILD_SUBREAPER = 36
FORK = hasattr(os, "fork")


class Server:
    """Starts, watches and ends children until its inbox ends."""

    def __init__(self, inbox: Inbox, outbox: BinaryIO, *, fork: bool) -> None:
        self._inbox = inbox
        self._outbox = outbox
        self._fork = fork
        self._running: dict[int, Running] = {}
        self._shared_bytes = psutil.Process().memory_info().rss
        self._libraries = ThreadpoolController()  # finding them takes milliseconds: once, for all children

    def serve(self) -> None:
        """Until the web process is gone."""
        self._send(ready=measures())
        try:
            while (lines := self._inbox.take(TICK if self._running else None)) is not None:
                for line in lines:
                    self._handle(json.loads(line))
                for running in list(self._running.values()):
                    self._tend(running)
                sweep(set(self._running))
        finally:
            for running in self._running.values():
                running.kill("cancelled")
            sweep(set())

    def _handle(self, request: Mapping[str, Any]) -> None:
        if "job" in request:
            self._start(Job.from_facts(request["job"]))
        for running in self._running.values():
            if running.job.id == request.get("cancel"):
                running.kill("cancelled")

    def _start(self, job: Job) -> None:
        try:
            running = self._forked(job) if self._fork else _spawned(job)
        except OSError:  # no memory or no process left on this machine: as if the server were lost
            self._send(ended=job.id, **asdict(Ending()))
        else:
            self._running[running.pid] = running

    def _forked(self, job: Job) -> Running:
        pid = os.fork()
        if pid == 0:
            _live_as_child(job, self._libraries)
        return Running(job=job, pid=pid, shared_bytes=self._shared_bytes)

    def _tend(self, running: Running) -> None:
        status = running.status()
        if status is None:
            if reason := running.look():
                running.kill(reason)
            return
        del self._running[running.pid]
        running.kill_group()
        ending = Ending(status=status, stopped=running.stopped, peak_bytes=running.peak_bytes)
        self._send(ended=running.job.id, **asdict(ending))

    def _send(self, **facts: object) -> None:
        self._outbox.write(json.dumps(facts).encode() + b"\n")
        self._outbox.flush()


def _live_as_child(job: Job, libraries: ThreadpoolController) -> NoReturn:
    """The life of a forked child; nothing of the server stays open in it."""
    status = 1
    try:
        signal.set_wakeup_fd(-1)
        for one in (signal.SIGCHLD, signal.SIGINT, signal.SIGTERM):
            signal.signal(one, signal.SIG_DFL)
        os.setsid()
        nothing = os.open(os.devnull, os.O_RDWR)
        for descriptor in (0, 1, 2):
            os.dup2(nothing, descriptor)
        os.closerange(3, 65536)
        child.run(job, libraries)
        status = 0
    finally:
        os._exit(status)


def _spawned(job: Job) -> Running:
    path = Path(job.folder) / "job.json"
    path.write_text(json.dumps(asdict(job)), encoding="utf-8")
    popen = subprocess.Popen(  # noqa: S603 - our own interpreter and module
        [sys.executable, "-m", child.__name__, str(path)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    return Running(job=job, pid=popen.pid, popen=popen)


_REHEARSED = """\
flavors:
  python_function: {loader_module: mlflow.sklearn, model_path: model.skops, python_version: "3"}
  sklearn: {pickled_model: model.skops, serialization_format: skops}
"""


def rehearse() -> None:
    """Score a model of our own, so that every child inherits what the first one imports and fills."""
    import mlflow.sklearn  # noqa: F401, PLC0415 - takes seconds; this process only
    import pandas as pd  # noqa: PLC0415
    import sklearn.ensemble  # noqa: PLC0415
    import sklearn.pipeline  # noqa: F401, PLC0415
    import skops.io  # noqa: PLC0415
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415

    from core.evidence.isolation.flavors import load, score  # noqa: PLC0415
    from core.evidence.isolation.labels import Labels  # noqa: PLC0415

    # MLflow reads a version's MLmodel for six milliseconds; the loader in C finds the same in one.
    yaml.SafeLoader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # type: ignore[misc]
    frame = pd.DataFrame({"a": [0.0, 1.0, 2.0, 3.0], "b": [1.0, 0.0, 1.0, 0.0]})
    model = LogisticRegression().fit(frame, [0, 0, 1, 1])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        (path / "MLmodel").write_text(_REHEARSED, encoding="utf-8")
        skops.io.dump(model, path / "model.skops")
        score("sklearn", load(path, "sklearn"), frame, Labels(1, 0))


def main() -> None:
    """Serve on standard input and output; whatever a library prints goes to standard error."""
    fork = FORK and "--spawn" not in sys.argv
    outbox = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    if fork:
        rehearse()
        gc.collect()
        gc.freeze()  # children never touch, and so never copy, what is there now
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    inbox: Inbox = PipeInbox(0) if fork else ThreadInbox(sys.stdin.buffer)
    Server(inbox, outbox, fork=fork).serve()


if __name__ == "__main__":
    main()
