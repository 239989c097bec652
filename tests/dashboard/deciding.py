"""Decisions in a test's hands: a model stands where its store says, and each move raises until it is given."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from core.catalog.store import Holders, Version
from core.decision.access import Actor, Role
from core.decision.gate_report import CheckOutcome, CheckResult, Finding, GateReport
from core.decision.record import Entry, Kind, Numbers, Phase, Record, VersionRef
from core.decision.standing import Outcome, Past, Pending, Preview, Reign, Standing
from core.gate_settings import Severity
from core.messages import message
from dashboard.callbacks.promotion_reading import expected_of

NOON = datetime(2026, 11, 12, 5, 5, tzinfo=UTC)
ALICE = Actor(name="alice", role=Role.ADMIN, identified_by="operating system")


def reference(number: int) -> VersionRef:
    return VersionRef(number=number, digest=f"sha256:{number:064x}")


def make_past(number: int, *, days: int = 1, **facts: Any) -> Past:
    since, until = NOON - timedelta(days=days), NOON - timedelta(days=days - 1)
    return Past(version=reference(number), since=since, until=until, by="bob", **facts)


def make_pending(phase: Phase = Phase.INTENT, kind: Kind = Kind.PROMOTE) -> Pending:
    return Pending(operation="1", kind=kind, actor="bob", started=NOON, version=4, phase=phase)


def make_entry(phase: Phase, kind: Kind = Kind.PROMOTE, **facts: Any) -> Entry:
    record = Record(operation="1", kind=kind, phase=phase, actor=ALICE, model="m", **facts)
    return Entry(seq=1, at=NOON, record=record, app_version="1", previous="0" * 64, hash="1" * 64)


def make_numbers(*versions: int) -> Numbers:
    """Version 2 has a ROC AUC of 0.82; metrics that nobody gave are missing."""
    return Numbers(
        fingerprint="sha256:" + "9f3ac41e" * 8,
        rows=143,
        positives=56,
        source="data/test.csv",
        threshold=0.5,
        primary_metric="roc_auc",
        metrics={number: {"roc_auc": 0.8 + number / 100, "mcc": None} for number in versions},
    )


def make_gate(version: int, *, outcome: CheckOutcome = CheckOutcome.PASSED, **facts: Any) -> GateReport:
    """The report of the default policy: it loads, and whether it is no worse comes out as asked and only warns."""
    loads = Finding(outcome=CheckOutcome.PASSED, reason=message("Its files load."))
    no_worse = Finding(outcome=outcome, reason=message("Nobody knows."))
    bound: dict[str, Any] = {
        "model": "m",
        "baseline": 2,
        "candidate_digest": None,
        "baseline_digest": None,
        "fingerprint": "sha256:" + "9f3ac41e" * 8,
        "policy": "sha256:1",
        "is_default": True,
        "threshold": 0.5,
        "level": 0.95,
        "rows": 143,
        "positives": 56,
        "checks": (
            CheckResult(code="loads", severity=Severity.BLOCK, finding=loads),
            CheckResult(code="no_worse_than", severity=Severity.WARN, finding=no_worse, metric="roc_auc"),
        ),
    }
    return GateReport(version=version, **(bound | facts))


@dataclass
class HandDecisions:
    """`facts` overrule what the store says; `act` makes the outcome of a move, or raises."""

    versions: Callable[[str], Sequence[Version]]
    facts: dict[str, Any] = field(default_factory=dict)
    act: Callable[[Kind, dict[str, Any]], Outcome] | None = None
    asked: list[tuple[Kind, dict[str, Any]]] = field(default_factory=list)
    looks: int = 0
    report: Callable[[GateReport], GateReport] = lambda report: report
    gate_error: Exception | None = None

    def check(self) -> None: ...

    def history(self, **filters: Any) -> tuple[Entry, ...]:
        return ()

    def reigns(self, model: str | None = None) -> tuple[Reign, ...]:
        return ()

    def standing(self, model: str, listed: Sequence[Version] | None = None) -> Standing:
        self.looks += 1
        versions = self.versions(model) if listed is None else listed
        held = tuple(version.number for version in versions if version.stage == "Production")
        alias = next((version.number for version in versions if "production" in version.aliases), None)
        standing = Standing(
            model=model,
            holders=Holders(stage=held, alias=alias),
            production=reference(max(held)) if held else None,
            since=NOON,
            by="alice",
            reason="forest is steadier",
            past=(make_past(1),),
        )
        standing = replace(standing, **self.facts)
        return replace(standing, token=str(hash(repr(standing))))

    def gate(self, model: str, version: int, **facts: Any) -> GateReport:
        return make_gate(version, model=model, threshold=facts.get("threshold", 0.5))

    def preview(
        self,
        model: str,
        version: int | None,
        kind: Kind,
        *,
        threshold: float = 0.5,
        gated: bool = False,
    ) -> Preview:
        standing = self.standing(model)
        known = standing.production
        after = known if kind is Kind.RESTORE or version is None else reference(version)
        if kind is Kind.STAGE and version in standing.holders.numbers:
            after = None
        numbers = [one.number for one in (known, after) if one is not None]
        return Preview(
            model=model,
            kind=kind,
            before=known,
            after=after,
            expected=expected_of(standing),
            holders=standing.holders,
            numbers=replace(make_numbers(*numbers), threshold=threshold),
            gate=self._gate(model, version, threshold) if gated else None,
        )

    def _gate(self, model: str, version: int | None, threshold: float) -> GateReport:
        if self.gate_error is not None:
            raise self.gate_error
        assert version is not None  # a promotion names its version
        return self.report(self.gate(model, version, threshold=threshold))

    def promote(self, actor: Actor, model: str, version: int, **facts: Any) -> Outcome:
        return self._act(Kind.PROMOTE, actor=actor, model=model, version=version, **facts)

    def rollback(self, actor: Actor, model: str, *, to: int | None, **facts: Any) -> Outcome:
        return self._act(Kind.ROLLBACK, actor=actor, model=model, version=to, **facts)

    def set_stage(self, actor: Actor, model: str, version: int, stage: str, **facts: Any) -> Outcome:
        return self._act(Kind.STAGE, actor=actor, model=model, version=version, stage=stage, **facts)

    def adopt(self, actor: Actor, model: str, version: int | None, **facts: Any) -> Outcome:
        return self._act(Kind.ADOPT, actor=actor, model=model, version=version, **facts)

    def restore(self, actor: Actor, model: str, **facts: Any) -> Outcome:
        return self._act(Kind.RESTORE, actor=actor, model=model, **facts)

    def close(self) -> None: ...

    def _act(self, kind: Kind, **facts: Any) -> Outcome:
        self.asked.append((kind, facts))
        if self.act is None:
            raise NotImplementedError
        return self.act(kind, facts)
