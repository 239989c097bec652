"""What is asked of the ledger's entries: each question one indexed query."""

import json
from collections.abc import Iterable, Iterator
from datetime import datetime

import sqlalchemy as sa

from core.decision.ledger_chain import CUT, Link, Sealed, stored
from core.decision.ledger_tables import entries
from core.decision.record import Kind, Phase
from core.decision.record_facts import time_text

_KEPT = sa.select(entries.c.seq, entries.c.body, entries.c.hash)
_BATCH = 1_000


def last(connection: sa.Connection) -> Sealed | None:
    """The newest entry."""
    return _one(connection, _KEPT.order_by(entries.c.seq.desc()).limit(1))


def newest_of(connection: sa.Connection, model: str) -> Sealed | None:
    """The newest entry of a model."""
    query = _KEPT.where(entries.c.model == stored(model)).order_by(entries.c.seq.desc()).limit(1)
    return _one(connection, query)


def at(connection: sa.Connection, seq: int) -> Sealed | None:
    """The entry of a number."""
    return _one(connection, _KEPT.where(entries.c.seq == seq))


def head(connection: sa.Connection) -> Link:
    """Number and hash of the newest entry."""
    row = connection.execute(
        sa.select(entries.c.seq, entries.c.hash).order_by(entries.c.seq.desc()).limit(1)
    ).first()
    return Link() if row is None else Link(row[0], row[1])


def since(connection: sa.Connection, seq: int) -> Iterator[Sealed]:
    """The entries after a number, oldest first, a batch at a time."""
    query = _KEPT.where(entries.c.seq > seq).order_by(entries.c.seq)
    return (Sealed(*row) for row in connection.execute(query.execution_options(yield_per=_BATCH)))


def of_operation(connection: sa.Connection, operation: str) -> tuple[Sealed, ...]:
    """All entries of an operation, oldest first."""
    query = _KEPT.where(entries.c.operation == stored(operation)).order_by(entries.c.seq)
    return tuple(Sealed(*row) for row in connection.execute(query))


def matching(
    connection: sa.Connection,
    *,
    model: str | None,
    actor: str | None,
    kinds: Iterable[Kind] | None,
    phases: Iterable[Phase] | None,
    since: datetime | None,
    until: datetime | None,
    before_seq: int | None,
    limit: int,
) -> tuple[Sealed, ...]:
    """Entries that fit everything that is given, newest first; `until` belongs to them."""
    conditions = [
        *_one_of(kinds=kinds, phases=phases),
        *([] if model is None else [entries.c.model == stored(model)]),
        *([] if actor is None else [entries.c.actor == stored(actor)]),
        *([] if since is None else [entries.c.at >= time_text(since)]),
        *([] if until is None else [entries.c.at <= time_text(until)]),
        *([] if before_seq is None else [entries.c.seq < before_seq]),
    ]
    # The numbers first, from the indexes alone: to put whole entries in order costs ten times as much.
    numbers = sa.select(entries.c.seq).where(*conditions).order_by(entries.c.seq.desc()).limit(limit)
    query = _KEPT.where(entries.c.seq.in_(numbers)).order_by(entries.c.seq.desc())
    return tuple(Sealed(*row) for row in connection.execute(query))


def latest(
    connection: sa.Connection, *, kinds: Iterable[Kind] | None, phases: Iterable[Phase] | None
) -> tuple[Sealed, ...]:
    """The newest entry of each model among those of the kinds and phases."""
    newest = (
        sa.select(sa.func.max(entries.c.seq))
        .where(*_one_of(kinds=kinds, phases=phases))
        .group_by(entries.c.model)
    )
    return tuple(Sealed(*row) for row in connection.execute(_KEPT.where(entries.c.seq.in_(newest))))


def names(connection: sa.Connection, *, actors: bool = False) -> tuple[str, ...]:
    """Every model, or every actor, that an entry names, in alphabetical order."""
    column = entries.c.actor if actors else entries.c.model
    found = []
    for kept, seq in connection.execute(sa.select(column, sa.func.max(entries.c.seq)).group_by(column)):
        if CUT in kept and (entry := at(connection, seq)):
            record = entry.entry.record
            found.append(record.actor.name if actors else record.model)
        else:
            found.append(json.loads(f'"{kept}"'))
    return tuple(sorted(found))


def _one_of(
    *, kinds: Iterable[Kind] | None, phases: Iterable[Phase] | None
) -> Iterator[sa.ColumnElement[bool]]:
    if kinds is not None:
        yield entries.c.kind.in_([kind.value for kind in kinds])
    if phases is not None:
        yield entries.c.phase.in_([phase.value for phase in phases])


def _one(connection: sa.Connection, query: sa.Select[int, str, str]) -> Sealed | None:
    row = connection.execute(query).first()
    return None if row is None else Sealed(row[0], row[1], row[2])
