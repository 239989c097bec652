"""Evaluations on the same split -> comparison with the baseline."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from core.catalog.store import Version
from core.errors import RunoffError
from core.evidence.curves import Confusion
from core.evidence.evaluation import Evaluation
from core.evidence.metrics import MetricValue
from core.evidence.split import Split


class Status(StrEnum):
    """How far the evidence for one version is."""

    SCORED = "scored"
    FAILED = "failed"
    SCORING = "scoring"
    WAITING = "waiting"  # asked for, no free place yet
    NOT_SCORED = "not_scored"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoringState:
    """How far the scoring of one version on one split is."""

    status: Status
    error: RunoffError | None = None  # of FAILED
    seconds: float = 0.0  # since it was asked for, while SCORING or WAITING


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedVersion:
    """One version in a comparison; `evaluation` where SCORED."""

    version: Version
    state: ScoringState
    evaluation: Evaluation | None = None
    metrics: Mapping[str, MetricValue] | None = None  # all of the contract, at the comparison's threshold
    confusion: Confusion | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Versions on one split at one threshold, the baseline first; evaluations share the fingerprint."""

    model: str
    split: Split
    baseline: int | None  # None: no version is in Production and none was chosen
    threshold: float
    primary_metric: str
    versions: tuple[ComparedVersion, ...]

    def delta(self, version: int, metric: str) -> float | None:
        """Difference to the baseline in the metric's unit; None where either has no value."""
        raise NotImplementedError
