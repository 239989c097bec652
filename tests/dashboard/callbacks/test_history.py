import csv
import io
from collections.abc import Callable
from dataclasses import replace
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from dash import Dash

from core.decision.record import Phase
from core.errors import LedgerError
from core.messages import message
from dashboard.factory import create_app
from dashboard.pages.history import OPERATIONS
from tests.dashboard.memory import MemoryStore, services_over
from tests.dashboard.recorded import FORMULA, ODD, TITANIC, entries_of, move, year_entries
from tests.dashboard.remembered import MemoryDecisions

SHOW = "history-content.children"
OLDER = "history-rows.children"
DRAW = "history-picture.children"
BROKEN = LedgerError(message("The ledger is locked."), message("Wait {seconds} s.", seconds=3))


@pytest.fixture
def decisions() -> MemoryDecisions:
    return MemoryDecisions(year_entries())


@pytest.fixture
def app(decisions: MemoryDecisions, tmp_path: Path) -> Dash:
    return create_app(services_over(MemoryStore(), tmp_path, decisions=decisions))


def lines(answer: Any) -> list[int]:
    """Numbers of the entries whose lines are in an answer."""
    found = []

    def walk(part: Any) -> None:
        if isinstance(part, dict):
            identity = part.get("id")
            if isinstance(identity, dict) and identity.get("type") == "history-open":
                found.append(identity["seq"])
            for value in part.values():
                walk(value)
        elif isinstance(part, list):
            for value in part:
                walk(value)

    walk(answer)
    return found


def test_the_table_has_a_line_for_each_operation_newest_first(
    call: Callable[..., Any], decisions: MemoryDecisions
) -> None:
    answer = call(SHOW)["response"]
    found = lines(answer)
    operations = {entry.record.operation for entry in decisions.kept}

    assert len(found) == len(operations)
    assert found[1:] == sorted(found[1:], reverse=True)
    assert found[0] == next(e.seq for e in decisions.kept if e.record.phase == "unknown")  # it is under way
    assert answer["history-poll"]["n_intervals"] == 0
    assert answer["history-older"]["hidden"] is True


@pytest.mark.parametrize(
    ("sent", "matches"),
    [
        ({"history-model.value": ODD}, lambda record: record.model == ODD),
        ({"history-actor.value": "花子"}, lambda record: record.actor.name == "花子"),
        ({"history-kinds.value": ["rollback"]}, lambda record: record.kind == "rollback"),
    ],
)
def test_filters_leave_what_matches(
    call: Callable[..., Any], decisions: MemoryDecisions, sent: dict[str, Any], matches: Callable[[Any], bool]
) -> None:
    found = lines(call(SHOW, **sent))
    records = {entry.seq: entry.record for entry in decisions.kept}

    assert found
    assert all(matches(records[seq]) for seq in found)
    assert len(found) == len({record.operation for record in records.values() if matches(record)})


def test_days_are_those_of_the_readers_clock(call: Callable[..., Any], app: Dash) -> None:
    day = "2026-01-16"
    client = app.server.test_client()
    client.set_cookie("runoff-zone", "Pacific/Pago_Pago")  # 11 hours behind
    there = csv.DictReader(io.StringIO(client.get(f"/history.csv?from={day}&to={day}").text))

    assert lines(call(SHOW, **{"history-first.data": day, "history-last.data": day})) == [4]  # at 9:44 UTC
    assert [row["seq"] for row in there] == ["6", "5"]


def test_older_entries_follow_without_a_gap_or_a_repetition(
    call: Callable[..., Any], decisions: MemoryDecisions
) -> None:
    decisions.kept[:] = entries_of([move(1, 2) for _number in range(2 * OPERATIONS + 3)])
    answer = call(SHOW)["response"]
    found = lines(answer)
    while not answer["history-older"]["hidden"]:
        answer = call(OLDER, **{"history-cursor.data": answer["history-cursor"]["data"]})["response"]
        found += lines(answer)

    assert found == [entry.seq for entry in reversed(decisions.kept) if entry.record.phase == "done"]
    assert answer["history-count"]["children"] == "103 operations"


def test_a_look_at_what_is_under_way_leaves_the_table_until_it_has_ended(
    call: Callable[..., Any], decisions: MemoryDecisions
) -> None:
    look = {"changed": ["history-poll.n_intervals"]}
    decisions.kept[:] = entries_of([move(1, 2), move(2, 3, ends=Phase.INTENT)])
    cursor = {"history-cursor.data": call(SHOW)["response"]["history-cursor"]["data"]}

    assert call(SHOW, **look, **cursor)["response"] == {"history-poll": {"n_intervals": 0}}
    intent = decisions.kept[-1]
    done = replace(intent, seq=4, record=replace(intent.record, phase=Phase.DONE))
    decisions.kept.append(done)
    answer = call(SHOW, **look, **cursor)
    assert lines(answer) == [4, 2]
    assert "history-poll" not in answer["response"]


