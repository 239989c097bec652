"""The courses of models are read once, and then kept up with the ledger."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from core.decision.courses import Courses
from core.decision.ledger import Ledger
from core.decision.record import Phase, Record
from tests.core.decision.records import intent, outcome, seen


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    """SQLite will do: what is asked of the ledger is the ledger's to try."""
    return f"sqlite:///{tmp_path / 'runoff.db'}"


def promote(ledger: Ledger, model: str, version: int) -> None:
    record = intent(model, version)
    ledger.begin(record, key=f"{model} {version} {record.operation}")
    ledger.finish(replace(outcome(record), holders_after=record.holders_after))


def production(courses: Courses, model: str) -> int | None:
    version = courses.of(model)[1].production
    return version.number if version is not None else None


class Counting(Ledger):
    """Counts the entries that it gave."""

    given = 0

    def entries(self, **filters: object) -> tuple:  # type: ignore[type-arg]  # whatever is asked
        found = super().entries(**filters)  # type: ignore[arg-type]  # as above
        self.given += len(found)
        return found


def test_only_what_is_new_is_read(tmp_path: Path, database_url: str) -> None:
    ledger = Counting(database_url, tmp_path, app_version="1")
    courses = Courses(ledger)
    assert courses.of("a") == (None, courses.of("b")[1])
    for version in range(1, 31):
        promote(ledger, "a", version)
    assert production(courses, "a") == 30
    assert len(courses.of("a")[1].reigns) == 30
    ledger.given = 0
    assert production(courses, "a") == 30
    assert ledger.given == 1  # the last one, to see that there is no newer one
    promote(ledger, "a", 40)
    promote(ledger, "b", 1)
    assert production(courses, "a") == 40
    assert len(courses.of("a")[1].reigns) == 31
    assert ledger.given < 31
    ledger.close()


def test_all_of_them_agree_with_each(open_ledger: Callable[[], Ledger]) -> None:
    ledger, other = open_ledger(), open_ledger()
    courses = Courses(ledger)
    assert courses.all() == {}
    for model in ("a", "b", "c"):
        promote(ledger, model, 1)
    ledger.begin(intent("d"), key="d")  # under way
    cold = courses.all()
    assert set(cold) == {"a", "b", "c", "d"}
    assert cold["d"][1].production is None
    assert courses.all() == cold
    promote(other, "b", 2)
    other.note(seen("c"))
    warm = courses.all()
    assert warm == Courses(other).all()
    assert {model: kept for model, kept in warm.items() if model in "ad"} == {
        model: kept for model, kept in cold.items() if model in "ad"
    }
    assert warm["c"][1].external is not None
    assert all(warm[model] == courses.of(model) == Courses(other).of(model) for model in warm)


def test_another_ledger_in_the_same_place_is_read_from_its_beginning(
    tmp_path: Path, open_ledger: Callable[[], Ledger]
) -> None:
    ledger = open_ledger()
    courses = Courses(ledger)
    for version in (1, 2, 3):
        promote(ledger, "a", version)
    courses.all()
    ledger.close()
    for path in tmp_path.glob("*"):
        path.unlink()
    promote(ledger, "a", 9)
    assert production(courses, "a") == 9
    assert len(courses.of("a")[1].reigns) == 1
    assert courses.all()["a"] == courses.of("a")


def test_what_did_not_end_well_is_read_past(open_ledger: Callable[[], Ledger]) -> None:
    ledger = open_ledger()
    courses = Courses(ledger)
    promote(ledger, "a", 1)
    assert production(courses, "a") == 1
    for version in range(2, 30):
        record: Record = intent("a", version)
        ledger.begin(record, key=str(version))
        ledger.finish(outcome(record, Phase.FAILED))
    assert production(courses, "a") == 1
    promote(ledger, "a", 50)
    assert production(courses, "a") == 50
