"""The forest plot, over the battery's comparisons and by itself."""

import csv
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

from core.evidence.certainty import Certainties
from core.evidence.comparison import Comparison
from core.evidence.judgement import Judgement, judgement
from core.evidence.metrics import METRICS
from core.evidence.scores import Scores
from core.evidence.statistics.interval import Difference
from core.settings import ModelSettings
from dashboard.figures import bars, data, deltas
from dashboard.figures.scored import scored
from dashboard.figures.whiskers import Scale
from dashboard.marks import marks
from dashboard.messages import LANGUAGES, Reader, reader
from dashboard.theme import PALETTES, Scheme
from tests.dashboard.comparing import make_comparison, make_scores, make_split
from tests.dashboard.figures.test_comparison_figures import CASES, case

FEWER = [name for name in CASES if name != "thirty"]  # as ten, only slower


def judge(comparison: Comparison, made: Mapping[int, Scores] | None = None, **terms: Any) -> Judgement:
    return judgement(
        comparison,
        ModelSettings(primary_metric=comparison.primary_metric, **terms),
        Certainties(),
        lambda one: (made or {}).get(one.version.number) or make_scores(comparison.split, one.version.number),
    )


def draw(
    comparison: Comparison, scale: Scale = Scale.DIFFERENCE, scheme: Scheme = Scheme.LIGHT, **terms: Any
) -> go.Figure:
    look = marks([one.version.number for one in comparison.versions], comparison.baseline)
    return deltas.figure(comparison, judge(comparison, **terms), look, scheme, scale=scale)


@pytest.fixture(params=FEWER)
def comparison(request: pytest.FixtureRequest) -> Comparison:
    return case(request.param)


@pytest.fixture(params=zip(Scheme, LANGUAGES, strict=True), ids=" ".join)
def scheme(request: pytest.FixtureRequest) -> Iterator[Scheme]:
    scheme, language = request.param
    token = reader.set(Reader(language))
    yield scheme
    reader.reset(token)


@pytest.mark.parametrize("scale", Scale)
def test_it_is_a_figure_that_plotly_knows_in_json_without_nan(
    comparison: Comparison, scale: Scale, scheme: Scheme
) -> None:
    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    drawn = draw(comparison, scale, scheme)
    go.Figure(drawn.to_plotly_json())
    json.loads(json.dumps(drawn.to_plotly_json()), parse_constant=refuse)
    assert "<script" not in drawn.to_json()


def test_each_candidate_is_drawn_once_and_in_its_colour(comparison: Comparison) -> None:
    drawn = draw(comparison)
    look = marks([one.version.number for one in comparison.versions], comparison.baseline)
    judged = judge(comparison).verdicts
    assert [trace.name for trace in drawn.data[1:]] == [f"v{number}" for number in judged]
    for trace, number in zip(drawn.data[1:], judged, strict=True):
        assert trace.marker.line.color == look[number].color(Scheme.LIGHT)


def test_absolute_values_are_drawn_of_every_version(comparison: Comparison) -> None:
    names = [trace.name for trace in draw(comparison, Scale.ABSOLUTE).data[1:]]
    assert names == [f"v{one.number}" for one in scored(comparison)]


def place(trace: Any, metric: str, comparison: Comparison) -> int:
    """Index of a metric's mark in a trace that has a mark for each of them."""
    order = [
        comparison.primary_metric,
        *(one.name for one in METRICS if one.name != comparison.primary_metric),
    ]
    assert len(trace.x) == len(METRICS)
    return order.index(metric)


def test_right_is_better_in_every_row() -> None:
    comparison = make_comparison([1, 6], baseline=1)
    (trace,) = draw(comparison).data[1:]
    differences = judge(comparison).certainties[6].differences
    assert differences is not None
    for metric in METRICS:
        found = differences[metric.name]
        assert isinstance(found, Difference)
        x = trace.x[place(trace, metric.name, comparison)]
        assert x == (found.value if metric.greater_is_better else -found.value)


def test_marks_are_open_and_whiskers_grey_where_zero_is_within() -> None:
    comparison = make_comparison([1, 6], baseline=1, split=make_split(2_000))
    grey, trace = draw(comparison).data
    differences = judge(comparison).certainties[6].differences or {}
    open_marks, lines = 0, set(zip(grey.x[::3], grey.x[1::3], strict=True))
    for metric in METRICS:
        found = differences[metric.name]
        assert isinstance(found, Difference)
        index = place(trace, metric.name, comparison)
        covers = found.interval.low <= 0 <= found.interval.high
        assert (trace.marker.color[index] == PALETTES[Scheme.LIGHT].card) == covers
        reach = trace.error_x.array[index] + trace.error_x.arrayminus[index]
        if covers:
            open_marks += 1
            ends = (found.interval.low, found.interval.high)
            assert (ends if metric.greater_is_better else (-ends[1], -ends[0])) in lines
            assert reach == 0
        else:
            assert reach == pytest.approx(found.interval.high - found.interval.low)
    assert 0 < open_marks < len(METRICS)
    assert len(lines) == open_marks


