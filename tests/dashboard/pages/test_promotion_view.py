from dataclasses import replace
from typing import Any

import pytest

from core.catalog.store import Holders, Version
from core.decision.access import RUNOFF, Actor, Role, local_actor
from core.decision.looking import FIRST_LOOK
from core.decision.record import Kind, Phase
from core.decision.standing import Standing
from core.errors import LedgerError, SplitNotConfigured, StoreUnreachable, VersionUnfit
from core.evidence.comparison import ScoringState, Status
from core.messages import message
from dashboard.components.promotion_panel import Actions, promotion_panel
from dashboard.components.version_options import LIMIT, Listing
from dashboard.entry_words import reason_words
from dashboard.pages.promotion_refusals import Situation, refusals
from dashboard.pages.promotion_view import build_view, failed_view, rollback_options
from dashboard.theme import Scheme
from tests.dashboard.deciding import NOON, make_entry, make_past, make_pending, reference
from tests.dashboard.showing import parts, said

SCORED = ScoringState(status=Status.SCORED)
LEDGER = LedgerError(message("The disk is full."))
NO_SPLIT = SplitNotConfigured(message("No test split is configured."))
DELETED = VersionUnfit(message("Version 1 has been deleted."))


def version(number: int, **facts: Any) -> Version:
    return Version(model="m", number=number, **facts)


def standing(**facts: Any) -> Standing:
    known: dict[str, Any] = {
        "model": "m & n",
        "holders": Holders((2,), 2),
        "production": reference(2),
        "since": NOON,
        "by": "alice",
        "reason": "steadier",
        "past": (make_past(1),),
        "token": "t",
    }
    return Standing(**(known | facts))


def situation(**facts: Any) -> Situation:
    known: dict[str, Any] = {
        "standing": standing(),
        "actor": local_actor(),
        "chosen": version(3),
        "state": SCORED,
        "back": make_past(1),
        "stage": "Staging",
    }
    return Situation(**(known | facts))


def told(**facts: Any) -> dict[str, str]:
    return {
        action: "" if error is None else str(error.title)
        for action, error in refusals(situation(**facts)).items()
    }


def test_the_way_back_to_the_number_that_was_typed_comes_first() -> None:
    past = [make_past(number) for number in (12, 10, 1)]
    assert [option["value"] for option in rollback_options(past, "v1", keep=None)] == [1, 12, 10]


def test_what_runoff_found_is_told_in_the_readers_words(japanese: None) -> None:
    found = make_past(3, by_itself=True)
    (option,) = rollback_options([replace(found, by="runoff")], "", keep=None)
    assert "Runoff 自身" in said(option["label"])
    assert reason_words(str(FIRST_LOOK), by_itself=True) != str(FIRST_LOOK)
    assert reason_words(str(FIRST_LOOK), by_itself=False) == str(FIRST_LOOK)  # a person's own words


def test_all_can_act_where_nothing_is_in_the_way() -> None:
    assert told() == dict.fromkeys(Actions, "")


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({"chosen": None}, "Choose a version first."),
        ({"chosen": version(2)}, "v2 is in Production already."),
        ({"chosen": version(3, status="PENDING_REGISTRATION")}, "v3 is not ready in MLflow."),
        ({"state": None}, "v3 is not scored yet."),
        ({"state": ScoringState(status=Status.NOT_SCORED)}, "v3 is not scored yet."),
        ({"state": ScoringState(status=Status.SCORING)}, "v3 is being scored."),
        ({"state": ScoringState(status=Status.WAITING)}, "v3 waits to be scored."),
        ({"state": ScoringState(status=Status.FAILED)}, "v3 could not be scored."),
    ],
)
def test_a_version_that_cannot_go_says_why_and_keeps_nobody_from_going_back(
    facts: dict[str, Any], why: str
) -> None:
    assert (told(**facts)[Actions.PROMOTE], told(**facts)[Actions.ROLLBACK]) == (why, "")


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({"standing": standing(trouble=LEDGER)}, "The disk is full."),
        ({"standing": standing(pending=make_pending())}, "bob is moving this model just now."),
        ({"actor": Actor(name="eve", role=Role.VIEWER, identified_by="")}, '"eve" (viewer) may not do this'),
    ],
)
def test_what_stops_everything_stands_beside_every_button(facts: dict[str, Any], why: str) -> None:
    assert all(sentence.startswith(why) for sentence in told(**facts).values())


@pytest.mark.parametrize(
    "facts",
    [{"undecided": (3, 2), "production": None}, {"differs": make_entry(Phase.EXTERNAL, Kind.EXTERNAL)}],
)
def test_production_is_settled_before_it_moves(facts: dict[str, Any]) -> None:
    found = told(standing=standing(**facts))
    assert (
        found[Actions.PROMOTE] == found[Actions.ROLLBACK] == "Decide first what is in Production: see above."
    )
    assert (found[Actions.MOVE], found[Actions.OUTSIDE]) == ("", "")


