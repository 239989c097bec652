import json
import random
import string
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from core.decision.ledger import Ledger
from core.decision.ledger_chain import Link, seal
from core.decision.ledger_tables import entries
from core.decision.record_facts import time_of
from core.decision.signing_key import SigningKey, read_key
from core.decision.verification import Inspection, Problem, Verification
from core.errors import LedgerError, UsageError
from tests.core.decision.records import BOB, intent, outcome, seen

Row = dict[str, Any]
Change = Callable[[random.Random, list[Row], list[bytes]], None]
ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # the same on any
FORGER = SigningKey(b"0" * 32)


@pytest.fixture
def filled(ledger: Ledger) -> Ledger:
    """Twelve entries of three models; nothing keeps anybody from changing them."""
    for number in range(4):
        record = intent(f"model {number % 3}", number + 1, reason=f"reason {number}")
        ledger.begin(record, key=str(number))
        ledger.finish(outcome(record))
        ledger.note(seen(f"model {number % 3}"))
    drop_triggers(ledger)
    return ledger


def drop_triggers(ledger: Ledger) -> None:
    with ledger._database.writing() as connection:
        if connection.dialect.name == "sqlite":
            names = connection.execute(sa.text("SELECT name FROM sqlite_schema WHERE type = 'trigger'")).all()
            for (name,) in names:
                connection.execute(sa.text(f"DROP TRIGGER {name}"))
        else:
            connection.execute(sa.text("ALTER TABLE runoff_ledger DISABLE TRIGGER ALL"))


def change_rows(ledger: Ledger, rows: list[Row]) -> None:
    with ledger._database.writing() as connection:
        connection.execute(entries.delete())
        if rows:
            connection.execute(entries.insert(), rows)


def rows_of(ledger: Ledger) -> list[Row]:
    with ledger._database.reading() as connection:
        return [
            dict(row) for row in connection.execute(sa.select(entries).order_by(entries.c.seq)).mappings()
        ]


def said(verification: Verification) -> list[str]:
    return [str(problem.what) for problem in verification.problems]


def edited(rng: random.Random, text: str) -> str:
    """The text with one character another one."""
    at = rng.randrange(len(text))
    other = rng.choice([letter for letter in string.printable if letter != text[at]])
    return text[:at] + other + text[at + 1 :]


def edit_row(rng: random.Random, rows: list[Row], _lines: list[bytes]) -> None:
    row = rng.choice(rows)
    column = rng.choice([name for name in row if name != "seq"] + ["body"] * 5)
    row[column] = edited(rng, row[column])[: 20 if column in {"kind", "phase"} else None]


def renumber_row(rng: random.Random, rows: list[Row], _lines: list[bytes]) -> None:
    row = rng.choice(rows)
    row["seq"] = rng.choice([0, -1, len(rows) + 1, len(rows) + 5, 10**12])


def reword_row(rng: random.Random, rows: list[Row], _lines: list[bytes]) -> None:
    """Somebody else as the actor, in the body and in its column."""
    row = rng.choice(rows)
    facts = json.loads(row["body"])
    facts["record"]["actor"]["name"] = row["actor"] = "Mallory"
    row["body"] = json.dumps(facts, sort_keys=True, separators=(",", ":"))


def delete_rows(rng: random.Random, rows: list[Row], _lines: list[bytes]) -> None:
    first = rng.randrange(len(rows))
    del rows[first : first + rng.choice([1, 1, 2, 5, 99])]


def delete_and_close_ranks(rng: random.Random, rows: list[Row], _lines: list[bytes]) -> None:
    del rows[rng.randrange(len(rows))]
    for seq, row in enumerate(rows, 1):
        row["seq"] = seq


def insert_copy(rng: random.Random, rows: list[Row], _lines: list[bytes]) -> None:
    at = rng.randrange(len(rows) + 1)
    rows.insert(at, dict(rng.choice(rows)))
    for seq, row in enumerate(rows, 1):
        row["seq"] = seq


def forged(rng: random.Random, rows: list[Row]) -> Any:
    after = rng.choice([Link(), *(Link(row["seq"], row["hash"]) for row in rows)])
    at = time_of(rows[-1]["at"])
    return seal(intent(actor=BOB), after=after, at=at, key=FORGER, app_version="1", request=None)


def insert_forged(rng: random.Random, rows: list[Row], _lines: list[bytes]) -> None:
    entry = forged(rng, rows)
    row = {"seq": entry.seq, "body": entry.body, "hash": entry.hash, **entry.columns}
    rows[entry.seq - 1 : entry.seq] = [row]  # instead of the one that is there, or at the end


