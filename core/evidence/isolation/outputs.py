"""What a model returned -> one score for each row, or a clear reason why there is none."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from numbers import Real

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.evidence.failures import Unscorable
from core.evidence.isolation.labels import Labels, canonical
from core.evidence.scores import ScoreKind

_ROUNDING = 1e-6  # how far a float32 softmax may stray from [0, 1]
_SUM = 1e-3  # how far two probabilities of a row may stray from 1 together


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Output:
    """Scores of one version: (rows,) float64; a probability lies in [0, 1]."""

    values: NDArray[np.float64]
    kind: ScoreKind = ScoreKind.PROBABILITY
    label_assumed: bool = False  # the model names no labels, and those of the split are no numbers


def checked(values: object, rows: int, kind: ScoreKind) -> NDArray[np.float64]:
    """Scores as (rows,) float64, finite, and in [0, 1] where they are probabilities.

    What strays from [0, 1] by no more than a rounding of float32 is clipped.

    Raises:
        Unscorable: not_numbers, shape, length, not_finite or range.
    """
    array = numbers(values)
    if array.ndim != 1:
        raise Unscorable("shape", shape=array.shape)
    if len(array) != rows:
        raise Unscorable("length", count=len(array), rows=rows)
    scores = np.ascontiguousarray(array, dtype=np.float64)
    finite = np.isfinite(scores)
    if not finite.all():
        raise Unscorable("not_finite", count=int(rows - finite.sum()))
    if kind is ScoreKind.PROBABILITY and rows:
        low, high = float(scores.min()), float(scores.max())
        if low < -_ROUNDING or high > 1 + _ROUNDING:
            raise Unscorable("range", low=f"{low:.4g}", high=f"{high:.4g}")
        if low < 0 or high > 1:
            scores = scores.clip(0.0, 1.0)
    return scores


def numbers(values: object) -> NDArray[np.generic]:
    """A model's output as an array of numbers, of whatever shape.

    Raises:
        Unscorable: not_numbers.
    """
    array = _array(values)
    if array.dtype == object and all(isinstance(value, Real) for value in array.ravel()):
        return array.astype(np.float64)
    if array.dtype == object:
        kinds = {type(value).__name__ for value in array.ravel()[:100]}
        raise Unscorable("not_numbers", type=", ".join(sorted(kinds)) or "nothing")
    if array.dtype.kind not in "fiub":
        raise Unscorable("not_numbers", type=array.dtype)
    return array


def _array(values: object) -> NDArray[np.generic]:
    try:
        return np.asarray(values)
    except (TypeError, ValueError) as error:  # rows of several lengths
        raise Unscorable("not_numbers", type=type(values).__name__) from error


def column_of_labels(values: object, classes: Sequence[object], labels: Labels) -> NDArray[np.generic]:
    """The positive label's column of an (n, labels) output whose columns are named by `classes`."""
    array = numbers(values)
    if array.ndim != 2 or array.shape[1] != len(classes):  # noqa: PLR2004 - rows and labels
        raise Unscorable("shape", shape=array.shape)
    return array[:, labels.position(classes)]


def of_positive(values: object, labels: Labels) -> Output:
    """The positive label's probability in an output that names no labels: (n,), (n, 1) or (n, 2).

    A single output is taken as the probability of the label that sorts last, two as those of both labels in
    sorted order; where labels are no numbers the scores carry a note that says so.
    """
    array = numbers(values)
    assumed = not labels.numeric
    if array.ndim == 2 and array.shape[1] == 2:  # noqa: PLR2004 - rows; the two labels
        pair = _float(array)
        totals = pair.sum(axis=1)
        if not np.allclose(totals[np.isfinite(totals)], 1.0, atol=_SUM):
            raise Unscorable("unclear", positive=labels.positive)
        return Output(values=pair[:, 1 if labels.positive_is_last else 0], label_assumed=assumed)
    if array.ndim == 2 and array.shape[1] == 1:  # noqa: PLR2004 - rows
        array = array[:, 0]
    if array.ndim != 1:
        raise Unscorable("shape", shape=array.shape)
    if _only_labels(array):
        raise Unscorable("hard_labels")
    scores = _float(array)
    return Output(values=scores if labels.positive_is_last else 1 - scores, label_assumed=assumed)


def of_function(values: object, rows: int, labels: Labels) -> Output:
    """Scores in what a Python function model returned: a table, a series, an array or a list.

    Of a table with several columns, the one that is named by the positive label counts.
    """
    if isinstance(values, Mapping):
        raise Unscorable("not_numbers", type="a mapping")
    if isinstance(values, pd.DataFrame) and len(values.columns) > 1:
        named = [i for i, name in enumerate(values.columns) if canonical(name) == canonical(labels.positive)]
        if len(named) == 1:
            return Output(values=_float(numbers(values.iloc[:, named[0]])))
    array = _array(values)
    count = len(array) if array.ndim else 0
    if count != rows:
        raise Unscorable("length", count=count, rows=rows)
    if _are_labels(array, labels):
        raise Unscorable("hard_labels")
    return of_positive(array, labels)


def _are_labels(array: NDArray[np.generic], labels: Labels) -> bool:
    """Whether an output of text, or of anything, holds nothing but the split's two labels."""
    if array.dtype.kind not in "UTO":
        return False
    known = {canonical(labels.positive), canonical(labels.negative)}
    return bool(array.size) and {canonical(value) for value in array.ravel()[:1000]} <= known


def _only_labels(array: NDArray[np.generic]) -> bool:
    """Whether a single output is a decision: whole numbers or truth values, or nothing but 0.0 and 1.0."""
    return array.dtype.kind in "iub" or bool(array.size and ((array == 0) | (array == 1)).all())


def _float(array: NDArray[np.generic]) -> NDArray[np.float64]:
    return array.astype(np.float64)
