"""The forest of slices, over everything that slices can be."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import cache

import plotly.graph_objects as go
import pytest

from core.evidence.scores import ScoreKind
from core.evidence.slice_evidence import Sliced, SliceTerms, slice_evidence
from core.evidence.slices import slices_of
from core.evidence.statistics.interval import Difference
from dashboard.figures import slices
from dashboard.marks import Mark
from dashboard.messages import LANGUAGES, Reader, reader
from dashboard.theme import PALETTES, Scheme
from tests.dashboard.row_by_row import make_pair, make_row_split

PAIR = make_pair(make_row_split(), hurts=True)
MARK = Mark(2)


def judged(metric: str = "roc_auc", *, min_rows: int = 30, columns: tuple[str, ...] | None = None) -> Sliced:
    terms = SliceTerms(metric=metric, threshold=0.5, min_rows=min_rows)
    return slice_evidence(slices_of(PAIR.split, columns), PAIR, terms)


def ranking() -> Sliced:
    pair = make_pair(make_row_split(), kind=ScoreKind.RANKING)
    return slice_evidence(slices_of(pair.split), pair, SliceTerms(metric="brier", threshold=0.5))


def alike() -> Sliced:
    pair = replace(PAIR, candidate=PAIR.baseline)
    return slice_evidence(slices_of(pair.split), pair, SliceTerms(metric="f1", threshold=0.5))


CASES: Mapping[str, Callable[[], Sliced]] = {
    "some are worse": judged,
    "loss": lambda: judged("log_loss"),
    "all small": lambda: judged(min_rows=5_000),
    "some small": lambda: judged(min_rows=300),
    "one": lambda: replace(judged(), slices=judged().slices[:1]),
    "none": lambda: judged(columns=()),
    "undefined": ranking,
    "alike": alike,
}


@cache
def case(name: str) -> Sliced:
    return CASES[name]()


@pytest.fixture(params=CASES)
def sliced(request: pytest.FixtureRequest) -> Sliced:
    return case(request.param)


@pytest.fixture(params=zip(Scheme, LANGUAGES, strict=True), ids=" ".join)
def scheme(request: pytest.FixtureRequest) -> Iterator[Scheme]:
    """One scheme in each language."""
    scheme, language = request.param
    token = reader.set(Reader(language))
    yield scheme
    reader.reset(token)


def refuse(constant: str) -> None:
    raise AssertionError(constant)


def test_is_one_that_plotly_knows_without_nan_or_markup(sliced: Sliced, scheme: Scheme) -> None:
    figure = slices.figure(sliced, MARK, scheme)
    go.Figure(figure.to_plotly_json())
    text = figure.to_json()
    json.loads(text, parse_constant=refuse)
    assert "<b>Troms" not in text
    assert figure.layout.template.layout.font.color == PALETTES[scheme].muted


def test_each_slice_has_a_row_with_its_number_of_rows(sliced: Sliced, scheme: Scheme) -> None:
    figure = slices.figure(sliced, MARK, scheme)
    assert len(figure.layout.yaxis.ticktext) == len(sliced.slices)
    told = {
        note.y: note.text
        for note in figure.layout.annotations
        if note.yref == "y" and note.xanchor == "right"
    }
    assert told == {at: f"{one.slice.rows:,}" for at, one in enumerate(sliced.slices)}
    assert slices.height(sliced) > 26 * len(sliced.slices)


def test_right_is_better_and_only_what_is_clear_has_the_candidates_hue(
    sliced: Sliced, scheme: Scheme
) -> None:
    grey, clear, marks = slices.figure(sliced, MARK, scheme).data
    known = [one for one in sliced.slices if isinstance(one.difference, Difference)]
    assert len(marks.x) == len(known)
    for x, y, color in zip(marks.x, marks.y, marks.marker.color, strict=True):
        one = sliced.slices[y]
        assert isinstance(one.difference, Difference)
        assert x == (one.difference.value if sliced.metric.greater_is_better else -one.difference.value)
        assert (color == MARK.color(scheme)) == one.is_clear
        ends = clear if one.is_clear else grey
        at = list(ends.y).index(y)
        assert ends.x[at] <= x <= ends.x[at + 1]
        low, high = slices.figure(sliced, MARK, scheme).layout.xaxis.range
        assert low < ends.x[at] <= ends.x[at + 1] < high
    assert clear.line.color == MARK.color(scheme)
    assert grey.line.color == PALETTES[scheme].muted


def test_the_pointer_is_told_all_of_a_slice() -> None:
    sliced = case("some are worse")
    texts = slices.figure(sliced, MARK, Scheme.LIGHT).data[2].hovertext
    one = next(text for text in texts if "Sex: male" in text)
    assert "590 rows" in one
    assert "ROC AUC" in one
    assert "pp" in one
    assert "−" in one
    assert "too small" not in one
    assert all(
        "too small" in text for text in slices.figure(case("all small"), MARK, Scheme.LIGHT).data[2].hovertext
    )


def test_long_names_are_cut_and_small_slices_set_apart() -> None:
    sliced = case("some small")
    labels = slices.figure(sliced, MARK, Scheme.LIGHT).layout.yaxis.ticktext
    assert [label.startswith("<i>") for label in labels] == [one.is_small for one in sliced.slices]
    first = sliced.slices[0]
    long = replace(first, slice=replace(first.slice, column="x" * 80))
    (label,) = slices.figure(replace(sliced, slices=(long,)), MARK, Scheme.LIGHT).layout.yaxis.ticktext
    assert len(label) == 30
    assert label.endswith("…")