def swap_rows(rng: random.Random, rows: list[Row], _lines: list[bytes]) -> None:
    one, other = rng.sample(rows, 2)
    one["seq"], other["seq"] = other["seq"], one["seq"]


def swap_bodies(rng: random.Random, rows: list[Row], _lines: list[bytes]) -> None:
    one, other = rng.sample(rows, 2)
    one["body"], other["body"] = other["body"], one["body"]


def edit_line(rng: random.Random, _rows: list[Row], lines: list[bytes]) -> None:
    at = rng.randrange(len(lines))
    lines[at] = edited(rng, lines[at].decode()).encode()


def delete_lines(rng: random.Random, _rows: list[Row], lines: list[bytes]) -> None:
    first = rng.randrange(len(lines))
    del lines[first : first + rng.choice([1, 1, 2, 5, 99])]


def insert_line(rng: random.Random, rows: list[Row], lines: list[bytes]) -> None:
    line = rng.choice([rng.choice(lines), forged(rng, rows).line, b"\n", b"{}\n"])
    lines.insert(rng.randrange(len(lines) + 1), line)


def swap_lines(rng: random.Random, _rows: list[Row], lines: list[bytes]) -> None:
    one, other = rng.sample(range(len(lines)), 2)
    lines[one], lines[other] = lines[other], lines[one]


def cut_both(rng: random.Random, rows: list[Row], lines: list[bytes]) -> None:
    """Only the head that was printed knows of these."""
    left = rng.randrange(len(rows))
    del rows[left:], lines[left:]


CHANGES: tuple[Change, ...] = (
    edit_row,
    renumber_row,
    reword_row,
    delete_rows,
    delete_and_close_ranks,
    insert_copy,
    insert_forged,
    swap_rows,
    swap_bodies,
    edit_line,
    delete_lines,
    insert_line,
    swap_lines,
    cut_both,
)


def changed(ledger: Ledger, rows: list[Row], lines: list[bytes], head: str) -> tuple[Problem, ...]:
    """What an inspection finds in these rows and lines; the database is as before afterwards."""
    inspection = Inspection(read_key(ledger._key_file), lines_path=ledger._lines.path)
    with ledger._database._engine().connect() as connection:  # never commits
        connection.execute(entries.delete())
        if rows:
            connection.execute(entries.insert(), rows)
        inspection.database(connection)
    inspection.lines(b"".join(lines).splitlines(keepends=True))
    inspection.against(head)
    return inspection.result().problems


@pytest.mark.parametrize(
    ("database_url", "rounds"), [("sqlite", 1000), ("postgresql", 60)], indirect=["database_url"]
)
def test_every_edit_deletion_insertion_and_swap_is_found(filled: Ledger, rounds: int, tmp_path: Path) -> None:
    rows, lines = rows_of(filled), (tmp_path / "ledger.jsonl").read_bytes().splitlines(keepends=True)
    head = filled.verify().head
    assert changed(filled, rows, lines, head) == ()
    missed, made = [], Counter[str]()

    for number in range(rounds):
        rng = random.Random(number)
        change = CHANGES[number % len(CHANGES)]
        other_rows, other_lines = [dict(row) for row in rows], list(lines)
        change(rng, other_rows, other_lines)
        assert (other_rows, other_lines) != (rows, lines)
        made[change.__name__] += 1
        if not changed(filled, other_rows, other_lines, head):
            missed.append((number, change.__name__))

    assert missed == []
    assert set(made) == {change.__name__ for change in CHANGES}


@pytest.fixture
def whole(filled: Ledger) -> Ledger:
    """The ledger as it is now, sound."""
    assert filled.verify().sound
    return filled


