import os
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from core.catalog.mlmodel import Column, ModelCard
from core.errors import ScoringError
from core.evidence.feature_casts import cast_column
from core.evidence.features import FeatureFiles, Features, chosen_columns
from core.evidence.isolation.child import read_features
from core.evidence.isolation.job import Job
from core.evidence.split import Split

FRAME = pd.DataFrame(
    {
        "target": [0, 1, 1],
        "a": [1.0, 2.5, np.nan],
        "b": [1.0, 2.0, 3.0],
        "n": [1, 2, 3],
        "text": ["x", "y", None],
        "id": [7, 8, 9],
    }
)


def split_with(**changes: Any) -> Split:
    facts: dict[str, Any] = {
        "fingerprint": "sha256:" + "f" * 64,
        "source": "rows.csv",
        "frame": FRAME,
        "labels": FRAME["target"].to_numpy() == 1,
        "target": "target",
        "positive": 1,
        "negative": 0,
        "id": "id",
        **changes,
    }
    return Split(**facts)


def card(*columns: tuple[str, str]) -> ModelCard:
    return ModelCard(inputs=tuple(Column(*column) for column in columns))


def read(features: Features, count: int) -> pd.DataFrame:
    job = Job(
        id="",
        folder="",
        artifact="",
        flavor="",
        features=str(features.path),
        columns=features.columns,
        rows=count,
        positive=1,
        negative=0,
    )
    return read_features(job)


def test_a_signature_chooses_orders_and_casts(tmp_path: Path) -> None:
    features = FeatureFiles(tmp_path).of(
        card(("b", "double"), ("n", "double"), ("a", "double")), split_with()
    )
    assert features.path.suffix == ".npy"
    frame = read(features, 3)
    assert list(frame.columns) == ["b", "n", "a"]
    assert set(frame.dtypes) == {np.dtype(np.float64)}
    np.testing.assert_array_equal(frame.to_numpy(), FRAME[["b", "n", "a"]].to_numpy(dtype=float))
    frame.loc[0, "b"] = 5.0  # a model may write into its features, which changes no file
    assert read(features, 3).loc[0, "b"] == 1.0


def test_columns_of_several_types_travel_as_they_are(tmp_path: Path) -> None:
    wanted = card(("text", "string"), ("b", "long"), ("a", "float"), ("n", "string"))
    features = FeatureFiles(tmp_path).of(wanted, split_with())
    assert features.path.suffix == ".arrow"
    frame = read(features, 3)
    assert list(frame.columns) == ["text", "b", "a", "n"]
    assert [str(dtype) for dtype in frame.dtypes] == ["str", "int64", "float32", "str"]
    assert frame["b"].tolist() == [1, 2, 3]
    assert frame["n"].tolist() == ["1", "2", "3"]
    assert frame["text"].isna().tolist() == [False, False, True]


def test_categories_stay_categories(tmp_path: Path) -> None:
    frame = FRAME.assign(text=pd.Categorical(["x", "y", "x"], categories=["y", "x"]))
    features = FeatureFiles(tmp_path).of(card(("text", "string"), ("a", "double")), split_with(frame=frame))
    assert list(read(features, 3)["text"].cat.categories) == ["y", "x"]


def test_without_a_signature_the_settings_choose_and_else_all_but_target_and_id() -> None:
    chosen, by_somebody = chosen_columns(ModelCard(), split_with(features=("n", "a")))
    assert ([column.name for column in chosen], by_somebody) == (["n", "a"], True)
    chosen, by_somebody = chosen_columns(ModelCard(), split_with(slices=("text",)))
    assert ([column.name for column in chosen], by_somebody) == (["a", "b", "n", "text"], False)


def test_optional_columns_may_be_missing_and_required_ones_are_named() -> None:
    optional = ModelCard(inputs=(Column("a", "double"), Column("gone", "double", required=False)))
    assert [column.name for column in chosen_columns(optional, split_with())[0]] == ["a"]
    with pytest.raises(ScoringError) as caught:
        chosen_columns(card(("a", "double"), *((f"m{i}", "double") for i in range(12))), split_with())
    assert str(caught.value.title) == (
        "The split has no column m0, m1, m2, m3, m4, m5, m6, m7, m8, m9, … (12), which the model asks for."
    )


@pytest.mark.parametrize("features", [None, ("target", "a")])
def test_no_model_gets_the_target(features: tuple[str, ...] | None) -> None:
    wanted = card(("target", "long")) if features is None else ModelCard()
    with pytest.raises(ScoringError) as caught:
        chosen_columns(wanted, split_with(features=features))
    assert "asks for the target target as an input" in str(caught.value)


