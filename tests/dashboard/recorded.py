"""Records of operations as a team would leave them in the ledger over a year."""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from unittest.mock import patch

from core.catalog.store import Holders
from core.decision.access import RUNOFF, Actor, Role
from core.decision.ledger import Ledger
from core.decision.record import Entry, Kind, Numbers, Phase, Record, VersionRef
from core.evidence.metrics import METRICS
from core.messages import message

TITANIC = "titanic-survival"
ODD = "<script>alert(1)</script> \"与信\" & 'risk'\nsecond line"
BEGIN = datetime(2026, 1, 5, 9, 30, tzinfo=UTC)
ALICE = Actor(name="alice", role=Role.ML_ENGINEER, identified_by="operating system")
BOB = Actor(name="Bob O'Hara <b>", role=Role.ADMIN, identified_by="operating system")
HANA = Actor(name="花子", role=Role.ADMIN, identified_by="operating system")
FORMULA = '=HYPERLINK("http://x","y")'
ENTRIES_HASH = "{:064x}"


def version(number: int, *, digest: str | None = "") -> VersionRef:
    """A version that was registered a day after the one before it."""
    return VersionRef(
        number=number,
        digest=f"sha256:{number:064x}" if digest == "" else digest,
        created=BEGIN - timedelta(days=30 - number),
        source=f"models:/m-{number:032x}",
    )


def numbers(before: int | None, after: int) -> Numbers:
    """What somebody saw; the newer version is the better one, but for its log loss."""
    shown = [number for number in (before, after) if number is not None]
    return Numbers(
        fingerprint="sha256:9f3ac41e" + "0" * 56,
        rows=143,
        positives=56,
        source="data/titanic.csv",
        threshold=0.5,
        primary_metric="roc_auc",
        metrics={
            number: {
                metric.name: None if metric.name == "mcc" and number == 1 else round(0.7 + number / 70, 4)
                for metric in METRICS
            }
            for number in shown
        },
    )


def holders(number: int | None) -> Holders:
    return Holders() if number is None else Holders((number,), number)


def move(
    before: int | None,
    after: int | None,
    *,
    kind: Kind = Kind.PROMOTE,
    actor: Actor = ALICE,
    model: str = TITANIC,
    reason: str = "AUC is up on the test split, calibration is unchanged",
    ends: Phase = Phase.DONE,
    trouble: str = "",
) -> list[Record]:
    """Intent and outcome of a move of Production."""
    intent = Record(
        operation=str(uuid.uuid4()),
        kind=kind,
        phase=Phase.INTENT,
        actor=actor,
        model=model,
        before=None if before is None else version(before),
        after=None if after is None else version(after),
        holders_before=holders(before),
        holders_after=holders(after),
        numbers=None if after is None or kind is Kind.STAGE else numbers(before, after),
        reason=reason,
    )
    if ends is Phase.INTENT:
        return [intent]
    said = (message("{said}", said=trouble),) if trouble else ()
    kept = holders(before) if ends is Phase.FAILED else intent.holders_after
    return [intent, replace(intent, phase=ends, holders_after=kept, trouble=said)]


def stage(number: int, before: str, after: str, *, actor: Actor = BOB, model: str = TITANIC) -> list[Record]:
    """A move between stages other than Production."""
    intent = Record(
        operation=str(uuid.uuid4()),
        kind=Kind.STAGE,
        phase=Phase.INTENT,
        actor=actor,
        model=model,
        before=version(number),
        after=version(number),
        stage_before=before,
        stage_after=after,
        reason="to be looked at on live traffic",
    )
    return [intent, replace(intent, phase=Phase.DONE)]


def outside(before: int, after: Holders, *, model: str = TITANIC) -> list[Record]:
    """A change that somebody made in MLflow."""
    return [
        Record(
            operation=str(uuid.uuid4()),
            kind=Kind.EXTERNAL,
            phase=Phase.EXTERNAL,
            actor=RUNOFF,
            model=model,
            before=version(before),
            after=version(after.numbers[0]) if after.numbers else None,
            holders_before=holders(before),
            holders_after=after,
        )
    ]


