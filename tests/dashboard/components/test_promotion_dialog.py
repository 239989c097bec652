from dataclasses import replace
from typing import Any

import pytest

from core.catalog.store import Holders
from core.decision.record import Kind
from core.decision.standing import Expected, Preview
from dashboard.components.promotion_dialog import command, consequences, question
from dashboard.move import Move
from tests.dashboard.deciding import make_numbers, reference
from tests.dashboard.showing import parts, said

SEEN = Expected(version=2)


def move(kind: Kind, version: int | None = 3, **facts: Any) -> Move:
    return Move(kind=kind, version=version, expected=SEEN, reason="<b>why</b>", key="k", **facts)


def preview(**facts: Any) -> Preview:
    known: dict[str, Any] = {
        "model": "risk <b>",
        "kind": Kind.PROMOTE,
        "before": reference(2),
        "after": reference(3),
        "expected": SEEN,
        "holders": Holders((2,), 2),
        "numbers": make_numbers(2, 3),
    }
    return Preview(**(known | facts))


def read(asked: Move, shown: Preview) -> str:
    return said(consequences(asked, shown, alias="champion", primary="roc_auc"))


@pytest.mark.parametrize(
    ("asked", "heading", "button"),
    [
        (move(Kind.PROMOTE), "Promote v3 to Production?", "Promote v3"),
        (move(Kind.ROLLBACK, 1), "Roll Production back to v1?", "Roll back to v1"),
        (move(Kind.ADOPT, 4), "Take v4 over as Production?", "Adopt v4"),
        (move(Kind.ADOPT, None), "Take over that nothing is in Production?", "Adopt"),
        (move(Kind.RESTORE, 2), "Undo the change from outside: v2 in Production?", "Restore"),
        (move(Kind.RESTORE, None), "Undo the change from outside: nothing in Production?", "Restore"),
        (move(Kind.STAGE, stage="Archived"), "Move v3 to Archived?", "Move v3"),
        (move(Kind.STAGE, stage="None"), "Take v3 out of its stage?", "Move v3"),
    ],
)
def test_each_move_asks_its_question(asked: Move, heading: str, button: str) -> None:
    assert (question(asked), command(asked)) == (heading, button)


def test_a_promotion_says_what_will_change() -> None:
    text = read(move(Kind.PROMOTE), preview())
    for sentence in (
        "v2 in Production → v3 in Production",
        "models:/risk <b>/Production",
        "models:/risk <b>@champion",
        "will both resolve to v3.",
        "v2 will be Archived.",
        "metric v2 v3 difference ROC AUC 0.820 0.830 ▲ +1.0 pp",
        "Matthews correlation n/a n/a —",
        "143 rows",
        "56 positive",
        "9f3ac41e",
        "threshold 0.50",
        "Reason <b>why</b>",
    ):
        assert sentence in text


def test_a_worse_version_is_marked_by_meaning_not_by_sign() -> None:
    numbers = replace(make_numbers(2, 3), metrics={2: {"log_loss": 0.4}, 3: {"log_loss": 0.5}})
    shown = consequences(move(Kind.PROMOTE), preview(numbers=numbers), alias="production", primary="roc_auc")
    (cell,) = [part for part in parts(shown) if getattr(part, "data-change", None)]
    assert (said(cell), getattr(cell, "data-change")) == ("▲ +0.100", "worse")


def test_the_first_promotion_has_nothing_to_compare_with() -> None:
    text = read(move(Kind.PROMOTE), preview(before=None, holders=Holders(), numbers=make_numbers(3)))
    assert "nothing in Production → v3 in Production" in text
    assert "metric v3 ROC AUC 0.830" in text
    assert "Archived" not in text


def test_versions_without_scores_say_so() -> None:
    assert "There are no metrics to show" in read(move(Kind.PROMOTE), preview(numbers=None))


def test_another_stage_leaves_production_alone() -> None:
    asked = move(Kind.STAGE, stage="Staging", stage_seen="None")
    text = read(asked, preview(before=reference(2), after=reference(2)))
    assert "v3 · no stage → v3 · Staging" in text
    assert "stay as they are." in text
    assert "ROC AUC" not in text


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        (move(Kind.STAGE, 2, stage="Archived", stage_seen="Production"), preview(after=None)),
        (move(Kind.RESTORE, None), preview(after=None, numbers=None)),
    ],
)
def test_what_empties_production_warns(asked: Move, shown: Preview) -> None:
    assert "will resolve to nothing: whoever loads them gets an error." in read(asked, shown)
