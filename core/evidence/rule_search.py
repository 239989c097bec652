"""The part of some rows in which a quantity is greatest, by a shallow tree over the features of a split."""

import math
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.errors import SplitError
from core.evidence.rules import Among, Condition, Rule, Within, numbers
from core.evidence.slices import Slice, slices_of
from core.evidence.split import Split

MOST_COLUMNS: Final = 200
DEPTH: Final = 3
REACH: Final = 2.0  # errors that a mean is lowered by, for what chance may have added
APART: Final = 4.0  # errors by which a part exceeds its sibling, or what parts them says nothing
FINITE: Final = 1e30  # trees hold their inputs in 32 bits, and add them up

Losses = NDArray[np.float64]
Rows = NDArray[np.int64]


class _Feature(NamedTuple):
    """One input of the tree: a number, or whether a row is in a slice (1) or in another of its column (0)."""

    column: str
    given: NDArray[np.float32]  # of the rows that are searched
    among: tuple[Slice, ...] = ()  # of its column; empty for numbers
    at: int = 0  # which of them


class _Node(NamedTuple):
    """A part of the rows; `parent`, `sibling` and `feature` (what parts both) are -1 for all rows."""

    mean: float
    variance: float  # of the mean
    parent: int = -1
    sibling: int = -1
    feature: int = -1
    cut: float = 0.0
    is_left: bool = False  # up to the cut
    with_missing: bool = False

    @property
    def surely(self) -> float:
        """The mean, lowered by what chance may have added."""
        return self.mean - REACH * math.sqrt(self.variance)


def worst_part(split: Split, rows: Rows, worse: Losses, *, least: int) -> Rule | None:
    """Look for the part of `rows` in which the mean of `worse`, (len(rows),), is surely greatest.

    Few rows that lost much win over many that lost little, as far as one can tell them apart. None where
    nothing was lost, or no part of at least `least` rows can be made.
    """
    features = _features(split, rows)
    if not features or len(rows) < 2 * least or not worse.any():
        return None
    nodes = _grown(features, worse, least)
    at = max(range(len(nodes)), key=lambda each: nodes[each].surely)
    while nodes[at].parent > 0 and not _is_apart(nodes[at], nodes[nodes[at].sibling]):
        at = nodes[at].parent
    return _rule(nodes, at, features) if at and nodes[at].mean > 0 else None


def _features(split: Split, rows: Rows) -> list[_Feature]:
    from pandas.api.types import is_bool_dtype, is_numeric_dtype  # noqa: PLC0415  brings pandas

    left_out = (split.target, split.id)
    names = split.features or [str(name) for name in split.frame.columns if name not in left_out]
    found: list[_Feature] = []
    for name in names[:MOST_COLUMNS]:
        kind = split.frame[name].dtype
        if is_numeric_dtype(kind) and not is_bool_dtype(kind) and name not in split.raw_values:
            values = numbers(split, name)[rows]
            found.append(_Feature(name, np.clip(values, -FINITE, FINITE).astype(np.float32)))
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


def _grown(features: Sequence[_Feature], worse: Losses, least: int) -> list[_Node]:
    from sklearn.tree import DecisionTreeRegressor  # noqa: PLC0415  a page answers before it is imported

    inputs = np.column_stack([feature.given for feature in features])
    tree: Any = DecisionTreeRegressor(max_depth=DEPTH, min_samples_leaf=least, random_state=0)
    made = tree.fit(inputs, worse).tree_
    variances = np.maximum(made.impurity, 0) / made.n_node_samples
    nodes = [_Node(*each) for each in zip(made.value.ravel().tolist(), variances.tolist(), strict=True)]
    for parent, children in enumerate(zip(made.children_left, made.children_right, strict=True)):
        if children[0] < 0:
            continue
        for child, sibling in (children, children[::-1]):
            is_left = child == children[0]
            nodes[child] = nodes[child]._replace(
                parent=parent,
                sibling=int(sibling),
                feature=int(made.feature[parent]),
                cut=float(made.threshold[parent]),
                is_left=is_left,
                with_missing=bool(made.missing_go_to_left[parent]) == is_left,
            )
    return nodes


def _is_apart(node: _Node, sibling: _Node) -> bool:
    return node.mean - sibling.mean > APART * math.sqrt(node.variance + sibling.variance)


def _rule(nodes: Sequence[_Node], at: int, features: Sequence[_Feature]) -> Rule:
    """The way from all rows to a node, one condition for each column on it."""
    found: dict[str, Condition] = {}
    while at:
        node = nodes[at]
        feature = features[node.feature]
        before = found.get(feature.column)
        found[feature.column] = (
            _among(feature, before, is_in=not node.is_left)
            if feature.among
            else _within(feature, before, node)
        )
        at = node.parent
    return Rule(tuple(reversed(found.values())))


def _among(feature: _Feature, before: Condition | None, *, is_in: bool) -> Among:
    known = before.kept if isinstance(before, Among) else feature.among
    one = feature.among[feature.at]
    kept = tuple(each for each in known if (each is one) == is_in)
    return Among(
        column=feature.column, kept=kept, others=tuple(each for each in feature.among if each not in kept)
    )


def _within(feature: _Feature, before: Condition | None, node: _Node) -> Within:
    known, cut = before if isinstance(before, Within) else None, _readable(feature.given, node.cut)
    low, high = (known.low, known.high) if known else (-math.inf, math.inf)
    has_missing = bool(np.isnan(feature.given).any())
    return Within(
        column=feature.column,
        low=low if node.is_left else max(low, cut),
        high=min(high, cut) if node.is_left else high,
        is_missing=has_missing and node.with_missing and (known is None or known.is_missing),
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
