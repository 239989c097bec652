"""Decisions over real stores and ledgers; what is scored is stood in for by real small classes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

from core.catalog.store import PRODUCTION, Version
from core.decision.access import Actor, Role
from core.decision.decisions import Decisions
from core.decision.gate_report import CheckResult, GateReport
from core.decision.holding import in_production
from core.decision.ledger import Ledger
from core.decision.record import Entry
from core.decision.standing import Expected, Outcome
from core.errors import ArtifactError, EvidenceError, ScoringError, SplitNotConfigured
from core.evidence.comparison import ComparedVersion, Comparison, ScoringState, Status
from core.evidence.metrics import MetricValue
from core.messages import message
from core.settings import Settings
from tests.core.catalog.sites import Site

ANN = Actor(name="Ann", role=Role.ADMIN, identified_by="operating system")
BOB = Actor(name="Bob", role=Role.ML_ENGINEER, identified_by="operating system")


def digest_of(text: str) -> str:
    return "sha256:" + text.encode().hex().rjust(64, "0")[-64:]


@dataclass
class Bytes:
    """Scores nothing: every version has the bytes that it is said to have, and scores unless it is broken."""

    overwritten: dict[int, str] = field(default_factory=dict)
    lost: set[int] = field(default_factory=set)
    broken: set[int] = field(default_factory=set)
    unscored: set[int] = field(default_factory=set)
    asked: list[int] = field(default_factory=list)
    probed: list[int] = field(default_factory=list)
    while_probing: Callable[[], object] = lambda: None

    def confirm(self, version: Version) -> str:
        if version.number in self.lost:
            raise ArtifactError(message("Its files are gone."))
        return digest_of(self.overwritten.get(version.number, f"{version.model} {version.number}"))

    def known_digest(self, version: Version) -> str | None:
        return None if version.number in self.unscored | self.lost else self.confirm(version)

    def state(self, version: Version, split: Any) -> ScoringState:
        if version.number in self.broken:
            return ScoringState(status=Status.FAILED, error=ScoringError(message("It does not load.")))
        return ScoringState(status=Status.NOT_SCORED if version.number in self.unscored else Status.SCORED)

    def request(self, version: Version, split: Any, *, again: bool = False) -> None:
        self.asked.append(version.number)
        self.unscored.discard(version.number)

    def wait(self, version: Version, split: Any, timeout: float | None = None) -> ScoringState:
        return self.state(version, split)

    def probe(self, version: Version, split: Any) -> None:
        self.probed.append(version.number)
        self.while_probing()
        if version.number in self.broken:
            raise ScoringError(message("It does not load."))


@dataclass
class Rows:
    """The test split of every model but those that have none."""

    without: set[str] = field(default_factory=set)

    def load(self, model: str) -> Any:
        if model in self.without:
            raise SplitNotConfigured(message("No test split is configured."), message("Add one."))
        return SimpleNamespace(fingerprint="sha256:" + "5" * 64, rows=143, positives=56, source="test.csv")


@dataclass
class Gate:
    """Says what it is told of every version: all checks passed, unless there are others."""

    scorer: Bytes
    checks: tuple[CheckResult, ...] = ()
    policy: str = "sha256:policy"

    def report(
        self,
        model: str,
        version: int,
        *,
        baseline: int | None,
        threshold: float = 0.5,
        listed: Sequence[Version],
    ) -> GateReport:
        known = {one.number: self.scorer.known_digest(one) for one in listed}
        return GateReport(
            model=model,
            version=version,
            baseline=baseline,
            candidate_digest=known[version],
            baseline_digest=None if baseline is None else known[baseline],
            fingerprint="sha256:" + "5" * 64,
            policy=self.policy,
            is_default=True,
            threshold=threshold,
            level=0.95,
            rows=143,
            positives=56,
            checks=self.checks,
        )


@dataclass
class House:
    """Decisions over one store, one ledger, and what they stand on."""

    site: Site
    folder: Path
    database_url: str = ""
    scorer: Bytes = field(default_factory=Bytes)
    splits: Rows = field(default_factory=Rows)
    gate: Any = None
    write_seconds: float = 10.0
    call_seconds: float = 10.0  # the limit of each change

    def __post_init__(self) -> None:
        self.store = self.site.store(write_seconds=self.call_seconds, patience=30.0)  # a busy machine
        self.gate = self.gate or Gate(self.scorer)
        self.ledger = self.another_ledger()
        self.decisions = self.make(self.ledger)

    def another_ledger(self) -> Ledger:
        url = self.database_url or f"sqlite:///{self.folder / 'runoff.db'}"
        return Ledger(url, self.folder, app_version="1.2.3")

    def make(self, ledger: Ledger, store: Any = None) -> Decisions:
        """Decisions as another process would make them."""
        return Decisions(
            store=store or self.store,
            ledger=ledger,
            scorer=self.scorer,  # type: ignore[arg-type]  # what it is used for
            splits=self.splits,  # type: ignore[arg-type]  # as above
            settings=Settings(
                tracking_uri=self.site.uri, embedded=False, data_dir=self.folder, database_url=""
            ),
            compare=self.compare,
            gates=self.gate,
            write_seconds=self.write_seconds,
        )

    def compare(
        self,
        model: str,
        *,
        versions: Sequence[int],
        baseline: int | None,
        threshold: float,
        request: bool,
        listed: Sequence[Version],
    ) -> Comparison:
        known = {version.number: version for version in listed}
        numbers = dict.fromkeys((*([] if baseline is None else [baseline]), *versions))
        split = self.splits.load(model)
        compared = []
        for number in numbers:
            state = self.scorer.state(known[number], split)
            metrics = {"roc_auc": MetricValue(number / 10), "precision": MetricValue(None)}
            scored = state.status is Status.SCORED
            compared.append(
                ComparedVersion(version=known[number], state=state, metrics=metrics if scored else None)
            )
        if not compared:
            raise EvidenceError(message("Nothing to compare."))
        return Comparison(
            model=model,
            split=split,
            baseline=baseline,
            threshold=threshold,
            primary_metric="roc_auc",
            versions=tuple(compared),
        )

    def model(self, *, versions: int = 4, production: int | None = None) -> str:
        """A new model; where `production` is given it is there by stage and by alias."""
        name = f"m-{uuid4().hex[:8]}"
        stages = {} if production is None else {production: PRODUCTION}
        self.site.fill(name, range(1, versions + 1), stages=stages)
        if production is not None:
            self.alias(name, production)
        return name

    def alias(self, model: str, number: int) -> None:
        self.site.writer.set_registered_model_alias(model, "production", str(number))

    def promote(self, model: str, number: int, *, was: int | None, **options: Any) -> Outcome:
        arguments: dict[str, Any] = {"expected": Expected(version=was), "reason": "better", "key": key()}
        return self.decisions.promote(ANN, model, number, **arguments | options)

    def rollback(self, model: str, *, was: int | None, to: int | None = None, **options: Any) -> Outcome:
        arguments: dict[str, Any] = {"expected": Expected(version=was), "reason": "worse", "key": key()}
        return self.decisions.rollback(ANN, model, to=to, **arguments | options)

    def adopt(self, model: str, number: int | None, **options: Any) -> Outcome:
        """As somebody who has just seen what MLflow has."""
        seen = Expected(version=in_production(self.store.holders(model)))
        arguments: dict[str, Any] = {"expected": seen, "reason": "it is", "key": key()}
        return self.decisions.adopt(ANN, model, number, **arguments | options)

    def told(self, model: str) -> list[str]:
        """The ledger's entries of the model as words, oldest first."""
        return [words(entry) for entry in reversed(self.ledger.entries(model=model, limit=100_000))]

    def sound(self) -> bool:
        """Whether the chain is valid and nothing is pending."""
        return self.ledger.verify().sound and not self.ledger.pending()


def words(entry: Entry) -> str:
    record = entry.record
    numbers = (version.number if version else None for version in (record.before, record.after))
    return f"{record.kind} {record.phase} " + "→".join(str(number or "-") for number in numbers)


def key() -> str:
    return str(uuid4())
