"""The battery of every figure over the picture of Production, and what is particular to it."""

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import plotly.graph_objects as go
import pytest

from core.decision.looking import FIRST_LOOK
from core.decision.record import Entry, Kind
from core.decision.standing import Reign
from dashboard.figures import reigns_data
from dashboard.figures.reigns import MOST_BARS, MOST_LANES, figure, height, lanes
from dashboard.messages import LANGUAGES, Reader, reader
from dashboard.theme import PALETTES, Scheme
from tests.dashboard.recorded import BEGIN, FORMULA, ODD, TITANIC, version, year_entries
from tests.dashboard.remembered import MemoryDecisions

NOW = datetime(2026, 11, 12, 5, tzinfo=UTC)


def reign(number: int, day: float, end: float | None, **facts: Any) -> Reign:
    return Reign(
        version=version(number),
        since=BEGIN + timedelta(days=day),
        until=None if end is None else BEGIN + timedelta(days=end),
        **{"model": TITANIC, "by": "alice", "kind": Kind.PROMOTE, "reason": "why", "seq": number, **facts},
    )


def year() -> list[Reign]:
    return list(MemoryDecisions(year_entries()).reigns())


CASES: Mapping[str, Callable[[], list[Reign]]] = {
    "nothing": list,
    "one, now": lambda: [reign(1, 0, None)],
    "one that ended": lambda: [reign(1, 0, 3)],
    "begun this moment": lambda: [reign(1, (NOW - BEGIN).total_seconds() / 86_400, None)],
    "no time at all": lambda: [reign(1, 0, 0), reign(2, 0, None)],
    "a year": year,
    "odd names": lambda: [reign(1, 0, None, model=ODD, by="<b>%{x}", reason="<script>%{y}" + "x" * 2000)],
    "a thousand models": lambda: [reign(1, day, None, model=f"m{day:04d}") for day in range(1000)],
    "a restless model": lambda: [reign(1 + n % 13, n / 100, (n + 1) / 100) for n in range(2000)],
}


@pytest.fixture(params=CASES)
def reigns(request: pytest.FixtureRequest) -> list[Reign]:
    return CASES[request.param]()


@pytest.fixture(params=zip(Scheme, LANGUAGES, strict=True), ids=" ".join)
def scheme(request: pytest.FixtureRequest) -> Iterator[Scheme]:
    """One scheme in each language."""
    scheme, language = request.param
    token = reader.set(Reader(language, ZoneInfo("Asia/Tokyo")))
    yield scheme
    reader.reset(token)


def changes() -> list[Entry]:
    return [entry for entry in year_entries() if entry.record.kind is Kind.EXTERNAL]


def draw(reigns: list[Reign], scheme: Scheme = Scheme.LIGHT, at: datetime | None = None) -> go.Figure:
    return figure(lanes(reigns), changes(), NOW, scheme, at=at)


class TestEveryCase:
    def test_is_one_that_plotly_knows(self, reigns: list[Reign], scheme: Scheme) -> None:
        go.Figure(draw(reigns, scheme, at=NOW).to_plotly_json())

    def test_is_json_without_nan(self, reigns: list[Reign], scheme: Scheme) -> None:
        def refuse(constant: str) -> None:
            raise AssertionError(constant)

        json.loads(draw(reigns, scheme).to_json(), parse_constant=refuse)

    def test_holds_no_markup_but_its_own(self, reigns: list[Reign], scheme: Scheme) -> None:
        text = draw(reigns, scheme).to_json().replace("\\u003c", "<")

        assert "<script" not in text
        assert "<b>%" not in text

    def test_text_is_readable_on_its_scheme(self, reigns: list[Reign], scheme: Scheme) -> None:
        assert draw(reigns, scheme).layout.template.layout.font.color == PALETTES[scheme].muted

    def test_each_bar_lasts_and_lies_in_its_lane(self, reigns: list[Reign], scheme: Scheme) -> None:
        drawn = lanes(reigns)
        bars = [trace for trace in draw(reigns, scheme).data if trace.name == "reigns"]
        count = sum(len(lane.reigns) for lane in drawn.shown)

        assert [len(trace.x) for trace in bars] == ([count] if count else [])
        assert all(length > 0 for trace in bars for length in trace.x)
        assert all(0 <= y < len(drawn.shown) for trace in bars for y in trace.y)
        assert len(drawn.shown) <= MOST_LANES
        assert count <= MOST_BARS
        assert height(drawn) < 650


