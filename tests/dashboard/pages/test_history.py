from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from dash import dcc, html

from core.catalog.store import Holders
from core.decision.record import Entry, Kind, Phase
from core.errors import LedgerError
from core.messages import message
from dashboard.components.evidence import evidence
from dashboard.components.history_table import history_lines
from dashboard.entry_words import ENDINGS, KINDS, change, holders_name
from dashboard.history_filter import HistoryFilter
from dashboard.messages import Reader, reader
from dashboard.pages import Address, history
from dashboard.pages.history_view import (
    MOST_ANSWERS,
    Listed,
    Reigning,
    build_answer,
    build_picture,
    build_view,
    export_address,
    failed_view,
)
from dashboard.theme import Scheme
from tests.dashboard.recorded import (
    BEGIN,
    FORMULA,
    ODD,
    TITANIC,
    adopted,
    entries_of,
    holders,
    move,
    outside,
    stage,
    year_entries,
)
from tests.dashboard.remembered import MemoryDecisions

NOW = datetime(2026, 11, 12, tzinfo=UTC)
EVERYTHING = HistoryFilter()


def texts(shown: Any) -> list[str]:
    """Every text below a component, in order."""
    if shown is None:
        return []
    if isinstance(shown, list | tuple):
        return [text for part in shown for text in texts(part)]
    if not hasattr(shown, "children"):
        return [str(shown)]
    return texts(shown.children)


def said(shown: Any) -> str:
    return " ".join(texts(shown))


def links(shown: Any) -> list[str]:
    found = shown if isinstance(shown, list) else [shown]
    return [
        item.href
        for part in found
        if part is not None
        for item in [part, *part._traverse()]
        if isinstance(item, html.A | dcc.Link)
    ]


def reigning(at: datetime | None = None, kept: list[Entry] | None = None) -> Reigning:
    decisions = MemoryDecisions(year_entries() if kept is None else kept)
    return Reigning(
        reigns=decisions.reigns(), changes=decisions.history(kinds=(Kind.EXTERNAL,)), now=NOW, at=at
    )


def test_a_ledger_without_entries_says_what_will_be_there() -> None:
    shown = build_view(Listed(), EVERYTHING)

    assert "Nothing has been decided yet." in said(shown.content)
    assert links(shown.content) == ["/"]
    assert not shown.more


def test_a_filter_that_finds_nothing_offers_the_whole_history() -> None:
    shown = build_view(Listed(), HistoryFilter(actor="nobody"))

    assert "No entry matches the filter." in said(shown.content)
    assert links(shown.content) == ["/history"]


def test_each_operation_is_one_line_with_its_outcome_in_words_and_with_a_sign() -> None:
    ends = {Phase.DONE, Phase.FAILED, Phase.CONFLICT, Phase.UNKNOWN, Phase.INTENT}
    kept = [entries_of([move(1, 2, ends=phase)])[-1] for phase in sorted(ends)]
    kept += [entries_of([outside(1, holders(2))])[-1], entries_of([adopted(1)])[-1]]
    for entry in kept:
        line, detail = history_lines([entry])
        ending = ENDINGS[entry.record.phase]

        assert ending.sign in texts(line)
        assert str(ending.words) in texts(line)
        assert detail.hidden


def test_every_kind_and_phase_has_words() -> None:
    assert set(KINDS) == set(Kind)
    assert set(ENDINGS) == set(Phase)


def test_texts_are_shown_exactly_as_they_are() -> None:
    entry = entries_of([move(1, 2, model=ODD, reason="x" * 2000 + "<b>\n" + FORMULA)])[-1]

    assert ODD in texts(history_lines([entry]))
    assert "x" * 2000 + "<b>\n" + FORMULA in texts(history_lines([entry]))
    assert "x" * 2000 + "<b>\n" + FORMULA in texts(evidence([entry]))


def test_a_full_page_has_older_ones_and_one_that_is_not_has_none() -> None:
    kept = entries_of([move(1, 2) for _number in range(history.OPERATIONS)])
    ended = tuple(entry for entry in reversed(kept) if entry.record.phase is Phase.DONE)
    full, short = build_view(Listed(ended=ended), EVERYTHING), build_view(Listed(ended=ended[1:]), EVERYTHING)

    assert (full.more, full.count) == (True, "the newest 50 operations")
    assert full.cursor == {"before": 2, "shown": 50, "key": "100"}
    assert (short.more, short.count) == (False, "49 operations")


def test_what_is_under_way_is_asked_for_again() -> None:
    entry = entries_of([move(1, 2, ends=Phase.INTENT)])[-1]

    assert build_view(Listed(under_way=(entry,)), EVERYTHING).again
    assert not build_view(Listed(ended=(entry,)), EVERYTHING).again


def test_a_ledger_that_cannot_be_read_is_asked_again() -> None:
    shown = failed_view(LedgerError(message("It is locked."), message("Wait.")))

    assert "It is locked." in said(shown.content)
    assert shown.again


def test_the_entry_of_an_address_is_open_and_the_way_to_the_newest_is_there() -> None:
    kept = entries_of([move(1, 2), move(2, 3)])
    shown = build_view(
        Listed(ended=(kept[1],)), HistoryFilter(model=TITANIC), opened=2, evidence="the evidence"
    )

    assert "the evidence" in texts(shown.content)
    assert f"/history?model={TITANIC}" in links(shown.content)
    assert "no line for the entry 9" in said(
        build_view(Listed(ended=(kept[1],)), EVERYTHING, opened=9).content
    )


