"""Labels as a person writes them and as a column holds them: 1, 1.0, True and "1" may mean the same."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.split_settings import Label


@dataclass(frozen=True, slots=True, eq=False)
class Coded:
    """A column by its distinct values: `codes` is (rows,) int64, -1 where the value is missing."""

    codes: NDArray[np.int64]
    labels: tuple[Label, ...]  # in the order of their first row


def coded(column: pd.Series) -> Coded:
    """The distinct values of a column; a whole float is an integer, what is no label becomes text.

    Raises:
        TypeError: the column holds lists or other values that cannot be compared.
    """
    codes, values = pd.factorize(column)
    return Coded(codes.astype(np.int64), tuple(_label(value) for value in values))


def matching(wanted: Label, labels: Iterable[Label]) -> Label | None:
    """The one label that `wanted` names: itself, else the only one that reads the same; None for neither."""
    known = tuple(labels)
    for label in known:
        if label == wanted and isinstance(label, str) == isinstance(wanted, str):
            return label
    alike = [label for label in known if _reading(label) == _reading(wanted)]
    return alike[0] if len(alike) == 1 else None


def _label(value: object) -> Label:
    plain = value.item() if isinstance(value, np.generic) else value
    if isinstance(plain, float) and plain.is_integer():
        return int(plain)
    return plain if isinstance(plain, Label) else str(plain)


def _reading(label: Label) -> Label:
    """What a label says: a number where it reads as one, true and false as 1 and 0, else its text."""
    if not isinstance(label, str):
        return label
    word = label.strip()
    if word.casefold() in ("true", "false"):
        return word.casefold() == "true"
    try:
        return float(word)
    except ValueError:
        return label
