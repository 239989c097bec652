"""The one door through which dashboard and command line reach core."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from core.catalog.store import Store, Version
from core.evidence.comparison import Comparison, ScoringState
from core.evidence.evaluation import Evaluation
from core.evidence.split import Split
from core.settings import Settings


class SplitLoader(Protocol):
    """Loads a model's configured split, from a cache where the data have not changed."""

    def load(self, model: str) -> Split: ...


class Scorer(Protocol):
    """Scores versions in child processes; any number of people may ask for the same."""

    def state(self, version: Version, split: Split) -> ScoringState: ...

    def request(self, version: Version, split: Split, *, again: bool = False) -> None: ...

    def cancel(self, version: Version, split: Split) -> None: ...

    def evaluation(self, version: Version, split: Split) -> Evaluation: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """Built once by app.py."""

    settings: Settings
    store: Store