def test_what_runoff_found_is_told_in_the_readers_words(japanese: None) -> None:
    facts: dict[str, Any] = {"by": "runoff", "by_itself": True, "kind": Kind.ADOPT, "reason": str(FIRST_LOOK)}
    text = str(draw([reign(1, 0, None, **facts)]).to_plotly_json())
    assert "Runoff 自身" in text
    assert "Runoff が最初に確認したとき" in text
    assert "first time" not in text


def test_the_model_that_changed_last_is_on_top_and_the_rest_is_counted() -> None:
    drawn = lanes(CASES["a thousand models"]())

    assert drawn.shown[0].model == "m0999"
    assert (len(drawn.shown), drawn.models_left_out, drawn.reigns_left_out) == (
        MOST_LANES,
        1000 - MOST_LANES,
        0,
    )


def test_of_a_restless_model_the_newest_reigns_are_drawn() -> None:
    drawn = lanes(CASES["a restless model"]())

    assert drawn.reigns_left_out == 1500
    assert drawn.shown[0].reigns[-1].since == BEGIN + timedelta(days=19.99)


def test_the_present_version_is_in_ink_and_reaches_to_now_in_the_readers_time() -> None:
    token = reader.set(Reader("en", ZoneInfo("Asia/Tokyo")))
    bars = draw([reign(1, 0, 10), reign(2, 10, None)]).data[0]
    reader.reset(token)

    assert bars.marker.color == ("#0072B2", PALETTES[Scheme.LIGHT].ink)
    assert bars.base == ("2026-01-05 18:30:00", "2026-01-15 18:30:00")
    assert bars.x[0] == 10 * 86_400_000
    assert bars.text == ("v1", "v2")
    assert "now" in bars.hovertext[1]


def test_what_came_from_outside_is_in_outline() -> None:
    bars = draw([reign(1, 0, 10, kind=Kind.ADOPT), reign(2, 10, None)]).data[0]

    assert bars.marker.color[0] == PALETTES[Scheme.LIGHT].card
    assert bars.marker.line.color[0] == "#0072B2"
    assert bars.marker.line.width[0] > bars.marker.line.width[1]


def test_a_change_from_outside_is_a_diamond_in_its_lane() -> None:
    reigns = year()
    diamonds = next(trace for trace in draw(reigns).data if trace.name == "outside")
    row = [lane.model for lane in lanes(reigns).shown].index(TITANIC)

    assert len(diamonds.x) == 2
    assert {round(y) for y in diamonds.y} == {row}


def test_the_moment_that_was_asked_about_is_a_line_where_it_lies_within() -> None:
    assert len(draw(year(), at=BEGIN + timedelta(days=50)).layout.shapes) == 1
    assert len(draw(year(), at=BEGIN - timedelta(days=1)).layout.shapes) == 0


def test_the_numbers_behind_it_are_all_there_and_no_formula() -> None:
    reigns = [*year(), reign(9, 0, None, model="=cmd|' /C calc'!A0", reason=FORMULA)]
    text = io.StringIO()
    csv.writer(text).writerows([reigns_data.COLUMNS, *reigns_data.rows(reigns)])
    lines = list(csv.DictReader(io.StringIO(text.getvalue())))

    assert len(lines) == len(reigns)
    assert lines[-1]["model"].startswith("'=")
    assert lines[-1]["reason"].startswith("'=")
    assert lines[0]["until"] != ""
    assert lines[-1]["until"] == ""