def adopted(
    number: int, *, before: int | None = None, actor: Actor = RUNOFF, model: str = TITANIC
) -> list[Record]:
    """What was in Production, taken over as such."""
    return [
        Record(
            operation=str(uuid.uuid4()),
            kind=Kind.ADOPT,
            phase=Phase.ADOPTED,
            actor=actor,
            model=model,
            before=None if before is None else version(before),
            after=version(number, digest=None),
            holders_before=holders(number),
            holders_after=holders(number),
            reason="first look" if actor is RUNOFF else "it was an urgent fix and it holds",
        )
    ]


def a_year() -> list[tuple[datetime, list[Record]]]:
    """Some dozens of operations with the times at which they were."""
    slow = "It took three weeks to be sure. " * 62
    steps: list[tuple[int, list[Record]]] = [
        (0, adopted(1)),
        (3, adopted(4, model="churn")),
        (11, move(1, 2)),
        (12, stage(3, "None", "Staging")),
        (20, move(2, 3, actor=BOB, reason="first gradient boosting")),
        (22, move(3, 2, kind=Kind.ROLLBACK, reason="alerts doubled overnight", actor=HANA)),
        (40, move(None, 1, model=ODD, actor=HANA, reason="初回の本番投入\n二行目 <script>alert(2)</script>")),
        (41, outside(2, Holders((3, 2), 2))),
        (41, move(2, 2, kind=Kind.RESTORE, reason="nobody knows who did this")),
        (60, move(2, 4, ends=Phase.FAILED, trouble="MLflow answered 500: database is locked")),
        (60, move(2, 4, reason=FORMULA)),
        (75, move(4, 5, model="churn", reason=slow[:2000])),
        (90, outside(4, Holders((5,), 4))),
        (92, adopted(5, before=4, actor=ALICE)),
        (101, move(1, 2, model=ODD, actor=HANA, reason="\"quoted\" & 'single'")),
        (120, move(5, 6, ends=Phase.CONFLICT, trouble="The stage says v6, the alias v7.")),
        (121, move(5, 7)),
        (140, move(5, 6, model="churn", ends=Phase.UNKNOWN, trouble="MLflow gave no answer in 10 s.")),
        (140, []),
        (170, move(7, 8, actor=BOB)),
        (171, move(8, 7, kind=Kind.ROLLBACK, reason="latency", actor=BOB)),
    ]
    steps += [(180 + 3 * k, move(3 + k % 2, 4 - k % 2, model="fraud", actor=HANA)) for k in range(8)]
    steps += [(220, stage(8, "Production", "Archived")), (240, move(7, 9, actor=ALICE))]
    return [(BEGIN + timedelta(days=day, minutes=7 * place), said) for place, (day, said) in enumerate(steps)]


def entries_of(operations: Sequence[Sequence[Record]], *, begin: datetime = BEGIN) -> list[Entry]:
    """Entries as a ledger would hold them, an hour between operations; the hashes are made up."""
    return list(_entries((begin + timedelta(hours=place), said) for place, said in enumerate(operations)))


def year_entries() -> list[Entry]:
    """The year as entries, in the ledger's order."""
    return list(_entries(iter(a_year())))


def write_year(ledger: Ledger) -> None:
    """Let a real ledger record the year, each entry at its time."""
    for at, said in a_year():
        with patch("core.decision.ledger_writing.datetime") as clock:
            clock.now.return_value = at
            for record in said:
                if record.phase is Phase.INTENT:
                    ledger.begin(record, key=record.operation)
                elif record.phase in {Phase.ADOPTED, Phase.EXTERNAL}:
                    ledger.note(record)
                else:
                    ledger.finish(record)


def _entries(operations: Iterator[tuple[datetime, Sequence[Record]]]) -> Iterator[Entry]:
    seq = 0
    for at, said in operations:
        for step, record in enumerate(said):
            seq += 1
            yield Entry(
                seq=seq,
                at=at + timedelta(seconds=step),
                record=record,
                app_version="0.1.0",
                previous=ENTRIES_HASH.format(seq - 1),
                hash=ENTRIES_HASH.format(seq),
                key_id="k1",
            )
