"""Runs one version on one split in a child process of this machine, and judges what comes back."""

import contextlib
import itertools
import os
import signal
import tempfile
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from core.catalog.mlmodel import ModelCard
from core.errors import ScoringError
from core.evidence.artifact import Artifact
from core.evidence.failures import Unscorable, scoring_error
from core.evidence.features import FeatureFiles
from core.evidence.isolation.job import Ending, Job, Limits, in_words
from core.evidence.isolation.labels import Labels, plain_label
from core.evidence.isolation.nursery import Nursery
from core.evidence.libraries import differences, requirement_of
from core.evidence.scores import ScoreKey, Scores
from core.evidence.split import Split
from core.messages import message

if TYPE_CHECKING:  # it brings pandas, without which the first page is a second earlier
    from core.evidence.isolation.result import Result

FUNCTION = "python_function"
FLAVORS = ("sklearn", "xgboost", "lightgbm", "catboost", "onnx", "pytorch")
_MODULES = {"sklearn": "sklearn", "onnx": "onnxruntime", "pytorch": "torch"}  # else named like the flavor
_SIGNALS = {"SIGXCPU": "cpu", "SIGXFSZ": "disk", "SIGKILL": "killed"}  # what the kernel ends a process with
_STALE_SECONDS = 86_400.0
_ATTEMPTS = 2  # the server that forks the children may have been lost to another version's doings


class Cancelled(Exception):  # noqa: N818 - no error: somebody asked for it
    """The job was cancelled; nothing is known about the version."""


