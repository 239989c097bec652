"""One version on one split -> scores: jobs that any number of people share, each in a child process.

```
   request ─► queue ─► worker thread: fetch files ─► lock the key ─► engine: features, child, check ─► store
                         (one a core)                 (across processes)
```

Nothing that a version does reaches further than its own state: it fails with a reason, which is kept beside
the scores until the version is asked to be scored again, its files change, or the split does.
"""

import atexit
import logging
import os
import queue
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from core.catalog.store import Version
from core.errors import ArtifactError, EvidenceError, RunoffError, ScoringError
from core.evidence.artifact import Artifacts, Files, identity_of
from core.evidence.comparison import ScoringState, Status
from core.evidence.engine import Cancelled, LocalEngine, Ticket, Timing
from core.evidence.failures import trouble_of_files
from core.evidence.isolation.job import GIB, Limits
from core.evidence.isolation.nursery import Nursery
from core.evidence.probing import Prober
from core.evidence.scores import ScoreKey, Scores, ScoreStore
from core.evidence.scoring_once import ScoringOnce, key_of
from core.evidence.split import Split
from core.messages import message

_log = logging.getLogger(__name__)

_TROUBLE_SECONDS = 30.0  # for which a store that fails is not asked again for the same version

Name = tuple[object, ...]


@dataclass(eq=False)
class Request:
    """One version on one split, asked for by one person or by many."""

    version: Version
    split: Split
    again: bool
    ticket: Ticket = field(default_factory=Ticket)
    status: Status = Status.WAITING
    asked: float = field(default_factory=time.monotonic)
    done: threading.Event = field(default_factory=threading.Event)