def test_a_look_that_overtakes_a_filter_shows_what_the_filter_leaves(
    call: Callable[..., Any], decisions: MemoryDecisions
) -> None:
    look = {"changed": ["history-poll.n_intervals"]}
    decisions.kept[:] = entries_of([move(1, 2), move(2, 3, ends=Phase.INTENT)])
    cursor = {"history-cursor.data": call(SHOW)["response"]["history-cursor"]["data"]}
    answer = call(SHOW, **look, **cursor, **{"history-kinds.value": ["rollback"]})

    assert "No entry matches the filter." in str(answer)
    filtered = call(SHOW, **look, **cursor, **{"history-first.data": "2000-01-01"})
    assert len(lines(filtered)) == 2


@pytest.mark.parametrize("cursor", [None, "x", {}, {"before": "x"}, {"before": 1.5, "shown": []}])
def test_a_cursor_that_no_page_sent_ends_the_list(call: Callable[..., Any], cursor: Any) -> None:
    assert call(OLDER, **{"history-cursor.data": cursor})["response"]["history-older"]["hidden"] is True


def test_the_entry_of_an_address_opens(call: Callable[..., Any]) -> None:
    answer = call(SHOW, **{"history-entry.data": 10, "history-model.value": TITANIC})

    assert lines(answer)[0] == 10
    assert "alerts doubled overnight" in str(answer)
    assert "Numbers that were seen" in str(answer)


def test_a_ledger_that_cannot_be_read_is_said_in_every_place(
    call: Callable[..., Any], app: Dash, decisions: MemoryDecisions
) -> None:
    decisions.error = BROKEN
    answer = call(SHOW)["response"]

    assert "The ledger is locked." in str(answer)
    assert answer["history-poll"]["n_intervals"] == 0
    drawn = call(DRAW)["response"]
    assert "This cannot be drawn" in str(drawn)
    assert drawn["history-picture-poll"]["n_intervals"] == 0
    assert call("history-model.options", **{"history-model.value": "m"})["response"]["history-model"][
        "options"
    ] == [{"label": "m", "value": "m", "search": "m"}]
    for path in ("/history.csv", "/history/production.csv"):
        answered = app.server.test_client().get(path)
        assert answered.status_code == HTTPStatus.SERVICE_UNAVAILABLE
        assert answered.text == "The ledger is locked. Wait 3 s.\n"


def test_the_picture_keeps_whole_lanes_of_what_matches(call: Callable[..., Any]) -> None:
    def models(**sent: Any) -> set[str]:
        (graph,) = [
            part
            for part in call(DRAW, **sent)["response"]["history-picture"]["children"]
            if "Graph" in str(part)
        ]
        notes = graph["props"]["children"]["props"]["figure"]["layout"]["annotations"]
        return {note["text"] for note in notes}

    assert len(models()) == 4
    assert models(**{"history-model.value": "churn"}) == {"churn"}
    assert models(**{"history-actor.value": "Bob O'Hara <b>"}) == {TITANIC}
    assert models(**{"history-last.data": "2026-01-10"}) == {TITANIC, "churn"}


def test_a_moment_is_answered(call: Callable[..., Any]) -> None:
    answer = str(call(DRAW, **{"history-at.data": "2026-03-03T12:00"})["response"]["history-answer"])

    assert "3 Mar 2026, 12:00 (UTC)" in answer
    assert "'v2'" in answer


def csv_of(app: Dash, path: str, **query: str) -> list[dict[str, str]]:
    answer = app.server.test_client().get(f"{path}?{urlencode(query)}")
    assert answer.status_code == HTTPStatus.OK
    assert answer.mimetype == "text/csv"
    assert "attachment" in answer.headers["Content-Disposition"]
    return list(csv.DictReader(io.StringIO(answer.text, newline="")))


def test_an_export_holds_every_step_that_matches_and_no_formula(
    app: Dash, decisions: MemoryDecisions
) -> None:
    everything = csv_of(app, "/history.csv")

    assert [int(row["seq"]) for row in everything] == [entry.seq for entry in reversed(decisions.kept)]
    assert f"'{FORMULA}" in {row["reason"] for row in everything}
    assert {row["model"] for row in csv_of(app, "/history.csv", model=ODD)} == {ODD}
    assert {row["kind"] for row in csv_of(app, "/history.csv", kind="stage")} == {"stage"}
    assert csv_of(app, "/history.csv", actor="nobody") == []


def test_an_export_of_many_is_whole(app: Dash, decisions: MemoryDecisions) -> None:
    decisions.kept[:] = entries_of([move(1, 2) for _number in range(2_100)])

    assert len(csv_of(app, "/history.csv")) == 4_200


def test_the_numbers_of_the_picture(app: Dash, decisions: MemoryDecisions) -> None:
    assert len(csv_of(app, "/history/production.csv")) == len(decisions.reigns())
    assert {row["model"] for row in csv_of(app, "/history/production.csv", model=ODD)} == {ODD}
