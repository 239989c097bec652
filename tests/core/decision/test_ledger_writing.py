"""What is left when a write does not come to its end."""

import json
import os
import resource
import shutil
import sqlite3
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from core.decision import ledger_database, ledger_lines
from core.decision.ledger import Ledger
from core.decision.ledger_chain import Sealed
from core.decision.ledger_database import LedgerDatabase
from core.decision.ledger_lines import OpenLines
from core.decision.record import Phase
from core.errors import LedgerError, MoveUnderWay
from core.messages import message
from tests.core.decision.forks import run
from tests.core.decision.records import intent, outcome, seen

OpenLedger = Callable[[], Ledger]
ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
KILLED = 9
NOBODY = 65534


def lines_of(folder: Path) -> list[str]:
    return (folder / "ledger.jsonl").read_text().splitlines()


def killed_after(written: float, act: Callable[[], object]) -> None:
    """Run `act` in a child that dies when it has written this share of a line; 1: and put it on the disk."""
    append = OpenLines.append

    def dying(lines: OpenLines, *entries: Sealed) -> None:
        if written == 1:
            append(lines, *entries)
        else:
            os.lseek(lines._descriptor, 0, os.SEEK_END)
            os.write(lines._descriptor, entries[0].line[: int(len(entries[0].line) * written)])
        os._exit(KILLED)

    def die() -> None:
        OpenLines.append = dying  # type: ignore[method-assign,assignment]  # of the child alone
        act()

    assert run(die) == KILLED


@ON_SQLITE
def test_the_lines_are_the_entries(ledger: Ledger, tmp_path: Path) -> None:
    ledger.finish(outcome(ledger.begin(intent(reason="日本語\n"), key="1").record))

    lines = [json.loads(line) for line in lines_of(tmp_path)]

    assert [line["hash"] for line in lines] == [entry.hash for entry in reversed(ledger.entries())]
    assert lines[0]["entry"]["record"]["reason"] == "日本語\n"
    assert lines[1]["entry"]["previous"] == lines[0]["hash"]


def test_a_line_without_its_commit_is_brought_in(
    ledger: Ledger, open_ledger: OpenLedger, tmp_path: Path
) -> None:
    ledger.note(seen())
    first = intent()
    killed_after(1, lambda: open_ledger().begin(first, key="1"))
    assert len(lines_of(tmp_path)) == 2
    assert [str(problem.what) for problem in ledger.verify().problems] == [
        f"Entry 2 is in {tmp_path / 'ledger.jsonl'} but not in the database."
    ]
    assert len(ledger.entries()) == 1

    restarted = open_ledger()

    (row,) = restarted.pending()  # reading is enough to bring it in
    assert (row.operation, row.owner, row.gone) == (first.operation, None, True)
    assert restarted.find_key("1")[0].record == first
    assert restarted.verify().sound
    killed_after(1, lambda: open_ledger().take_over(first.operation) and open_ledger().finish(outcome(first)))
    assert open_ledger().pending() == ()
    assert ledger.verify().sound


def test_the_next_write_brings_in_what_a_killed_one_left(ledger: Ledger, open_ledger: OpenLedger) -> None:
    ledger.note(seen())
    killed_after(1, lambda: open_ledger().begin(intent(), key="1"))

    with pytest.raises(MoveUnderWay):
        ledger.begin(intent(), key="2")

    assert len(ledger.pending()) == 1  # although that write was refused
    assert ledger.verify().sound


@ON_SQLITE
@pytest.mark.parametrize("share", [0.01, 0.5, 0.999])
def test_half_a_line_is_cut(ledger: Ledger, open_ledger: OpenLedger, tmp_path: Path, share: float) -> None:
    ledger.note(seen())
    whole = (tmp_path / "ledger.jsonl").read_bytes()
    killed_after(share, lambda: open_ledger().begin(intent(), key="1"))
    assert (tmp_path / "ledger.jsonl").read_bytes() != whole
    (problem,) = ledger.verify().problems
    assert "cut off" in str(problem.what)

    assert open_ledger().pending() == ()

    assert (tmp_path / "ledger.jsonl").read_bytes() == whole
    assert ledger.verify().sound
    ledger.begin(intent(), key="1")


@ON_SQLITE
def test_the_first_line_may_be_the_one_that_is_cut(open_ledger: OpenLedger) -> None:
    killed_after(0.5, lambda: open_ledger().note(seen()))
    ledger = open_ledger()

    assert ledger.note(seen()).seq == 1
    assert ledger.verify().sound