CASTS = [
    ("double", [1, 2], np.float64, [1.0, 2.0]),
    ("double", [True, False], np.float64, [1.0, 0.0]),
    ("double", ["1", "2.5"], np.float64, [1.0, 2.5]),
    ("float", [0.1, 2], np.float32, [np.float32(0.1), 2]),
    ("long", [1.0, 2.0], np.int64, [1, 2]),
    ("long", [True, False], np.int64, [1, 0]),
    ("integer", [1, -(2**31)], np.int32, [1, -(2**31)]),
    ("boolean", [0, 1], np.bool_, [False, True]),
    ("boolean", ["true", "False"], np.bool_, [True, False]),
    ("binary", [b"x", b"y"], object, [b"x", b"y"]),
    ("array", [[1], [2]], object, [[1], [2]]),
]


@pytest.mark.parametrize(("kind", "values", "dtype", "expected"), CASTS)
def test_casts(kind: str, values: list[Any], dtype: Any, expected: list[Any]) -> None:
    cast = cast_column(pd.Series(values), Column("x", kind))
    assert cast.dtype == dtype
    assert cast.tolist() == expected


def test_nullable_numbers_become_numbers_with_nan() -> None:
    cast = cast_column(pd.Series([1, None], dtype="Int64"), Column("x", "double"))
    assert cast.dtype == np.float64
    assert np.isnan(cast[1])


def test_times() -> None:
    cast = cast_column(pd.Series(["2026-01-02", "2026-01-03"]), Column("x", "datetime"))
    assert cast.dt.day.tolist() == [2, 3]


@pytest.mark.parametrize(
    ("kind", "values", "row", "value"),
    [
        ("double", ["1", "two", "three"], 2, "two"),
        ("long", [1.0, 2.0, 2.5], 3, "2.5"),
        ("long", [1.0, np.nan, 2.0], 2, "nan"),
        ("integer", [0, 2**31], 2, "2147483648"),
        ("boolean", [0, 1, 2], 3, "2"),
        ("string", [1.5, 2.5], 1, "1.5"),
        ("datetime", ["2026-01-02", "soon"], 2, "soon"),
    ],
)
def test_the_first_value_that_cannot_be_cast_is_named(
    kind: str, values: list[Any], row: int, value: str
) -> None:
    with pytest.raises(ScoringError) as caught:
        cast_column(pd.Series(values * 1), Column("Age", kind))
    assert str(caught.value.title) == (
        f"Column Age cannot be read as {kind}: row {row} of the split holds {value}."
    )


def test_a_file_is_written_once_and_again_when_somebody_touched_it(tmp_path: Path) -> None:
    files, split = FeatureFiles(tmp_path), split_with()
    wanted = card(("a", "double"), ("b", "double"))
    first = files.of(wanted, split).path
    with first.open("rb") as still_open:  # so that its inode is not given to another file
        assert files.of(wanted, split).path.stat().st_ino == os.fstat(still_open.fileno()).st_ino
        assert first.stat().st_mode & 0o222 == 0
        another_process = FeatureFiles(tmp_path)
        assert another_process.of(wanted, split).path.stat().st_ino != os.fstat(still_open.fileno()).st_ino
    first.chmod(0o644)
    first.write_bytes(b"")
    again = files.of(wanted, split)
    assert again.path == first
    assert read(again, 3)["b"].tolist() == [1.0, 2.0, 3.0]


def test_no_file_below_the_data_directory_holds_the_labels(tmp_path: Path) -> None:
    split = split_with(frame=FRAME.assign(target=[123456.5, 0.0, 0.0]))
    FeatureFiles(tmp_path).of(ModelCard(), split)
    (file,) = (path for path in tmp_path.rglob("*") if path.is_file())
    assert np.float64(123456.5).tobytes() not in file.read_bytes()


def test_what_was_not_used_for_longest_makes_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files, split = FeatureFiles(tmp_path), split_with()
    first = files.of(card(("a", "double")), split).path
    second = files.of(card(("b", "double")), split).path
    os.utime(second, (1, 1))
    monkeypatch.setattr("core.evidence.features._MAX_KEPT_BYTES", first.stat().st_size * 2)
    third = files.of(card(("n", "double")), split).path
    assert [path.exists() for path in (first, second, third)] == [True, False, True]
    assert files.of(card(("b", "double")), split).path.exists()
