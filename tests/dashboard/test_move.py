from typing import Any

import pytest

from core.decision.record import Kind
from core.decision.standing import Expected
from core.errors import UsageError
from dashboard.move import Move, asked, expectation, seen

KEY = "3f2b8c1e-0000-4000-8000-123456789abc"
DIGEST = "sha256:" + "ab" * 32
MOVE = Move(
    kind=Kind.PROMOTE,
    version=3,
    expected=Expected(version=2, digest=DIGEST),
    reason="<b>better</b>\nand calibrated",
    key=KEY,
    threshold=0.37,
)


def test_what_the_browser_keeps_comes_back_as_it_was() -> None:
    assert asked(MOVE.kept()) == MOVE


@pytest.mark.parametrize(
    ("kind", "facts"),
    [
        (Kind.STAGE, {"stage": "Archived", "stage_seen": "Staging"}),
        (Kind.RESTORE, {"version": None}),
        (Kind.ADOPT, {"expected": {"version": None, "digest": None}}),
    ],
)
def test_each_kind_comes_back(kind: Kind, facts: dict[str, Any]) -> None:
    kept = {**MOVE.kept(), "kind": str(kind), **facts}
    assert asked(kept).kept() == kept


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": "external"},
        {"kind": ["promote"]},
        {"kind": None},
        {"key": ""},
        {"key": "../../etc/passwd"},
        {"key": "a" * 37},
        {"key": 7},
        {"version": None},
        {"version": "3"},
        {"version": 0},
        {"version": -1},
        {"version": True},
        {"version": 3.0},
        {"version": 10**9},
        {"kind": "stage", "stage": "Production"},
        {"kind": "stage", "stage": None},
        {"expected": None},
        {"expected": {}},
        {"expected": [2]},
        {"expected": {"version": "2"}},
        {"expected": {"version": 2, "digest": "sha256:short"}},
        {"expected": {"version": 2, "digest": 5}},
    ],
)
def test_what_no_dialog_can_have_made_is_refused_in_words(changes: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="makes no sense"):
        asked({**MOVE.kept(), **changes})


@pytest.mark.parametrize("sent", [None, [], "promote", 5, {}])
def test_what_is_no_move_at_all_is_refused_in_words(sent: object) -> None:
    with pytest.raises(UsageError, match="makes no sense"):
        asked(sent)


@pytest.mark.parametrize("threshold", [None, "0.4", True, float("nan"), 2, -0.1])
def test_a_threshold_that_is_none_is_the_usual_one(threshold: object) -> None:
    assert asked({**MOVE.kept(), "threshold": threshold}).threshold == 0.5


@pytest.mark.parametrize("expected", [Expected(version=None), Expected(version=2), MOVE.expected])
def test_what_was_seen_comes_back(expected: Expected) -> None:
    assert expectation(seen(expected)) == expected
