"""Evaluations on the same split -> comparison with the baseline."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from core.catalog.store import Version
from core.errors import EvidenceError, RunoffError
from core.evidence.curves import Confusion
from core.evidence.evaluation import Evaluation
from core.evidence.metrics import MetricValue
from core.evidence.split import Split
from core.messages import message


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
    cancelled: bool = False  # of NOT_SCORED: somebody stopped it, so it starts again only when asked for


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedVersion:
    """One version in a comparison; `evaluation`, `metrics` and `confusion` where SCORED, else None."""

    version: Version
    state: ScoringState
    evaluation: Evaluation | None = None
    metrics: Mapping[str, MetricValue] | None = None  # all of the contract, at the comparison's threshold
    confusion: Confusion | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Versions on one split, the baseline first; evaluations share the fingerprint.

    All are at one threshold, but for those that have one of their own in `thresholds`.
    """

    model: str
    split: Split
    baseline: int | None  # None: no version is in Production and none was chosen
    threshold: float
    primary_metric: str
    versions: tuple[ComparedVersion, ...]
    thresholds: Mapping[int, float] = field(default_factory=dict)
    cost_ratio: float = 1.0  # what a missed positive costs, where a false alarm costs 1

    def threshold_of(self, version: int) -> float:
        """The threshold at which a version is compared."""
        return self.thresholds.get(version, self.threshold)

    def at(self, thresholds: Mapping[int, float]) -> "Comparison":
        """The same versions, each at a threshold of its own; those that are not named stay where they are."""
        own = {**self.thresholds, **thresholds}
        versions = tuple(
            replace(
                one,
                metrics=one.evaluation.at(own[one.version.number]),
                confusion=one.evaluation.confusion(own[one.version.number]),
            )
            if one.evaluation is not None and one.version.number in own
            else one
            for one in self.versions
        )
        return replace(self, versions=versions, thresholds=own)

    def find(self, version: int) -> ComparedVersion:
        """The compared version of a number; KeyError where it is not in this comparison."""
        for compared in self.versions:
            if compared.version.number == version:
                return compared
        raise KeyError(version)

    def delta(self, version: int, metric: str) -> float | None:
        """Value minus the baseline's, in the metric's unit; None where either has no value.

        KeyError where the version is not in this comparison or there is no such metric.
        """
        metrics = self.find(version).metrics
        base = self.find(self.baseline).metrics if self.baseline is not None else None
        if metrics is None or base is None:
            return None
        value, reference = metrics[metric].value, base[metric].value
        return None if value is None or reference is None else value - reference

    def confusion_change(self, version: int) -> Confusion | None:
        """The version's cells minus the baseline's; None where either is not scored."""
        cells = self.find(version).confusion
        base = self.find(self.baseline).confusion if self.baseline is not None else None
        return None if cells is None or base is None else cells - base


Entry = tuple[Version, ScoringState, Evaluation | None]


def compare(
    *,
    model: str,
    split: Split,
    baseline: int | None,
    threshold: float,
    primary_metric: str,
    entries: Sequence[Entry],
    cost_ratio: float = 1.0,
) -> Comparison:
    """Put versions side by side at one threshold: the baseline first, the rest in the order given.

    Raises:
        EvidenceError: an evaluation is of another split; such are never compared.
        ValueError: the baseline is not among the entries, a number comes twice, or a version is SCORED
            without an evaluation or the other way round.
    """
    numbers = [version.number for version, _, _ in entries]
    if len(set(numbers)) < len(numbers) or (baseline is not None and baseline not in numbers):
        msg = f"version {baseline} and others once each, but there are {numbers}"
        raise ValueError(msg)
    ordered = sorted(entries, key=lambda entry: entry[0].number != baseline)
    return Comparison(
        model=model,
        split=split,
        baseline=baseline,
        threshold=threshold,
        primary_metric=primary_metric,
        versions=tuple(_compared(entry, split, threshold) for entry in ordered),
        cost_ratio=cost_ratio,
    )


def _compared(entry: Entry, split: Split, threshold: float) -> ComparedVersion:
    version, state, evaluation = entry
    if (evaluation is not None) != (state.status is Status.SCORED):
        msg = f"version {version.number} is {state.status} and its evaluation {evaluation}"
        raise ValueError(msg)
    if evaluation is None:
        return ComparedVersion(version=version, state=state)
    if evaluation.fingerprint != split.fingerprint:
        raise EvidenceError(
            message("Version {version} was scored on another test split.", version=version.number),
            message("Load the comparison again: the data of the test split have changed."),
        )
    return ComparedVersion(
        version=version,
        state=state,
        evaluation=evaluation,
        metrics=evaluation.at(threshold),
        confusion=evaluation.confusion(threshold),
    )
