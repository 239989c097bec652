"""Operations that have not ended: one of a model at a time, each with the process that carries it out."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from core.decision.ledger_chain import Sealed, stored
from core.decision.ledger_tables import operations
from core.decision.owner import LEASE_SECONDS, Owner
from core.decision.record import SETTLED, Entry, Phase
from core.decision.record_facts import time_of, time_text
from core.errors import MoveUnderWay
from core.messages import message
from core.quoting import quoted

_NOBODY: Mapping[str, Any] = {"host": None, "pid": None, "started": None, "lease_until": None}


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingRow:
    """An operation that has not ended.

    `gone`: nobody can end it any more, so whoever calls `take_over` may. `last` is its newest entry: the
    intent, or that MLflow gave no answer (UNKNOWN).
    """

    operation: str
    key: str | None  # of the request, as `stored` keeps it
    intent: Entry
    last: Entry
    owner: Owner | None  # None: it was let go
    lease_until: datetime | None  # UTC
    gone: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationRow:
    """What the database holds of an operation beside its entries."""

    operation: str
    key: str | None
    model: str
    pending: bool
    owner: Owner | None
    lease_until: datetime | None

    def gone(self, now: datetime) -> bool:
        """Whether nobody can end it any more."""
        if self.owner is None or self.lease_until is None:
            return True
        return self.owner.gone(lease_until=self.lease_until, now=now)


def row_of(connection: sa.Connection, operation: str) -> OperationRow | None:
    """The row of an operation."""
    return _first(connection, operations.c.operation == stored(operation))


def row_of_key(connection: sa.Connection, key: str) -> OperationRow | None:
    """The row of the operation that a request with this key began."""
    return _first(connection, operations.c.key == stored(key))


def pending_rows(connection: sa.Connection, model: str | None) -> tuple[OperationRow, ...]:
    """The rows of operations that have not ended: all, or the one of a model."""
    query = sa.select(operations).where(operations.c.pending)
    if model is not None:
        query = query.where(operations.c.model == stored(model))
    return tuple(
        _row(dict(row)) for row in connection.execute(query.order_by(operations.c.operation)).mappings()
    )


def own(connection: sa.Connection, operation: str, owner: Owner, now: datetime) -> None:
    """Let a process carry the operation out from now on."""
    lease = time_text(now + timedelta(seconds=LEASE_SECONDS))
    values = {"host": stored(owner.host), "pid": owner.pid, "started": owner.started, "lease_until": lease}
    _change(connection, operation, values)


def touch_nothing(connection: sa.Connection) -> None:
    """Raise what a write would raise: a transaction alone does not tell that a file is read-only."""
    connection.execute(operations.update().where(sa.false()).values(pending=False))


def follow(connection: sa.Connection, sealed: Sealed) -> None:
    """Bring the row of an entry's operation in line with the entry; nobody owns what begins here."""
    facts = sealed.facts
    record, request = facts["record"], facts.get("request")
    phase = record["phase"]
    if phase == Phase.UNKNOWN:
        _change(connection, record["operation"], _NOBODY)
    elif phase in SETTLED:
        _change(connection, record["operation"], {**_NOBODY, "pending": False})
    elif phase == Phase.INTENT or request is not None:
        connection.execute(
            operations.insert().values(
                operation=stored(record["operation"]),
                key=None if request is None else stored(request),
                model=stored(record.get("model", "")),
                pending=phase == Phase.INTENT,
                **_NOBODY,
            )
        )


def under_way(intent: Entry) -> MoveUnderWay:
    """The refusal that a second move of the same model meets."""
    record = intent.record
    since = f"{intent.at:%Y-%m-%d %H:%M:%S} UTC"
    hint = message("One at a time: wait until it has ended, then look at what is in Production.")
    if record.after is None:
        title = message(
            "{actor} has been moving {model} since {since}.",
            actor=quoted(record.actor.name),
            model=quoted(record.model),
            since=since,
        )
    else:
        title = message(
            "{actor} has been moving version {version} of {model} since {since}.",
            actor=quoted(record.actor.name),
            model=quoted(record.model),
            version=record.after.number,
            since=since,
        )
    return MoveUnderWay(title, hint)


def _first(connection: sa.Connection, condition: sa.ColumnElement[bool]) -> OperationRow | None:
    row = connection.execute(sa.select(operations).where(condition)).mappings().first()
    return None if row is None else _row(dict(row))


def _row(row: Mapping[str, Any]) -> OperationRow:
    owner = None
    if row["host"] is not None:
        owner = Owner(host=row["host"], pid=row["pid"], started=row["started"])
    return OperationRow(
        operation=row["operation"],
        key=row["key"],
        model=row["model"],
        pending=bool(row["pending"]),
        owner=owner,
        lease_until=None if row["lease_until"] is None else time_of(row["lease_until"]),
    )


def _change(connection: sa.Connection, operation: str, values: Mapping[str, Any]) -> None:
    connection.execute(
        operations.update().where(operations.c.operation == stored(operation)).values(**values)
    )
