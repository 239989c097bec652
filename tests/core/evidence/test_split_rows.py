import io
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import train_test_split

from core.errors import SplitError
from core.evidence.split_rows import SplitRows, rows_of
from core.split_settings import Holdout, SplitSettings

DATA = "data/rows.csv"


def make(table: pd.DataFrame | str, target: str = "y", **more: Any) -> SplitRows:
    if isinstance(table, str):
        table = pd.read_csv(io.StringIO(table))
    return rows_of(table, SplitSettings(data=DATA, shown_as=DATA, target=target, **more))


def people(rows: int = 200) -> pd.DataFrame:
    rng = np.random.default_rng(1)
    table = pd.DataFrame(
        {
            "id": np.arange(rows) + 1000,
            "sex": rng.choice(["male", "female"], rows),
            "age": np.where(rng.random(rows) < 0.2, np.nan, rng.integers(1, 80, rows)),
            "note": [None if odd else "x" for odd in rng.random(rows) < 0.5],
            "y": rng.choice([0, 1], rows, p=[0.7, 0.3]),
        }
    )
    table.loc[5, "sex"] = None
    return table


@pytest.mark.parametrize("stratify", [False, True])
@pytest.mark.parametrize("test_size", [0.25, 0.3, 17])
def test_the_rows_are_those_that_a_training_script_left_out(*, stratify: bool, test_size: float) -> None:
    table = people()
    script = table[["id", "sex", "age", "y"]].copy()
    script["sex"] = script["sex"].map({"male": 0, "female": 1})
    script = script.dropna()
    _, test = train_test_split(
        script, test_size=test_size, random_state=7, stratify=script["y"] if stratify else None
    )
    rows = make(
        table,
        features=("sex", "age"),
        map={"sex": {"male": 0, "female": 1}},
        drop_missing=True,
        holdout=Holdout(test_size=test_size, random_state=7, stratify=stratify),
    )
    pd.testing.assert_frame_equal(rows.frame[["id", "sex", "age", "y"]], test.reset_index(drop=True))
    assert rows.labels.tolist() == (test["y"] == 1).tolist()
    assert (rows.numbers + 999).tolist() == test["id"].tolist()
    assert (rows.total, rows.dropped) == (200, 200 - len(script))
    assert list(rows.frame.columns) == list(table.columns)


def test_without_features_a_missing_value_anywhere_drops_the_row() -> None:
    table = people()
    rows = make(table, drop_missing=True)
    assert rows.frame["id"].tolist() == table.dropna()["id"].tolist()
    assert rows.dropped == 200 - len(table.dropna())


def test_with_features_only_those_and_the_target_drop_a_row() -> None:
    rows = make("x,z,y\n1,,0\n2,1,1\n3,1,\n,1,1\n", features=("x",), drop_missing=True)
    assert rows.numbers.tolist() == [1, 2]


def test_without_drop_missing_every_row_stays() -> None:
    table = people()
    rows = make(table)
    pd.testing.assert_frame_equal(rows.frame, table)
    assert (rows.total, rows.dropped, rows.numbers[-1]) == (200, 0, 200)


def test_the_table_that_was_handed_over_is_left_alone() -> None:
    table = people()
    before = table.copy()
    make(table, map={"sex": {"male": 0, "female": 1}, "y": {0: "no", 1: "yes"}}, positive="yes")
    pd.testing.assert_frame_equal(table, before)


@pytest.mark.parametrize(
    ("values", "mapping", "expected"),
    [
        (["a", "b", None], {"a": 0, "b": 1}, [0, 1, None]),
        (["a", "b", "a"], {"a": "x", "b": "y", "c": "z"}, ["x", "y", "x"]),
        ([1.0, 2.0, 1.0], {1: "one", "2": "two"}, ["one", "two", "one"]),
        (pd.Categorical(["a", "b", None]), {"a": 0, "b": 1}, [0, 1, None]),
        (["a", "?", "a"], {"a": 1, "?": None}, [1, None, 1]),
        ([True, False, True], {True: 1, False: 0}, [1, 0, 1]),
        ([None, None, None], {"a": 1}, [None, None, None]),
    ],
)
def test_values_are_replaced_as_map_names_them(values: Any, mapping: Any, expected: list[Any]) -> None:
    rows = make(pd.DataFrame({"x": values, "y": [0, 1, 1]}), map={"x": mapping})
    assert rows.frame["x"].astype(object).where(rows.frame["x"].notna(), None).tolist() == expected