def test_a_lost_database_is_made_anew_from_the_lines(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'db' / 'runoff.db'}"
    ledger = Ledger(url, tmp_path, app_version="1")
    ledger.finish(outcome(ledger.begin(intent(), key="1").record))
    left = intent()
    ledger.begin(left, key="2")
    before = ledger.entries()
    ledger.close()
    shutil.rmtree(tmp_path / "db")

    again = Ledger(url, tmp_path, app_version="1")

    assert again.entries() == before
    assert [row.operation for row in again.pending()] == [left.operation]
    assert again.verify().sound
    again.close()


def test_lost_lines_are_written_anew_from_the_database(
    ledger: Ledger, open_ledger: OpenLedger, tmp_path: Path
) -> None:
    for _ in range(3):
        ledger.note(seen())
    file = tmp_path / "ledger.jsonl"
    whole = file.read_bytes()
    file.write_bytes(b"".join(whole.splitlines(keepends=True)[:1]))
    assert not ledger.verify().sound

    open_ledger().head()
    assert file.read_bytes() == whole
    file.unlink()
    assert not ledger.verify().sound
    ledger.note(seen())

    assert file.read_bytes().startswith(whole)
    assert ledger.verify().sound


def test_sinks_that_contradict_each_other_stop_everything_but_reading(
    ledger: Ledger, open_ledger: OpenLedger, tmp_path: Path
) -> None:
    ledger.note(seen())
    ledger.note(seen())
    file = tmp_path / "ledger.jsonl"
    first, second = file.read_text().splitlines(keepends=True)
    for content in (
        first + second.replace(ledger.head()[1], "0" * 64),  # another last entry
        second.replace('"seq":2', '"seq":1'),  # an earlier one, but another
        first + second + second.replace('"seq":2', '"seq":3'),  # one more, never signed
        first + second + "{}\n",
        first + second + "\n",
    ):
        file.write_text(content)

        for act in (lambda: ledger.note(seen()), lambda: open_ledger().check()):
            with pytest.raises(LedgerError, match="ledger verify"):
                act()

        assert len(open_ledger().entries()) == 2
        assert not ledger.verify().sound
    file.write_text(first + second)
    assert ledger.note(seen()).seq == 3


@contextmanager
def failing_commits(ledger: Ledger) -> Iterator[None]:
    """PostgreSQL checks at the commit, and says no."""
    with ledger._database.writing() as connection:
        for statement in (
            "CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no space left'; END $$",
            """CREATE CONSTRAINT TRIGGER no AFTER INSERT ON runoff_ledger DEFERRABLE INITIALLY DEFERRED
            FOR EACH ROW EXECUTE FUNCTION no()""",
        ):
            connection.execute(sa.text(statement))
    yield
    with ledger._database.writing() as connection:
        connection.execute(sa.text("DROP TRIGGER no ON runoff_ledger"))


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_commit_that_fails_takes_its_line_with_it(ledger: Ledger, tmp_path: Path) -> None:
    ledger.note(seen())
    with failing_commits(ledger):
        with pytest.raises(LedgerError, match="is full"):
            ledger.begin(intent(), key="1")
        assert len(lines_of(tmp_path)) == 1
        assert ledger.pending() == ()
    assert ledger.verify().sound
    ledger.begin(intent(), key="1")


@ON_SQLITE
def test_a_full_disk_under_the_database_records_nothing(
    ledger: Ledger, open_ledger: OpenLedger, tmp_path: Path
) -> None:
    ledger.note(seen())
    database = tmp_path / "made"

    fresh = open_ledger()

    def until_it_fails() -> None:
        for number in range(100):
            fresh.begin(intent(f"model {number}"), key=str(number))

    def write_on() -> None:
        fresh.head()
        most = max(file.stat().st_size for file in database.iterdir())
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
        with pytest.raises(LedgerError, match="disk"):
            until_it_fails()
        assert len(fresh.entries()) == len(lines_of(tmp_path)) == len(fresh.pending()) + 1
        assert fresh.verify().sound

    assert run(write_on) == 0
    ledger.note(seen())
    assert ledger.verify().sound


@ON_SQLITE
def test_a_full_disk_under_the_lines_records_nothing(ledger: Ledger, tmp_path: Path) -> None:
    ledger.note(seen())
    file = tmp_path / "ledger.jsonl"
    whole = file.read_bytes()
    file.unlink()
    file.symlink_to("/dev/full")

    for act in (lambda: ledger.note(seen()), lambda: ledger.begin(intent(), key="1")):
        with pytest.raises(LedgerError, match="full"):
            act()

    assert len(ledger.entries()) == 1
    assert ledger.pending() == ()
    file.unlink()
    file.write_bytes(whole)
    ledger.begin(intent(), key="1")
    assert ledger.verify().sound


