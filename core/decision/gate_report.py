"""What the promotion policy says of one version: a result for each check, and what all of it is bound to."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from core.gate_settings import Severity
from core.messages import Message

Numbers = Mapping[str, float | None]


class CheckOutcome(StrEnum):
    """What came of a check."""

    PASSED = "passed"
    FAILED = "failed"
    INCONCLUSIVE = "inconclusive"  # it cannot be told; never counts as passed
    NOT_APPLICABLE = "not_applicable"  # there is nothing to compare with; keeps nobody from anything


WORST_FIRST = (
    CheckOutcome.FAILED,
    CheckOutcome.INCONCLUSIVE,
    CheckOutcome.PASSED,
    CheckOutcome.NOT_APPLICABLE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What came of it, why in a sentence, and the numbers by name; each in its own unit, None: undefined."""

    outcome: CheckOutcome
    reason: Message
    numbers: Numbers = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class SliceFinding:
    """What came of a check for the rows with one value, or one range of values, of a column."""

    column: str
    label: Message
    rows: int
    finding: Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckResult:
    """One check of the policy.

    `code` is the word of the setting: loads, scores, at_least, at_most, better_than, no_worse_than,
    max_broken, signature, latency_ms_per_1000, size_mb, requirements. `metric` is that of the four checks
    of a metric, else empty.
    """

    code: str
    severity: Severity
    finding: Finding
    metric: str = ""
    columns: tuple[str, ...] = ()  # whose slices it is of; empty: all rows together
    slices: tuple[SliceFinding, ...] = ()  # worst first

    @property
    def outcome(self) -> CheckOutcome:
        """What came of it; of slices, the worst."""
        return self.finding.outcome

    @property
    def is_open(self) -> bool:
        """Whether it was neither passed nor does not apply."""
        return self.outcome in {CheckOutcome.FAILED, CheckOutcome.INCONCLUSIVE}

    @property
    def name(self) -> str:
        """Metric, code and, where it is of slices, their columns: `recall at_least by Sex`."""
        columns = f"by {', '.join(self.columns)}" if self.columns else ""
        return " ".join(part for part in (self.metric, self.code, columns) if part)


@dataclass(frozen=True, slots=True, kw_only=True)
class GateReport:
    """The checks of one candidate, and what they are bound to: change one of these and the report is void."""

    model: str
    version: int
    baseline: int | None  # None: nothing is in Production and no other version was named
    candidate_digest: str | None  # None: its files are not here
    baseline_digest: str | None
    fingerprint: str  # of the test split
    policy: str  # "sha256:…" of the checks with all that decides them
    is_default: bool  # nobody wrote a policy for this model
    threshold: float
    level: float  # confidence level of intervals
    rows: int
    positives: int
    checks: tuple[CheckResult, ...]

    @property
    def outcome(self) -> CheckOutcome:
        """PASSED where every check that blocks is passed or does not apply, else the worst of them."""
        blocking = self.blocking
        if not blocking:
            return CheckOutcome.PASSED
        return next(one for one in WORST_FIRST if one in {check.outcome for check in blocking})

    @property
    def blocking(self) -> tuple[CheckResult, ...]:
        """The checks that keep the version from Production."""
        return tuple(one for one in self.checks if one.is_open and one.severity is Severity.BLOCK)

    @property
    def warnings(self) -> tuple[CheckResult, ...]:
        """The checks that only warn, and do."""
        return tuple(one for one in self.checks if one.is_open and one.severity is Severity.WARN)

    @property
    def seal(self) -> str:
        """What a person saw, in short: promotion takes it back, and refuses where it has become another."""
        return ":".join(_short(value) for value in self._bound().values())

    def changes_since(self, seal: str) -> tuple[str, ...]:
        """Which parts are not what they were when `seal` was given: the words of `BOUND`.

        All of them where that is no seal.
        """
        bound, seen = self._bound(), seal.split(":")
        if len(seen) != len(bound):
            return tuple(bound)
        return tuple(
            name for (name, value), was in zip(bound.items(), seen, strict=True) if _short(value) != was
        )

    def _bound(self) -> Mapping[str, object]:
        """In the order of what a person is told first."""
        return {
            "candidate": (self.model, self.version, self.candidate_digest),
            "baseline": (self.baseline, self.baseline_digest),
            "split": self.fingerprint,
            "policy": self.policy,
            "threshold": self.threshold,
            "outcomes": [(check.name, check.outcome.value) for check in self.checks],
        }


def worst(outcomes: set[CheckOutcome]) -> CheckOutcome:
    """The worst of them; NOT_APPLICABLE of none."""
    return next((one for one in WORST_FIRST if one in outcomes), CheckOutcome.NOT_APPLICABLE)


def _short(value: object) -> str:
    return hashlib.sha256(repr(value).encode()).hexdigest()[:16]
