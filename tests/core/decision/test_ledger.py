import uuid
from datetime import UTC, datetime, timedelta

from core.catalog.store import Holders
from core.decision.ledger import Ledger
from core.decision.record import Kind, Numbers, Phase, Record, VersionRef
from core.messages import message
from tests.core.decision.records import ANN


def test_a_record_comes_back_as_it_was(ledger: Ledger) -> None:
    record = Record(
        operation=str(uuid.uuid4()),
        kind=Kind.ROLLBACK,
        phase=Phase.INTENT,
        actor=ANN,
        model="titanic",
        before=VersionRef(
            number=3, digest="sha256:3", created=datetime(2026, 3, 3, 12, tzinfo=UTC), source="s3://a"
        ),
        after=VersionRef(number=2, digest=None),
        holders_before=Holders(stage=(3,), alias=None),
        holders_after=Holders(stage=(2,), alias=2),
        stage_before="Production",
        stage_after="Archived",
        numbers=Numbers(
            fingerprint="sha256:f",
            rows=143,
            positives=56,
            source="data/titanic.csv",
            threshold=0.1 + 0.2,
            primary_metric="roc_auc",
            metrics={3: {"roc_auc": 0.861, "log_loss": float("inf"), "f1": None}, 2: {}},
        ),
        reason="because",
        trouble=(message("{model} {why}", model="m", why=message("failed {n}", n=2)),),
    )

    written = ledger.begin(record, key="k")

    assert written.record == record
    assert ledger.entries() == (written,)
    assert ledger.entry(1) == written
    assert ledger.entry(2) is None
    assert (written.seq, written.app_version, written.previous) == (1, "1.2.3", "0" * 64)
    assert abs(datetime.now(UTC) - written.at) < timedelta(minutes=1)
    assert ledger.head() == (1, written.hash)
    assert ledger.verify().problems == ()
