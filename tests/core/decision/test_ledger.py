import threading
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from core.catalog.store import Holders
from core.decision.ledger import Ledger
from core.decision.record import Kind, Numbers, Phase, Record, VersionRef
from core.errors import MoveUnderWay, RepeatedKey
from core.messages import message
from tests.core.decision.forks import ended, fork, run
from tests.core.decision.records import ANN, BOB, intent, outcome, seen

OpenLedger = Callable[[], Ledger]


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


NAMES = ("a\nb", "\"quoted'\\", "日本語 😀", "\ud800 alone", "nul\0", "{0} {x}", "", "x" * 2000, "😀" * 900)


def test_names_may_be_anything(ledger: Ledger) -> None:
    for name in NAMES:
        ledger.finish(outcome(ledger.begin(intent(name, reason=name), key=name).record))
    for name in NAMES:
        assert [entry.record.reason for entry in ledger.entries(model=name)] == ["", name]
        assert len(ledger.find_key(name)) == 2
    ledger.begin(intent(NAMES[-1]), key="another")
    with pytest.raises(MoveUnderWay):
        ledger.begin(intent(NAMES[-1]), key="and another")

    assert ledger.models() == tuple(sorted(NAMES))
    assert ledger.verify().sound


def test_one_of_all_who_see_it_records_it(ledger: Ledger) -> None:
    assert ledger.note_after(seen(), 1) is None
    first = ledger.note_after(seen(), 0)
    assert first is not None
    assert ledger.note_after(seen(), 0) is None
    assert ledger.note_after(seen("another"), 0) is not None
    moving = intent()
    last = ledger.begin(moving, key="1")
    assert ledger.note_after(seen(), last.seq) is None  # it is being moved
    assert ledger.finish(outcome(moving)).seq == 4
    assert ledger.note_after(seen(), 4) is not None
    with pytest.raises(ValueError):
        ledger.note_after(intent(), 5)


def test_two_halves_of_a_character_are_the_character(ledger: Ledger) -> None:
    halves = "\ud83d" + "\ude00"
    ledger.note(seen(halves))

    assert ledger.models() == ("😀",)
    assert len(ledger.entries(model=halves)) == len(ledger.entries(model="😀")) == 1


def test_one_move_of_a_model_at_a_time(ledger: Ledger, open_ledger: OpenLedger) -> None:
    first = ledger.begin(intent(version=5), key="1")

    with pytest.raises(MoveUnderWay) as refused:
        open_ledger().begin(intent(version=6, actor=BOB), key="2")

    said = str(refused.value)
    assert '"Ann"' in said
    assert "version 5" in said
    assert f"{first.at:%Y-%m-%d %H:%M:%S} UTC" in said
    assert len(ledger.entries()) == 1
    assert ledger.find_key("2") == ()
    ledger.begin(intent("another model"), key="3")


@pytest.mark.parametrize("phase", [Phase.DONE, Phase.FAILED, Phase.CONFLICT])
def test_an_outcome_lets_the_next_one_begin(ledger: Ledger, phase: Phase) -> None:
    first = intent()
    ledger.begin(first, key="1")
    assert [row.operation for row in ledger.pending("titanic")] == [first.operation]

    ended_as = ledger.finish(outcome(first, phase))

    assert ended_as.record.phase is phase
    assert ledger.pending() == ()
    assert ledger.finish(outcome(first, Phase.FAILED)) == ended_as  # comes too late
    ledger.begin(intent(), key="2")
    assert [entry.record.phase for entry in ledger.find_key("1")] == [Phase.INTENT, phase]


def test_an_unknown_outcome_waits_for_whoever_settles_it(ledger: Ledger, open_ledger: OpenLedger) -> None:
    first = intent()
    ledger.begin(first, key="1")
    ledger.finish(outcome(first, Phase.UNKNOWN))

    (row,) = ledger.pending()
    assert (row.owner, row.gone, row.last.record.phase) == (None, True, Phase.UNKNOWN)
    assert row.intent.record == first
    with pytest.raises(MoveUnderWay):
        ledger.begin(intent(), key="2")
    assert ledger.finish(outcome(first)).record.phase is Phase.UNKNOWN  # nobody's until taken over
    assert open_ledger().take_over(first.operation)
    assert not ledger.take_over(first.operation)
    assert ledger.finish(outcome(first)).record.phase is Phase.DONE
    assert ledger.pending() == ()
    assert not ledger.take_over(first.operation)
    assert not ledger.take_over("never heard of")


def test_a_key_is_good_for_one_request(ledger: Ledger, open_ledger: OpenLedger) -> None:
    first = ledger.begin(intent(), key="1").record
    for model in ("titanic", "another"):
        with pytest.raises(RepeatedKey) as repeated:
            open_ledger().begin(intent(model), key="1")
        assert repeated.value.operation == first.operation
    ledger.finish(outcome(first))
    with pytest.raises(RepeatedKey):
        ledger.begin(intent(), key="1")
    adopted = ledger.note(seen(phase=Phase.ADOPTED), key="2")
    with pytest.raises(RepeatedKey):
        ledger.note(seen(phase=Phase.ADOPTED), key="2")
    assert ledger.find_key("2") == (adopted,)
    assert ledger.find_key("3") == ()
    assert len(ledger.entries()) == 3


