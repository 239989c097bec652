import json
from typing import Any

import pytest
from dash import html

from core.catalog.store import Holders
from core.decision.record import Kind, Phase
from core.decision.standing import Standing
from core.errors import LedgerError
from core.messages import message
from dashboard.components.promotion_banners import banners
from tests.dashboard.deciding import make_entry, make_pending, reference
from tests.dashboard.showing import parts, said

EXTERNAL = make_entry(Phase.EXTERNAL, Kind.EXTERNAL)


def shown(**facts: Any) -> Any:
    known: dict[str, Any] = {"model": "m", "holders": Holders((2,), 2), "production": reference(2)}
    return banners(Standing(**(known | facts)))


def buttons(part: Any) -> list[tuple[str, int]]:
    pressed = [json.loads(getattr(each, "data-pressed")) for each in parts(part) if type(each) is html.Button]
    return [(found["action"], found["version"]) for found in pressed]


def test_usually_there_is_none() -> None:
    assert shown() == []


@pytest.mark.parametrize(
    ("holders", "text", "offered"),
    [
        (
            Holders((4,), 4),
            "MLflow has v4 in Production; the history says v2.",
            [("adopt", 4), ("restore", 2)],
        ),
        (
            Holders((4,), 2),
            "MLflow has v4 by stage and v2 by alias; the history says v2.",
            [("adopt", 4), ("adopt", 2), ("restore", 2)],
        ),
        (Holders(), "MLflow has nothing in Production; the history says v2.", [("adopt", 0), ("restore", 2)]),
        (
            Holders((), 4),
            "MLflow has nothing by stage and v4 by alias; the history says v2.",
            [("adopt", 4), ("restore", 2)],
        ),
    ],
)
def test_a_change_from_outside_can_be_adopted_or_undone(
    holders: Holders, text: str, offered: list[tuple[str, int]]
) -> None:
    (banner,) = shown(holders=holders, differs=EXTERNAL)
    assert said(banner).startswith(
        f"Production was changed without Runoff; seen on 12 Nov 2026, 05:05. {text}"
    )
    assert buttons(banner) == offered


def test_a_promotion_from_outside_over_nothing_can_be_undone_too() -> None:
    (banner,) = shown(holders=Holders((4,), 4), production=None, differs=EXTERNAL)
    assert "the history says nothing." in said(banner)
    assert buttons(banner) == [("adopt", 4), ("restore", 0)]


def test_among_several_a_person_chooses() -> None:
    (banner,) = shown(holders=Holders((4, 2), 2), production=None, undecided=(4, 2))
    assert said(banner).startswith("MLflow has several versions in Production: v4, v2. Which one is it?")
    assert buttons(banner) == [("adopt", 4), ("adopt", 2)]


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (Kind.PROMOTE, "bob is promoting v4 (since 12 Nov 2026, 05:05)."),
        (Kind.ROLLBACK, "bob is rolling Production back to v4"),
        (Kind.STAGE, "bob is moving v4 to another stage"),
        (Kind.ADOPT, "bob is settling a change from outside"),
    ],
)
def test_a_move_under_way_says_whose_it_is(kind: Kind, text: str) -> None:
    (banner,) = shown(pending=make_pending(kind=kind))
    assert said(banner).startswith(text)


def test_a_move_without_an_answer_is_not_called_done() -> None:
    (banner,) = shown(pending=make_pending(Phase.UNKNOWN))
    assert "MLflow gave no answer" in said(banner)


def test_a_ledger_that_fails_comes_first() -> None:
    trouble = LedgerError(message("The disk is full."), message("Free some space."))
    first, _second = shown(trouble=trouble, pending=make_pending())
    assert said(first) == (
        "The disk is full. Free some space. Nothing can be moved until then; reading goes on."
    )
