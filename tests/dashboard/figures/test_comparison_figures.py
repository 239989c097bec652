"""One battery over every figure of the comparison page, and what is particular to each."""

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from types import ModuleType
from typing import Any

import plotly.graph_objects as go
import pytest
from sklearn.metrics import roc_curve

from core.evidence.comparison import Comparison, ScoringState, Status
from core.evidence.metrics import METRICS
from core.evidence.scores import ScoreKind
from dashboard.figures import bars, calibration, data, gain, lift, precision_recall, roc
from dashboard.figures.scored import scored
from dashboard.marks import marks
from dashboard.messages import LANGUAGES, Reader, _, reader
from dashboard.readings import readings
from dashboard.theme import PALETTES, Scheme
from tests.dashboard.comparing import evaluation_of, make_comparison, make_scores, make_split

FIGURES: Sequence[ModuleType] = (bars, roc, precision_recall, calibration, gain, lift)
WITH_POINTS = (roc, precision_recall, gain, lift)


def one_sided(share: float) -> Comparison:
    split = make_split(12, share=share)
    return make_comparison([1, 2], split=split, baseline=1)


def with_ranking() -> Comparison:
    split = make_split()
    scores = {2: make_scores(split, 2, kind=ScoreKind.RANKING)}
    return make_comparison([1, 2], split=split, baseline=1, scores=scores)


def half_scored() -> Comparison:
    failed = ScoringState(status=Status.FAILED)
    return make_comparison([1, 2, 3], baseline=2, states={2: failed})


CASES: Mapping[str, Callable[[], Comparison]] = {
    "no version": lambda: make_comparison([]),
    "one": lambda: make_comparison([1], baseline=1),
    "two": lambda: make_comparison([1, 2], baseline=2),
    "ten": lambda: make_comparison(range(1, 11), baseline=4),
    "thirty": lambda: make_comparison(range(1, 31), baseline=30),
    "no baseline": lambda: make_comparison([1, 2]),
    "baseline not scored": half_scored,
    "nothing called positive": lambda: make_comparison([1, 2], baseline=1, threshold=1.0),
    "all called positive": lambda: make_comparison([1, 2], baseline=1, threshold=0.0),
    "no positive row": lambda: one_sided(0.0),
    "no negative row": lambda: one_sided(1.0),
    "one row": lambda: make_comparison([1], baseline=1, split=make_split(1, share=1.0)),
    "ranking": with_ranking,
    "odd names": lambda: make_comparison(
        [1], baseline=1, split=make_split(source="<script>alert(1)</script>%{x}")
    ),
}


@cache
def case(name: str) -> Comparison:
    return CASES[name]()


@pytest.fixture(params=CASES)
def comparison(request: pytest.FixtureRequest) -> Comparison:
    return case(request.param)


@pytest.fixture(params=zip(Scheme, LANGUAGES, strict=True), ids=" ".join)
def scheme(request: pytest.FixtureRequest) -> Iterator[Scheme]:
    """One scheme in each language."""
    scheme, language = request.param
    token = reader.set(Reader(language))
    yield scheme
    reader.reset(token)


def draw(module: ModuleType, comparison: Comparison, scheme: Scheme = Scheme.LIGHT) -> go.Figure:
    numbers = [compared.version.number for compared in comparison.versions]
    figure: go.Figure = module.figure(comparison, marks(numbers, comparison.baseline), scheme)
    return figure


@pytest.mark.parametrize("module", FIGURES, ids=lambda module: module.__name__.rpartition(".")[2])
class TestEveryFigure:
    def test_is_one_that_plotly_knows(
        self, module: ModuleType, comparison: Comparison, scheme: Scheme
    ) -> None:
        # figures are made without plotly's checks, so here they are made again with them
        go.Figure(draw(module, comparison, scheme).to_plotly_json())

    def test_is_json_without_nan(self, module: ModuleType, comparison: Comparison, scheme: Scheme) -> None:
        def refuse(constant: str) -> None:
            raise AssertionError(constant)

        json.loads(draw(module, comparison, scheme).to_json(), parse_constant=refuse)

    def test_draws_each_scored_version_once_and_in_its_colour(
        self, module: ModuleType, comparison: Comparison, scheme: Scheme
    ) -> None:
        figure = draw(module, comparison, scheme)
        numbers = [compared.version.number for compared in comparison.versions]
        look = marks(numbers, comparison.baseline)
        curves = [
            trace for trace in figure.data if (trace.name or "").startswith("v") and trace.xaxis != "x2"
        ]
        expected = [
            one.number
            for one in scored(comparison)
            if module is not calibration or one.evaluation.calibration is not None
        ]
        assert [trace.name for trace in curves] == [f"v{number}" for number in expected]
        for trace, number in zip(curves, expected, strict=True):
            color = trace.marker.color if trace.type == "bar" else trace.line.color
            assert color == look[number].color(scheme)

    def test_holds_no_markup_but_its_own(
        self, module: ModuleType, comparison: Comparison, scheme: Scheme
    ) -> None:
        assert "<script" not in draw(module, comparison, scheme).to_json()

    def test_text_is_readable_on_its_scheme(
        self, module: ModuleType, comparison: Comparison, scheme: Scheme
    ) -> None:
        assert draw(module, comparison, scheme).layout.template.layout.font.color == PALETTES[scheme].muted


