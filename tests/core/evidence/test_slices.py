import re
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from core.errors import SplitError
from core.evidence.slices import MOST, Slice, slices_of
from core.evidence.split import Split
from tests.dashboard.row_by_row import make_row_split

RANDOM = np.random.default_rng(3)


def split_with(values: Any, **facts: Any) -> Split:
    frame = pd.DataFrame({"x": values})
    labels = np.arange(len(frame)) % 3 == 0
    return replace(
        make_row_split(len(frame)), frame=frame, labels=labels, slices=("x",), raw_values={}, **facts
    )


def told(slices: tuple[Slice, ...]) -> list[tuple[str, int]]:
    return [(str(one.label), one.rows) for one in slices]


@pytest.mark.parametrize("column", ["Sex", "Age", "Town", "Fare"])
def test_slices_of_a_column_hold_every_row_once(column: str) -> None:
    split = make_row_split()
    slices = slices_of(split, [column])
    held = np.stack([one.mask() for one in slices])
    assert (held.sum(axis=0) == 1).all()
    assert [one.rows for one in slices] == held.sum(axis=1).tolist()
    assert [one.positives for one in slices] == (held & split.labels).sum(axis=1).tolist()


def test_columns_are_those_configured_and_mapped_values_read_as_in_the_data() -> None:
    split = make_row_split()
    slices = slices_of(split)
    assert list(dict.fromkeys(one.column for one in slices)) == ["Sex", "Age", "Town"]
    counted = split.frame["Sex"].value_counts()
    assert told(slices)[:2] == [("male", counted[0]), ("female", counted[1])]
    assert slices[0].name == "Sex = male"


def held_by(label: str, values: pd.Series) -> pd.Series:
    """The rows that a label says that it holds."""
    edges = [float(number) for number in re.findall(r"[\d.]+", label)]
    if label == "missing":
        return values.isna()
    if label.startswith("below"):
        return values < edges[0]
    if label.endswith("above"):
        return values >= edges[0]
    return (values >= edges[0]) & (values < edges[1])


@pytest.mark.parametrize("column", ["Age", "Fare"])
def test_bins_hold_what_their_labels_say(column: str) -> None:
    split = make_row_split()
    for one in slices_of(split, [column]):
        assert (one.mask() == held_by(str(one.label), split.frame[column]).to_numpy()).all()


def test_bins_hold_about_as_many_rows_each() -> None:
    split = make_row_split()
    sizes = [one.rows for one in slices_of(split, ["Fare"])]
    assert len(sizes) == 4
    assert min(sizes) > 0.8 * split.rows / 4
    assert len(slices_of(split, ["Fare"], bins=10)) == 10


def test_many_rows_with_the_smallest_value_are_a_bin_of_their_own() -> None:
    values = np.where(np.arange(400) < 330, 0, 1 + np.arange(400) / 10)
    slices = slices_of(split_with(values))
    assert slices[0].rows == 330
    assert "below" in str(slices[0].label)


def test_a_few_numbers_have_a_slice_each_in_ascending_order() -> None:
    slices = slices_of(split_with([3.0, 1.0, 2.0, 1.0, np.nan] * 10))
    assert told(slices) == [("1", 20), ("2", 10), ("3", 10), ("missing", 10)]


def test_rare_values_are_put_together() -> None:
    names = [f"town {number}" for number in range(40) for _ in range(40 - number)]
    slices = slices_of(split_with([*names, None]))
    assert len(slices) == MOST + 1
    assert told(slices)[0] == ("town 0", 40)
    assert told(slices)[-2:] == [("other values", sum(range(1, 30))), ("missing", 1)]


@pytest.mark.parametrize(
    ("values", "labels"),
    [
        ([True, False, True, None], ["True", "False", "missing"]),
        (pd.array([1, 2, None, 2], dtype="Int64"), ["1", "2", "missing"]),
        (pd.Categorical(["a", "b", None, "a"]), ["a", "b", "missing"]),
        ([7, 7, 7], ["7"]),
        (["", " ", "x"], ['""', " ", "x"]),
        ([np.nan] * 4, ["missing"]),
        ([1, "1", "x"], ["1", "1", "x"]),
    ],
)
def test_every_kind_of_value(values: Any, labels: list[str]) -> None:
    assert [label for label, _rows in told(slices_of(split_with(values)))] == labels


@pytest.mark.parametrize(
    "values",
    [
        pd.date_range("2026-01-01", periods=60, freq="D"),
        pd.array([*range(60), None], dtype="Int64"),
        [-np.inf, np.inf, np.nan, *np.linspace(-1e-9, 1e9, 60)],
        np.where(np.arange(60) % 2 == 0, 1e16, np.arange(60)),
        RANDOM.normal(0, 1e-12, 60),
        [-(10.0**k) for k in range(60)],
    ],
)
def test_bins_of_odd_numbers_hold_every_row_once(values: Any) -> None:
    slices = slices_of(split_with(values))
    assert len(slices) >= 3
    assert sum(one.rows for one in slices) == len(values)
    assert len({str(one.label) for one in slices}) == len(slices)


def test_dates_are_read_as_dates() -> None:
    slices = slices_of(split_with(pd.date_range("2026-01-01", periods=60, freq="D")))
    assert re.fullmatch(r"below 2026-01-\d\d", str(slices[0].label))


def test_a_column_that_is_not_there_says_which_was_meant() -> None:
    with pytest.raises(SplitError) as raised:
        slices_of(make_row_split(), ["age"])
    assert '"Age"' in str(raised.value.hint)


def test_lists_are_no_values() -> None:
    with pytest.raises(SplitError, match="no labels"):
        slices_of(split_with([[1], [2]]))