@pytest.mark.parametrize(
    ("records", "text"),
    [
        (move(1, 2), "v1 → v2"),
        (move(None, 2), "none → v2"),
        (move(2, None, kind=Kind.RESTORE), "v2 → none"),
        (stage(3, "None", "Staging"), "v3: None → Staging"),
        (outside(2, holders(3)), "v2 → v3"),
        (adopted(4), "v4"),
        (adopted(5, before=4), "v4 → v5"),
    ],
)
def test_a_change_in_a_line(records: Any, text: str) -> None:
    assert change(records[-1]) == text


def test_stage_and_alias_are_told_apart_where_they_differ() -> None:
    assert holders_name(Holders((5,), 4)) == "v5 by stage, v4 by alias"
    assert holders_name(Holders((5, 4), None)) == "v5, v4 by stage, no alias"
    assert holders_name(Holders((), 4)) == "none by stage, v4 by alias"
    assert holders_name(Holders()) == "none"


def test_the_evidence_is_what_was_recorded() -> None:
    kept = entries_of([move(1, 2)])
    shown = said(evidence(kept))

    for expected in (
        "0.729", "▲ +1.4 pp", "▲ +0.014", "n/a", "data/titanic.csv", "143 rows", "56 positive",
        "threshold 0.5", "9f3ac41e0000", "alice (by the operating system)", "entry 2", "Runoff 0.1.0",
        "… under way", "✓ done", kept[0].record.operation,
    ):  # fmt: skip
        assert expected in shown


def test_evidence_copes_with_what_is_not_there() -> None:
    for records in (outside(1, holders(None)), adopted(4), stage(1, "None", "Archived"), move(None, 1)):
        assert "Steps" in said(evidence(entries_of([records])))


def test_a_failure_tells_why() -> None:
    kept = entries_of([move(1, 2, ends=Phase.FAILED, trouble="MLflow answered 500")])

    assert "MLflow answered 500" in said(evidence(kept))


def test_what_was_in_production_on_a_day() -> None:
    token = reader.set(Reader("en", ZoneInfo("Asia/Tokyo")))
    shown = build_answer(reigning(BEGIN + timedelta(days=23)), EVERYTHING, Scheme.LIGHT)
    reader.reset(token)

    assert "28 Jan 2026, 18:30 (Asia/Tokyo)" in said(shown)
    assert [text for text in texts(shown) if text.startswith("v")] == ["v4", "v2"]
    assert "since 27 Jan 2026, 19:05" in texts(shown)


@pytest.mark.parametrize(
    ("at", "text"),
    [
        (None, "Choose a moment"),
        (NOW + timedelta(days=1), "is yet to come"),
        (BEGIN - timedelta(days=1), "nothing was in Production"),
    ],
)
def test_moments_without_an_answer_say_so(at: datetime | None, text: str) -> None:
    assert text in said(build_answer(reigning(at), EVERYTHING, Scheme.LIGHT))


def test_a_thousand_models_are_answered_in_part_and_the_rest_is_said() -> None:
    kept = entries_of([move(None, 1, model=f"m{number}") for number in range(200)])
    shown = build_answer(reigning(NOW, kept), EVERYTHING, Scheme.LIGHT)

    assert sum(text == "v1" for text in texts(shown)) == MOST_ANSWERS
    assert "188 more: choose a model to see it." in said(shown)
    assert "188 more are not: choose a model to see its lane." in said(
        build_picture(reigning(None, kept), EVERYTHING, Scheme.LIGHT)
    )


def test_the_picture_says_what_its_looks_mean_and_gives_its_numbers() -> None:
    shown = build_picture(reigning(), HistoryFilter(model="a&b"), Scheme.DARK)

    assert "Outline: it came there without Runoff and was adopted." in said(shown)
    assert "◇: a change from outside was found." in said(shown)
    assert "/history/production.csv?model=a%26b" in links(shown)


def test_without_a_reign_there_is_no_picture() -> None:
    shown = build_picture(reigning(kept=[]), EVERYTHING, Scheme.LIGHT)

    assert "nothing has been in Production yet" in said(shown)


def test_an_export_is_of_what_matches() -> None:
    wanted = HistoryFilter(model=ODD, first=date(2026, 1, 1))

    assert export_address(wanted).startswith("/history.csv?model=%3Cscript%3E")
    assert export_address(EVERYTHING) == "/history.csv"


def test_the_controls_hold_what_the_address_asks_for() -> None:
    query = {
        "model": ODD,
        "actor": "花子",
        "kind": "promote,stage",
        "from": "2026-01-01",
        "at": "2026-03-03T12:00Z",
    }
    layout = history.layout(Address(path="/history", query=query))
    dates = {history.Ids.FIRST, history.Ids.LAST, history.Ids.AT}
    values = {
        item.id: item.data if isinstance(item, dcc.Store) else item.value
        for item in layout._traverse()
        if isinstance(item, dcc.Dropdown) or getattr(item, "id", "") in dates
    }

    assert values == {
        "history-model": ODD,
        "history-actor": "花子",
        "history-kinds": ["promote", "stage"],
        "history-first": "2026-01-01",
        "history-last": "",
        "history-at": "2026-03-03T12:00",
    }


def test_an_address_that_makes_no_sense_says_so() -> None:
    layout = history.layout(Address(path="/history", query={"from": "soon", "entry": "x"}))

    assert 'The address says "soon", which is no date.' in said(layout)


def test_options_match_what_is_typed_and_keep_what_is_chosen() -> None:
    names = [f"model-{number}" for number in range(500)]

    assert len(history.options(names, None)) == 100
    assert [option["value"] for option in history.options(names, "gone", search="EL-49")][:3] == [
        "gone",
        "model-49",
        "model-490",
    ]
