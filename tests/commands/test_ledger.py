import json
import sqlite3
from contextlib import closing
from pathlib import Path

from core.decision.ledger import Ledger
from tests.commands.conftest import Call
from tests.commands.test_history import ledger, moved, past

__all__ = ["ledger", "past"]  # fixtures


def test_a_sound_ledger(call_alone: Call, past: Ledger) -> None:
    seq, hash_ = past.head()
    ended = call_alone("ledger", "verify")
    assert (ended.status, ended.out) == (0, f"8 entries, all sound. Head: {seq}:{hash_}\n")
    assert ended.err.startswith("Note the head")
    moved(past, 1, 2)
    ended = call_alone("ledger", "verify", "--head", f"{seq}:{hash_}", "--format", "json")
    assert (ended.status, ended.err) == (0, "")
    shown = json.loads(ended.out)
    assert (shown["entries"], shown["sound"], shown["problems"]) == (10, True, [])
    assert shown["head"].startswith("10:")


def test_a_cut_end_is_found_by_the_head(call_alone: Call, past: Ledger) -> None:
    ended = call_alone("ledger", "verify", "--head", f"12:{'a' * 64}")
    assert ended.status == 1
    problem, count = ended.out.splitlines()
    assert problem == "The ledger ends at entry 8, but had 12: its tail is cut."
    assert count.startswith("8 entries, not sound. Head: 8:")
    assert ended.err.startswith("Error: The ledger is not sound.")


def test_a_changed_entry_is_found(call_alone: Call, past: Ledger, tmp_path: Path) -> None:
    past.close()
    with closing(sqlite3.connect(tmp_path / ".runoff/runoff.db")) as database, database:
        triggers = database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for (name,) in triggers:
            database.execute(f'DROP TRIGGER "{name}"')
        database.execute("UPDATE runoff_ledger SET body = replace(body, 'kaori', 'peter') WHERE seq = 6")
    ended = call_alone("ledger", "verify", "--format", "json")
    assert ended.status == 1
    shown = json.loads(ended.out)
    assert not shown["sound"]
    assert {"seq": 6, "problem": "Entry 6 is not what was signed: it was changed."} in shown["problems"]


def test_a_head_that_is_none(call_alone: Call, past: Ledger) -> None:
    ended = call_alone("ledger", "verify", "--head", "latest")
    assert (ended.status, ended.out) == (2, "")
    assert ended.err.count("\n") == 1


def test_nothing_is_sound(call_alone: Call) -> None:
    ended = call_alone("ledger", "verify")
    assert (ended.status, ended.out) == (0, f"0 entries, all sound. Head: 0:{'0' * 64}\n")
