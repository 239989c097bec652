"""Where a candidate lost most: a part of the test split that nobody named beforehand.

```
   half of the rows ─► shallow tree on the row-wise difference of losses ─► the part that looks worst
   other half ──────────────────────────────────────────────────────────────► its difference, interval, p
```

What looks worst among many parts always looks bad, so the rows that chose it say nothing about it: the test
is made on rows that had no part in the choice, as Athey and Imbens (PNAS 113, 2016) do for effects in parts
of a population. The halves are drawn with a fixed seed: the same evidence finds the same part.
"""

import math
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.errors import SplitError
from core.evidence.paired import Paired
from core.evidence.rules import Among, Condition, Rule, Within, numbers
from core.evidence.scores import ScoreKind
from core.evidence.slices import Slice, slices_of
from core.evidence.split import Split
from core.evidence.statistics import losses
from core.evidence.statistics.interval import Difference, Unknown
from core.evidence.statistics.proportions import Discordant

if TYPE_CHECKING:  # a page answers before scikit-learn is imported
    from sklearn.tree import DecisionTreeRegressor

SEED: Final = 20_160_705
MOST_SEARCHED: Final = 100_000  # rows; more make the search slower and hardly better
MOST_COLUMNS: Final = 200
DEPTH: Final = 3
LEAST: Final = 15  # rows of a part in the half that is searched
LEAST_SHARE: Final = 0.02  # of that half
REACH: Final = 2.0  # errors
BRIER: Final = "brier"
WRONG: Final = "wrong"  # share of rows decided wrongly: scores that only rank have no loss of their own

Losses = NDArray[np.float64]
Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """The part in which the candidate looked worst, and what the other half of the rows says of it.

    `rule`, `difference` and the rest are None or 0 where there are too few rows to part, or all rows are
    alike. `difference` is of the mean loss, candidate less baseline, so above zero is worse.
    """

    loss: str  # brier | wrong
    level: float
    searched: int  # rows in which the part was looked for
    tested: int  # rows that had no part in the choice
    rule: Rule | None = None
    rows: int = 0  # of the part, among those tested
    rows_in_all: int = 0  # of the part, in the split
    difference: Difference | None = None

    @property
    def is_found(self) -> bool:
        """Whether the candidate is worse there, beyond what chance does."""
        return self.difference is not None and self.difference.interval.low > 0


class _Feature(NamedTuple):
    """One input of the tree: a number, or whether a row is in a slice (1) or in another of its column (0)."""

    column: str
    given: NDArray[np.float32]  # of the rows that are searched
    among: tuple[Slice, ...] = ()  # of its column; empty for numbers
    at: int = 0  # which of them


def find_slice(paired: Paired, *, threshold: float, alpha: float = 0.05, candidates: int = 1) -> Finding:
    """Look for the part of the split where the candidate lost most.

    The loss is the squared error of probabilities (Brier), else whether a row is decided wrongly at the
    threshold. Takes about a second; at most 100,000 rows are searched. `alpha` is shared by the candidates.
    """
    loss, worse = _lost(paired, threshold)
    order = np.random.default_rng(SEED).permutation(len(worse))
    half = len(order) // 2
    searched, tested = order[: min(half, MOST_SEARCHED)], order[half:]
    level = 1 - alpha / max(1, candidates)
    nothing = Finding(loss=loss, level=level, searched=len(searched), tested=len(tested))
    least = max(LEAST, math.ceil(LEAST_SHARE * len(searched)))
    features = _features(paired.split, searched)
    if not features or len(searched) < 2 * least or not worse[searched].any():
        return nothing
    rule = _worst(features, worse[searched], least)
    if rule is None:
        return nothing
    held = rule.rows(paired.split)
    inside = held[tested]
    return Finding(
        loss=loss,
        level=level,
        searched=len(searched),
        tested=len(tested),
        rule=rule,
        rows=int(np.count_nonzero(inside)),
        rows_in_all=int(np.count_nonzero(held)),
        difference=_difference(loss, worse[tested][inside], level),
    )


def _lost(paired: Paired, threshold: float) -> tuple[str, Losses]:
    """Name of the loss, and (rows,) by how much more the candidate lost."""
    labels, baseline, candidate = paired.split.labels, paired.baseline, paired.candidate
    if {baseline.kind, candidate.kind} == {ScoreKind.PROBABILITY}:
        before, after = (losses.squared_errors(labels, one.values) for one in (baseline, candidate))
        return BRIER, after - before
    wrong, was_wrong = ((one.values >= threshold) != labels for one in (candidate, baseline))
    return WRONG, np.subtract(wrong, was_wrong, dtype=np.float64)


