"""Gates over versions whose scores, cards and times are given: real statistics, no model."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import yaml
from numpy.typing import NDArray

from core.catalog.mlmodel import ModelCard, parse_mlmodel
from core.catalog.store import PRODUCTION, Version
from core.decision.gate import Gates
from core.decision.gate_report import CheckResult, GateReport
from core.evidence.comparing import Comparisons
from core.evidence.comparison import ScoringState, Status
from core.evidence.evaluations import Evaluations
from core.evidence.scores import ScoreKey, ScoreKind, Scores
from core.evidence.split import Split
from core.gate_settings import Gate, gate_settings
from core.settings import METRIC_NAMES, ModelSettings, Settings
from core.settings_file import Section

MODEL = "m"
SCORED = ScoringState(status=Status.SCORED)
OUTPUTS = '[{"type": "tensor", "tensor-spec": {"dtype": "float64", "shape": [-1, 2]}}]'


def policy(*checks: str) -> tuple[Gate, ...]:
    """Checks as a person writes them."""
    written = [yaml.safe_load(check) for check in checks]
    return gate_settings(Section("runoff.yaml", "models.m", {"gates": written}), METRIC_NAMES)


def card(inputs: Mapping[str, str], *, outputs: str = OUTPUTS, **facts: Any) -> ModelCard:
    """The card of an MLmodel file with such inputs; a type that ends in `?` is of an optional one."""
    specs = ", ".join(
        f'{{"type": "{kind.rstrip("?")}", "name": "{name}", "required": {str(kind[-1] != "?").lower()}}}'
        for name, kind in inputs.items()
    )
    signature: dict[str, str] = {}
    if inputs:
        signature["inputs"] = f"[{specs}]"
    if outputs:
        signature["outputs"] = outputs
    return replace(parse_mlmodel(yaml.safe_dump({"flavors": {}, "signature": signature})), **facts)


def split_of(labels: Any, columns: Mapping[str, Any] | None = None) -> Split:
    labels = np.asarray(labels, dtype=bool)
    frame = pd.DataFrame({**(columns or {}), "y": labels.astype(int)})
    return Split(
        fingerprint="sha256:" + "5" * 64,
        source="data/test.csv",
        frame=frame,
        labels=labels,
        target="y",
        positive=1,
        negative=0,
    )


@dataclass
class Case:
    """Version 2 is the candidate and 1 in Production, unless it is said otherwise."""

    split: Split
    given: dict[int, NDArray[np.float64]]
    cards: dict[int, ModelCard | Exception] = field(default_factory=dict)
    times: dict[int, float] = field(default_factory=dict)  # milliseconds
    production: int | None = 1
    kinds: dict[int, ScoreKind] = field(default_factory=dict)
    states: dict[int, ScoringState] = field(default_factory=dict)
    digests: dict[int, str] = field(default_factory=dict)
    settings: ModelSettings = field(default_factory=ModelSettings)
    timed: list[list[int]] = field(default_factory=list)

    def report(self, *checks: str, version: int = 2, **options: Any) -> GateReport:
        return self.gates(*checks).report(MODEL, version, **options)

    def check(self, written: str, **options: Any) -> CheckResult:
        """The result of one check."""
        (*_, result) = self.report(written, **options).checks
        return result

    def gates(self, *checks: str) -> Gates:
        settings = Settings(
            tracking_uri="",
            embedded=True,
            data_dir=Path(),
            database_url="",
            models={MODEL: replace(self.settings, gates=policy(*checks))},
        )
        parts: Any = {"store": self, "splits": self, "scorer": self}
        comparisons = Comparisons(settings=settings, evaluations=Evaluations(10**7), **parts)
        return Gates(comparisons=comparisons, times=self)

    # the store, the splits, the scorer and the stopwatch

    def versions(self, model: str) -> tuple[Version, ...]:
        return tuple(
            Version(model=model, number=number, stage=PRODUCTION if number == self.production else "None")
            for number in sorted({*self.given, *self.states}, reverse=True)
        )

    def card(self, version: Version) -> ModelCard:
        found = self.cards[version.number]
        if isinstance(found, Exception):
            raise found
        return found

    def load(self, model: str) -> Split:
        return self.split

    def state(self, version: Version, split: Split) -> ScoringState:
        return self.states.get(version.number, SCORED)

    def known_digest(self, version: Version) -> str | None:
        return self.digests.get(version.number, f"sha256:{version.number}")

    def key(self, version: Version, split: Split) -> ScoreKey:
        digest = self.known_digest(version) or ""
        return ScoreKey(digest=digest, fingerprint=split.fingerprint, code="1")

    def scores(self, version: Version, split: Split) -> Scores:
        kind = self.kinds.get(version.number, ScoreKind.PROBABILITY)
        values = np.asarray(self.given[version.number], dtype=np.float64)
        return Scores(key=self.key(version, split), kind=kind, values=values)

    def of(self, versions: Sequence[Version], split: Split) -> Mapping[int, Any]:
        numbers = [version.number for version in versions]
        self.timed.append(numbers)
        return {
            number: SimpleNamespace(ms_per_1000=self.times[number])
            for number in numbers
            if number in self.times
        }
