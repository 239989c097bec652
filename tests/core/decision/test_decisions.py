"""The whole of it: the demo's versions, really scored, promoted and rolled back."""

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from app import services_of
from core.decision.access import local_actor
from core.decision.record import Kind, Phase
from core.decision.standing import Expected
from core.services import Services
from core.settings import load_settings
from tests.conftest import MadeDemo
from tests.core.decision.deciding import key

MODEL = "titanic-survival"


@pytest.fixture
def services(demo: MadeDemo, tmp_path: Path) -> Iterator[Services]:
    """The demo with a registry and a ledger of the test's own."""
    settings = load_settings(None, environ={}, folder=tmp_path)
    settings.data_dir.mkdir()
    shutil.copy(demo.settings.data_dir / "mlflow.db", settings.data_dir)
    services = services_of(settings)
    yield services
    services.close()


def test_the_demo_goes_forward_and_back(services: Services) -> None:
    decisions, actor = services.decisions, local_actor()
    decisions.check()
    versions = services.store.versions(MODEL)
    standing = decisions.standing(MODEL, versions)
    was = standing.production
    assert was is not None
    number = max(version.number for version in versions if version.number != was.number)

    preview = decisions.preview(MODEL, number, Kind.PROMOTE)
    assert preview.expected == Expected(version=was.number, digest=None)  # nothing has been scored yet
    assert preview.numbers is None
    done = decisions.promote(
        actor, MODEL, number, expected=preview.expected, reason="a trial", key=key(), threshold=0.25
    )
    record = done.entry.record
    assert record.phase is Phase.DONE
    assert not done.notes
    assert record.after is not None
    assert record.before is not None
    assert record.before.digest is not None

    comparison = services.comparisons.compare(MODEL, versions=[number, was.number], threshold=0.25)
    assert record.numbers is not None
    assert record.numbers.fingerprint == comparison.split.fingerprint
    for compared in comparison.versions:
        assert compared.metrics is not None
        assert record.numbers.metrics[compared.version.number] == {
            name: metric.value for name, metric in compared.metrics.items()
        }
    (past,) = decisions.standing(MODEL).past
    assert (past.version.number, past.version.digest, past.refusal) == (
        was.number,
        record.before.digest,
        None,
    )

    seen = Expected(version=number, digest=record.after.digest)
    back = decisions.rollback(actor, MODEL, to=None, expected=seen, reason="enough", key=key())
    assert back.entry.record.phase is Phase.DONE
    production = decisions.standing(MODEL).production
    assert production is not None
    assert (production.number, production.digest) == (was.number, record.before.digest)
    assert decisions.history(model=MODEL, kinds=[Kind.ROLLBACK], limit=1) == (back.entry,)
    then = decisions.production_at(MODEL, back.entry.at - timedelta(milliseconds=1))
    assert then is not None
    assert then.version.number == number
    assert decisions.verify().sound