def _difference(loss: str, worse: Losses, level: float) -> Difference | None:
    if loss == WRONG and len(worse):
        return Discordant(int((worse > 0).sum()), int((worse < 0).sum()), len(worse)).difference(level)
    mean = losses.mean(worse)
    return None if isinstance(mean, Unknown) else mean.difference(level)


def _features(split: Split, rows: Rows) -> list[_Feature]:
    from pandas.api.types import is_bool_dtype, is_numeric_dtype  # noqa: PLC0415  brings pandas

    left_out = (split.target, split.id)
    names = split.features or [str(name) for name in split.frame.columns if name not in left_out]
    found: list[_Feature] = []
    for name in names[:MOST_COLUMNS]:
        kind = split.frame[name].dtype
        if is_numeric_dtype(kind) and not is_bool_dtype(kind) and name not in split.raw_values:
            values = numbers(split, name)[rows]
            found.append(_Feature(name, np.clip(values, -3e38, 3e38).astype(np.float32)))
            continue
        with suppress(SplitError):  # lists and the like part nothing
            among = slices_of(split, [name])
            codes = among[0].codes[rows]
            found += (
                _Feature(name, (codes == one.code).astype(np.float32), among, at)
                for at, one in enumerate(among)
                if len(among) > 1
            )
    return found


def _worst(features: Sequence[_Feature], worse: Losses, least: int) -> Rule | None:
    """The part that lost most, less what chance may have added; None where none lost or can be made."""
    from sklearn.tree import DecisionTreeRegressor  # noqa: PLC0415  a page answers before it is imported

    inputs = np.column_stack([feature.given for feature in features])
    tree = DecisionTreeRegressor(max_depth=DEPTH, min_samples_leaf=least, random_state=0)
    tree.fit(inputs, worse)
    made: Any = tree.tree_
    if made.node_count == 1:
        return None
    rows, mean, variance = (np.ravel(part)[1:] for part in (made.n_node_samples, made.value, made.impurity))
    # The worst of the good ends: many rows that lost little, or few that lost much, as far as one can tell.
    surely = mean - REACH * np.sqrt(np.maximum(variance, 0) / rows)
    worst = int(np.argmax(surely))
    return _rule(tree, worst + 1, features) if mean[worst] > 0 else None


def _rule(tree: "DecisionTreeRegressor", node: int, features: Sequence[_Feature]) -> Rule:
    """The way from the root to a node, one condition for each column on it."""
    made: Any = tree.tree_
    parents = {
        int(child): at
        for side in (made.children_left, made.children_right)
        for at, child in enumerate(side)
        if child >= 0
    }
    found: dict[str, Condition] = {}
    while node:
        parent = parents[node]
        is_left = int(made.children_left[parent]) == node
        feature = features[int(made.feature[parent])]
        with_missing = bool(made.missing_go_to_left[parent]) == is_left
        before = found.get(feature.column)
        if feature.among:
            found[feature.column] = _among(feature, before, is_in=not is_left)
        else:
            cut = _readable(feature.given, float(made.threshold[parent]))
            found[feature.column] = _within(feature, before, cut, is_left=is_left, with_missing=with_missing)
        node = parent
    return Rule(tuple(reversed(found.values())))


def _among(feature: _Feature, before: Condition | None, *, is_in: bool) -> Among:
    known = before.kept if isinstance(before, Among) else feature.among
    one = feature.among[feature.at]
    kept = tuple(each for each in known if (each is one) == is_in)
    return Among(
        column=feature.column, kept=kept, others=tuple(each for each in feature.among if each not in kept)
    )


def _within(
    feature: _Feature, before: Condition | None, cut: float, *, is_left: bool, with_missing: bool
) -> Within:
    known = before if isinstance(before, Within) else None
    low, high = (known.low, known.high) if known else (-math.inf, math.inf)
    has_missing = bool(np.isnan(feature.given).any())
    return Within(
        column=feature.column,
        low=low if is_left else max(low, cut),
        high=min(high, cut) if is_left else high,
        is_missing=has_missing and with_missing and (known is None or known.is_missing),
    )


def _readable(values: NDArray[np.float32], cut: float) -> float:
    """A number with few digits that parts the values just as the cut does."""
    known = values[~np.isnan(values)].astype(np.float64)
    below, above = known[known <= cut], known[known > cut]
    if not len(below) or not len(above):
        return cut
    low, high = float(below.max()), float(above.min())
    for digits in range(-6, 16):
        scale = 10.0**digits
        for short in (round(cut, digits), math.floor(cut * scale) / scale):
            if low <= short < high:
                return short
    return cut
