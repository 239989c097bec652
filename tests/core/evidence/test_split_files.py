import gzip
import io
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.errors import SplitError
from core.evidence.split_files import read_table

ODD_CSV = """\ufeff
id,Age,Sex,"two
lines",Adult,Code
1,22.5,male,x,True,007
2,,NA,"a,b",,1e-3

3,n/a,"say ""hi"" all",null,False,-inf
"""


def read(file: Path, content: bytes | str) -> pd.DataFrame:
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_table([file], "data/rows")


def test_a_csv_is_what_pandas_reads_by_default(tmp_path: Path) -> None:
    pd.testing.assert_frame_equal(read(tmp_path / "a.csv", ODD_CSV), pd.read_csv(io.StringIO(ODD_CSV[1:])))


@pytest.mark.parametrize("name", ["a.csv.gz", "a.csv", "A.CSV"])
def test_a_compressed_csv_by_any_of_its_names(tmp_path: Path, name: str) -> None:
    expected = pd.read_csv(io.StringIO(ODD_CSV[1:]))
    pd.testing.assert_frame_equal(read(tmp_path / name, gzip.compress(ODD_CSV.encode())), expected)


def test_a_csv_that_a_server_unpacked_keeps_its_name(tmp_path: Path) -> None:
    assert read(tmp_path / "a.csv.gz", "a,b\n1,2\n").to_dict("list") == {"a": [1], "b": [2]}


def test_a_long_column_of_two_types_gets_one(tmp_path: Path) -> None:
    frame = read(tmp_path / "a.csv", "a,b\n" + "1,1\n" * 300_000 + "x,1\n")
    assert set(map(type, frame["a"])) == {str}


def test_columns_without_a_name_may_be_several(tmp_path: Path) -> None:
    assert list(read(tmp_path / "a.csv", ",a,\n1,2,3\n").columns) == ["Unnamed: 0", "a", "Unnamed: 2"]


def test_floats_are_read_to_the_last_bit(tmp_path: Path) -> None:
    values = np.random.default_rng(0).normal(size=5_000) * 10.0 ** np.arange(-250, 250, 0.1)
    file = tmp_path / "a.csv"
    pd.DataFrame({"a": values}).to_csv(file, index=False)
    assert (read_table([file], "x")["a"].to_numpy() == values).all()


def test_parquet_is_its_columns_and_no_nameless_index(tmp_path: Path) -> None:
    frame = pd.DataFrame({"a": [1, 2], "b": ["x", None]}, index=[7, 3])
    frame.to_parquet(tmp_path / "a.parquet")
    expected = {"a": [1, 2], "b": ["x", None]}
    assert read_table([tmp_path / "a.parquet"], "x").replace({np.nan: None}).to_dict("list") == expected
    frame.rename_axis("id").to_parquet(tmp_path / "b.parquet")
    assert read_table([tmp_path / "b.parquet"], "x")["id"].tolist() == [7, 3]


def test_parts_follow_each_other_and_may_differ_in_width_and_order(tmp_path: Path) -> None:
    parts = [tmp_path / "1.parquet", tmp_path / "2.parquet"]
    pd.DataFrame({"a": np.array([1], dtype="int32"), "b": ["x"]}).to_parquet(parts[0])
    pd.DataFrame({"b": ["y"], "a": np.array([2**40])}).to_parquet(parts[1])
    assert read_table(parts, "x").to_dict("list") == {"a": [1, 2**40], "b": ["x", "y"]}


def test_a_folder_with_an_equals_sign_adds_no_column(tmp_path: Path) -> None:
    (tmp_path / "day=1").mkdir()
    file = tmp_path / "day=1" / "a.parquet"
    pd.DataFrame({"a": [1]}).to_parquet(file)
    assert list(read_table([file], "x").columns) == ["a"]


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("a.csv", "", "data/rows is empty."),
        ("a.csv", "\n\n", "data/rows is empty."),
        ("a.parquet", "", "data/rows is empty."),
        ("a.csv", "a,b,a\n1,2,3\n", 'data/rows has two columns named "a".'),
        ("a.csv", "a,b\n1,2,3\n4,5,6\n", "The first row of data/rows has 3 cells, its header 2."),
        ("a.csv", "a,b\n1,2\n4,5,6\n", "data/rows cannot be read as CSV: Error tokenizing data."),
        ("a.csv", 'a,b\n"1,2\n', "data/rows cannot be read as CSV: "),
        ("a.csv", b"a,b\n\xff,1\n", "data/rows is not UTF-8 text."),
        ("a.csv", b"a,b\n" + b"1,1\n" * 100_000 + b"\xff,1\n", "data/rows is not UTF-8 text."),
        ("a.csv", "a" * 200_000, "data/rows cannot be read as CSV: field larger than"),
        ("a.csv", b"\x1f\x8bnothing", "data/rows cannot be read as CSV: "),
        ("a.csv.gz", gzip.compress(b"a,b\n1,2\n" * 999)[:-30], "data/rows cannot be read as CSV: "),
        ("a.csv", b"PAR1", "data/rows is named CSV, but is Parquet."),
        ("a.parquet", "a,b\n1,2\n", "data/rows is named Parquet, but is not."),
        ("a.parquet", b"PAR1" + b"x" * 50, "data/rows cannot be read as Parquet: "),
        ("a.xlsx", "a", "data/rows is neither CSV nor Parquet by its name."),
    ],
)
def test_what_is_wrong_is_one_sentence(
    tmp_path: Path, name: str, content: bytes | str, sentence: str
) -> None:
    with pytest.raises(SplitError) as caught:
        read(tmp_path / name, content)
    assert str(caught.value.title).startswith(sentence)
    assert "\n" not in str(caught.value)


def test_a_column_twice_in_parquet(tmp_path: Path) -> None:
    table = pa.Table.from_arrays([pa.array([1]), pa.array([2])], names=["a", "a"])
    pq.write_table(table, tmp_path / "a.parquet")
    with pytest.raises(SplitError, match='data/rows has two columns named "a"'):
        read_table([tmp_path / "a.parquet"], "data/rows")


def test_parts_that_do_not_fit_together(tmp_path: Path) -> None:
    parts = [tmp_path / "1.parquet", tmp_path / "2.parquet"]
    pd.DataFrame({"a": [1]}).to_parquet(parts[0])
    pd.DataFrame({"b": [1]}).to_parquet(parts[1])
    with pytest.raises(SplitError, match=r'data/rows/2.parquet has other columns .* "a", "b"'):
        read_table(parts, "data/rows/")
    pd.DataFrame({"a": [[1]]}).to_parquet(parts[1])
    with pytest.raises(SplitError, match="data/rows cannot be read as Parquet"):
        read_table(parts, "data/rows")


def test_damage_in_the_middle_of_a_parquet_file(tmp_path: Path) -> None:
    file = tmp_path / "a.parquet"
    pd.DataFrame({"a": np.random.default_rng(0).normal(size=10_000)}).to_parquet(file)
    content = bytearray(file.read_bytes())
    content[4:400] = b"\xff" * 396
    file.write_bytes(bytes(content))
    with pytest.raises(SplitError, match="data/rows cannot be read as Parquet"):
        read_table([file], "data/rows")


def test_a_file_that_went_away(tmp_path: Path) -> None:
    with pytest.raises(SplitError, match="data/rows cannot be read: No such file"):
        read_table([tmp_path / "a.csv"], "data/rows")
