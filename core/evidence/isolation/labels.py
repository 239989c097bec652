"""Which output of a model belongs to the positive label: looked up, never "column 1"."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.evidence.failures import Unscorable
from core.settings import Label

_TRUTH = {"true": 1.0, "false": 0.0}


@dataclass(frozen=True, slots=True)
class Labels:
    """The two labels of a split."""

    positive: Label
    negative: Label

    @property
    def numeric(self) -> bool:
        """Whether both labels are numbers or truth values, or read as such."""
        return all(isinstance(canonical(label), float) for label in (self.positive, self.negative))

    @property
    def last(self) -> Label:
        """The label that sorts last: 1 of 0 and 1, "yes" of "no" and "yes".

        scikit-learn sorts `classes_`, LabelEncoder numbers sorted labels, and boosters are trained on those
        numbers: where a model names no labels, its second output, or its only one, belongs to this label.
        """
        if self.numeric:
            return max(self.positive, self.negative, key=lambda label: float(canonical(label)))
        return max(self.positive, self.negative, key=str)

    @property
    def positive_is_last(self) -> bool:
        """Whether an output that belongs to the last label belongs to the positive one."""
        return canonical(self.last) == canonical(self.positive)

    def position(self, classes: Sequence[object]) -> int:
        """The position of the positive label among a model's labels, 1, 1.0, True and "1" being one label.

        Raises:
            Unscorable: the positive label is not among them, or not once.
        """
        named = [plain_label(label) for label in classes]
        for same in (_identical, _alike):
            found = [i for i, label in enumerate(named) if same(label, self.positive)]
            if len(found) == 1:
                return found[0]
        shown = ", ".join(str(label)[:50] for label in named[:10])
        raise Unscorable("labels", classes=shown, positive=self.positive)


def canonical(label: object) -> float | str:
    """A label such that 1, 1.0, True, np.int64(1), "1" and "True" are equal, and "yes" stays text."""
    label = plain_label(label)
    if isinstance(label, bool | int | float):
        return float(label)
    text = str(label).strip()
    if text.lower() in _TRUTH:
        return _TRUTH[text.lower()]
    try:
        return float(text)
    except ValueError:
        return text


def plain_label(label: Any) -> Any:
    """A label without numpy: JSON can carry it."""
    return label.item() if isinstance(label, np.generic) else label


def _identical(label: object, positive: Label) -> bool:
    return type(label) is type(positive) and label == positive


def _alike(label: object, positive: Label) -> bool:
    return canonical(label) == canonical(positive)
