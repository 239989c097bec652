"""How long versions take to load and to score 1,000 rows, measured side by side.

The versions take turns, round after round, each time in a child process of its own that is confined as for
scoring and has one thread, so that a busy moment of the machine strikes all of them. Measured only when
somebody asks. What was measured is kept for (digest, fingerprint, machine) with its session: times of
different sessions never stand beside each other.
"""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from statistics import median
from typing import Protocol

import numpy as np

from core.catalog.store import Version
from core.errors import EvidenceError, RunoffError, ScoringError, StoreError
from core.evidence.artifact import identity_of
from core.evidence.engine import Timing
from core.evidence.failures import trouble_of_files
from core.evidence.latency_files import LatencyFiles
from core.evidence.split import Split

ROWS = 1_000
_ROUNDS = 5
_REPEATS = 5  # timed predictions of a child process, after one that does not count
_BUDGET_SECONDS = 30.0  # after which no further round begins


@dataclass(frozen=True, slots=True, kw_only=True)
class Latency:
    """What one version took; medians."""

    ms_per_1000: float  # milliseconds to predict 1,000 rows on one thread
    load_seconds: float  # from the files on this machine to a model in memory, libraries included
    rows: int  # of the split that were predicted; fewer than 1,000 were repeated until there were as many
    repeats: int  # predictions that the median is of


@dataclass(frozen=True, slots=True)
class Progress:
    """Child processes that have ended, and how many there will be."""

    done: int
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """What is known about some versions: times of one session, why others have none, what is under way."""

    latencies: Mapping[int, Latency] = field(default_factory=dict)
    failures: Mapping[int, RunoffError] = field(default_factory=dict)  # of the last time in this process
    progress: Progress | None = None  # None: nothing is under way


class Timed(Protocol):
    """The part of a scorer that times a version."""

    def known_digest(self, version: Version) -> str | None:
        """The digest of the version's files; None: they are not here, or were refused. Cheap."""

    def time(self, version: Version, split: Split, *, repeats: int) -> tuple[str, Timing]:
        """The digest of the version's files, and how long these take to load and for the split's rows."""


Name = tuple[object, ...]
Tell = Callable[[Progress], None]


class Latencies:
    """Measures one session at a time on this machine, and keeps what came out. Thread-safe."""

    def __init__(self, scorer: Timed, data_dir: Path) -> None:
        self._scorer = scorer
        self._files = LatencyFiles(data_dir)
        self._lock = threading.Lock()
        self._under_way: dict[Name, Progress] = {}
        self._failures: dict[Name, Mapping[int, RunoffError]] = {}

    def of(self, versions: Sequence[Version], split: Split) -> Mapping[int, Latency]:
        """The times of all versions, by number, from one session; measured now unless they are kept.

        Takes about a fifth of a second and 30 times a prediction for each version. A version that fails is
        missing; `state` says why.

        Raises:
            EvidenceError, OSError: this machine is at fault, not a version.
        """
        name = _name(versions, split)
        with self._files.session_lock():  # whoever held it may have measured these very versions
            kept = self._kept(versions, split)
            if len(kept) == len(versions):
                return kept
            failures = self._session(versions, split, lambda progress: self._say(name, progress))
            with self._lock:
                self._failures[name] = failures
        return self._kept(versions, split)

    def request(self, versions: Sequence[Version], split: Split) -> None:
        """Start to measure in the background, unless that is under way; `state` tells how far it is."""
        name = _name(versions, split)
        with self._lock:
            if name in self._under_way:
                return
            self._under_way[name] = Progress(0, _ROUNDS * len(versions))
            self._failures.pop(name, None)
        threading.Thread(
            target=self._measure, args=(name, versions, split), name="runoff-latency", daemon=True
        ).start()

    def state(self, versions: Sequence[Version], split: Split) -> Measurement:
        """What is known; starts nothing. Reads a small file for each version."""
        name = _name(versions, split)
        with self._lock:
            progress, failures = self._under_way.get(name), self._failures.get(name, {})
        return Measurement(latencies=self._kept(versions, split), failures=failures, progress=progress)

    def _measure(self, name: Name, versions: Sequence[Version], split: Split) -> None:
        """What a background thread does; what goes wrong is remembered as a reason for every version."""
        error: RunoffError | None = None
        try:
            self.of(versions, split)
        except EvidenceError as trouble:
            error = trouble
        except OSError as trouble:
            error = trouble_of_files(trouble)
        with self._lock:
            self._under_way.pop(name, None)
            if error is not None:
                self._failures[name] = {version.number: error for version in versions}

    def _session(self, versions: Sequence[Version], split: Split, tell: Tell) -> Mapping[int, RunoffError]:
        """Round after round, the versions in turns; keeps the times, returns why versions have none."""
        rows = thousand(split)
        timings: dict[int, tuple[str, list[Timing]]] = {}
        failures: dict[int, RunoffError] = {}
        started = time.monotonic()
        for turn in range(_ROUNDS):
            if turn and time.monotonic() - started > _BUDGET_SECONDS:
                break
            for place, version in enumerate(_rotated(versions, turn)):
                tell(Progress(turn * len(versions) + place, _ROUNDS * len(versions)))
                if version.number in failures:
                    continue
                try:
                    digest, timing = self._scorer.time(version, rows, repeats=_REPEATS)
                except (ScoringError, StoreError) as error:
                    failures[version.number] = error
                    continue
                earlier = timings.get(version.number)
                same = earlier is not None and earlier[0] == digest  # else: its files were overwritten
                timings[version.number] = (digest, [*(earlier[1] if earlier and same else ()), timing])
        found = {
            digest: _latency(taken, min(split.rows, ROWS))
            for number, (digest, taken) in timings.items()
            if number not in failures
        }
        self._files.keep(split.fingerprint, {digest: asdict(one) for digest, one in found.items()})
        return failures

    def _kept(self, versions: Sequence[Version], split: Split) -> Mapping[int, Latency]:
        """The times of the session that has most of the versions, the newest of such."""
        digests = {version.number: self._scorer.known_digest(version) for version in versions}
        known = {number: digest for number, digest in digests.items() if digest is not None}
        session = self._files.session(split.fingerprint, set(known.values()))
        return {number: Latency(**session[digest]) for number, digest in known.items() if digest in session}

    def _say(self, name: Name, progress: Progress) -> None:
        with self._lock:
            if name in self._under_way:
                self._under_way[name] = progress


def thousand(split: Split) -> Split:
    """The first 1,000 rows of a split; of a smaller one all, again and again until there are as many.

    So a call's fixed cost weighs the same whatever the split.
    """
    positions = np.arange(ROWS) % split.rows
    return replace(
        split,
        fingerprint=f"{split.fingerprint}-thousand",
        frame=split.frame.iloc[positions].reset_index(drop=True),
        labels=split.labels[positions],
        row_numbers=None,
    )


def _latency(timings: Sequence[Timing], rows: int) -> Latency:
    seconds = [one for timing in timings for one in timing.seconds]
    return Latency(
        ms_per_1000=median(seconds) * 1000,
        load_seconds=median(timing.load_seconds for timing in timings),
        rows=rows,
        repeats=len(seconds),
    )


def _rotated(versions: Sequence[Version], turn: int) -> Sequence[Version]:
    """Each round begins with another version: whoever comes after a slow one is not always the same."""
    first = turn % len(versions) if versions else 0
    return [*versions[first:], *versions[:first]]


def _name(versions: Sequence[Version], split: Split) -> Name:
    return (*sorted(str(identity_of(version)) for version in versions), split.fingerprint)
