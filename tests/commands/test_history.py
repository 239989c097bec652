import csv
import io
import itertools
import json
import re
import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from core.catalog.store import Holders
from core.decision.access import Actor, Role
from core.decision.ledger import Ledger
from core.decision.record import Kind, Phase, Record, VersionRef
from tests.commands.conftest import Call

KAORI, PETER = (
    Actor(name=name, role=Role.ADMIN, identified_by="operating system") for name in ("kaori", "peter")
)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """The ledger of the working directory."""
    folder = tmp_path / ".runoff"
    kept = Ledger(f"sqlite:///{folder}/runoff.db", folder, app_version="0.1.0")
    yield kept
    kept.close()


def moved(
    ledger: Ledger,
    before: int | None,
    after: int,
    *,
    model: str = "titanic",
    actor: Actor = KAORI,
    kind: Kind = Kind.PROMOTE,
    phase: Phase = Phase.DONE,
    reason: str = "Better.",
) -> None:
    """An operation from its intent to its outcome."""
    intent = Record(
        operation=str(uuid.uuid4()),
        kind=kind,
        phase=Phase.INTENT,
        actor=actor,
        model=model,
        before=None if before is None else VersionRef(number=before, digest=None),
        after=VersionRef(number=after, digest=None),
        holders_after=Holders((after,), after),
        reason=reason,
    )
    ledger.begin(intent, key=str(uuid.uuid4()))
    ledger.finish(replace(intent, phase=phase))


@pytest.fixture
def past(ledger: Ledger) -> Ledger:
    """Entries 1 to 8: two models, two people."""
    moved(ledger, None, 1)
    moved(
        ledger,
        1,
        2,
        actor=PETER,
        reason="=1+1 a much better one, of which people will talk for many a year to come",
    )
    moved(ledger, 2, 1, kind=Kind.ROLLBACK, reason="Worse.")
    moved(ledger, None, 7, model="cancer", phase=Phase.FAILED)
    return ledger


def listed(call: Call, *arguments: str) -> list[dict[str, Any]]:
    ended = call("history", *arguments, "--format", "json")
    assert (ended.status, ended.err) == (0, "")
    return list(json.loads(ended.out)["entries"])


def test_every_entry_newest_first(call_alone: Call, past: Ledger) -> None:
    entries = listed(call_alone)
    assert [entry["seq"] for entry in entries] == [8, 7, 6, 5, 4, 3, 2, 1]
    assert [entry["phase"] for entry in entries[:3]] == ["failed", "intent", "done"]
    assert all(newer["previous"] == older["hash"] for newer, older in itertools.pairwise(entries))


@pytest.mark.parametrize(
    ("arguments", "seqs"),
    [
        (["titanic"], [6, 5, 4, 3, 2, 1]),
        (["--actor", "peter"], [4, 3]),
        (["--kind", "rollback"], [6, 5]),
        (["--kind", "rollback", "--kind", "adopt", "--actor", "kaori"], [6, 5]),
        (["--limit", "3"], [8, 7, 6]),
        (["titanic", "--limit", "1", "--actor", "kaori"], [6]),
        (["--since", "2001-01-01", "--until", "2001-12-31T00:00Z"], []),
        (["nobody's"], []),
    ],
)
def test_filters(call_alone: Call, past: Ledger, arguments: list[str], seqs: list[int]) -> None:
    entries = call_alone("history", *arguments, "--format", "json")
    assert [entry["seq"] for entry in json.loads(entries.out)["entries"]] == seqs


def test_since_and_until(call_alone: Call, past: Ledger) -> None:
    at = {entry["seq"]: entry["at"] for entry in listed(call_alone)}
    found = listed(call_alone, "--since", at[3], "--until", at[5])
    assert [entry["seq"] for entry in found] == [5, 4, 3]
    day = datetime.fromisoformat(at[8]).astimezone().date()  # as this machine counts days
    assert len(listed(call_alone, "--until", at[8])) == 8
    ended = call_alone("history", "--until", day.isoformat(), "--format", "csv")
    assert len(ended.out.splitlines()) == 9
    assert ended.err.startswith(f"{day} is read in this machine's time zone: ")