def test_what_is_no_step_is_refused(ledger: Ledger) -> None:
    for wrong in (
        lambda: ledger.begin(outcome(intent()), key="1"),
        lambda: ledger.finish(intent()),
        lambda: ledger.finish(outcome(intent())),
        lambda: ledger.note(intent()),
    ):
        with pytest.raises(ValueError):
            wrong()
    assert ledger.entries() == ()


def test_entries_are_found_by_what_they_say(ledger: Ledger) -> None:
    first = intent("a")
    ledger.begin(first, key="1")
    ledger.finish(outcome(first))
    second = intent("b", actor=BOB)
    ledger.begin(second, key="2")
    ledger.finish(outcome(second, Phase.FAILED))
    external = ledger.note(seen("a"))

    def found(**filters: object) -> list[int]:
        return [entry.seq for entry in ledger.entries(**filters)]  # type: ignore[arg-type]  # each has its own type

    assert found() == [5, 4, 3, 2, 1]
    assert found(model="a") == [5, 2, 1]
    assert found(actor="Bob") == [4, 3]
    assert found(kinds=[Kind.PROMOTE]) == [4, 3, 2, 1]
    assert found(kinds=[]) == []
    assert found(phases=[Phase.DONE, Phase.FAILED], model="a") == [2]
    assert found(before_seq=4, limit=2) == [3, 2]
    assert found(since=external.at) == [5]
    assert found(until=external.at)[0] == 5
    assert found(until=external.at - timedelta(microseconds=1))[0] == 4
    assert found(since=datetime(9999, 1, 1, tzinfo=UTC)) == []
    assert ledger.models() == ("a", "b")
    assert ledger.actors() == ("Ann", "Bob", "runoff")
    latest = ledger.latest(phases=[Phase.INTENT, Phase.DONE])
    assert {model: entry.seq for model, entry in latest.items()} == {"a": 2, "b": 3}


def test_the_owner_is_the_process_that_began(ledger: Ledger) -> None:
    first = intent()
    assert run(lambda: ledger.begin(first, key="1")) == 0

    (row,) = ledger.pending("titanic")

    assert row.gone
    assert ledger.take_over(first.operation)
    (row,) = ledger.pending()
    assert not row.gone
    assert ledger.finish(outcome(first)).record.phase is Phase.DONE


def test_nobody_takes_over_from_the_living(ledger: Ledger) -> None:
    first = intent()
    ledger.begin(first, key="1")

    def other() -> None:
        assert not ledger.pending()[0].gone
        assert not ledger.take_over(first.operation)
        assert ledger.finish(outcome(first, Phase.FAILED)).record.phase is Phase.INTENT

    assert run(other) == 0
    assert len(ledger.entries()) == 1


def test_what_this_process_could_not_end_it_may_take_over(ledger: Ledger) -> None:
    first = intent()
    ledger.begin(first, key="1")
    assert not ledger.take_over(first.operation)

    ledger.let_go(first.operation)

    assert ledger.pending()[0].gone
    assert ledger.take_over(first.operation)
    assert not ledger.pending()[0].gone


def test_threads_write_one_after_the_other(ledger: Ledger) -> None:
    won, lost = [], []
    barrier = threading.Barrier(6)

    def move() -> None:
        barrier.wait()
        for turn in range(4):
            record = intent()
            try:
                ledger.begin(record, key=record.operation)
            except MoveUnderWay:
                lost.append(turn)
                continue
            won.append(turn)
            ledger.finish(outcome(record))

    threads = [threading.Thread(target=move) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert len(won) + len(lost) == 24
    assert len(ledger.entries()) == 2 * len(won)
    assert ledger.verify().sound


def test_processes_begin_a_ledger_at_once(open_ledger: OpenLedger) -> None:
    """Not even its tables are there; each process makes tables, key and lines, or finds them."""

    def move() -> None:
        ledger = open_ledger()
        for _ in range(3):
            record = intent()
            try:
                ledger.begin(record, key=record.operation)
            except MoveUnderWay:
                continue
            ledger.finish(outcome(record))
        ledger.note(seen())

    children = [fork(move) for _ in range(6)]

    assert [ended(child) for child in children] == [0] * 6
    ledger = open_ledger()
    phases = [entry.record.phase for entry in reversed(ledger.entries()) if entry.record.kind is Kind.PROMOTE]
    assert phases == [Phase.INTENT, Phase.DONE] * (len(phases) // 2)  # never two at once
    assert len(phases) >= 2
    assert ledger.verify().sound


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_machines_share_a_ledger_but_not_its_lines(database_url: str, tmp_path: Path) -> None:
    def on(machine: int) -> Ledger:
        return Ledger(database_url, tmp_path / str(machine), app_version="1", key_file=tmp_path / "key")

    def write(machine: int) -> None:
        ledger = on(machine)
        for _ in range(5):
            ledger.note(seen())

    children = [fork(partial(write, machine)) for machine in range(4)]

    assert [ended(child) for child in children] == [0] * 4
    for machine in range(4):
        ledger = on(machine)
        assert len(ledger.entries()) == 20  # what the others wrote is in its lines as well from here on
        assert ledger.verify().sound
        ledger.close()
