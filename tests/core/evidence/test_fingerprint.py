import datetime as dt
import io
import struct
from collections.abc import Sequence
from decimal import Decimal
from hashlib import sha256
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.evidence.fingerprint import fingerprint


def of(*columns: Any, target: str = "y", positive: Any = 1) -> str:
    frame = pd.concat(map(pd.Series, columns), axis=1) if columns else pd.DataFrame()
    return fingerprint(frame, target, positive)


def from_csv(frame: pd.DataFrame) -> pd.DataFrame:
    text = frame.to_csv(index=False)
    return pd.read_csv(io.StringIO(text), low_memory=False)


def from_parquet(frame: pd.DataFrame, **options: Any) -> pd.DataFrame:
    content = io.BytesIO()
    frame.to_parquet(content, index=False)
    return pq.ParquetFile(content).read().to_pandas(**options)


def test_a_small_table_has_the_fingerprint_it_always_had() -> None:
    frame = pd.DataFrame(
        {
            "Age": [22.0, np.nan, -0.0, 0.1],
            "Sex": ["male", None, "", "女"],
            "Adult": [True, False, None, True],
            "Id": [2**53 + 1, -1, 0, 1],
            "Empty": [None] * 4,
            "Survived": [0, 1, 1, 0],
        }
    )
    assert fingerprint(frame, "Survived", 1) == (
        "sha256:62e05c44909a49d7eaccfe45bb0d82cae33c3c06cba13e2bbc1cb2cfab00364a"
    )


def test_the_layout_is_the_one_that_is_written_down() -> None:
    frame = pd.DataFrame(
        {"Age": [22.5, np.nan], "女": ["ab", "é"], "Old": [True, False], "None": [None, None]}
    )
    number = b"n" + b"\x02" + struct.pack("<2d", 22.5, 0.0) + b"\0"
    text = b"t" + b"\x00" + struct.pack("<2Q", 2, 2) + "abé".encode()
    truth = b"b" + b"\x00" + b"\x01\x00"
    nothing = b"-" + b"\x03"
    split = b"runoff-split-1\0" + struct.pack("<2Q", 2, 4)
    for name, column in (("Age", number), ("女", text), ("Old", truth), ("None", nothing)):
        split += struct.pack("<Q", len(name.encode())) + name.encode() + sha256(column).digest()
    positive = b"n" + b"\x00" + struct.pack("<d", 1.0) + b"\0"
    split += struct.pack("<Q", 3) + b"Old" + sha256(positive).digest()
    assert fingerprint(frame, "Old", 1) == f"sha256:{sha256(split).hexdigest()}"


SAME: list[tuple[str, Sequence[Any]]] = [
    ("integers of any width", [pd.Series([1, 2], dtype=t) for t in ("int8", "uint16", "int32", "int64", "uint64", ">i4", "Int32")]),
    ("integers and floats", [pd.Series([1, 2]), pd.Series([1.0, 2.0]), pd.Series([1, 2], dtype="float32"), pd.Series([1, 2], dtype="Float64")]),
    ("integers with a missing value", [pd.Series([1, None]), pd.Series([1, None], dtype="Int64"), pd.Series([1, None], dtype=object), pd.Series([1, None], dtype=pd.ArrowDtype(pa.int16()))]),
    ("either zero", [pd.Series([0.0, 1.0]), pd.Series([-0.0, 1.0]), pd.Series([0, 1])]),
    ("short floats and their decimals", [pd.Series([0.1, 1e10, 7.25]), pd.Series([0.1, 1e10, 7.25], dtype="float32"), pd.Series([0.1, 1e10, 7.25], dtype=pd.ArrowDtype(pa.float32()))]),
    ("half floats and their decimals", [pd.Series([0.1, 6.55e4, np.nan]), pd.Series([0.1, 65504, np.nan], dtype="float16")]),
    ("either byte order", [pd.Series([0.1, np.nan]), pd.Series(np.array([0.1, np.nan], dtype=">f8"))]),
    ("exact integers", [pd.Series([2**53 + 1, 1]), pd.Series([2**53 + 1, 1], dtype="uint64"), pd.Series([2**53 + 1, 1], dtype="Int64")]),
    ("large integers that floats hold", [pd.Series([2**60, -(2**63)]), pd.Series([2.0**60, -(2.0**63)])]),
    ("decimals", [pd.Series([0.1, 2.5]), pd.Series([Decimal("0.10"), Decimal("2.5")])]),
    ("text", [pd.Series(["a", None]), *(pd.Series(["a", None], dtype=t) for t in ("object", "string", "category", "string[pyarrow]"))]),
    ("text by any missing mark", [pd.Series(["a", mark], dtype=object) for mark in (None, np.nan, pd.NA, pd.NaT)]),
    ("categories in any order", [pd.Series(pd.Categorical(["b", "a"], categories=c)) for c in (["a", "b"], ["b", "a", "c"])]),
    ("truths", [pd.Series([True, False]), pd.Series([True, False], dtype="boolean"), pd.Series([True, False], dtype=object)]),
    ("truths with a missing value", [pd.Series([True, None], dtype="boolean"), pd.Series([True, None]), pd.Series([True, np.nan], dtype=object)]),
    ("nothing at all", [pd.Series([None, None], dtype=t) for t in ("object", "float64", "Int64", "string", "category", "datetime64[ns]", "boolean")]),
    ("days", [pd.Series(["2024-01-01", None]), pd.to_datetime(pd.Series(["2024-01-01", None])), pd.Series([dt.date(2024, 1, 1), None])]),
    ("times", [pd.Series(["2024-01-01 00:00:00.250", "2024-01-02 10:00:00.000"]), *(pd.to_datetime(pd.Series(["2024-01-01 00:00:00.25", "2024-01-02 10:00"]), format="mixed").astype(f"datetime64[{u}]") for u in ("ms", "us", "ns"))]),
    ("times of a zone", [pd.Series(["2024-01-01 00:00:00-03:30", "2024-07-01 00:00:00-02:30"]), pd.to_datetime(pd.Series(["2024-01-01", "2024-07-01"])).dt.tz_localize("America/St_Johns")]),
    ("times of the day", [pd.Series(["10:00:00"]), pd.Series([dt.time(10)])]),
    ("lists", [pd.Series([[1.0, 2.0]]), pd.Series([np.array([1.0, 2.0])])]),
]  # fmt: skip


