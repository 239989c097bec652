"""Where MLflow is with a move: as before, as intended, half way, or somewhere else; and what is missing.

Everything is told by the intent on record, so that a move can be ended by another process than the one
that began it.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Protocol

from core.catalog.store import PRODUCTION, Holders, Registrar, Store
from core.decision.holding import found, holders_of
from core.decision.record import Kind, Record
from core.decision.reigns import NOBODY
from core.evidence.selection import ARCHIVED


class Registry(Store, Registrar, Protocol):
    """An MLflow store that is read and changed."""


class Progress(StrEnum):
    """How far MLflow is."""

    AS_BEFORE = "as before"
    HALF = "half way"  # some of what is intended has been done, and nothing else
    DONE = "done"
    ELSEWHERE = "elsewhere"  # somebody else changed it


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """What MLflow holds, as far as the move concerns it.

    `holders` are empty where the move has nothing to do with Production. `stage` is that of the version
    which a Kind.STAGE moves, None where it is gone, and empty for other moves.
    """

    holders: Holders = NOBODY
    stage: str | None = ""


Step = Callable[[], None]


def read_position(store: Registry, intent: Record, *, alias: str) -> Position:
    """Where MLflow is now.

    Raises:
        StoreError: it does not answer.
    """
    if intent.kind is not Kind.STAGE:
        return Position(holders=store.holders(intent.model))
    versions = store.versions(intent.model)
    moved = found(versions, _moved(intent))
    return Position(
        holders=holders_of(versions, alias) if intent.holders_after is not None else NOBODY,
        stage=moved.stage if moved is not None else None,
    )


def start_of(intent: Record) -> Position:
    """Where MLflow was when the move began."""
    return Position(holders=intent.holders_before or NOBODY, stage=intent.stage_before)


def aim_of(intent: Record) -> Position:
    """Where MLflow shall be."""
    return Position(holders=intent.holders_after or NOBODY, stage=intent.stage_after)


def progress_of(intent: Record, now: Position) -> Progress:
    """How far MLflow is."""
    start, aim = start_of(intent), aim_of(intent)
    if now == aim:
        return Progress.DONE
    if now == start:
        return Progress.AS_BEFORE
    on_our_way = (
        _between(start.holders.stage, now.holders.stage, aim.holders.stage)
        and now.holders.alias in (start.holders.alias, aim.holders.alias)
        and now.stage in (start.stage, aim.stage)
    )
    return Progress.HALF if on_our_way else Progress.ELSEWHERE


def steps_to(store: Registry, intent: Record, now: Position) -> tuple[Step, ...]:
    """The calls that are missing, in order: the stage first, then the alias. Each may raise a StoreError."""
    return (*_stage_steps(store, intent, now), *_alias_steps(store, intent, now))


def _stage_steps(store: Registry, intent: Record, now: Position) -> Iterator[Step]:
    aim = aim_of(intent)
    if intent.kind is Kind.STAGE:
        if now.stage != aim.stage:
            yield partial(store.move_stage, intent.model, _moved(intent), aim.stage or "")
    elif intent.after is None:
        for number in now.holders.stage:
            yield partial(store.move_stage, intent.model, number, ARCHIVED)
    elif now.holders.stage != aim.holders.stage:
        yield partial(store.move_stage, intent.model, intent.after.number, PRODUCTION, archive_others=True)


def _alias_steps(store: Registry, intent: Record, now: Position) -> Iterator[Step]:
    aim = aim_of(intent)
    if now.holders.alias != aim.holders.alias:
        yield partial(store.move_alias, intent.model, aim.holders.alias)


def _between(start: tuple[int, ...], now: tuple[int, ...], aim: tuple[int, ...]) -> bool:
    """Whether the stage is on our way: several versions leave it one by one."""
    return now in (start, aim) or set(aim) <= set(now) <= set(start)


def _moved(intent: Record) -> int:
    version = intent.before or intent.after
    assert version is not None  # every Kind.STAGE names one
    return version.number