@pytest.mark.parametrize(
    ("values", "positive", "labels"),
    [
        ([0, 1, 1], None, (1, 0)),
        ([0, 1, 1], 0, (0, 1)),
        ([False, True, True], None, (True, False)),
        ([0.0, 1.0, 1.0], None, (1, 0)),
        (["no", "yes", "yes"], "yes", ("yes", "no")),
        (["0", "1", "1"], 1, ("1", "0")),
        (["False", "True", "True"], True, ("True", "False")),
        ([1, 2, 2], "2", (2, 1)),
    ],
)
def test_the_positive_label(values: list[Any], positive: Any, labels: tuple[Any, Any]) -> None:
    rows = make(pd.DataFrame({"y": values}), positive=positive)
    assert (rows.positive, rows.negative) == labels
    assert type(rows.positive) is type(labels[0])
    assert rows.labels.tolist() == [value == values[-1 if positive != 0 else 0] for value in values]


WRONG: list[tuple[str, dict[str, Any], str]] = [
    ("x,y\n", {}, "data/rows.csv has no rows."),
    ("x,z\n1,0\n", {}, 'data/rows.csv has no column "y". Its columns are "x", "z".'),
    ("age,y\n1,0\n", {"features": ("Age", "sex")}, 'data/rows.csv has no column "Age", "sex". Did you mean "age"?'),
    ("a,y\n1,0\n", {"id": "name"}, 'data/rows.csv has no column "name".'),
    ("a,y\n1,0\n", {"slices": ("name",)}, 'data/rows.csv has no column "name".'),
    ("a,y\n1,0\n", {"map": {"name": {}}}, 'data/rows.csv has no column "name".'),
    ("a;y\n1;0\n", {}, 'data/rows.csv has no column "y". Its only column is "a;y": are its cells separated by commas?'),
    ("x,y\n1,0\n2,\n", {}, '1 of 2 rows of data/rows.csv have no value in the target "y". Fill them in, or set drop_missing'),
    ("x,y\n1,\n,0\n,1\n", {"drop_missing": True}, 'Each of the 3 rows of data/rows.csv has a missing value. Most are missing in "x"'),
    ("x,y\na,0\nb,1\n<c>,1\n", {"map": {"x": {"a": 0}}}, '"x" of data/rows.csv holds values that map does not name: "b", "<c>".'),
    ("y\n1\n1\n", {}, "All 2 test rows of data/rows.csv have the label 1. A comparison needs test rows of both"),
    ("y\n1\n1\n", {"positive": 0}, "All 2 test rows of data/rows.csv have the label 1."),
    ("y\na\nb\nc\n", {"positive": "a"}, '"y" of data/rows.csv holds 3 labels: "a", "b", "c". So far Runoff compares binary'),
    ("y\n" + "\n".join(map(str, range(30))), {}, '"y" of data/rows.csv holds 30 different numbers, like the target of a regression.'),
    ("y\n" + "\n".join(map("a{}".format, range(30))), {}, '"y" of data/rows.csv holds 30 labels: "a0", '),
    ("y\nno\nyes\n", {}, 'Nobody said which label of "y" is the positive one. Write one of these under positive: "no", "yes".'),
    ("y\n1\n2\n", {}, 'Nobody said which label of "y" is the positive one. Write one of these under positive: 1, 2.'),
    ("y\nno\nyes\n", {"positive": 1}, 'The positive label 1 is not among those of "y" in data/rows.csv: "no", "yes".'),
    ("y\n0\n1\n", {"holdout": Holdout(test_size=5, random_state=1)}, "The test rows cannot be held out of the 2 rows of data/rows.csv: "),
    ("y\n0\n1\n1\n1\n", {"holdout": Holdout(test_size=2, random_state=1, stratify=True)}, "The test rows cannot be held out of the 4 rows"),
    ("y\n0\n0\n0\n0\n1\n", {"holdout": Holdout(test_size=2, random_state=1)}, "All 2 test rows of data/rows.csv have the label 0."),
    ("y\n0\n1\n1\n1\n1\n", {"holdout": Holdout(test_size=2, random_state=2)}, "All 2 test rows of data/rows.csv have the label 1."),
]  # fmt: skip


@pytest.mark.parametrize(("table", "more", "sentence"), WRONG)
def test_a_check_that_fails_is_one_sentence(table: str, more: dict[str, Any], sentence: str) -> None:
    with pytest.raises(SplitError) as caught:
        make(table, **more)
    assert str(caught.value).startswith(sentence)
    assert "\n" not in str(caught.value)
    assert caught.value.hint.template


def test_a_target_of_lists() -> None:
    with pytest.raises(SplitError, match=r'"y" of data/rows.csv holds no labels'):
        make(pd.DataFrame({"y": [[1], [0]]}))
