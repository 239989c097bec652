"""Checks over a comparison -> GateReport: may this version go into Production?

```
   policy ──► a check each ──► results ──► report, bound to digests, split, policy and threshold
   comparison and judgement ─┘ │
   cards, libraries, times ────┘  read only where a check asks for them
```
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

from core.catalog.mlmodel import ModelCard
from core.catalog.store import Version
from core.decision.gate_evidence import Evidence, evidence_of
from core.decision.gate_loading import check_loads, check_scores
from core.decision.gate_metrics import NOT_SCORED, check_broken, check_metric, inconclusive
from core.decision.gate_policy import Policy, policy_of
from core.decision.gate_report import CheckResult, Finding, GateReport
from core.decision.gate_resources import BYTES_A_MEGABYTE, check_requirements, check_resource
from core.decision.gate_signature import check_signature
from core.decision.gate_slices import check_slices
from core.errors import ArtifactError, EvidenceError, NotFound
from core.evidence.comparison import ComparedVersion
from core.evidence.failures import trouble_of_files
from core.evidence.libraries import required
from core.gate_settings import (
    BrokenGate,
    Gate,
    MetricGate,
    RequirementsGate,
    Resource,
    ResourceGate,
    Severity,
    SignatureGate,
)

if TYPE_CHECKING:  # a page answers before these are imported: they bring pandas and process control
    from core.evidence.comparing import Comparisons
    from core.evidence.scores import Scores
    from core.evidence.split import Split


class Took(Protocol):
    """How long one version took."""

    @property
    def ms_per_1000(self) -> float:
        """Milliseconds to score 1,000 rows."""


class Times(Protocol):
    """Measures versions side by side."""

    def of(self, versions: Sequence[Version], split: "Split") -> Mapping[int, Took]:
        """What each version took, by number, those that failed left out; EvidenceError, OSError."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gates:
    """Makes reports. Thread-safe."""

    comparisons: "Comparisons"
    times: Times

    def report(
        self,
        model: str,
        version: int,
        *,
        baseline: int | Literal["production"] | None = "production",
        threshold: float = 0.5,
        listed: Sequence[Version] | None = None,
    ) -> GateReport:
        """The checks of a version as far as it is scored; starts no scoring, but measures where asked to.

        `listed` are all versions of the model where they have just been read.

        Raises:
            UsageError: the threshold is not in [0, 1].
            NotFound: no such model or version.
            SplitError, EvidenceError, StoreError: what the checks stand on cannot be had.
        """
        comparison = self.comparisons.compare(
            model, versions=[version], baseline=baseline, threshold=threshold, request=False, listed=listed
        )
        is_scored = comparison.find(version).evaluation is not None
        judgement = self.comparisons.judge(comparison) if is_scored else None
        evidence = evidence_of(comparison, version, judgement, self._scores_on(comparison.split))
        settings = self.comparisons.settings.for_model(model)
        policy = policy_of(settings)
        checks = _Checks(evidence=evidence, card=self.comparisons.store.card, times=self.times)
        return GateReport(
            model=model,
            version=version,
            baseline=comparison.baseline,
            candidate_digest=self._digest(evidence.candidate),
            baseline_digest=None if evidence.baseline is None else self._digest(evidence.baseline),
            fingerprint=comparison.split.fingerprint,
            policy=policy.hash,
            is_default=policy.is_default,
            threshold=threshold,
            level=1 - settings.alpha,
            rows=comparison.split.rows,
            positives=comparison.split.positives,
            checks=tuple(checks.all(policy)),
        )

    def _scores_on(self, split: "Split") -> Callable[[ComparedVersion], "Scores"]:
        return lambda compared: self.comparisons.scorer.scores(compared.version, split)

    def _digest(self, compared: ComparedVersion) -> str | None:
        if compared.evaluation is not None:
            return compared.evaluation.digest
        return self.comparisons.scorer.known_digest(compared.version)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Checks:
    """The checks of one candidate."""

    evidence: Evidence
    card: Callable[[Version], ModelCard]
    times: Times

    def all(self, policy: Policy) -> Iterator[CheckResult]:
        """A result for each check; that the version loads and scores comes first and always blocks."""
        candidate = self.evidence.candidate
        yield CheckResult(code="loads", severity=Severity.BLOCK, finding=check_loads(candidate))
        yield CheckResult(code="scores", severity=Severity.BLOCK, finding=check_scores(candidate))
        for gate in policy.gates:
            yield self._check(gate)

    def _check(self, gate: Gate) -> CheckResult:
        severity = gate.severity
        match gate:
            case MetricGate():
                return self._metric(gate)
            case BrokenGate():
                rows, positives = self.evidence.split.rows, self.evidence.split.positives
                finding = check_broken(gate, self.evidence.flips(), rows, positives)
                return CheckResult(code="max_broken", severity=severity, finding=finding)
            case SignatureGate():
                return CheckResult(code="signature", severity=severity, finding=self._signature())
            case ResourceGate():
                return CheckResult(code=gate.resource, severity=severity, finding=self._resource(gate))
            case RequirementsGate():
                return CheckResult(code="requirements", severity=severity, finding=self._requirements())

    def _metric(self, gate: MetricGate) -> CheckResult:
        if gate.slices:
            finding, slices = check_slices(gate, self.evidence)
        else:
            measured, slices = self.evidence.measured(gate.metric), ()
            finding = measured if isinstance(measured, Finding) else check_metric(gate, measured)
        return CheckResult(
            code=gate.rule,
            severity=gate.severity,
            finding=finding,
            metric=gate.metric,
            columns=gate.slices,
            slices=slices,
        )

    def _signature(self) -> Finding:
        baseline = self._nothing_to_compare()
        if baseline is not None:
            return baseline
        assert self.evidence.baseline is not None  # that would have been the finding
        ours = self._card(self.evidence.candidate)
        theirs = self._card(self.evidence.baseline)
        for card in (ours, theirs):
            if isinstance(card, Finding):
                return card
        assert isinstance(ours, ModelCard)
        assert isinstance(theirs, ModelCard)
        return check_signature(ours, theirs)

    def _requirements(self) -> Finding:
        card = self._card(self.evidence.candidate)
        return card if isinstance(card, Finding) else check_requirements(required(card.requirements))

    def _resource(self, gate: ResourceGate) -> Finding:
        if gate.resource is Resource.SIZE:
            return self._size(gate)
        if self.evidence.candidate.evaluation is None:
            return NOT_SCORED
        return self._latency(gate)

    def _size(self, gate: ResourceGate) -> Finding:
        ours = self._card(self.evidence.candidate)
        if isinstance(ours, Finding):
            return ours
        theirs: float | Finding | None = self._nothing_to_compare()
        if gate.relative and theirs is None and self.evidence.baseline is not None:
            card = self._card(self.evidence.baseline)
            theirs = card if isinstance(card, Finding) else _megabytes(card)
        return check_resource(gate, _megabytes(ours), theirs)

    def _latency(self, gate: ResourceGate) -> Finding:
        candidate, baseline = self.evidence.candidate.version, self.evidence.baseline
        absent = self.evidence.absent
        versions = [candidate]
        if gate.relative and absent is None and baseline is not None:
            versions.append(baseline.version)
        try:
            took = self.times.of(versions, self.evidence.split)
        except EvidenceError as error:  # this machine cannot measure
            return inconclusive(error.title)
        except OSError as error:
            raise trouble_of_files(error) from error
        found = {number: one.ms_per_1000 for number, one in took.items()}
        theirs = absent or (None if baseline is None else found.get(baseline.version.number))
        return check_resource(gate, found.get(candidate.number), theirs)

    def _nothing_to_compare(self) -> Finding | None:
        """Why there is no other version; one that is not scored still has its files."""
        return self.evidence.absent if self.evidence.baseline is None else None

    def _card(self, compared: ComparedVersion) -> ModelCard | Finding:
        """What a version's MLmodel file says, or why that cannot be known."""
        try:
            return self.card(compared.version)
        except (ArtifactError, NotFound) as error:
            return inconclusive(error.title)


def _megabytes(card: ModelCard) -> float | None:
    return None if card.size_bytes is None else card.size_bytes / BYTES_A_MEGABYTE
