"""A metric over versions: one figure for every state that a model's versions can be in."""

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

import plotly.graph_objects as go
import pytest

from core.decision.record import Kind, VersionRef
from core.decision.standing import Reign
from core.errors import ScoringError
from core.evidence.comparison import ScoringState, Status
from core.evidence.metrics import METRIC, MetricValue
from core.evidence.trend import Trend
from core.messages import message
from dashboard.components import trend_card
from dashboard.figures import trend as picture
from dashboard.marks import marks
from dashboard.messages import LANGUAGES, Reader, reader
from dashboard.theme import PALETTES, Scheme
from tests.dashboard.comparing import make_version
from tests.dashboard.deciding import NOON

AUC, LOSS = METRIC["roc_auc"], METRIC["log_loss"]
HOSTILE = "<script>alert(1)</script> %{x}"
FAILED = ScoringState(status=Status.FAILED, error=ScoringError(message("{why}", why=HOSTILE)))
UNDEFINED = MetricValue(None, message("The test split has no positive row."))


def make_trend(
    scored: Sequence[int], states: Mapping[int, ScoringState] | None = None, *, unread: Sequence[int] = ()
) -> Trend:
    """Version n has a ROC AUC of 0.8 + n / 1e5 and a log loss of 1 / n."""
    states = states or {}
    values = {
        number: {"roc_auc": MetricValue(0.8 + number / 1e5), "log_loss": MetricValue(1 / number)}
        for number in scored
    }
    numbers = sorted((*scored, *states, *unread))
    versions = tuple(make_version(number, created=NOON) for number in numbers)
    return Trend(versions=versions, threshold=None, values=values, states=states)


def make_reign(number: int, days: int, **facts: Any) -> Reign:
    version = VersionRef(number=number, digest=None, created=facts.pop("created", NOON))
    since = NOON - timedelta(days=days)
    until = facts.pop("until", since + timedelta(days=1))
    return Reign(
        model="m", version=version, since=since, until=until, by="a", kind=Kind.PROMOTE, reason="r", seq=1
    )


def undefined() -> Trend:
    values = {1: {"roc_auc": UNDEFINED, "log_loss": MetricValue(0.5)}}
    return Trend(versions=(make_version(1),), threshold=None, values=values, states={})


CASES: Mapping[str, Callable[[], Trend]] = {
    "no version": lambda: make_trend([]),
    "one": lambda: make_trend([1]),
    "ten": lambda: make_trend(range(1, 11)),
    "a thousand": lambda: make_trend(range(1, 1001)),
    "none scored": lambda: make_trend([], {1: FAILED, 2: ScoringState(status=Status.NOT_SCORED)}),
    "some": lambda: make_trend([2, 4], {1: FAILED, 3: ScoringState(status=Status.SCORING)}, unread=[5]),
    "undefined": undefined,
}


@pytest.fixture(params=CASES)
def trend(request: pytest.FixtureRequest) -> Trend:
    return CASES[request.param]()


@pytest.fixture(params=zip(Scheme, LANGUAGES, strict=True), ids=" ".join)
def scheme(request: pytest.FixtureRequest) -> Iterator[Scheme]:
    """One scheme in each language."""
    scheme, language = request.param
    token = reader.set(Reader(language))
    yield scheme
    reader.reset(token)


def draw(trend: Trend, scheme: Scheme = Scheme.LIGHT, reigns: Sequence[Reign] = ()) -> go.Figure:
    numbers = [version.number for version in trend.versions][-3:]
    return picture.figure(trend, AUC, reigns, marks(numbers, None), scheme)


def named(figure: go.Figure) -> dict[str, Any]:
    return {trace.name: trace for trace in figure.data}


def test_every_state_makes_a_figure_that_plotly_knows(trend: Trend, scheme: Scheme) -> None:
    figure = draw(trend, scheme, [make_reign(2, 3), make_reign(4, 2, until=None)])
    go.Figure(figure.to_plotly_json())

    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    text = figure.to_json()
    json.loads(text, parse_constant=refuse)
    assert "<script" not in text
    assert figure.layout.template.layout.font.color == PALETTES[scheme].muted
    shown = named(figure)
    drawn = [*shown["scored"].x, *(shown["not scored"].x if "not scored" in shown else ())]
    assert sorted(drawn) == sorted({*trend.values, *trend.states})


