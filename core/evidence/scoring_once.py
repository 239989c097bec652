"""Scores of one version on one split, computed unless that has been done, by whichever process came first."""

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

from filelock import FileLock, Timeout

from core.catalog.store import Version
from core.errors import ScoringError
from core.evidence.artifact import Artifact, Artifacts
from core.evidence.engine import Cancelled, LocalEngine, Ticket
from core.evidence.failures import CODES, scoring_error
from core.evidence.libraries import installed
from core.evidence.scores import ScoreKey, ScoreStore
from core.evidence.split import Split

SCORING_CODE = "1"  # raise it when a change of code changes scores: all versions are then scored again
_LOCK_SECONDS = 0.2  # between two looks whether a job that waits for another process was cancelled


def key_of(digest: str, split: Split) -> ScoreKey:
    """What the scores of these files on this split are bound to."""
    return ScoreKey(digest=digest, fingerprint=split.fingerprint, code=SCORING_CODE)


class ScoringOnce:
    """Brings files, engine and kept scores together. Thread-safe."""

    def __init__(self, artifacts: Artifacts, store: ScoreStore, engine: LocalEngine) -> None:
        self._artifacts = artifacts
        self._store = store
        self._engine = engine

    def score(
        self,
        version: Version,
        split: Split,
        ticket: Ticket,
        *,
        again: bool,
        starts: Callable[[], int],
    ) -> None:
        """Keep the scores, or why there are none; `again` also where either is kept already.

        `starts` is called when the scoring itself begins; it gives the threads that the job may use.

        Raises:
            Cancelled: the ticket was.
            ArtifactError, StoreError: the files cannot be had.
            EvidenceError, OSError: this machine is at fault, not the version.
        """
        artifact = self._artifacts.fetch(version, again=again, stop=ticket.cancelled.is_set)
        key = key_of(artifact.digest, split)
        with _locked(self._store.lock_path(key), ticket):
            if not again and (self._store.has(key) or self.failure(key) is not None):
                return
            self._compute(version, artifact, split, key=key, ticket=ticket, threads=starts())

    def failure(self, key: ScoreKey) -> ScoringError | None:
        """Why it failed; None where it was for a library that has been installed since."""
        failure = self._store.failure(key)
        if failure is not None and failure.title.template == CODES["missing_module"].title.template:
            return None if installed(str(failure.title.values["module"])) else failure
        return failure

    def _compute(
        self,
        version: Version,
        artifact: Artifact,
        split: Split,
        *,
        key: ScoreKey,
        ticket: Ticket,
        threads: int,
    ) -> None:
        try:
            scores = self._engine.score(artifact, split, key, ticket, threads=threads)
            if not self._artifacts.unchanged(version):
                raise scoring_error("changed_files", {})
        except ScoringError as error:
            self._store.write_failure(key, error)
        else:
            self._store.write(scores)


@contextlib.contextmanager
def _locked(path: Path, ticket: Ticket) -> Iterator[None]:
    """Hold the lock; while another process holds it, it computes these very scores."""
    lock = FileLock(path)
    while True:
        if ticket.cancelled.is_set():
            raise Cancelled
        with contextlib.suppress(Timeout):
            lock.acquire(timeout=_LOCK_SECONDS)
            break
    try:
        yield
    finally:
        lock.release()
