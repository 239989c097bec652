"""Do the intervals cover the truth, and how often is a difference claimed where there is none?

Pairs of versions with normal scores, whose true ROC AUC is known and whose true accuracy and Brier score come
from four million rows, are drawn again and again, with every number of rows, correlation of scores and
prevalence of the table. `python -m benchmarks.coverage [repetitions]`
"""

import math
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, ndtr

from benchmarks.timing import print_table
from core.evidence.statistics import losses
from core.evidence.statistics.cells import eight_cells
from core.evidence.statistics.delong import Ranking, placements, rank
from core.evidence.statistics.interval import Difference, Spread
from core.evidence.statistics.proportions import Discordant
from core.evidence.statistics.ranks import ranks

REPETITIONS: Final = 2_000
ROWS: Final = (150, 1_000, 10_000)
CORRELATIONS: Final = (0.5, 0.9, 0.99)
PREVALENCES: Final = (0.5, 0.1, 0.02)
BASELINE, BETTER = 1.2, 1.4  # distance of the means of positive and negative scores: AUC 0.80 and 0.84
CANDIDATES: Final = 10
METRICS: Final = ("ROC AUC", "accuracy", "Brier score")
TRUTH_ROWS: Final = 4_000_000

Rows = NDArray[np.float64]
Labels = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class World:
    """Rows from which samples are drawn; scores are the true probabilities given each version's signal."""

    rows: int
    correlation: float
    prevalence: float

    def draw(
        self, rng: np.random.Generator, signals: tuple[float, ...], rows: int | None = None
    ) -> tuple[Labels, list[Rows]]:
        """Labels and the scores of one version for each strength of signal, the first being the baseline."""
        size = rows or self.rows
        labels = rng.random(size) < self.prevalence
        shared = rng.standard_normal(size)
        own = math.sqrt(1 - self.correlation**2)
        noise = [shared, *(self.correlation * shared + own * rng.standard_normal(size) for _ in signals[1:])]
        odds = math.log(self.prevalence / (1 - self.prevalence))
        return labels, [
            expit(signal * (signal * labels + one) - signal**2 / 2 + odds)
            for signal, one in zip(signals, noise, strict=True)
        ]

    def threshold(self, signal: float) -> float:
        """The score that as many rows reach as are positive."""
        low, high = 0.0, 1.0
        odds = math.log(self.prevalence / (1 - self.prevalence))
        for _ in range(60):
            middle = (low + high) / 2
            at = (math.log(middle / (1 - middle)) - odds + signal**2 / 2) / signal
            called = self.prevalence * (1 - ndtr(at - signal)) + (1 - self.prevalence) * (1 - ndtr(at))
            low, high = (middle, high) if called > self.prevalence else (low, middle)
        return (low + high) / 2

    def truth(self, signals: tuple[float, float]) -> Mapping[str, float]:
        """True differences of two versions."""
        if signals[0] == signals[1]:
            return dict.fromkeys(METRICS, 0.0)
        labels, (baseline, candidate) = self.draw(np.random.default_rng(7), signals, TRUTH_ROWS)
        right = [
            (scores >= self.threshold(signal)) == labels
            for scores, signal in zip((baseline, candidate), signals, strict=True)
        ]
        squared = [losses.squared_errors(labels, scores) for scores in (baseline, candidate)]
        return {
            "ROC AUC": float(ndtr(signals[1] / math.sqrt(2)) - ndtr(signals[0] / math.sqrt(2))),
            "accuracy": float(right[1].mean() - right[0].mean()),
            "Brier score": float(squared[1].mean() - squared[0].mean()),
        }


def main(repetitions: int = REPETITIONS) -> None:
    """Print the table."""
    table = []
    for rows, prevalence, correlation in product(ROWS, PREVALENCES, CORRELATIONS):
        world = World(rows, correlation, prevalence)
        covered = coverage(world, (BASELINE, BETTER), repetitions)
        alone, among = claims(world, 1, repetitions), claims(world, CANDIDATES, repetitions)
        table.append(
            (
                f"{rows:,}",
                f"{prevalence:g}",
                f"{correlation:g}",
                *(_percent(covered[metric]) for metric in METRICS),
                *(f"{_percent(alone[metric])} · {_percent(among[metric])}" for metric in METRICS),
            )
        )
        print(*table[-1], flush=True)
    print_table(
        f"Paired 95% intervals, {repetitions:,} repetitions: share that covers the truth; "
        f"share of wrong claims without a difference, with 1 and with {CANDIDATES} candidates",
        (
            "rows",
            "prevalence",
            "correlation",
            *(f"{metric}, covered" for metric in METRICS),
            *(f"{metric}, claims" for metric in METRICS),
        ),
        table,
    )


def coverage(world: World, signals: tuple[float, float], repetitions: int) -> Mapping[str, float]:
    """Share of samples whose 95% interval holds the true difference; samples without one are left out."""
    truth, rng = world.truth(signals), np.random.default_rng(1)
    found: dict[str, list[bool]] = {metric: [] for metric in METRICS}
    for _ in range(repetitions):
        labels, scores = world.draw(rng, signals)
        for metric, one in _differences(world, labels, scores, signals, 0.95)[0].items():
            found[metric].append(one.interval.low <= truth[metric] <= one.interval.high)
    return {metric: float(np.mean(hits)) if hits else math.nan for metric, hits in found.items()}


def claims(world: World, candidates: int, repetitions: int) -> Mapping[str, float]:
    """Share of samples in which any of equally good candidates is called better or worse."""
    signals = (BASELINE,) * (candidates + 1)
    rng, level = np.random.default_rng(2), 1 - 0.05 / candidates
    found: dict[str, list[bool]] = {metric: [] for metric in METRICS}
    for _ in range(repetitions):
        labels, scores = world.draw(rng, signals)
        differences = _differences(world, labels, scores, signals, level)
        for metric in METRICS:
            intervals = [one[metric].interval for one in differences if metric in one]
            found[metric].append(any(one.low > 0 or one.high < 0 for one in intervals))
    return {metric: float(np.mean(hits)) for metric, hits in found.items()}


def _differences(
    world: World, labels: Labels, scores: list[Rows], signals: tuple[float, ...], level: float
) -> list[dict[str, Difference]]:
    """Of each candidate to the baseline, by metric; metrics without a difference are left out."""
    if len(set(labels.tolist())) == 1:
        return [{} for _ in scores[1:]]
    placed = [placements(ranks(labels, one)) for one in scores]
    squared = [losses.squared_errors(labels, one) for one in scores]
    called = [one >= world.threshold(signal) for one, signal in zip(scores, signals, strict=True)]
    found = []
    for candidate in range(1, len(scores)):
        ranked = rank(placed[candidate], placed[0])
        brier = losses.mean(squared[candidate] - squared[0], labels)
        cells = eight_cells(labels, called[0], called[candidate])
        right = Discordant(cells.fixed, cells.broken, len(labels)).difference(level)
        one = {"accuracy": right}
        if isinstance(ranked, Ranking):
            one["ROC AUC"] = ranked.difference(level)
        if isinstance(brier, Spread):
            one["Brier score"] = brier.difference(level)
        found.append(one)
    return found


def _percent(share: float) -> str:
    return "n/a" if math.isnan(share) else f"{100 * share:.1f}"


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else REPETITIONS)