def test_more_entries_than_a_page(call_alone: Call, past: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("commands.history.PAGE", 2)
    assert [entry["seq"] for entry in listed(call_alone)] == [8, 7, 6, 5, 4, 3, 2, 1]
    assert [entry["seq"] for entry in listed(call_alone, "--limit", "3")] == [8, 7, 6]


def test_a_table_leaves_out_intents_that_have_ended(call_alone: Call, past: Ledger) -> None:
    left = Record(operation="o", kind=Kind.PROMOTE, phase=Phase.INTENT, actor=PETER, model="titanic",
                  after=VersionRef(number=3, digest=None), reason="\x1b[2J")  # fmt: skip
    past.begin(left, key="k")
    ended = call_alone("history", "titanic")
    assert (ended.status, ended.err) == (0, "")
    header, *rows = ended.out.splitlines()
    assert re.split(r"\s{2,}", header.strip()) == [
        "entry",
        "time (UTC)",
        "kind",
        "phase",
        "version",
        "by",
        "reason",
    ]
    cells = [re.split(r"\s{2,}", row.strip()) for row in rows]
    assert [[row[0], *row[2:6]] for row in cells] == [
        ["9", "promote", "intent", "none -> 3", "peter"],
        ["6", "rollback", "done", "2 -> 1", "kaori"],
        ["4", "promote", "done", "1 -> 2", "peter"],
        ["2", "promote", "done", "none -> 1", "kaori"],
    ]
    assert cells[2][6] == "=1+1 a much better one, of which people will talk for many …"
    assert "\x1b" not in ended.out
    assert "cancer" in call_alone("history", "--limit", "2").out.splitlines()[2]


def test_csv_runs_no_formula(call_alone: Call, past: Ledger) -> None:
    ended = call_alone("history", "titanic", "--format", "csv")
    assert (ended.status, ended.err) == (0, "")
    rows = list(csv.DictReader(io.StringIO(ended.out, newline="")))
    assert [row["seq"] for row in rows] == ["6", "5", "4", "3", "2", "1"]
    assert rows[2]["reason"].startswith("'=1+1 a much better one")
    assert rows[2]["reason"].endswith("many a year to come")


@pytest.mark.parametrize(("seq", "version"), [(2, 1), (4, 2), (6, 1)])
def test_what_was_in_production_at_a_time(call_alone: Call, past: Ledger, seq: int, version: int) -> None:
    entries = {entry["seq"]: entry for entry in listed(call_alone)}
    ended = call_alone("history", "titanic", "--at", entries[seq]["at"], "--format", "json")
    (answer,) = json.loads(ended.out)["models"]
    assert (answer["model"], answer["production"]["version"], answer["seq"]) == ("titanic", version, seq)
    assert (answer["since"], answer["known_from"]) == (entries[seq]["at"], entries[2]["at"])
    assert answer["by"] == entries[seq]["actor"]["name"]
    sentence = call_alone("history", "titanic", "--at", entries[seq]["at"]).out
    assert sentence.startswith(f"titanic: version {version} was in Production at ")
    assert f"by {answer['by']} ({answer['kind']}, entry {seq})" in sentence


def test_before_the_ledger_began_nothing_is_known(call_alone: Call, past: Ledger) -> None:
    ended = call_alone("history", "--at", "2001-01-01T00:00Z")
    assert (ended.status, ended.err) == (0, "")
    cancer, titanic = ended.out.splitlines()
    assert cancer == "cancer: the ledger knows nothing of its Production."
    assert titanic.startswith("titanic: unknown; the ledger knows its Production from 20")
    answers = json.loads(call_alone("history", "--at", "2001-01-01T00:00Z", "--format", "json").out)
    assert answers["at"] == "2001-01-01T00:00:00+00:00"
    assert [answer["production"] for answer in answers["models"]] == [None, None]
    assert answers["models"][0]["known_from"] is None


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--at", "2999-01-01T00:00Z"], "2999-01-01T00:00+00:00 has not come yet."),
        (["--at", "2020-01-01T00:00Z", "--format", "csv"], "--at asks for one moment"),
        (["--at", "2020-01-01T00:00Z", "--limit", "1"], "--at asks for one moment"),
        (["--at", "then"], "'then' is no time, as in 2026-03-03T12:00Z."),
        (["--kind", "PROMOTE"], "'PROMOTE' is not one of"),
        (["--limit", "0"], "0 is not in the range x>=1."),
    ],
)
def test_what_makes_no_sense_is_one_sentence(call_alone: Call, arguments: list[str], sentence: str) -> None:
    ended = call_alone("history", *arguments)
    assert (ended.status, ended.out) == (2, "")
    assert sentence in ended.err
    assert ended.err.count("\n") == 1


def test_an_empty_ledger_is_no_failure(call_alone: Call) -> None:
    assert call_alone("history").err == "The ledger has no such entry.\n"
    assert call_alone("history", "titanic").err == "The ledger has no such entry of titanic.\n"
    assert call_alone("history", "--format", "csv").out.count("\n") == 1
    ended = call_alone("history", "--format", "json")
    assert (ended.status, json.loads(ended.out)) == (0, {"model": None, "entries": []})


def test_a_ledger_that_cannot_be_read(call_alone: Call, tmp_path: Path) -> None:
    (tmp_path / ".runoff").mkdir()
    (tmp_path / ".runoff/runoff.db").write_text("no database at all" * 100)
    for arguments in (["history"], ["history", "m", "--at", "2020-01-01T00:00Z"], ["ledger", "verify"]):
        ended = call_alone(*arguments)
        assert (ended.status, ended.out) == (3, "")
        assert ended.err.startswith("Error: ")
        assert ended.err.count("\n") == 1
        assert "Unexpected" not in ended.err
