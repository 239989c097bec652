"""What single rows say of a candidate: slices, where it lost most, changed decisions; for a comparison."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

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

MOST_ROWS: Final = 500  # on a page
NOWHERE: Final = Thresholds(0.0, 0.0)  # for what knows no threshold
Value = TypeVar("Value")


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
        self._pairs: _Latest[Paired] = _Latest(2)
        self._slices: _Latest[tuple[Slice, ...]] = _Latest(2)
        self._orders: _Latest[Rows] = _Latest(4)
        self._sliced: _Latest[Sliced] = _Latest(32)
        self._findings: _Latest[Finding] = _Latest(64)

    def paired(self, comparison: Comparison, candidate: int) -> Paired:
        """Scores of a candidate and of the baseline, or twice its own where no baseline is scored.

        Raises:
            KeyError: the candidate is not in the comparison.
            EvidenceError: it is not scored.
        """
        ours, theirs = comparison.find(candidate), comparison.find(_base(comparison, candidate))

        def read() -> Paired:
            return Paired(
                split=comparison.split,
                baseline=self._scored(theirs, comparison),
                candidate=self._scored(ours, comparison),
            )

        return self._pairs.of(_key(comparison, candidate), read)

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
        split = comparison.split

        def judge() -> Sliced:
            known = self._slices.of((split.fingerprint, split.slices), lambda: slices_of(split))
            return slice_evidence(known, self.paired(comparison, candidate), terms)

        return self._sliced.of((_key(comparison, candidate), split.slices, terms), judge)

    def finding(self, comparison: Comparison, candidate: int, *, is_new: bool = True) -> Finding | None:
        """Where the candidate lost most; takes about a second. Without `is_new`, only if it is known."""
        alpha = self._comparisons.settings.for_model(comparison.model).alpha
        count = _candidates(comparison)
        at = _at(comparison, candidate) if _is_ranking(comparison, candidate) else NOWHERE
        key = (_key(comparison, candidate), alpha, count, at)
        if not is_new:
            return self._findings.get(key)
        return self._findings.of(
            key,
            lambda: find_slice(self.paired(comparison, candidate), at=at, alpha=alpha, candidates=count),
        )

    def flips(self, comparison: Comparison, candidate: int) -> Flips:
        """Rows fixed and broken at the versions' thresholds; errors of `paired`."""
        return flips.flips(self.paired(comparison, candidate), _at(comparison, candidate))

    def rows(
        self, comparison: Comparison, candidate: int, which: Which, order: Order, *, start: int, end: int
    ) -> RowPage:
        """Those that match, from `start` to before `end`, 500 at most; UsageError, and errors of `paired`."""
        paired = self.paired(comparison, candidate)
        known = self._order(comparison, candidate, which, order)
        asked = known[max(0, start) : max(0, min(end, start + MOST_ROWS))]
        return RowPage(lines=flips.lines(paired, _at(comparison, candidate), asked), rows=len(known))

    def csv(self, comparison: Comparison, candidate: int, which: Which, order: Order) -> Iterator[str]:
        """All rows that match as CSV, in pieces; UsageError, and errors of `paired`."""
        known = self._order(comparison, candidate, which, order)
        return flips.as_csv(self.paired(comparison, candidate), _at(comparison, candidate), known)

    def _order(self, comparison: Comparison, candidate: int, which: Which, order: Order) -> Rows:
        at = _at(comparison, candidate)
        key = (_key(comparison, candidate), at, which, order)
        paired = self.paired(comparison, candidate)
        return self._orders.of(key, lambda: flips.found(paired, at, which, order))

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


def _is_ranking(comparison: Comparison, candidate: int) -> bool:
    both = (comparison.find(number).evaluation for number in (_base(comparison, candidate), candidate))
    return any(one is not None and one.kind is not ScoreKind.PROBABILITY for one in both)


def _candidates(comparison: Comparison) -> int:
    scored = sum(one.evaluation is not None for one in comparison.versions)
    return max(1, scored - (comparison.baseline is not None))


class _Latest(Generic[Value]):
    """What was made last, by key; two who ask for the same at once both make it."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._kept: OrderedDict[Hashable, Value] = OrderedDict()

    def get(self, key: Hashable) -> Value | None:
        with self._lock:
            return self._kept.get(key)

    def of(self, key: Hashable, make: Callable[[], Value]) -> Value:
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        made = make()
        with self._lock:
            self._kept[key] = made
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return made