def test_without_a_split_production_stays() -> None:
    found = told(split=NO_SPLIT, state=None)
    assert found[Actions.PROMOTE] == found[Actions.ROLLBACK] == "No test split is configured."
    assert found[Actions.MOVE] == ""


def test_who_may_write_may_move_stages_but_those_of_production() -> None:
    writer = Actor(name="dan", role=Role.DATA_SCIENTIST, identified_by="")
    assert told(actor=writer)[Actions.MOVE] == ""
    assert "deploy" in told(actor=writer)[Actions.PROMOTE]
    assert "deploy" in told(actor=writer, chosen=version(2, stage="Production"))[Actions.MOVE]


@pytest.mark.parametrize(
    ("now", "to", "why"),
    [
        ("Staging", "Staging", "v3 is Staging already."),
        ("None", "None", "v3 has no stage."),
        ("None", "Archived", ""),
        ("Archived", "None", ""),
    ],
)
def test_a_stage_is_another_one(now: str, to: str, why: str) -> None:
    assert told(chosen=version(3, stage=now), stage=to)[Actions.MOVE] == why


def test_the_way_back_says_why_it_is_closed() -> None:
    assert told(back=None)[Actions.ROLLBACK] == "Nothing else has been in Production yet."
    assert told(back=make_past(1, refusal=DELETED))[Actions.ROLLBACK] == "Version 1 has been deleted."


def view(**facts: Any) -> Any:
    listing = Listing(shown=[version(3), version(2, stage="Production")], production=2)
    return build_view(situation(**facts), listing, scheme=Scheme.LIGHT, pulse="p")


def test_the_panel_says_what_is_in_production_since_when_by_whom_and_why() -> None:
    shown = view()
    assert shown.production == "v2"
    assert said(shown.since) == "since 12 Nov 2026, 05:05 by alice “steadier”"
    assert shown.seen == {
        "version": 2,
        "digest": reference(2).digest,
        "stage": "None",
        "token": "t",
        "pulse": "p",
    }
    assert [option["value"] for option in shown.version_options] == [3, 2]
    assert shown.rollback == 1
    assert shown.labels[Actions.ROLLBACK] == "Roll back to v1…"
    assert shown.seconds is None


def test_what_runoff_found_at_its_first_look_may_be_older() -> None:
    assert (
        said(view(standing=standing(by=RUNOFF.name, by_itself=True)).since)
        == "since 12 Nov 2026, 05:05 or before"
    )


@pytest.mark.parametrize(
    ("facts", "shown"),
    [
        ({"production": None, "holders": Holders()}, "none"),
        ({"production": None, "holders": Holders((4, 2), 2), "undecided": (4, 2)}, "v4, v2"),
        ({"production": None, "trouble": LEDGER}, "v2"),
        ({"holders": Holders((4,), 4)}, "v2"),
    ],
)
def test_production_is_what_the_ledger_says_or_else_what_mlflow_holds(
    facts: dict[str, Any], shown: str
) -> None:
    assert view(standing=standing(**facts)).production == shown


def test_the_panel_looks_again_while_something_is_under_way() -> None:
    assert view(standing=standing(pending=make_pending())).seconds is not None
    assert view(standing=standing(trouble=LEDGER)).seconds is not None
    assert view(state=ScoringState(status=Status.SCORING)).seconds is not None


def test_a_way_back_says_when_and_by_whom_and_one_that_is_closed_why() -> None:
    options = rollback_options([make_past(1), make_past(4, refusal=DELETED)], "", keep=None)
    assert said(options[0]["label"]) == (
        "v1 until 12 Nov 2026, 05:05, put there by bob on 11 Nov 2026, 05:05"
    )
    assert [option["disabled"] for option in options] == [False, True]
    assert said(options[1]["label"]).endswith("Version 1 has been deleted.")


def test_a_long_past_is_searched() -> None:
    past = [make_past(number) for number in range(1, 200)]
    options = rollback_options(past, "", keep=past[150])
    assert len(options) == LIMIT + 2
    assert options[LIMIT]["value"] == 151
    assert "169 more" in options[-1]["label"]
    found = rollback_options(past, " V19", keep=past[0])
    assert [option["value"] for option in found] == [19, *range(190, 200), 1]
    assert [option["value"] for option in rollback_options(past[:2], "BOB", keep=None)] == [1, 2]


def test_a_store_that_is_away_stops_every_button_and_is_asked_again() -> None:
    shown = failed_view(StoreUnreachable(message("Nobody answers.")), hidden=False, seconds=4)
    assert {shown.can[action] for action in Actions} == {"Nobody answers."}
    assert (shown.seen, shown.seconds) == ({}, 4)


def test_the_panel_leads_to_the_models_history() -> None:
    (link,) = [part for part in parts(promotion_panel("m & n")) if hasattr(part, "href")]
    assert link.href == "/history?model=m+%26+n"
