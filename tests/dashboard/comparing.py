"""Comparisons of made-up scores, and services over them: what the comparison page sees, without a model."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd

from core.catalog.mlmodel import Column, ModelCard
from core.catalog.run_index import RunIndex
from core.catalog.store import PRODUCTION, RegisteredModel, Run, Version
from core.errors import NotFound, RunoffError
from core.evidence.comparing import Comparisons
from core.evidence.comparison import Comparison, ScoringState, Status, compare
from core.evidence.engine import Timing
from core.evidence.evaluation import Evaluation, evaluate
from core.evidence.evaluations import Evaluations
from core.evidence.latency import Latencies
from core.evidence.scores import ScoreKey, ScoreKind, Scores
from core.evidence.split import Split
from core.evidence.trend import Trends
from core.messages import message
from core.services import Services
from core.settings import Settings
from tests.dashboard.deciding import HandDecisions

MODEL = "credit <b>risk & 与信?"


def make_split(rows: int = 143, *, share: float = 0.4, source: str = "data/test.csv") -> Split:
    """A split of `rows` rows, the first `share` of them positive before they are shuffled."""
    labels = np.random.default_rng(0).permutation(np.arange(rows) < round(share * rows))
    return Split(
        fingerprint="sha256:" + f"{rows:08x}" * 8,
        source=source,
        frame=pd.DataFrame({"y": labels.astype(int)}),
        labels=labels,
        target="y",
        positive=1,
        negative=0,
    )


def make_scores(
    split: Split, number: int, *, kind: ScoreKind = ScoreKind.PROBABILITY, notes: Any = ()
) -> Scores:
    """Scores that tell the classes apart somewhat; each version its own way, all digits used."""
    random = np.random.default_rng(number)
    logit = random.normal(0, 1, split.rows) + split.labels * (0.9 + 0.12 * (number % 7))
    values = 1 / (1 + np.exp(-(logit - 0.5))) if kind is ScoreKind.PROBABILITY else logit
    return Scores(key=make_key(split, number), kind=kind, values=values, flavor="sklearn", notes=tuple(notes))


def make_key(split: Split, number: int) -> ScoreKey:
    return ScoreKey(digest=f"sha256:{number:064x}", fingerprint=split.fingerprint, code="1")


def make_version(number: int, **facts: Any) -> Version:
    return Version(model=MODEL, number=number, **facts)


def make_comparison(
    numbers: Sequence[int],
    *,
    split: Split | None = None,
    baseline: int | None = None,
    threshold: float = 0.5,
    scores: Mapping[int, Scores] | None = None,
    states: Mapping[int, ScoringState] | None = None,
) -> Comparison:
    """Versions of these numbers; `scores` and `states` stand in for what would be made up."""
    split = make_split() if split is None else split
    entries = []
    for number in numbers:
        state = (states or {}).get(number, ScoringState(status=Status.SCORED))
        evaluation = None
        if state.status is Status.SCORED:
            evaluation = evaluate((scores or {}).get(number) or make_scores(split, number), split)
        entries.append((make_version(number), state, evaluation))
    return compare(
        model=MODEL,
        split=split,
        baseline=baseline,
        threshold=threshold,
        primary_metric="roc_auc",
        entries=entries,
    )


@dataclass
class VersionStore:
    """A Store of one model's versions; `error`, where set, is what every read raises."""

    kept: list[Version] = field(default_factory=list)
    kept_runs: dict[str, Run] = field(default_factory=dict)
    columns: tuple[str, ...] = ("Age", "Sex: f/m")
    error: RunoffError | None = None
    address: str = "sqlite:///.runoff/mlflow.db"

    def check(self) -> None:
        if self.error is not None:
            raise self.error

    def models(self, *, counted: bool = False) -> tuple[RegisteredModel, ...]:
        self.check()
        return (RegisteredModel(name=MODEL, version_count=len(self.kept)),)

    def model(self, name: str) -> RegisteredModel:
        versions = self.versions(name)
        aliases = {alias: version.number for version in versions for alias in version.aliases}
        staged = tuple(version.number for version in versions if version.stage == PRODUCTION)
        return RegisteredModel(name=name, aliases=aliases, production_by_stage=staged)

    def versions(self, model: str) -> tuple[Version, ...]:
        self.check()
        if model != MODEL:
            raise NotFound(message("There is no registered model {name}.", name=model))
        return tuple(sorted(self.kept, key=lambda version: -version.number))

    def card(self, version: Version) -> ModelCard:
        self.check()
        return ModelCard(inputs=tuple(Column(name, "double") for name in self.columns))

    def runs_by_id(self, run_ids: Sequence[str]) -> Mapping[str, Run]:
        self.check()
        return {run_id: self.kept_runs[run_id] for run_id in run_ids if run_id in self.kept_runs}


@dataclass
class HandScorer:
    """A Scorer that is told how far each version is; what is asked of it is written down."""

    split: Split
    states: dict[int, ScoringState] = field(default_factory=dict)
    made: dict[int, Scores] = field(default_factory=dict)
    asked: list[tuple[str, int]] = field(default_factory=list)

    def state(self, version: Version, split: Split) -> ScoringState:
        return self.states.get(version.number, ScoringState(status=Status.SCORED))

    def request(self, version: Version, split: Split, *, again: bool = False) -> None:
        self.asked.append(("again" if again else "request", version.number))
        self.states[version.number] = ScoringState(status=Status.WAITING)

    def cancel(self, version: Version, split: Split) -> None:
        self.asked.append(("cancel", version.number))
        self.states[version.number] = ScoringState(status=Status.NOT_SCORED, cancelled=True)

    def key(self, version: Version, split: Split) -> ScoreKey | None:
        return make_key(split, version.number)

    def known_digest(self, version: Version) -> str | None:
        return f"sha256:{version.number:064x}"

    def time(self, version: Version, split: Split, *, repeats: int) -> tuple[str, Timing]:
        return f"sha256:{version.number:064x}", Timing(0.1 * version.number, (version.number / 1000,))

    def scores(self, version: Version, split: Split) -> Scores:
        return self.made.get(version.number) or make_scores(split, version.number)

    def check(self) -> None: ...

    def close(self) -> None: ...


@dataclass
class OneSplit:
    """Splits that know one; `error`, where set, is what loading raises."""

    split: Split
    error: RunoffError | None = None

    def load(self, model: str) -> Split:
        if self.error is not None:
            raise self.error
        return self.split


def make_services(store: VersionStore, scorer: HandScorer, folder: Path, decisions: Any = None) -> Services:
    settings = Settings(tracking_uri="sqlite://", embedded=True, data_dir=folder, database_url="sqlite://")
    demo: Any = SimpleNamespace(progress=lambda: None, close=lambda: None)
    parts: Any = {"store": store, "splits": OneSplit(scorer.split), "scorer": scorer}
    comparisons = Comparisons(settings=settings, evaluations=Evaluations(200_000_000), **parts)
    parts["latencies"] = Latencies(parts["scorer"], folder)
    parts["trends"] = Trends(parts["scorer"])
    parts["registering"] = None  # no test of these pages registers
    parts["runs"] = RunIndex(parts["store"], folder / "runs")
    parts["decisions"] = decisions or HandDecisions(store.versions)
    return Services(settings=settings, comparisons=comparisons, demo=demo, **parts)


def evaluation_of(comparison: Comparison, number: int) -> Evaluation:
    evaluation = comparison.find(number).evaluation
    assert evaluation is not None
    return evaluation
