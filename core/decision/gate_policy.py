"""The promotion policy of a model: what was written, or the default, with all that decides its checks."""

import hashlib
import json
from dataclasses import asdict, dataclass, replace

from core.gate_settings import Gate, MetricGate, Rule, Severity, SignatureGate
from core.settings import ModelSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The checks, their margins filled in, and the share of wrong claims that intervals allow."""

    gates: tuple[Gate, ...]
    alpha: float
    is_default: bool = False

    @property
    def hash(self) -> str:
        """Another one as soon as any check could come out otherwise: "sha256:" and 64 digits."""
        written = [[type(gate).__name__, asdict(gate)] for gate in self.gates]
        text = json.dumps([self.alpha, written], sort_keys=True)
        return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def policy_of(settings: ModelSettings) -> Policy:
    """The policy that holds for a model."""
    gates = settings.gates or default_gates(settings.primary_metric)
    return Policy(
        gates=tuple(_filled(gate, settings) for gate in gates),
        alpha=settings.alpha,
        is_default=not settings.gates,
    )


def default_gates(primary_metric: str) -> tuple[Gate, ...]:
    """What holds where nobody wrote a policy, beside that a version must load and score."""
    no_worse = MetricGate(metric=primary_metric, rule=Rule.NO_WORSE_THAN, severity=Severity.WARN)
    return SignatureGate(), no_worse


def _filled(gate: Gate, settings: ModelSettings) -> Gate:
    if isinstance(gate, MetricGate) and gate.rule is Rule.NO_WORSE_THAN and gate.margin is None:
        return replace(gate, margin=settings.margin(gate.metric))
    return gate