class Scorer:
    """Scores versions, each (version, split) once, as many side by side as there are cores. Thread-safe."""

    def __init__(
        self,
        store: Files,
        data_dir: Path,
        limits: Limits | None = None,
        workers: int | None = None,
        *,
        max_bytes: int = 4 * GIB,
        nursery: Nursery | None = None,
    ) -> None:
        self._data_dir = data_dir.resolve()
        self._artifacts = Artifacts(store, self._data_dir, max_bytes)
        self._store = ScoreStore(self._data_dir)
        self._limits = limits or Limits()
        self._workers = workers or _cores()
        self._shared_nursery = nursery  # somebody else's to close
        self._begin()

    def _begin(self) -> None:
        """All that lives in one process; one that was forked from it starts afresh."""
        self._pid = os.getpid()
        self._lock = threading.Lock()
        self._requests: dict[Name, Request] = {}
        self._cancelled: set[Name] = set()
        self._troubles: dict[Name, tuple[RunoffError, float]] = {}
        self._queue: queue.SimpleQueue[Request | None] = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._nursery = self._shared_nursery or Nursery(self._data_dir / "nursery")
        self._engine = LocalEngine(self._data_dir, self._limits, self._nursery)
        self._once = ScoringOnce(self._artifacts, self._store, self._engine)
        self._prober = Prober(self._artifacts, self._engine)
        self._closed = False

    def warm(self) -> None:
        """Start the process that scores in the background, so that nobody waits for it."""
        self._live_here()
        atexit.register(self.close)
        threading.Thread(target=self._start_engine, name="runoff-warm", daemon=True).start()

    def check(self) -> None:
        """Raise the EvidenceError that keeps this machine from scoring, if there is one."""
        self._nursery.check()

    def state(self, version: Version, split: Split) -> ScoringState:
        """How far it is. Cheap: looks at memory and at the times of a few files."""
        self._live_here()
        name = _name(version, split)
        with self._lock:
            request = self._requests.get(name)
            trouble, until = self._troubles.get(name, (None, 0.0))
            cancelled = name in self._cancelled
        if request is not None:
            return ScoringState(status=request.status, seconds=time.monotonic() - request.asked)
        if trouble is not None and time.monotonic() < until:
            return ScoringState(status=Status.FAILED, error=trouble)
        try:
            key = self.key(version, split)
        except ArtifactError as error:
            return ScoringState(status=Status.FAILED, error=error)
        if key is not None and self._store.has(key):
            return ScoringState(status=Status.SCORED)
        failure = None if key is None else self._once.failure(key)
        if failure is not None:
            return ScoringState(status=Status.FAILED, error=failure)
        return ScoringState(status=Status.NOT_SCORED, cancelled=cancelled)

    def request(self, version: Version, split: Split, *, again: bool = False) -> None:
        """Start to score, or join whoever did. What is scored or has failed is tried anew only `again`."""
        if not again and self.state(version, split).status in {Status.SCORED, Status.FAILED}:
            return
        self._live_here()
        name = _name(version, split)
        with self._lock:
            if name in self._requests or self._closed:
                return
            self._troubles.pop(name, None)
            self._cancelled.discard(name)
            self._requests[name] = request = Request(version, split, again)
            self._queue.put(request)
            if len(self._threads) < min(self._workers, len(self._requests)):
                self._start_worker()

    def wait(self, version: Version, split: Split, timeout: float | None = None) -> ScoringState:
        """The state when what is under way has ended, or after `timeout` seconds."""
        with self._lock:
            request = self._requests.get(_name(version, split))
        if request is not None:
            request.done.wait(timeout)
        return self.state(version, split)

    def cancel(self, version: Version, split: Split) -> None:
        """Stop what is under way, for everybody who waits for it; it is then not scored, and cancelled."""
        name = _name(version, split)
        with self._lock:
            request = self._requests.pop(name, None)
            if request is not None:
                self._cancelled.add(name)
        if request is not None:
            self._engine.cancel(request.ticket)
            request.done.set()

    def key(self, version: Version, split: Split) -> ScoreKey | None:
        """What the scores are bound to; None: the files are not here yet, or have changed since.

        Raises:
            ArtifactError: the files were refused.
        """
        digest = self._artifacts.digest(version)
        if digest is None:
            return None
        return key_of(digest, split)

    def known_digest(self, version: Version) -> str | None:
        """The digest of the version's files; None: they are not here, or were refused. Cheap."""
        try:
            return self._artifacts.digest(version)
        except ArtifactError:
            return None

    def confirm(self, version: Version) -> str:
        """The digest of the version's files as they are in the store now; looks there, and may fetch them.

        Raises:
            ArtifactError: they are such that they must not be used, or cannot be kept here.
            StoreError: the store does not hand them out.
        """
        try:
            return self._artifacts.confirm(version).digest
        except OSError as error:
            trouble = trouble_of_files(error)
            raise ArtifactError(trouble.title, trouble.hint) from error

    def probe(self, version: Version, split: Split) -> None:
        """Load the version now in a child process, and score one row; returns where that goes well.

        Raises:
            ScoringError, ArtifactError: why it does not.
            StoreError: its files are not here, and cannot be had.
            EvidenceError: this machine cannot score at all.
        """
        self._live_here()
        self._prober.probe(version, split)

    def time(self, version: Version, split: Split, *, repeats: int) -> tuple[str, Timing]:
        """The digest of the version's files, and how long these take to load and for the split's rows.

        Raises: as `probe` does.
        """
        self._live_here()
        return self._prober.time(version, split, repeats=repeats)

    def scores(self, version: Version, split: Split) -> Scores:
        """The scores that are kept; starts nothing.

        Raises:
            RunoffError: why they could not be had, or a ScoringError that they are not there yet.
        """
        key = self.key(version, split)
        scores = self._store.read(key) if key is not None else None
        if scores is not None:
            return scores
        raise self.state(version, split).error or ScoringError(
            message("Version {version} is not scored yet.", version=version.number),
            message("Ask for it, and wait until it is."),
        )

    def close(self) -> None:
        """End every job and every process of them; takes a moment."""
        if self._pid != os.getpid():
            return
        atexit.unregister(self.close)
        with self._lock:
            self._closed = True
            requests, self._requests = list(self._requests.values()), {}
        for request in requests:
            self._engine.cancel(request.ticket)
            request.done.set()
        for _ in self._threads:
            self._queue.put(None)
        if self._shared_nursery is None:
            self._nursery.close()
        for thread in self._threads:
            thread.join(timeout=5)

    def _live_here(self) -> None:
        if self._pid != os.getpid():
            self._begin()

    def _start_engine(self) -> None:
        try:
            self._engine.start()
        except (EvidenceError, OSError) as error:
            _log.warning("Scoring cannot be prepared: %s", error)

    def _start_worker(self) -> None:
        atexit.register(self.close)
        thread = threading.Thread(target=self._serve, name="runoff-scorer", daemon=True)
        self._threads.append(thread)
        thread.start()

    def _serve(self) -> None:
        while (request := self._queue.get()) is not None:
            if not request.ticket.cancelled.is_set():
                self._perform(request)
            with self._lock:
                name = _name(request.version, request.split)
                if self._requests.get(name) is request:
                    del self._requests[name]
            request.done.set()

    def _perform(self, request: Request) -> None:
        """Score; what goes wrong but is no verdict on the version is remembered for a while only."""
        trouble: RunoffError
        try:
            self._score(request)
        except (Cancelled, ArtifactError):
            return  # the first leaves no trace; the second is kept with the files
        except RunoffError as error:
            trouble = error
        except OSError as error:
            trouble = trouble_of_files(error)
        except Exception:  # noqa: BLE001 - logged; a worker outlives whatever one version brings about
            _log.exception("Scoring version %s of %s", request.version.number, request.version.model)
            title = message("A fault in Runoff kept it from scoring this version.")
            trouble = ScoringError(title, message("Its log holds the details."))
        else:
            return
        with self._lock:
            until = time.monotonic() + _TROUBLE_SECONDS
            self._troubles[_name(request.version, request.split)] = (trouble, until)

    def _score(self, request: Request) -> None:
        def starts() -> int:
            request.status = Status.SCORING
            return self._granted()

        self._once.score(request.version, request.split, request.ticket, again=request.again, starts=starts)

    def _granted(self) -> int:
        """Threads for a job that starts now: the cores, shared with the jobs beside it."""
        with self._lock:
            busy = min(self._workers, max(1, len(self._requests)))
        return max(1, _cores() // busy)


def _name(version: Version, split: Split) -> Name:
    return (*identity_of(version), split.fingerprint)


def _cores() -> int:
    """Processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
