import csv
import io
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from core.errors import UsageError
from core.evidence import flips
from core.evidence.flips import Order, Which, as_csv, found, lines
from core.evidence.paired import Thresholds
from core.evidence.statistics.proportions import mcnemar
from tests.dashboard.row_by_row import make_pair, make_row_split

AT = Thresholds(baseline=0.45, candidate=0.6)
SPLIT = make_row_split()
PAIR = make_pair(SPLIT, hurts=True)


def table() -> pd.DataFrame:
    """Every row with what is said of it, by pandas."""
    frame = SPLIT.frame.assign(before=PAIR.before, after=PAIR.after)
    was, now = frame["before"] >= AT.baseline, frame["after"] >= AT.candidate
    label = frame["y"] == 1
    frame["outcome"] = np.select(
        [(was != label) & (now == label), (was == label) & (now != label)], ["fixed", "broken"], ""
    )
    names = {(False, False): "tn", (False, True): "fp", (True, False): "fn", (True, True): "tp"}
    frame["cell"] = [names[pair] for pair in zip(label, now, strict=True)]
    frame["baseline_cell"] = ["baseline_" + names[pair] for pair in zip(label, was, strict=True)]
    frame["change"] = (frame["after"] - frame["before"]).abs()
    return frame


TABLE = table()


@pytest.mark.parametrize("which", Which)
def test_rows_are_those_that_pandas_finds_greatest_change_first(which: Which) -> None:
    expected = {
        "flipped": TABLE["outcome"] != "",
        "fixed": TABLE["outcome"] == "fixed",
        "broken": TABLE["outcome"] == "broken",
    }.get(which, (TABLE["cell"] == which) | (TABLE["baseline_cell"] == which))
    rows = found(PAIR, AT, which, Order())
    assert len(rows) > 20
    assert (
        rows.tolist() == TABLE[expected].sort_values("change", ascending=False, kind="stable").index.tolist()
    )


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize(
    ("by", "column"),
    [("baseline", "before"), ("candidate", "after"), ("label", "y"), ("row", "Id"), ("column:Age", "Age"), ("column:Town", "Town"), ("column:Sex", "Sex")],
)  # fmt: skip
def test_rows_are_sorted_by_any_column_with_missing_ones_last(
    by: str, column: str, *, descending: bool
) -> None:
    rows = found(PAIR, AT, Which.FLIPPED, Order(by=by, is_descending=descending))
    expected = TABLE[TABLE["outcome"] != ""].sort_values(
        column, ascending=not descending, na_position="last", kind="stable"
    )
    assert TABLE.loc[rows, column].astype(str).tolist() == expected[column].astype(str).tolist()


def test_kinds_of_values_that_cannot_be_compared_are_sorted_all_the_same() -> None:
    frame = SPLIT.frame.assign(Town=[[1], "a", 2, None] * 300)
    pair = replace(PAIR, split=replace(SPLIT, frame=frame))
    rows = found(pair, AT, Which.TP, Order(by="column:Town"))
    assert sorted(rows) == sorted(found(pair, AT, Which.TP, Order()))
    assert lines(pair, AT, rows[:1])[0].features[2] in {"a", "[1]", 2}


def test_an_unknown_column_is_refused() -> None:
    for by in ("column:age", "age", ""):
        with pytest.raises(UsageError, match="to sort by"):
            found(PAIR, AT, Which.FIXED, Order(by=by))


def test_lines_say_all_of_a_row() -> None:
    rows = found(PAIR, AT, Which.FLIPPED, Order())[:50]
    for row, line in zip(rows.tolist(), lines(PAIR, AT, rows), strict=True):
        expected = TABLE.loc[row]
        assert line.row == SPLIT.row_name(row) == str(expected["Id"])
        assert (line.baseline, line.candidate) == (expected["before"], expected["after"])
        assert line.label == (expected["y"] == 1)
        assert line.outcome == expected["outcome"]
        sex, age, town, fare = line.features
        assert sex == ("male" if expected["Sex"] == 0 else "female")
        assert age == (None if np.isnan(expected["Age"]) else expected["Age"])
        assert (town, fare) == (None if pd.isna(expected["Town"]) else expected["Town"], expected["Fare"])


@pytest.mark.parametrize("id_column", [[1.0, None, 2.5, 7.0], ["a", None, "", "b"], None])
def test_rows_are_named_as_the_split_names_them(id_column: list[object] | None) -> None:
    split = replace(make_row_split(4), row_numbers=np.array([3, 9, 11, 20]), id=None)
    if id_column is not None:
        split = replace(split, frame=split.frame.assign(Id=id_column), id="Id")
    told = lines(make_pair(split), AT, np.arange(4))
    assert [line.row for line in told] == [split.row_name(row) for row in range(4)]


def test_counts_are_mcnemars() -> None:
    counted = flips.flips(PAIR, AT)
    assert counted.fixed == (TABLE["outcome"] == "fixed").sum()
    assert counted.broken == (TABLE["outcome"] == "broken").sum()
    assert counted.p_value == mcnemar(counted.fixed, counted.broken)


def test_csv_holds_every_row_and_digit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flips, "CHUNK", 7)
    rows = found(PAIR, AT, Which.BROKEN, Order())
    pieces = list(as_csv(PAIR, AT, rows))
    assert len(pieces) == -(-len(rows) // 7)
    head, *read = csv.reader(io.StringIO("".join(pieces)))
    assert head == ["Id", "y", "baseline_score", "candidate_score", "outcome", "Sex", "Age", "Town", "Fare"]
    assert len(read) == len(rows)
    assert [float(line[3]) for line in read] == PAIR.after[rows].tolist()
    assert {line[4] for line in read} == {"broken"}
    assert "<b>Tromsø</b>" in {line[7] for line in read}


def test_csv_of_no_rows_is_its_head() -> None:
    text = "".join(as_csv(PAIR, AT, np.array([], dtype=np.int64)))
    assert text.count("\n") == 1
