"""How far MLflow is with a move, and what is missing."""

from dataclasses import replace
from typing import Any

import pytest

from core.catalog.store import Holders
from core.decision.position import Position, Progress, progress_of, steps_to
from core.decision.record import Kind, VersionRef
from core.decision.reigns import NOBODY
from tests.core.decision.records import intent

PROMOTION = replace(intent("m", 2), holders_before=Holders((1,), 1), holders_after=Holders((2,), 2))
EMPTYING = replace(
    PROMOTION, kind=Kind.RESTORE, after=None, holders_before=Holders((5, 4), 3), holders_after=NOBODY
)
LEAVING = replace(
    EMPTYING,
    kind=Kind.STAGE,
    before=VersionRef(number=1, digest=None),
    holders_before=Holders((1,), 1),
    stage_before="Production",
    stage_after="Archived",
)
STAGING = replace(
    LEAVING,
    after=LEAVING.before,
    holders_before=None,
    holders_after=None,
    stage_before="None",
    stage_after="Staging",
)


class Noting:
    """Notes what it is asked to change."""

    def __init__(self) -> None:
        self.said: list[object] = []

    def move_stage(self, model: str, number: int, stage: str, *, archive_others: bool = False) -> None:
        self.said.append((number, stage, archive_others))

    def move_alias(self, model: str, number: int | None) -> None:
        self.said.append(number)


@pytest.mark.parametrize(
    ("stage", "alias", "progress", "missing"),
    [
        ((1,), 1, Progress.AS_BEFORE, [(2, "Production", True), 2]),
        ((2,), 1, Progress.HALF, [2]),
        ((1,), 2, Progress.HALF, [(2, "Production", True)]),
        ((2,), 2, Progress.DONE, []),
        ((2, 1), 1, Progress.ELSEWHERE, None),
        ((2,), None, Progress.ELSEWHERE, None),
        ((3,), 3, Progress.ELSEWHERE, None),
        ((), None, Progress.ELSEWHERE, None),
    ],
)
def test_a_promotion(
    stage: tuple[int, ...], alias: int | None, progress: Progress, missing: list[object] | None
) -> None:
    now = Position(holders=Holders(stage, alias))
    assert progress_of(PROMOTION, now) is progress
    if missing is not None:
        assert said(PROMOTION, now) == missing


@pytest.mark.parametrize(
    ("stage", "alias", "progress", "missing"),
    [
        ((5, 4), 3, Progress.AS_BEFORE, [(5, "Archived", False), (4, "Archived", False), None]),
        ((4,), 3, Progress.HALF, [(4, "Archived", False), None]),
        ((), 3, Progress.HALF, [None]),
        ((), None, Progress.DONE, []),
        ((6,), 3, Progress.ELSEWHERE, None),
    ],
)
def test_back_to_nothing(
    stage: tuple[int, ...], alias: int | None, progress: Progress, missing: list[object] | None
) -> None:
    now = Position(holders=Holders(stage, alias))
    assert progress_of(EMPTYING, now) is progress
    if missing is not None:
        assert said(EMPTYING, now) == missing


def test_out_of_production() -> None:
    start = Position(holders=Holders((1,), 1), stage="Production")
    half = Position(holders=Holders((), 1), stage="Archived")
    assert progress_of(LEAVING, start) is Progress.AS_BEFORE
    assert said(LEAVING, start) == [(1, "Archived", False), None]
    assert progress_of(LEAVING, half) is Progress.HALF
    assert said(LEAVING, half) == [None]
    assert progress_of(LEAVING, Position(holders=NOBODY, stage="Archived")) is Progress.DONE
    assert progress_of(LEAVING, Position(holders=NOBODY, stage="Staging")) is Progress.ELSEWHERE


def test_between_other_stages() -> None:
    assert progress_of(STAGING, Position(stage="None")) is Progress.AS_BEFORE
    assert said(STAGING, Position(stage="None")) == [(1, "Staging", False)]
    assert progress_of(STAGING, Position(stage="Staging")) is Progress.DONE
    assert progress_of(STAGING, Position(stage="Archived")) is Progress.ELSEWHERE
    assert progress_of(STAGING, Position(stage=None)) is Progress.ELSEWHERE  # deleted


def said(of: Any, now: Position) -> list[object]:
    noting = Noting()
    for step in steps_to(noting, of, now):  # type: ignore[arg-type]
        step()
    return noting.said