@pytest.mark.parametrize("module", WITH_POINTS, ids=lambda module: module.__name__.rpartition(".")[2])
def test_the_last_trace_holds_the_operating_points(module: ModuleType, comparison: Comparison) -> None:
    dots = draw(module, comparison).data[-1]
    assert list(zip(dots.x, dots.y, strict=True)) == [tuple(point) for point in module.points(comparison)]


def test_roc_is_scikit_learns_curve() -> None:
    split = make_split()
    curve = draw(roc, make_comparison([3], split=split, baseline=3)).data[1]
    fpr, tpr, thresholds = roc_curve(split.labels, make_scores(split, 3).values, drop_intermediate=False)
    at = {threshold: (x, y) for x, y, threshold in zip(fpr, tpr, thresholds, strict=True)}
    drawn = [at[threshold] for threshold in curve.customdata]
    assert drawn[0] == (0.0, 0.0)
    assert drawn[-1] == (1.0, 1.0)
    assert list(curve.x) == pytest.approx([x for x, _y in drawn], abs=1e-12)
    assert list(curve.y) == pytest.approx([y for _x, y in drawn], abs=1e-12)


def test_operating_points_are_the_confusion_at_the_threshold() -> None:
    comparison = make_comparison([1, 2], baseline=1, threshold=0.4)
    cells = evaluation_of(comparison, 2).confusion(0.4)
    x, y = roc.points(comparison)[1]
    assert x == cells.fp / (cells.fp + cells.tn)
    assert y == pytest.approx(cells.tp / (cells.tp + cells.fn))
    assert gain.points(comparison)[1][0] == (cells.tp + cells.fp) / comparison.split.rows


def test_precision_without_a_call_has_no_point() -> None:
    comparison = make_comparison([1], baseline=1, threshold=1.0)
    assert precision_recall.points(comparison) == [(0.0, None)]
    assert roc.points(comparison) == [(0.0, 0.0)]


def test_bars_stand_on_zero_with_the_baseline_and_the_deciding_metric_first() -> None:
    figure = draw(bars, make_comparison([1, 2, 3], baseline=3))
    assert figure.layout.yaxis.range == (0.0, 1.02)
    assert figure.layout.yaxis2.rangemode == "tozero"
    assert figure.data[0].name == "v3"
    assert figure.data[0].x[0] == _("ROC AUC").replace(" ", "<br>")
    shown = sum(len(trace.x) for trace in figure.data if trace.name == "v1")
    assert shown == len(METRICS)


def test_an_axis_reaches_below_zero_only_for_a_bar_that_does() -> None:
    split = make_split()
    scores = make_scores(split, 1)
    against = type(scores)(key=scores.key, kind=scores.kind, values=1 - scores.values)
    assert bars.lowest(make_comparison([1], split=split)) == 0.0
    assert -1.0 <= bars.lowest(make_comparison([1], split=split, scores={1: against})) < 0.0


def test_a_metric_without_a_value_has_no_bar() -> None:
    comparison = make_comparison([1], baseline=1, threshold=1.0)
    (heights,) = bars.heights(comparison)
    assert heights.count(None) == 2  # precision and Matthews correlation


def test_bars_say_value_and_difference() -> None:
    comparison = make_comparison([1, 2], baseline=1)
    found = readings(comparison)
    texts = bars.texts(comparison, found)
    assert found[2]["roc_auc"].value in texts[1][0]
    assert found[2]["roc_auc"].delta in texts[1][0]
    assert not any("v1" in text.partition("<br>")[2] for text in texts[0])


def test_ranking_scores_have_no_calibration() -> None:
    assert [trace.name for trace in draw(calibration, with_ranking()).data] == [None, "v1"]


@pytest.mark.parametrize("chart", data.CHARTS)
def test_every_chart_has_its_numbers(chart: str, comparison: Comparison) -> None:
    head, *rows = csv.reader(io.StringIO(data.table(comparison, chart)))
    assert head[0] == "version"
    assert all(len(row) == len(head) for row in rows)
    drawn = {str(one.number) for one in scored(comparison)}
    assert {row[0] for row in rows} <= drawn
    if chart == "metrics":
        assert len(rows) == len(METRICS) * len(drawn)


def test_numbers_keep_all_their_digits() -> None:
    comparison = make_comparison([1, 2], baseline=1)
    rows: list[dict[str, Any]] = list(csv.DictReader(io.StringIO(data.table(comparison, "metrics"))))
    auc = next(row for row in rows if row["version"] == "2" and row["metric"] == "roc_auc")
    assert float(auc["value"]) == evaluation_of(comparison, 2).metrics["roc_auc"].value
    assert float(auc["difference"]) == comparison.delta(2, "roc_auc")