def test_it_says_what_is_wrong_and_where(whole: Ledger, tmp_path: Path) -> None:
    file = tmp_path / "ledger.jsonl"
    rows, lines = rows_of(whole), file.read_bytes()
    verified = whole.verify()
    assert (verified.entries, verified.head) == (12, f"12:{rows[-1]['hash']}")

    def found(*, without: tuple[int, ...] = (), **changes: Any) -> list[str]:
        change_rows(
            whole,
            [row | (changes if row["seq"] == 4 else {}) for row in rows if row["seq"] not in without],
        )
        verification = whole.verify(verified.head)
        assert [problem.seq for problem in verification.problems]
        return [text.replace(str(file), "FILE") for text in said(verification)]

    assert found(model="other") == ["The columns of entry 4 say other than what was signed."]
    assert found(body=rows[3]["body"].replace("reason 1", "reason 2")) == [
        "Entry 4 is not what was signed: it was changed.",
        "Entry 4 is another one in FILE.",
    ]
    assert found(body="[]") == ["Entry 4 cannot be read: it was changed.", "Entry 4 is another one in FILE."]
    assert found(without=(3, 4)) == [
        "Entries 3 to 4 are missing from the database.",
        "Entry 3 is in FILE but not in the database.",
        "Entry 4 is in FILE but not in the database.",
    ]
    assert found(without=(11, 12)) == [
        "Entry 11 is in FILE but not in the database.",
        "Entry 12 is in FILE but not in the database.",
        "The ledger ends at entry 10, but had 12: its tail is cut.",
    ]
    change_rows(whole, rows)
    assert whole.verify(verified.head).sound
    file.write_bytes(lines.replace(b"reason 1", b"reason 2"))
    assert said(whole.verify()) == [f"Entry 4 was changed in {file}; the database's is sound."]
    file.unlink()
    assert said(whole.verify()) == [f"Entries 1 to 12 are missing from {file}."]
    file.write_bytes(lines + lines[:50])
    assert said(whole.verify()) == [f"Line 13 of {file} is cut off; the next start removes it."]


@ON_SQLITE
def test_an_entry_that_cannot_be_read_is_named_by_reading_too(whole: Ledger) -> None:
    rows = rows_of(whole)
    for body in ("[]", "", "{}", rows[3]["body"].replace('"intent"', '"dreamt"'), "[" * 100_000):
        change_rows(whole, [row | ({"body": body} if row["seq"] == 4 else {}) for row in rows])
        with pytest.raises(LedgerError, match="Entry 4 of the ledger cannot be read"):
            whole.entries()
        assert len(whole.entries(before_seq=4)) == 3
        assert not whole.verify().sound


@ON_SQLITE
def test_a_head_of_before(whole: Ledger) -> None:
    old = whole.verify().head
    whole.note(seen())

    assert whole.verify(old).sound
    assert whole.verify(old[:14] + "…").sound
    assert whole.verify(f"  {old}\n").sound
    assert whole.verify(f"0:{'0' * 64}").sound
    assert said(whole.verify("11" + old[2:])) == ["Entry 11 is not the one that this head names."]
    for wrong in ("", "12", "12:", "twelve:0123456789", "12:0123", "12:" + "g" * 64):
        with pytest.raises(UsageError):
            whole.verify(wrong)


@ON_SQLITE
def test_without_its_key_nothing_is_written_and_the_rest_is_checked(whole: Ledger, tmp_path: Path) -> None:
    file = tmp_path / "ledger.key"
    key = file.read_text()
    file.unlink()

    assert said(whole.verify()) == [f"The key {file} is missing: no signature can be checked."]
    with pytest.raises(LedgerError, match="is missing"):
        whole.note(seen())
    assert not file.exists()
    rows = rows_of(whole)
    change_rows(whole, rows[:4] + rows[5:])
    assert "Entry 5 is missing from the database." in said(whole.verify())
    change_rows(whole, rows)

    file.write_text("5" * 64)
    file.chmod(0o600)
    (problem,) = whole.verify().problems
    assert problem.seq == 1
    assert str(problem.what).startswith("Entries 1 to 12 are signed with another key (")
    with pytest.raises(LedgerError, match="not the one of this ledger"):
        whole.note(seen())
    assert len(whole.entries()) == 12

    file.write_text("no key")
    for act in (whole.verify, whole.check):
        with pytest.raises(LedgerError, match="holds no key"):
            act()
    file.write_text(key)
    assert whole.verify().sound
    whole.note(seen())


@ON_SQLITE
def test_a_key_that_others_may_read_is_reported(whole: Ledger, tmp_path: Path) -> None:
    (tmp_path / "ledger.key").chmod(0o640)

    assert said(whole.verify()) == [
        f"Others than its owner may read the key: run chmod 600 {tmp_path / 'ledger.key'}."
    ]


def test_an_empty_ledger_is_sound(ledger: Ledger) -> None:
    assert ledger.verify() == Verification(entries=0, head=f"0:{'0' * 64}", problems=())


@ON_SQLITE
def test_a_flood_of_problems_is_counted(whole: Ledger, tmp_path: Path) -> None:
    (tmp_path / "ledger.jsonl").write_bytes(b"{}\n" * 1200)

    verification = whole.verify()

    assert len(verification.problems) == 1001
    assert said(verification)[-1] == "201 more problems are not listed."