@pytest.mark.parametrize(("columns"), [same for _, same in SAME], ids=[name for name, _ in SAME])
def test_the_same_values_have_the_same_fingerprint(columns: Sequence[pd.Series]) -> None:
    assert len({of(column.rename("x")) for column in columns}) == 1


DIFFERENT: list[tuple[str, Sequence[Any]]] = [
    ("numbers next to each other", [[0.1], [np.nextafter(0.1, 1)], [-0.1], [np.inf], [-np.inf]]),
    ("integers that one float stands for", [[2**53], [2**53 + 1]]),
    ("integers at the ends", [pd.Series([2**63 - 1]), pd.Series([2**63], dtype="uint64"), pd.Series([-(2**63)]), pd.Series([2**64 - 1], dtype="uint64"), pd.Series([-1])]),
    ("integers of any size", [pd.Series([2**64], dtype=object), pd.Series([2**64 + 1], dtype=object)]),
    ("long decimals", [[Decimal("0.1234567890123456789")], [Decimal("0.1234567890123456788")], [Decimal("-0.1234567890123456789")]]),
    ("types", [[1], ["1"], [True], [b"1"], ["True"]]),
    ("missing and empty", [["", "a"], [None, "a"]]),
    ("missing and zero", [[0, 1], [None, 1]]),
    ("missing and false", [[False, True], [None, True]]),
    ("where a text ends", [["a", "b"], ["ab", ""], ["", "ab"], ["a\0b", ""]]),
    ("which one is missing", [[None, 1, 1], [1, None, 1], [1, 1, None]]),
    ("letters that look alike", [["é"], ["e\u0301"]]),
    ("order", [[1, 2], [2, 1]]),
    ("rows", [[1], [1, 1], [1, 1, 1]]),
    ("nested and mixed values", [pd.Series([[1]]), pd.Series([["1"]]), pd.Series([[1, 2]]), pd.Series([{"a": 1}]), pd.Series([{"a": np.array([2])}]), pd.Series([{"a": np.array([3])}])]),
    ("mixed types", [pd.Series([1, "a"]), pd.Series(["1", "a"])]),
    ("times apart by the least", [pd.Series(["2024-01-01"]), pd.Series(pd.to_datetime(["2024-01-01 00:00:00.000000001"])), pd.Series(pd.to_datetime(["2024-01-01"]).tz_localize("UTC"))]),
    ("half floats", [pd.Series([0.1], dtype="float16"), pd.Series([0.1001], dtype="float16")]),
]  # fmt: skip


@pytest.mark.parametrize(("columns"), [other for _, other in DIFFERENT], ids=[name for name, _ in DIFFERENT])
def test_other_values_have_another_fingerprint(columns: Sequence[Any]) -> None:
    prints = [of(pd.Series(column, name="x")) for column in columns]
    assert len(set(prints)) == len(prints)


def test_names_target_and_positive_label_count() -> None:
    a, b = pd.Series([1, 0], name="a"), pd.Series([0, 1], name="b")
    prints = [
        of(a, b),
        of(b, a),
        of(a),
        of(a, b.rename("c")),
        of(a.rename("b"), b.rename("a")),
        of(a, b, target="z"),
        of(a, b, positive=0),
        of(a, b, positive="1"),
        of(a, b, positive=True),
        of(a.rename("ab"), b.rename("")),
    ]
    assert len(set(prints)) == len(prints)
    assert of(a, b, positive=1.0) == of(a, b)


