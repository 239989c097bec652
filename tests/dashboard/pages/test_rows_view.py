import csv
import io
import json
from dataclasses import replace

import numpy as np
import pytest

from core.evidence.comparison import Comparison, ScoringState, Status
from core.evidence.flips import Order, Which, lines
from core.evidence.paired import Thresholds
from core.evidence.row_evidence import RowPage
from core.evidence.slice_evidence import SliceTerms, slice_evidence
from core.evidence.slices import slices_of
from core.yaml_file import scalar
from dashboard.choice import Choice
from dashboard.pages import rows_view as page
from tests.dashboard.comparing import MODEL, make_comparison
from tests.dashboard.row_by_row import make_pair, make_row_split

SPLIT = make_row_split()
AT = Thresholds(0.5, 0.5)


def compared(baseline: int | None = 1, **facts: object) -> Comparison:
    return make_comparison([1, 2, 3], split=SPLIT, baseline=baseline, **facts)  # type: ignore[arg-type]  # few of its arguments


def test_candidates_are_the_scored_versions_beside_the_baseline() -> None:
    failed = {2: ScoringState(status=Status.FAILED)}
    assert page.candidates(compared()) == [2, 3]
    assert page.candidates(compared(states=failed)) == [3]
    assert page.candidates(compared(baseline=None)) == [1, 2, 3]
    assert page.candidates(make_comparison([1], split=SPLIT, baseline=1)) == [1]
    assert page.candidates(make_comparison([], split=SPLIT)) == []


def test_a_pair_needs_a_scored_baseline_that_is_another_version() -> None:
    failed = {1: ScoringState(status=Status.FAILED)}
    assert page.is_paired(compared(), 2)
    assert not page.is_paired(compared(), 1)
    assert not page.is_paired(compared(baseline=None), 2)
    assert not page.is_paired(compared(states=failed), 2)


def test_every_kind_of_row_can_be_asked_for_once() -> None:
    values = [option["value"] for option in page.which_options(compared(), 2)]
    assert sorted(values) == sorted(Which)
    labels = [option["label"] for option in page.which_options(compared(), 2)]
    assert "v2: actual 0, predicted 1" in labels
    assert "v1: actual 1, predicted 0" in labels
    assert len(page.which_options(compared(baseline=None), 2)) == 7


def test_what_makes_no_sense_counts_as_changed_rows() -> None:
    assert page.kind("tp") is Which.TP
    assert page.kind(None) is Which.FLIPPED
    assert page.kind(["tp"]) is Which.FLIPPED


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ([], Order()),
        ([{"colId": "f1", "sort": "asc"}], Order(by="column:Age", is_descending=False)),
        ([{"colId": "candidate", "sort": "desc"}], Order(by="candidate")),
        ([{"colId": "f99", "sort": "desc"}], Order(by="f99")),
        ("nonsense", Order()),
    ],
)
def test_requests_of_the_table_are_read(sort: object, order: Order) -> None:
    assert page.asked({"startRow": 100, "endRow": 200, "sortModel": sort}, SPLIT) == (100, 200, order)
    assert page.asked({"startRow": "x", "sortModel": sort}, SPLIT) == (0, 0, order)


def test_columns_and_rows_fit() -> None:
    pair = make_pair(SPLIT)
    found = page.grid_rows(RowPage(lines=lines(pair, AT, np.arange(30)), rows=1_200), SPLIT, start=100)
    fields = [column["field"] for column in page.grid_columns(compared(), 2)]
    assert found["rowCount"] == 1_200
    assert [row["place"] for row in found["rowData"]] == [str(100 + at) for at in range(30)]
    for row in found["rowData"]:
        assert set(fields) == row.keys() - {"place"}
    json.dumps(found, allow_nan=False)
    heads = [column["headerName"] for column in page.grid_columns(compared(), 2)]
    assert heads == [
        "Id",
        "Outcome",
        "y",
        "Score of v1",
        "Score of v2",
        "Change",
        "Sex",
        "Age",
        "Town",
        "Fare",
    ]
    alone = [column["field"] for column in page.grid_columns(compared(baseline=None), 2)]
    assert not {"baseline", "change", "outcome"} & set(alone)


def test_infinite_values_reach_the_browser_as_words() -> None:
    frame = SPLIT.frame.assign(Fare=np.where(np.arange(SPLIT.rows) % 2, np.inf, -np.inf))
    split = replace(SPLIT, frame=frame)
    found = page.grid_rows(RowPage(lines=lines(make_pair(split), AT, np.arange(2)), rows=2), split, start=0)
    assert [row["f3"] for row in found["rowData"]] == ["-Infinity", "Infinity"]


def test_without_slices_the_lines_name_columns_of_the_split() -> None:
    view = page.without_slices(compared())
    assert view.figure is None
    assert f"models:\n  {scalar(MODEL)}:\n    split:\n      slices: [Sex, Age, Town]\n" in repr(
        view.state.to_plotly_json()
    ).replace("\\n", "\n")
    assert page.slices_example(
        "a", ["x: y"]
    ) == 'models:\n  a:\n    split:\n      slices: ["x: y"]\n'.replace('"x: y"', scalar("x: y"))


def test_slices_are_a_file_of_numbers() -> None:
    pair = make_pair(SPLIT, hurts=True)
    sliced = slice_evidence(slices_of(SPLIT), pair, SliceTerms(metric="recall", threshold=0.5, min_rows=300))
    read = list(csv.DictReader(io.StringIO(page.slices_csv(sliced))))
    assert len(read) == len(sliced.slices)
    for line, one in zip(read, sliced.slices, strict=True):
        assert (line["column"], line["value"]) == (one.slice.column, str(one.slice.label))
        assert float(line["candidate"]) == one.candidate
        assert line["small"] == str(int(one.is_small))


def test_the_pair_says_where_its_files_are() -> None:
    kept = page.pair(compared(), Choice(baseline=1, versions=(2, 3), threshold=0.25), 2)
    assert kept["files"] == "/models/credit%20%3Cb%3Erisk%20%26%20%E4%B8%8E%E4%BF%A1%3F/rows/1/2,3/0.25/2"
    assert (kept["base"], kept["candidate"]) == (1, 2)
