"""A split with columns, and versions of which one is worse for one slice only."""

from dataclasses import replace

import numpy as np
import pandas as pd

from core.evidence.paired import Paired
from core.evidence.row_parts import Scored
from core.evidence.scores import ScoreKind, Scores
from core.evidence.split import Split
from tests.dashboard.comparing import make_key

ROWS = 1_200
TOWNS = ("Oslo", "Bergen", "<b>Tromsø</b>", None)


def make_row_split(rows: int = ROWS, *, seed: int = 1) -> Split:
    """Sex as the model sees it, ages with gaps, towns with gaps, fares; named by an id column."""
    random = np.random.default_rng(seed)
    labels = random.random(rows) < 0.45
    age = np.round(random.normal(40, 14, rows))
    age[random.random(rows) < 0.1] = np.nan
    frame = pd.DataFrame(
        {
            "Id": np.arange(rows) + 1_001,
            "Sex": random.integers(0, 2, rows),
            "Age": age,
            "Town": np.array(TOWNS, dtype=object)[random.integers(0, len(TOWNS), rows)],
            "Fare": random.exponential(30, rows),
            "y": labels.astype(int),
        }
    )
    return Split(
        fingerprint=f"sha256:{rows:032x}{seed:032x}",
        source="data/test.csv",
        frame=frame,
        labels=labels,
        target="y",
        positive=1,
        negative=0,
        id="Id",
        slices=("Sex", "Age", "Town"),
        raw_values={"Sex": {0: "male", 1: "female"}},
    )


def hurt(split: Split) -> np.ndarray:
    """The rows for which `make_row_scores` makes a version worse where it is told to."""
    rows: np.ndarray = (split.frame["Sex"] == 0).to_numpy() & (split.frame["Age"] > 45).to_numpy()
    return rows


def make_row_scores(split: Split, number: int, *, hurts: bool = False, seed: int = 7) -> Scores:
    """Versions agree but for a little noise of their own; one that `hurts` guesses where `hurt`."""
    shared = np.random.default_rng(seed).normal(0, 1, split.rows) + 1.6 * split.labels - 0.8
    own = np.random.default_rng([seed, number]).normal(0, 0.3, split.rows)
    logit = shared + own
    if hurts:
        logit = np.where(hurt(split), 2.5 * np.random.default_rng([seed, 99]).normal(0, 1, split.rows), logit)
    values = 1 / (1 + np.exp(-2 * logit))
    return Scores(
        key=make_key(split, number), kind=ScoreKind.PROBABILITY, values=values, flavor="sklearn", notes=()
    )


def make_pair(
    split: Split, *, hurts: bool = False, kind: ScoreKind = ScoreKind.PROBABILITY, seed: int = 7
) -> Paired:
    """Version 1 as the baseline, version 2 as the candidate."""
    baseline, candidate = (
        make_row_scores(split, 1, seed=seed),
        make_row_scores(split, 2, hurts=hurts, seed=seed),
    )
    first, second = (Scored(key=one.key, kind=kind, values=one.values) for one in (baseline, candidate))
    return Paired(split, first, second)


def without_slices(split: Split) -> Split:
    return replace(split, slices=())