def test_values_do_not_pass_for_those_of_the_next_column() -> None:
    prints = [
        of(pd.Series(["a", "b"]), pd.Series(["c", "d"])),
        of(pd.Series(["a", ""]), pd.Series(["bc", "d"])),
        of(pd.Series(["a", "bc"]), pd.Series(["", "d"])),
        of(pd.Series(["a", None]), pd.Series(["b", "cd"])),
    ]
    assert len(set(prints)) == len(prints)


def test_the_index_does_not_count() -> None:
    frame = pd.DataFrame({"x": [1, 2, 3]})
    assert fingerprint(frame.iloc[[2, 0]], "x", 1) == fingerprint(pd.DataFrame({"x": [3, 1]}), "x", 1)


def test_rows_that_arrow_keeps_in_slices() -> None:
    text = pa.chunked_array([pa.array(["zz", "a", None, "b"]).slice(1, 2), pa.array(["b"])])
    assert of(pd.Series(text.to_pandas(), name="x")) == of(pd.Series(["a", None, "b"], name="x"))
    whole = pd.Series(["zz", "a", "b"], dtype="str", name="x")
    assert of(whole[1:]) == of(pd.Series(["a", "b"], name="x"))


WORDS = st.text(
    st.characters(blacklist_categories=["Cs"], blacklist_characters="\r\n\0"), min_size=1, max_size=4
)
FLOATS = st.floats(allow_nan=True, allow_infinity=True)
NARROW = st.floats(width=32, allow_nan=True)


@st.composite
def frames(draw: st.DrawFn) -> pd.DataFrame:
    """Tables that a CSV can hold: its text columns hold no word that a CSV reads as something else."""
    rows = draw(st.integers(2, 5))

    def column(values: st.SearchStrategy[Any]) -> list[Any]:
        return draw(st.lists(values, min_size=rows, max_size=rows))

    return pd.DataFrame(
        {
            "float": pd.Series(column(FLOATS), dtype="float64"),
            "narrow": pd.Series(column(NARROW), dtype="float32"),
            "int": pd.Series(column(st.integers(-(2**63), 2**63 - 1)), dtype="int64"),
            "counts": pd.Series(column(st.none() | st.integers(-(2**53), 2**53)), dtype="Int64"),
            "text": pd.Series(column(st.none() | WORDS.map("_{}".format)), dtype="str"),
            "truth": pd.Series(column(st.none() | st.booleans()), dtype="boolean"),
            "time": pd.Series(pd.to_datetime(column(st.integers(-(2**51), 2**51)), unit="us")),
        }
    )


@settings(deadline=None)
@given(frames())
def test_the_same_rows_from_csv_and_from_parquet(frame: pd.DataFrame) -> None:
    expected = fingerprint(frame, "text", "_a")
    assert fingerprint(from_csv(frame), "text", "_a") == expected
    assert fingerprint(from_parquet(frame), "text", "_a") == expected
    assert fingerprint(from_parquet(frame, ignore_metadata=True), "text", "_a") == expected


@settings(deadline=None)
@given(frames(), st.data())
def test_any_cell_changed(frame: pd.DataFrame, data: st.DataObject) -> None:
    row = data.draw(st.integers(0, len(frame) - 1))
    name = data.draw(st.sampled_from(["float", "narrow", "int", "text", "truth"]))
    values = {
        "float": FLOATS,
        "narrow": NARROW,
        "int": st.integers(-(2**63), 2**63 - 1),
        "text": WORDS,
        "truth": st.booleans(),
    }
    changed = frame.copy()
    changed.loc[row, name] = data.draw(values[name])
    old, new = frame.loc[row, name], changed.loc[row, name]
    same = (pd.isna(old) and pd.isna(new)) or (not pd.isna(old) and not pd.isna(new) and old == new)
    assert (fingerprint(changed, "text", "_a") == fingerprint(frame, "text", "_a")) == same


@settings(deadline=None)
@given(frames(), st.data())
def test_rows_swapped(frame: pd.DataFrame, data: st.DataObject) -> None:
    frame["row"] = np.arange(len(frame))
    order = data.draw(st.permutations(range(len(frame))))
    same = list(order) == sorted(order)
    assert (fingerprint(frame.iloc[order], "text", "_a") == fingerprint(frame, "text", "_a")) == same


@settings(deadline=None)
@given(st.lists(st.floats(width=32), min_size=1, max_size=50))
def test_a_narrow_float_is_what_numpy_writes(values: list[float]) -> None:
    narrow = np.array(values, dtype=np.float32)
    wide = np.array([float(str(value)) for value in narrow])
    assert of(pd.Series(narrow)) == of(pd.Series(wide))
