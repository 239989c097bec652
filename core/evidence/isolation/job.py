"""A job as it crosses the process boundary: fields of JSON, nothing that runs when it is read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from core.settings import Label

RESULT = "result.json"  # what the child says, at most MAX_RESULT bytes
SCORES = "scores.f8"  # (rows,) little-endian float64, and nothing else
WORK = "work"  # the model's working directory, home and temporary directory
MAX_RESULT = 64_000

GIB = 2**30
MIB = 2**20


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one version may take while it is scored."""

    seconds: float = 120.0  # wall time, from the fork to the end
    cpu_seconds: float = 480.0  # over all its threads
    memory_bytes: int = 4 * GIB  # resident, beyond the libraries that every child shares
    disk_bytes: int = 256 * MIB  # in its working directory; the scores come on top
    processes: int = 32  # that it may start, at one time


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One version to score on one split."""

    id: str
    folder: str  # the job's own: RESULT, SCORES and WORK
    artifact: str  # the version's files, only to be read
    flavor: str
    features: str  # .npy (with `columns`) or .arrow
    columns: tuple[str, ...]
    rows: int
    positive: Label
    negative: Label
    narrow: bool = False  # columns were not chosen by a signature: keep those that the model names
    threads: int = 1
    repeats: int = 0  # further predictions of the same rows, timed; their scores are thrown away
    limits: Limits = field(default_factory=Limits)

    @classmethod
    def from_facts(cls, facts: Mapping[str, Any]) -> "Job":
        """The job whose fields, once JSON, are `facts`."""
        return cls(**{**facts, "columns": tuple(facts["columns"]), "limits": Limits(**facts["limits"])})


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How a child process ended."""

    status: int | None = None  # exit status; negative: the signal; None: the server was lost
    stopped: str = ""  # a code of core.evidence.failures, "cancelled", or empty: it ended by itself
    peak_bytes: int = 0  # highest resident memory seen, beyond what is shared


def in_words(count: int) -> str:
    """A number of bytes for people: "4.0 GB"."""
    return f"{count / GIB:.1f} GB" if count >= GIB else f"{count / MIB:.0f} MB"
