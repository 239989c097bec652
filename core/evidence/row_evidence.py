"""What single rows say of a candidate: slices, where it lost most, changed decisions; for a comparison."""

import threading
from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from operator import attrgetter
from typing import Final

from cachetools import LRUCache, cachedmethod

from core.evidence import flips
from core.evidence.certainty import Flips
from core.evidence.comparing import Comparisons
from core.evidence.comparison import ComparedVersion, Comparison
from core.evidence.flips import Line, Order, Rows, Which
from core.evidence.metrics import METRIC
from core.evidence.paired import Paired, Thresholds
from core.evidence.row_parts import Scored
from core.evidence.scores import ScoreKind
from core.evidence.slice_evidence import Sliced, SliceTerms, slice_evidence
from core.evidence.slice_finder import Finding, find_slice
from core.evidence.slices import Slice, slices_of
from core.evidence.split import Split

MOST_ROWS: Final = 500  # on a page
NOWHERE: Final = Thresholds(0.0, 0.0)  # for what knows no threshold


@dataclass(frozen=True, slots=True, kw_only=True)
class RowPage:
    """Some of the rows that match, from a place on, and how many there are."""

    lines: tuple[Line, ...]
    rows: int


class RowEvidence:
    """Evidence by rows for pairs of versions of a comparison; both must be scored. Thread-safe.

    Arrays of the pairs, slices and orders that were asked for last are kept, results for longer.
    Where no baseline is scored a candidate is paired with itself: its rows can still be looked at.
    """

    def __init__(self, comparisons: Comparisons) -> None:
        self._comparisons = comparisons
        self._lock = threading.Lock()
        self._pairs: LRUCache[Hashable, Paired] = LRUCache(2)
        self._slices: LRUCache[Hashable, tuple[Slice, ...]] = LRUCache(2)
        self._orders: LRUCache[Hashable, Rows] = LRUCache(4)
        self._judged: LRUCache[Hashable, Sliced] = LRUCache(32)
        self._findings: LRUCache[Hashable, Finding] = LRUCache(64)

    @cachedmethod(attrgetter("_pairs"), key=lambda _self, *pair: _key(*pair), lock=attrgetter("_lock"))
    def paired(self, comparison: Comparison, candidate: int) -> Paired:
        """Scores of a candidate and of the baseline, or twice its own where no baseline is scored.

        Raises:
            KeyError: the candidate is not in the comparison.
            EvidenceError: it is not scored.
        """
        ours, theirs = comparison.find(candidate), comparison.find(_base(comparison, candidate))
        return Paired(
            split=comparison.split,
            baseline=self._scored(theirs, comparison),
            candidate=self._scored(ours, comparison),
        )

    def slices(self, comparison: Comparison, candidate: int, *, metric: str | None = None) -> Sliced:
        """The candidate on each configured slice, by the primary metric or another; errors of `paired`."""
        name = comparison.primary_metric if metric is None else metric
        settings = self._comparisons.settings.for_model(comparison.model)
        at = _at(comparison, candidate) if METRIC[name].needs_threshold else NOWHERE
        terms = SliceTerms(
            metric=name,
            threshold=at.candidate,
            baseline_threshold=at.baseline,
            alpha=settings.alpha,
            candidates=_candidates(comparison),
            cost_ratio=comparison.cost_ratio,
        )
        return self._sliced(comparison, candidate, terms)

    def finding(self, comparison: Comparison, candidate: int, *, is_new: bool = True) -> Finding | None:
        """Where the candidate lost most; takes about a second. Without `is_new`, only if it is known."""
        alpha = self._comparisons.settings.for_model(comparison.model).alpha
        count = _candidates(comparison)
        at = _at(comparison, candidate) if _is_ranking(comparison, candidate) else NOWHERE
        if is_new:
            return self._found(comparison, candidate, at, alpha, count)
        with self._lock:
            return self._findings.get(self._found.cache_key(comparison, candidate, at, alpha, count))

    def flips(self, comparison: Comparison, candidate: int) -> Flips:
        """Rows fixed and broken at the versions' thresholds; errors of `paired`."""
        return flips.flips(self.paired(comparison, candidate), _at(comparison, candidate))

    def rows(
        self, comparison: Comparison, candidate: int, which: Which, order: Order, *, start: int, end: int
    ) -> RowPage:
        """Those that match, from `start` to before `end`, 500 at most; UsageError, and errors of `paired`."""
        paired = self.paired(comparison, candidate)
        known = self._ordered(comparison, candidate, _at(comparison, candidate), which, order)
        asked = known[max(0, start) : max(0, min(end, start + MOST_ROWS))]
        return RowPage(lines=flips.lines(paired, _at(comparison, candidate), asked), rows=len(known))

    def csv(self, comparison: Comparison, candidate: int, which: Which, order: Order) -> Iterator[str]:
        """All rows that match as CSV, in pieces; UsageError, and errors of `paired`."""
        known = self._ordered(comparison, candidate, _at(comparison, candidate), which, order)
        return flips.as_csv(self.paired(comparison, candidate), _at(comparison, candidate), known)

    @cachedmethod(attrgetter("_slices"), key=lambda _self, split: _cut(split), lock=attrgetter("_lock"))
    def _slices_of(self, split: Split) -> tuple[Slice, ...]:
        return slices_of(split)

    @cachedmethod(
        attrgetter("_judged"),
        key=lambda _self, comparison, candidate, terms: (
            _key(comparison, candidate), _cut(comparison.split), terms,
        ),
        lock=attrgetter("_lock"),
    )  # fmt: skip
    def _sliced(self, comparison: Comparison, candidate: int, terms: SliceTerms) -> Sliced:
        return slice_evidence(self._slices_of(comparison.split), self.paired(comparison, candidate), terms)

    @cachedmethod(
        attrgetter("_findings"),
        key=lambda _self, comparison, candidate, *how: (_key(comparison, candidate), *how),
        lock=attrgetter("_lock"),
    )
    def _found(
        self, comparison: Comparison, candidate: int, at: Thresholds, alpha: float, candidates: int
    ) -> Finding:
        return find_slice(self.paired(comparison, candidate), at=at, alpha=alpha, candidates=candidates)

    @cachedmethod(
        attrgetter("_orders"),
        key=lambda _self, comparison, candidate, *how: (_key(comparison, candidate), *how),
        lock=attrgetter("_lock"),
    )
    def _ordered(
        self, comparison: Comparison, candidate: int, at: Thresholds, which: Which, order: Order
    ) -> Rows:
        return flips.found(self.paired(comparison, candidate), at, which, order)

    def _scored(self, compared: ComparedVersion, comparison: Comparison) -> Scored:
        scores = self._comparisons.scorer.scores(compared.version, comparison.split)
        return Scored(key=scores.key, kind=scores.kind, values=scores.values)


def _base(comparison: Comparison, candidate: int) -> int:
    """What the candidate is paired with: the baseline where it is scored, else itself."""
    base = comparison.baseline
    return candidate if base is None or comparison.find(base).evaluation is None else base


def _at(comparison: Comparison, candidate: int) -> Thresholds:
    base = _base(comparison, candidate)
    return Thresholds(comparison.threshold_of(base), comparison.threshold_of(candidate))


def _key(comparison: Comparison, candidate: int) -> Hashable:
    """The same for the same scores."""
    both = (comparison.find(number).evaluation for number in (_base(comparison, candidate), candidate))
    digests = tuple(None if one is None else one.digest for one in both)
    return (comparison.model, comparison.split.fingerprint, digests)


def _cut(split: Split) -> Hashable:
    """The same for the same slices."""
    return (split.fingerprint, split.slices)


def _is_ranking(comparison: Comparison, candidate: int) -> bool:
    both = (comparison.find(number).evaluation for number in (_base(comparison, candidate), candidate))
    return any(one is not None and one.kind is not ScoreKind.PROBABILITY for one in both)


def _candidates(comparison: Comparison) -> int:
    scored = sum(one.evaluation is not None for one in comparison.versions)
    return max(1, scored - (comparison.baseline is not None))