def test_the_margin_is_shaded_on_the_row_of_the_metric_that_decides() -> None:
    comparison = make_comparison([1, 2], baseline=1)
    shade, zero = draw(comparison, margins={"roc_auc": 0.03}).layout.shapes
    assert (shade.x0, shade.x1, shade.y0, shade.y1) == (-0.03, 0, -0.5, 0.5)
    assert (zero.x0, zero.x1) == (0, 0)
    assert draw(comparison).layout.yaxis.ticktext[0] == "ROC AUC"


def test_percent_is_of_the_baselines_value() -> None:
    comparison = make_comparison([1, 6], baseline=1)
    plain, percent = (draw(comparison, scale).data[1] for scale in (Scale.DIFFERENCE, Scale.PERCENT))
    base = comparison.find(1).metrics
    assert base is not None
    auc = base["roc_auc"].value
    assert auc is not None
    assert percent.x[0] == pytest.approx(plain.x[0] / auc)


def test_a_metric_that_is_nothing_for_the_baseline_has_no_percentage() -> None:
    comparison = make_comparison([1, 6], baseline=1, threshold=0.999999)  # nothing is called positive
    percent = draw(comparison, Scale.PERCENT).data[1]
    assert len(percent.x) < len(METRICS)


def test_a_loss_without_bound_does_not_dwarf_the_rest() -> None:
    split = make_split()
    certain = make_scores(split, 6)
    made = {6: replace(certain, values=np.where(certain.values < 0.5, 1e-9, 1 - 1e-9))}
    comparison = make_comparison([1, 6], split=split, baseline=1, scores=made)
    drawn = draw(comparison, made=made)
    low, high = drawn.layout.xaxis.range
    assert high - low < 2
    loss = place(drawn.data[1], "log_loss", comparison)
    assert low < drawn.data[1].x[loss] < high
    assert drawn.data[1].marker.symbol[loss] == "triangle-left"
    difference = (judge(comparison, made).certainties[6].differences or {})["log_loss"]
    assert isinstance(difference, Difference)
    assert f"+{difference.value:.1f}" in drawn.data[1].hovertext[loss]  # what is said is not cut
    assert set(drawn.data[1].marker.symbol) == {"circle", "triangle-left"}


def test_the_picture_grows_with_its_versions() -> None:
    assert deltas.height(case("ten")) > deltas.height(case("two"))


def test_its_numbers_are_not_turned_and_keep_their_digits() -> None:
    comparison = make_comparison([1, 6], baseline=1)
    found = judge(comparison)
    rows = list(csv.DictReader(io.StringIO(data.deltas(comparison, found))))
    assert [row["metric"] for row in rows] == [metric.name for metric in METRICS]
    loss = next(row for row in rows if row["metric"] == "log_loss")
    difference = (found.certainties[6].differences or {})["log_loss"]
    assert isinstance(difference, Difference)
    assert float(loss["difference"]) == difference.value
    assert (float(loss["low"]), float(loss["high"])) == (difference.interval.low, difference.interval.high)
    assert loss["better_is"] == "smaller"


def test_numbers_that_are_missing_say_why() -> None:
    comparison = make_comparison([1, 6], split=make_split(12, share=0.0), baseline=1)
    rows = list(csv.DictReader(io.StringIO(data.deltas(comparison, judge(comparison)))))
    auc = next(row for row in rows if row["metric"] == "roc_auc")
    assert auc["difference"] == ""
    assert auc["reason"]


def test_bars_have_the_interval_of_their_value(comparison: Comparison) -> None:
    whiskers = bars.whiskers(comparison, judge(comparison), Scheme.LIGHT)
    look = marks([one.version.number for one in comparison.versions], comparison.baseline)
    traces = bars.figure(comparison, look, Scheme.LIGHT).data
    assert len(whiskers) == len(traces)
    for whisker, trace in zip(whiskers, traces, strict=True):
        go.Bar(y=trace.y, error_y=whisker)
        assert len(whisker["array"]) == len(whisker["arrayminus"]) == len(trace.y)
        assert min((*whisker["array"], *whisker["arrayminus"])) >= 0
        assert all(size == 0 for size, y in zip(whisker["array"], trace.y, strict=True) if y is None)
