"""Does a version load and score now, and how quickly? In a child process, the scores thrown away."""

import threading
from dataclasses import replace

from core.catalog.store import Version
from core.errors import ScoringError
from core.evidence.artifact import Artifacts
from core.evidence.engine import LocalEngine, Ticket, Timing
from core.evidence.failures import CODES, scoring_error, trouble_of_files
from core.evidence.scoring_once import key_of
from core.evidence.split import Split
from core.messages import message

_AT_A_TIME = 2  # beside the jobs that score whole splits
_PATIENCE_SECONDS = 30.0  # for a place


class Prober:
    """Tries versions; a child process for each. Thread-safe."""

    def __init__(
        self, artifacts: Artifacts, engine: LocalEngine, *, patience: float = _PATIENCE_SECONDS
    ) -> None:
        self._artifacts = artifacts
        self._engine = engine
        self._patience = patience
        self._places = threading.BoundedSemaphore(_AT_A_TIME)

    def probe(self, version: Version, split: Split) -> None:
        """Return where the version scores the first row of the split.

        Raises:
            ScoringError, ArtifactError: why it does not.
            StoreError: its files are not here, and cannot be had.
            EvidenceError: this machine cannot score at all.
        """
        if not self._places.acquire(timeout=self._patience):
            raise ScoringError(
                message("Other versions are being tried, and take long."), message("Try again in a minute.")
            )
        try:
            self._try(version, _first_row(split))
        except OSError as error:
            raise trouble_of_files(error) from error
        finally:
            self._places.release()

    def time(self, version: Version, split: Split, *, repeats: int) -> tuple[str, Timing]:
        """The digest of the version's files, and how long these take for the rows of the split.

        Raises: as `probe` does.
        """
        try:
            artifact = self._artifacts.fetch(version)
            timing = self._engine.time(artifact, split, Ticket(), repeats=repeats)
        except OSError as error:
            raise trouble_of_files(error) from error
        if not self._artifacts.unchanged(version):
            raise scoring_error("changed_files", {})
        return artifact.digest, timing

    def _try(self, version: Version, row: Split) -> None:
        artifact = self._artifacts.fetch(version)
        try:
            self._engine.score(artifact, row, key_of(artifact.digest, row), Ticket())
        except ScoringError as error:
            # A probability may be 0 or 1 for one row; that all are is for the scores of the whole split.
            if error.title.template != CODES["hard_labels"].title.template:
                raise
        if not self._artifacts.unchanged(version):
            raise scoring_error("changed_files", {})


def _first_row(split: Split) -> Split:
    """A split of one row, whose files lie beside those of the whole one."""
    return replace(
        split,
        fingerprint=f"{split.fingerprint}-first-row",
        frame=split.frame.iloc[:1],
        labels=split.labels[:1],
        row_numbers=None if split.row_numbers is None else split.row_numbers[:1],
    )
