from datetime import UTC, datetime
from typing import Any

import pytest

from core.catalog.runs.completion import complete
from core.catalog.runs.question import Field, FieldFacts, IndexState, Kind, RunRow
from core.errors import FilterError, StoreUnreachable
from core.messages import message
from dashboard.pages import Address
from dashboard.pages import runs_filter_view as filters
from dashboard.pages import runs_view as view
from dashboard.pages.runs import Ids, layout
from dashboard.runs_choice import chosen
from tests.dashboard.showing import parts, said

AUC = Field(Kind.METRIC, "roc_auc")
TROUBLE = StoreUnreachable(message("Nobody answers."), message("Start it."))


def find(component: Any, wanted: str) -> Any:
    return next(item for item in component._traverse() if getattr(item, "id", None) == wanted)


def facts(*fields: Field) -> list[FieldFacts]:
    return [FieldFacts(field=one, runs=2, is_number=True) for one in fields]


def test_the_address_fills_the_controls() -> None:
    query = {"experiments": "7,8", "filter": "metrics.a > 1", "runs": "a,b,,", "group": "params.kind"}
    page = layout(Address(path="/runs", query=query))

    assert find(page, Ids.EXPERIMENT).value == ["7", "8"]
    assert find(page, Ids.FILTER).data == "metrics.a > 1"
    assert find(page, Ids.CHOSEN).data == ["a", "b"]
    assert find(page, Ids.GROUP).value == "params.kind"
    assert find(page, Ids.CHOICE).data["by"] == "page"


def test_many_ticked_runs_are_restored_by_their_selection() -> None:
    assert find(layout(Address(path="/runs", query={"selection": "f" * 64})), Ids.RESTORE).data == "f" * 64


def test_while_the_index_fills_there_are_rows_and_progress() -> None:
    shown = view.standing(IndexState(runs=12_000, is_filling=True), is_chosen=True)

    assert "12,000 runs read, more on their way…" in said(shown.status)
    assert any(type(part).__name__ == "Progress" for part in parts(shown.status))
    assert shown.has_table
    assert shown.seconds == view.FILLING_SECONDS


def test_age_is_a_time_of_day_and_of_another_day_a_date() -> None:
    today = view.standing(IndexState(runs=1, as_of=datetime.now(UTC)), is_chosen=True)
    before = view.standing(IndexState(runs=1, as_of=datetime(2026, 1, 2, 14, 3, tzinfo=UTC)), is_chosen=True)

    assert len(said(today.status)) == len("as of 14:03")
    assert said(before.status) == "as of 2 Jan 2026, 14:03"


def test_trouble_stands_beside_what_is_there() -> None:
    with_rows = view.standing(IndexState(runs=3, trouble=TROUBLE), is_chosen=True)
    without = view.standing(IndexState(trouble=TROUBLE), is_chosen=True)

    assert "Nobody answers." in said(with_rows.state)
    assert with_rows.has_table
    assert "This page tries again by itself." in said(without.state)
    assert not without.has_table


@pytest.mark.parametrize(
    ("state", "is_chosen", "words"),
    [
        (IndexState(), True, "This experiment has no runs yet."),
        (IndexState(is_filling=True), True, "Reading the runs…"),
        (IndexState(), False, "Choose an experiment to see its runs."),
    ],
)
def test_nothing_to_show_says_why(state: IndexState, is_chosen: Any, words: str) -> None:
    shown = view.standing(state, is_chosen=is_chosen)

    assert words in said(shown.state)
    assert not shown.has_table


def test_that_no_run_matches_is_said_where_something_was_asked() -> None:
    assert "No run matches" in said(view.nothing(0, chosen({"filter": "metrics.a > 1"})))
    assert view.nothing(0, chosen({})) is None
    assert view.nothing(1, chosen({"filter": "metrics.a > 1"})) is None


def test_a_mistake_says_what_is_wrong_and_where() -> None:
    error = FilterError(message("It is wrong."), message("Write it so."), start=2, end=5)

    assert said(filters.mistake(error)) == "It is wrong.   Write it so."
    assert filters.place(error) == {"start": 2, "end": 5}
    assert any(type(part).__name__ == "Button" for part in parts(filters.mistake(error)))


def test_what_may_stand_at_the_cursor_says_how_many_runs_have_it() -> None:
    found = filters.offers(complete("ro", 2, facts(AUC)), "ro")

    assert found["options"][0] == {"text": "metrics.roc_auc", "note": "2 runs", "after": " "}
    assert (found["start"], found["end"]) == (0, 2)


@pytest.mark.parametrize(
    ("where", "words"),
    [
        ("metrics.roc_auc~>=~#0.85", "roc_auc ≥ 0.85"),
        ("params.kind~contains~'for", "kind contains for"),
        ("params.kind~empty~'", "kind is missing"),
        ("attributes.status~=~'FAILED", "Status = failed"),
        ("attributes.duration~<~#90.0", "Duration < 1m 30s"),
        ("attributes.start_time~>=~#1767225600000.0", "Started ≥ 1 Jan 2026, 00:00"),
    ],
)
def test_a_column_filter_in_words_and_the_way_to_take_it_away(where: str, words: str) -> None:
    (chip,) = filters.chips(chosen({"where": [where]}))

    assert words in said(chip)
    assert [part for part in parts(chip) if getattr(part, "data-where", None) == where]


def test_the_best_run_by_its_metric() -> None:
    run = RunRow(id="a b", name="forest", experiment="1", status="FINISHED")
    shown = view.best_said(run, AUC, 0.912345)

    assert "forest" in said(shown)
    assert "roc_auc 0.91234" in said(shown)
    assert shown[0].href == "/runs/a%20b"
    assert view.best_found(run, AUC, is_higher=True, at=5) == {
        "run": "a b",
        "order": ["-metrics.roc_auc"],
        "at": 5,
    }
    assert "No run that matches has roc_auc." in said(view.best_said(None, AUC, None))


def test_fields_of_a_dropdown_match_what_is_typed_and_keep_what_is_chosen() -> None:
    many = facts(*(Field(Kind.PARAM, f"p{i}") for i in range(500)), AUC)
    found = view.field_options(many, kinds=(Kind.PARAM,), value="params.p499", search="P4")

    assert len(found) == view.MOST_OPTIONS + 1
    assert found[0]["value"] == "params.p499"
    assert all("p4" in one["value"] for one in found)


def test_the_table_is_told_how_the_view_sorts_and_filters() -> None:
    choice = chosen(
        {"experiments": ["1"], "order": ["-metrics.roc_auc"], "where": ["params.kind~=~'forest"], "group": ""}
    )
    shown = view.shown(choice, [AUC], "page")

    assert shown["sort"] == [["metrics.roc_auc", "desc"]]
    assert shown["model"] == {"params.kind": {"filterType": "text", "type": "equals", "filter": "forest"}}


def test_a_store_without_runs_says_how_to_log_one() -> None:
    assert 'mlflow.set_tracking_uri("http://x")' in said(view.without_experiments("http://x"))
