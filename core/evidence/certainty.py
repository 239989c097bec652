"""How sure the metrics of a version are, and its differences to the baseline.

```
   scores ─► row parts ─► errors of metrics that know no threshold   kept for each pair of versions
          └► decisions at a threshold ─► cells ─► all other metrics  made anew, in milliseconds
```
"""

import threading
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

import numpy as np
from cachetools import LRUCache
from numpy.typing import NDArray

from core.evidence.curves import Confusion
from core.evidence.metrics import METRIC
from core.evidence.row_parts import Known, RowParts, Scored, row_parts
from core.evidence.scores import ScoreKey
from core.evidence.statistics import cells
from core.evidence.statistics.delong import Ranking
from core.evidence.statistics.interval import IDENTICAL, Difference, Interval, Spread, Unknown
from core.evidence.statistics.proportions import mcnemar

Pair = tuple[ScoreKey, ScoreKey | None]
Labels = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Flips:
    """Rows that the candidate has right and the baseline wrong, and the other way round.

    `p_value` is McNemar's, exact: of a row being as likely fixed as broken.
    """

    fixed: int
    broken: int
    p_value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Certainty:
    """How sure one version's metrics are; what is paired is None for the baseline, and without one.

    Both maps hold every metric of the contract, `ks`, `calibration_error` and `cost`.
    """

    intervals: Mapping[str, Interval | Unknown] = field(default_factory=dict)
    differences: Mapping[str, Difference | Unknown] | None = None
    flips: Flips | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """On what terms differences are judged; `thresholds` are those of versions that have one of their own."""

    threshold: float
    alpha: float = (
        0.05  # share of comparisons that may claim anything wrong, whatever the number of candidates
    )
    cost_ratio: float = 1.0  # what a missed positive costs, where a false alarm costs 1
    thresholds: Mapping[ScoreKey, float] = field(default_factory=dict)

    def called(self, version: Scored) -> NDArray[np.bool_]:
        """(n,) which rows the version calls positive."""
        called: NDArray[np.bool_] = version.values >= self.thresholds.get(version.key, self.threshold)
        return called


class Certainties:
    """Errors of metrics and of paired differences, found once for each pair of versions. Thread-safe.

    A handful of numbers is kept for each pair; arrays of rows are made, used and dropped.
    """

    def __init__(self, most: int = 4_096) -> None:
        self._pool = ThreadPoolExecutor(thread_name_prefix="runoff-certainty")  # starts threads when asked
        self._lock = threading.Lock()
        self._kept: LRUCache[Pair, Mapping[str, Known]] = LRUCache(most)

    def of(
        self, labels: Labels, baseline: Scored | None, candidates: Sequence[Scored], terms: Terms
    ) -> tuple[Certainty, ...]:
        """Of the baseline, where there is one, and of each candidate in turn.

        Intervals of single versions have the level 1 - alpha, those of differences 1 - alpha/K with K
        candidates (Bonferroni), so verdicts hold for all of them together.
        """
        versions = [*([] if baseline is None else [baseline]), *candidates]
        known = self._known(labels, baseline, versions)
        level = 1 - terms.alpha / max(1, len(candidates))

        def one(version: Scored) -> Certainty:
            intervals = _intervals(known[version.key, None], labels, version, terms)
            if baseline is None or version is baseline:
                return Certainty(intervals=intervals)
            paired = _paired(known[version.key, baseline.key], labels, (baseline, version), terms, level)
            return replace(paired, intervals=intervals)

        return tuple(self._pool.map(one, versions))

    def _known(
        self, labels: Labels, baseline: Scored | None, versions: Sequence[Scored]
    ) -> Mapping[Pair, Mapping[str, Known]]:
        """Errors of each version and of each difference; only what is not kept yet is computed."""
        pairs: dict[Pair, Scored] = {(version.key, None): version for version in versions}
        if baseline is not None:
            pairs |= {(one.key, baseline.key): one for one in versions if one is not baseline}
        with self._lock:
            found = {pair: self._kept[pair] for pair in pairs if pair in self._kept}
        missing = [pair for pair in pairs if pair not in found]
        if missing:
            found |= _computed(labels, baseline, {pair: pairs[pair] for pair in missing})
            with self._lock:
                self._kept.update({pair: found[pair] for pair in missing})
        return found


def _computed(
    labels: Labels, baseline: Scored | None, pairs: Mapping[Pair, Scored]
) -> dict[Pair, Mapping[str, Known]]:
    """Two versions' rows are in memory at a time: the baseline's, and one candidate's."""
    found: dict[Pair, Mapping[str, Known]] = {}
    is_paired = any(other is not None for _, other in pairs)
    theirs = row_parts(labels, baseline) if baseline is not None and is_paired else None
    for version in _distinct(pairs.values()):
        is_baseline = baseline is not None and version.key == baseline.key
        ours: RowParts = theirs if is_baseline and theirs is not None else row_parts(labels, version)
        for key, other in pairs:
            if key == version.key:
                found[key, other] = ours.errors(None if other is None else theirs)
    return found


def _are_alike(known: Mapping[str, Known], version: Scored, baseline: Scored) -> bool:
    """Whether two versions give every row the same score; rows are looked at only where they may."""
    ranking = known["roc_auc"]
    may_be = not isinstance(ranking, Ranking) or ranking.spread.error == 0
    return may_be and np.array_equal(version.values, baseline.values)


def _distinct(versions: Iterable[Scored]) -> Iterable[Scored]:
    return {version.key: version for version in versions}.values()


def _paired(
    known: Mapping[str, Known],
    labels: Labels,
    pair: tuple[Scored, Scored],
    terms: Terms,
    level: float,
) -> Certainty:
    """What is paired of a candidate, the second of the pair, and the baseline."""
    baseline, version = pair
    both = cells.eight_cells(labels, terms.called(baseline), terms.called(version))
    differences = (
        dict.fromkeys((*known, *cells.measures()), IDENTICAL)
        if _are_alike(known, version, baseline)
        else _differences(known, both, level, terms)
    )
    flips = Flips(fixed=both.fixed, broken=both.broken, p_value=mcnemar(both.fixed, both.broken))
    return Certainty(differences=differences, flips=flips)


def _intervals(
    known: Mapping[str, Known], labels: Labels, version: Scored, terms: Terms
) -> Mapping[str, Interval | Unknown]:
    level = 1 - terms.alpha
    called = terms.called(version)
    tp, fp = int(np.count_nonzero(called & labels)), int(np.count_nonzero(called & ~labels))
    positives = int(np.count_nonzero(labels))
    confusion = Confusion(tn=len(labels) - positives - fp, fp=fp, fn=positives - tp, tp=tp)
    single = {
        name: one if isinstance(one, Unknown) else _of_one(name, one, level) for name, one in known.items()
    }
    return {**cells.intervals(confusion, level, terms.cost_ratio), **single}


def _of_one(name: str, error: Spread | Ranking, level: float) -> Interval:
    """A version's own interval, within what the metric can be."""
    low, high = (METRIC[name].low, METRIC[name].high) if name in METRIC else (0.0, 1.0)
    return error.interval(level).within(low, high)


def _differences(
    known: Mapping[str, Known], both: cells.EightCells, level: float, terms: Terms
) -> Mapping[str, Difference | Unknown]:
    paired = {name: one if isinstance(one, Unknown) else one.difference(level) for name, one in known.items()}
    return {**both.differences(level, terms.cost_ratio), **paired}