@dataclass(frozen=True, slots=True)
class Ticket:
    """The name by which a job is cancelled, and whether it has been."""

    cancelled: threading.Event = field(default_factory=threading.Event)
    job_id: str = field(default_factory=lambda: uuid.uuid4().hex)


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds of one child process: of loading the model, and of each prediction that counts."""

    load_seconds: float
    seconds: tuple[float, ...]


class LocalEngine:
    """Scores on this machine. Thread-safe: each call is a child process of its own."""

    def __init__(self, data_dir: Path, limits: Limits, nursery: Nursery) -> None:
        self._jobs = data_dir / "jobs"
        self._limits = limits
        self._features = FeatureFiles(data_dir)
        self._nursery = nursery

    def start(self) -> None:
        """Start the process that forks the children; clear away what a crash left. Takes seconds.

        Raises:
            EvidenceError: it cannot be started.
        """
        for folder in self._jobs.glob("*"):
            if time.time() - folder.stat().st_mtime > _STALE_SECONDS:
                discard(folder)
        self._nursery.start()

    def cancel(self, ticket: Ticket) -> None:
        """Stop the job of a ticket, now or before it starts."""
        ticket.cancelled.set()
        self._nursery.cancel(ticket.job_id)

    def score(
        self, artifact: Artifact, split: Split, key: ScoreKey, ticket: Ticket, *, threads: int = 1
    ) -> Scores:
        """The version's scores; blocks until they are there.

        Raises:
            ScoringError: why there are none.
            Cancelled: the ticket was.
            EvidenceError, OSError: this machine is at fault, not the version.
        """
        flavor = flavor_of(artifact.card)
        with ThreadPoolExecutor(1, "runoff-libraries") as beside:  # looked up while the child works
            differing = beside.submit(differences, artifact.card)
            result = self._run(artifact, split, ticket, flavor=flavor, threads=threads)
        notes = list(differing.result())
        if result.label_assumed:
            label = Labels(split.positive, split.negative).last
            notes.append(
                message(
                    "Its output is taken as the probability of {label}: it does not name its labels.",
                    label=label,
                )
            )
        return Scores(
            key=key,
            kind=result.kind,
            values=result.values,
            seconds=result.seconds,
            flavor=flavor,
            notes=tuple(notes),
        )

    def time(self, artifact: Artifact, split: Split, ticket: Ticket, *, repeats: int) -> Timing:
        """How long the version takes to load, and to predict the split once more, on one thread.

        The first prediction, which fills what later ones find filled, does not count. There are at most
        `repeats` others, as many as fit into a second or so, but one in any case.

        Raises: as `score` does.
        """
        result = self._run(artifact, split, ticket, flavor=flavor_of(artifact.card), repeats=repeats)
        return Timing(load_seconds=result.load_seconds, seconds=result.repeats or (result.seconds,))

    def _run(
        self,
        artifact: Artifact,
        split: Split,
        ticket: Ticket,
        *,
        flavor: str,
        threads: int = 1,
        repeats: int = 0,
    ) -> "Result":
        features = self._features.of(artifact.card, split)
        job = Job(
            id=ticket.job_id,
            folder="",
            artifact=str(artifact.folder),
            flavor=flavor,
            features=str(features.path),
            columns=features.columns,
            rows=split.rows,
            positive=plain_label(split.positive),
            negative=plain_label(split.negative),
            narrow=not features.chosen,
            threads=threads,
            repeats=repeats,
            limits=self._limits,
        )
        try:
            return self._result(job, ticket)
        except Unscorable as unscorable:
            raise _explained(unscorable, artifact.card, flavor) from None

    def _result(self, job: Job, ticket: Ticket) -> "Result":
        self._jobs.mkdir(parents=True, exist_ok=True)
        for _ in range(_ATTEMPTS):
            folder = Path(tempfile.mkdtemp(dir=self._jobs))
            try:
                ending = self._nursery.run(replace(job, folder=str(folder)), ticket.cancelled)
                if ticket.cancelled.is_set():
                    raise Cancelled
                if ending.status is not None:
                    return _judged(ending, folder, job)
            finally:
                discard(folder)
        raise Unscorable("lost")


def flavor_of(card: ModelCard) -> str:
    """The flavor through which a version is scored.

    Raises:
        ScoringError: it has none that can be.
    """
    function = card.flavors.get(FUNCTION)
    if function is None:
        native = [flavor for flavor in FLAVORS[:4] if flavor in card.flavors]
        if native:
            return native[0]
        raise ScoringError(
            message(
                "Its flavors are {flavors}; none of them can be scored.",
                flavors=", ".join(card.flavors) or "none",
            ),
            message("Log it with a flavor that has python_function."),
        )
    loader = str(function.get("loader_module", ""))
    native = [flavor for flavor in FLAVORS if loader == f"mlflow.{flavor}" and flavor in card.flavors]
    return native[0] if native else FUNCTION


def _judged(ending: Ending, folder: Path, job: Job) -> "Result":
    from core.evidence.isolation.result import read_result  # noqa: PLC0415 - brings pandas

    status = ending.status or 0
    died_of = signal.Signals(-status).name if status < 0 else ""
    code = ending.stopped or _SIGNALS.get(died_of, "crashed" if died_of else "")
    if code:
        raise Unscorable(code, **_limit_facts(code, job.limits), signal=died_of)
    result = read_result(folder, job.rows)
    if result is None:
        raise Unscorable("exited", status=status)
    return result


def _limit_facts(code: str, limits: Limits) -> dict[str, object]:
    seconds = limits.cpu_seconds if code == "cpu" else limits.seconds
    size = limits.disk_bytes if code == "disk" else limits.memory_bytes
    return {"seconds": f"{seconds:g}", "limit": in_words(size), "count": limits.processes}


def _explained(unscorable: Unscorable, card: ModelCard, flavor: str) -> ScoringError:
    facts = dict(unscorable.facts)
    if unscorable.code != "missing_module":
        return scoring_error(unscorable.code, facts)
    module = facts["module"]
    requirement = requirement_of(module, card.requirements)
    if requirement is None and module == _MODULES.get(flavor, flavor):
        requirement = module
    if requirement is None:
        return scoring_error("missing_own_module", facts)
    return scoring_error("missing_module", {**facts, "requirement": requirement})


def discard(folder: Path) -> None:
    """Remove a job's folder, whatever a model made of it: folders are flattened, however deep they nest."""
    names = itertools.count()
    with contextlib.suppress(OSError):
        while entries := list(os.scandir(folder)):
            for entry in entries:
                if not entry.is_dir(follow_symlinks=False):
                    Path(entry.path).unlink()
                    continue
                Path(entry.path).chmod(0o700)
                for inner in os.scandir(entry.path):
                    Path(inner.path).rename(folder / f"{folder.name}-{next(names)}")
                Path(entry.path).rmdir()
        folder.rmdir()