def test_what_was_in_production_has_a_ring_and_says_when() -> None:
    reigns = [make_reign(2, 9), make_reign(3, 8), make_reign(2, 7), make_reign(4, 6, until=None)]
    shown = named(draw(make_trend([1, 2, 3, 4]), reigns=reigns))
    assert list(shown["production"].x) == [2, 3, 4]
    assert shown["scored"].hovertext[0] == "<b>v1</b> ROC AUC 0.8000"
    assert shown["scored"].hovertext[1].count("<br>") == 2
    assert shown["scored"].hovertext[3].endswith("to now")


def test_a_number_that_was_made_anew_never_reigned() -> None:
    gone = make_reign(2, 9, created=NOON - timedelta(days=400))
    assert "production" not in named(draw(make_trend([1, 2]), reigns=[gone]))
    assert "production" in named(draw(make_trend([1, 2]), reigns=[make_reign(2, 9, created=None)]))


def test_compared_versions_have_their_hues() -> None:
    trend = make_trend([1, 2, 3])
    look = marks([2, 3], production=3)
    colors = named(picture.figure(trend, AUC, [], look, Scheme.LIGHT))["scored"].marker.color
    palette = PALETTES[Scheme.LIGHT]
    assert list(colors) == [palette.muted, look[2].color(Scheme.LIGHT), palette.ink]


def test_versions_without_a_value_say_why_in_a_lane_of_their_own() -> None:
    lane = named(draw(make_trend([2], {1: FAILED, 3: ScoringState(status=Status.WAITING)})))["not scored"]
    assert lane.yaxis == "y2"
    assert lane.hovertext[0] == "<b>v1</b> could not be scored<br>&lt;script&gt;alert(1)&lt;/script&gt; %{x}"
    assert lane.hovertext[1] == "<b>v3</b> waits for a free place"
    assert named(draw(undefined()))["not scored"].hovertext[0].endswith("no positive row.")


def test_a_loss_says_that_lower_is_better() -> None:
    figure = picture.figure(make_trend([1]), LOSS, [], {}, Scheme.LIGHT)
    assert figure.layout.yaxis.title.text.endswith("↓")
    assert named(figure)["scored"].y == (1.0,)


@pytest.mark.parametrize(
    ("trend", "said", "button"),
    [
        (make_trend([1, 2]), "2 versions are scored of 2", ""),
        (make_trend([1], unread=[2, 3]), "Reading: 1 of 3 versions", ""),
        (
            make_trend([1], {2: ScoringState(status=Status.NOT_SCORED)}),
            "1 version is scored of 2",
            "Score 1 version",
        ),
        (
            make_trend([], {n: ScoringState(status=Status.NOT_SCORED) for n in range(1, 1001)}),
            "0 versions are scored of 1,000",
            "Score the newest 10 of 1,000",
        ),
        (
            make_trend(
                [1], {2: ScoringState(status=Status.NOT_SCORED), 3: ScoringState(status=Status.SCORING)}
            ),
            "1 version is scored of 3",
            "",
        ),
    ],
)
def test_the_card_says_how_many_and_offers_to_score(trend: Trend, said: str, button: str) -> None:
    token = reader.set(Reader("en"))
    assert trend_card.said(trend, AUC) == said
    assert trend_card.button(trend) == button
    reader.reset(token)


def test_the_numbers_of_every_version_as_csv() -> None:
    trend = make_trend([2], {1: FAILED})
    rows = list(csv.DictReader(io.StringIO(trend_card.rows(trend, AUC, [make_reign(2, 1, until=None)]))))
    assert [row["version"] for row in rows] == ["1", "2"]
    assert rows[0]["status"] == "failed"
    assert rows[0]["reason"] == HOSTILE
    assert float(rows[1]["value"]) == pytest.approx(0.80002)
    assert rows[1]["in_production"] == "2026-11-11T05:05:00+00:00/"
