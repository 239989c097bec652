"""Memos of a comparison whose every name is hostile, made once: reading them changes nothing."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from core.catalog.store import Run, Version
from core.errors import ScoringError
from core.evidence.comparison import Comparison, ScoringState, Status
from core.evidence.scores import ScoreKind
from core.evidence.split import Split
from core.messages import message
from memo.memo import Memo, gather
from tests.dashboard.comparing import (
    MODEL,
    HandScorer,
    VersionStore,
    make_scores,
    make_services,
    make_split,
    make_version,
)  # fmt: skip

HOSTILE = "<script>alert(1)</script> \"'| a\nb ![x](http://evil.example/p.png) `c` <!-- &amp;"
NOON = datetime(2026, 11, 12, 5, 5, tzinfo=UTC)


@dataclass
class FileScorer(HandScorer):
    """A scorer that also knows the files of each version."""

    def known_digest(self, version: Version) -> str:
        return f"sha256:{version.number:064x}"


def hostile_split(rows: int = 143) -> Split:
    split = make_split(rows, source=HOSTILE)
    sexes = np.where(np.arange(rows) % 2, HOSTILE, "male")
    frame = pd.DataFrame({"y": split.frame["y"], HOSTILE: sexes})
    return replace(split, frame=frame, slices=(HOSTILE,), target=HOSTILE, positive=HOSTILE, negative="no")


def make_run(number: int) -> Run:
    params = {HOSTILE: f"{HOSTILE}{number}", "depth": str(number), "same": "1"}
    return Run(id=f"r{number}", experiment_id="0", name=HOSTILE, user="", status="FINISHED", params=params)


def gathered(
    folder: Path,
    numbers: range = range(1, 5),
    *,
    baseline: int | None = 1,
    split: Split | None = None,
    states: dict[int, ScoringState] | None = None,
    **scores: Any,
) -> Memo:
    scorer = FileScorer(hostile_split() if split is None else split, states=states or {}, **scores)
    runs = {f"r{number}": make_run(number) for number in numbers}
    kept = [make_version(number, run_id=f"r{number}") for number in numbers]
    services = make_services(VersionStore(kept, runs), scorer, folder)
    made: Comparison = services.comparisons.compare(
        MODEL, versions=list(numbers), baseline=baseline, request=False
    )
    return gather(services, replace(made, model=HOSTILE), made=NOON)


@pytest.fixture(scope="package")
def found(tmp_path_factory: pytest.TempPathFactory) -> Memo:
    """Four versions: one failed, one only ranks rows."""
    split = hostile_split()
    error = ScoringError(message("It fails: {what}", what=HOSTILE), message("Look at {what}.", what=HOSTILE))
    ranking = make_scores(split, 3, kind=ScoreKind.RANKING, notes=[message("Note {what}", what=HOSTILE)])
    return gathered(
        tmp_path_factory.mktemp("memo"),
        split=split,
        states={4: ScoringState(status=Status.FAILED, error=error)},
        made={3: ranking},
    )


@pytest.fixture
def make(tmp_path: Path) -> Callable[..., Memo]:
    def made(*facts: Any, **named: Any) -> Memo:
        return gathered(tmp_path, *facts, **named)

    return made
