from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest

from core.evidence.labels import coded, matching
from core.split_settings import Label


@pytest.mark.parametrize(
    ("wanted", "labels", "found"),
    [
        (1, [0, 1], 1),
        (1, [0.0, 1.0], 1.0),
        (1, [False, True], True),
        (1, ["0", "1"], "1"),
        (True, ["False", "True"], "True"),
        (True, [0, 1], 1),
        ("1", [0, 1], 1),
        ("true", [False, True], True),
        ("yes", ["no", "yes"], "yes"),
        ("Yes", ["no", "yes"], None),
        (2, [0, 1], None),
        (1, ["1", "1.0"], None),
        ("1", ["1", "1.0"], "1"),
        ("1", [1, "1"], "1"),
        (1, [1, "1"], 1),
        ("nan", ["nan", "x"], "nan"),
        (10**400, [0, 1], None),
    ],
)
def test_a_label_is_found_however_it_is_written(
    wanted: Label, labels: list[Label], found: Label | None
) -> None:
    match = matching(wanted, labels)
    assert match == found
    assert type(match) is type(found)


@pytest.mark.parametrize(
    ("values", "labels"),
    [
        ([1.0, 0.0, np.nan], (1, 0)),
        (np.array([3, 3], dtype=np.int8), (3,)),
        ([0.5, 1.0], (0.5, 1)),
        ([True, None, False], (True, False)),
        (pd.Categorical(["b", "a"]), ("b", "a")),
        (pd.array([1, None], dtype="Int64"), (1,)),
        ([Decimal("1.5"), "x"], ("1.5", "x")),
    ],
)
def test_labels_are_plain_values_in_order(values: Any, labels: tuple[Label, ...]) -> None:
    column = coded(pd.Series(values))
    assert column.labels == labels
    assert [type(label) for label in column.labels] == [type(label) for label in labels]
    assert (column.codes == -1).tolist() == pd.Series(values).isna().tolist()


def test_lists_are_no_labels() -> None:
    with pytest.raises(TypeError):
        coded(pd.Series([[1], [2]]))