def test_an_outcome_that_cannot_be_written_leaves_the_operation_to_be_settled(
    ledger: Ledger, tmp_path: Path
) -> None:
    first = ledger.begin(intent(), key="1").record
    assert not ledger.pending()[0].gone
    file = tmp_path / "ledger.jsonl"
    file.rename(tmp_path / "away")
    file.mkdir()

    with pytest.raises(LedgerError, match="Is a directory"):
        ledger.finish(outcome(first))

    assert ledger.pending()[0].gone
    file.rmdir()
    (tmp_path / "away").rename(file)
    assert ledger.take_over(first.operation)
    assert ledger.finish(outcome(first)).record.phase is Phase.DONE


def test_a_commit_whose_answer_was_lost_leaves_an_operation_to_be_settled(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger.head()
    writing = LedgerDatabase.writing

    @contextmanager
    def unanswered(database: LedgerDatabase) -> Iterator[sa.Connection]:
        with writing(database) as connection:
            yield connection
        raise LedgerError(message("The connection is lost."))

    first = intent()
    with monkeypatch.context() as patched:
        patched.setattr(LedgerDatabase, "writing", unanswered)
        with pytest.raises(LedgerError, match="lost"):
            ledger.begin(first, key="1")

    (row,) = ledger.pending()
    assert (row.operation, row.gone) == (first.operation, True)
    assert ledger.take_over(first.operation)
    assert ledger.finish(outcome(first, Phase.FAILED)).seq == 2
    assert ledger.verify().sound  # the line was cut, and is there again


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that another user may enter; those of pytest none may."""
    folder = Path(tempfile.mkdtemp(prefix="runoff-ledger-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def as_nobody(folder: Path, act: Callable[[], object]) -> int:
    """Run `act` in a child as one for whom permissions count, and who owns what is in the folder."""
    if os.geteuid() == 0:
        for path in (folder, *folder.iterdir()):
            os.chown(path, NOBODY, NOBODY)

    def change() -> None:
        if os.geteuid() == 0:
            os.setgid(NOBODY)
            os.setuid(NOBODY)
        act()

    return run(change)


@pytest.mark.parametrize("locked", ["runoff.db", "ledger.jsonl", "ledger.lock", "everything"])
@pytest.mark.parametrize("closed", [False, True])
def test_what_is_read_only_can_still_be_read(open_folder: Path, locked: str, *, closed: bool) -> None:
    def open_it() -> Ledger:
        return Ledger(f"sqlite:///{open_folder / 'runoff.db'}", open_folder, app_version="1")

    ledger = open_it()
    ledger.begin(intent(), key="1")
    if closed:
        ledger.close()
    for path in (*open_folder.iterdir(), open_folder):
        if locked in (path.name, "everything"):
            path.chmod(0o555 if path.is_dir() else 0o444)

    def read() -> None:
        other = open_it()
        assert len(other.entries()) == len(other.pending()) == 1
        assert other.verify().sound == (locked != "everything")  # its key is one that all may read then
        for act in (other.check, lambda: other.note(seen())):
            with pytest.raises(LedgerError, match=r"cannot be written to|is read-only"):
                act()
        assert len(other.entries()) == 1

    assert as_nobody(open_folder, read) == 0
    ledger.close()


@ON_SQLITE
def test_who_waits_for_too_long_is_told(
    ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger_database, "LOCK_SECONDS", 0.2)
    ledger.note(seen())
    ledger.close()
    other = sqlite3.connect(tmp_path / "made" / "runoff.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(LedgerError, match="locked"):
        ledger.note(seen())

    assert len(ledger.entries()) == len(lines_of(tmp_path)) == 1
    other.rollback()
    other.close()
    assert ledger.note(seen()).seq == 2


@ON_SQLITE
def test_a_lock_that_is_never_given_back_is_named(
    ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger_lines, "LOCK_SECONDS", 0.2)
    ledger.note(seen())
    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        with ledger._lines.locked():
            held.set()
            done.wait(10)

    thread = threading.Thread(target=hold)
    thread.start()
    assert held.wait(10)
    with pytest.raises(LedgerError, match=r"ledger\.lock"):
        ledger.note(seen())
    assert len(ledger.entries()) == 1
    done.set()
    thread.join()
    assert ledger.verify().sound
