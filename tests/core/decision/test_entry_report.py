import csv
import io
import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from core.catalog.store import Holders
from core.decision.access import Actor, Role
from core.decision.entry_report import COLUMNS, as_csv, as_json, csv_rows
from core.decision.record import Entry, Kind, Numbers, Phase, Record, VersionRef
from core.messages import message

AT = datetime(2026, 3, 3, 12, 0, 0, 123456, tzinfo=UTC)
RECORD = Record(
    operation="6f1c",
    kind=Kind.PROMOTE,
    phase=Phase.DONE,
    actor=Actor(name="kaori", role=Role.ADMIN, identified_by="operating system"),
    model="titanic",
    before=VersionRef(number=2, digest="sha256:two", created=AT, source="models:/m-2"),
    after=VersionRef(number=3, digest=None),
    holders_before=Holders((2,), None),
    holders_after=Holders((3,), 3),
    numbers=Numbers(
        fingerprint="sha256:split",
        rows=143,
        positives=56,
        source="data/titanic.csv",
        threshold=0.4,
        primary_metric="mcc",
        metrics={2: {"mcc": None, "f1": 0.5}, 3: {"mcc": -0.25, "f1": 0.75}},
    ),
    reason="Better.",
    trouble=(message("The tag {name} was not set.", name="runoff.at"),),
)
ENTRY = Entry(
    seq=7, at=AT, record=RECORD, app_version="0.1.0", previous="a" * 64, hash="b" * 64, key_id="k1"
)  # fmt: skip


def test_the_json_of_an_entry() -> None:
    assert json.loads(json.dumps(as_json(ENTRY), allow_nan=False)) == {
        "seq": 7,
        "at": "2026-03-03T12:00:00.123456+00:00",
        "operation": "6f1c",
        "kind": "promote",
        "phase": "done",
        "actor": {"name": "kaori", "role": "admin", "identified_by": "operating system"},
        "model": "titanic",
        "before": {
            "version": 2,
            "digest": "sha256:two",
            "created": "2026-03-03T12:00:00.123456+00:00",
            "source": "models:/m-2",
        },
        "after": {"version": 3, "digest": None, "created": None, "source": ""},
        "stage_before": "",
        "stage_after": "",
        "holders": {"before": {"stage": [2], "alias": None}, "after": {"stage": [3], "alias": 3}},
        "numbers": {
            "fingerprint": "sha256:split",
            "rows": 143,
            "positives": 56,
            "source": "data/titanic.csv",
            "threshold": 0.4,
            "primary_metric": "mcc",
            "versions": [
                {"version": 2, "metrics": {"mcc": None, "f1": 0.5}},
                {"version": 3, "metrics": {"mcc": -0.25, "f1": 0.75}},
            ],
        },
        "gate": None,
        "overridden": False,
        "acknowledged": False,
        "reason": "Better.",
        "trouble": ["The tag runoff.at was not set."],
        "app_version": "0.1.0",
        "previous": "a" * 64,
        "hash": "b" * 64,
        "key_id": "k1",
    }


def test_an_entry_that_knows_little_has_the_same_keys() -> None:
    bare = replace(ENTRY, record=Record(operation="o", kind=Kind.EXTERNAL, phase=Phase.EXTERNAL,
                                        actor=RECORD.actor, model="m"))  # fmt: skip
    shown = as_json(bare)
    assert set(shown) == set(as_json(ENTRY))
    assert (shown["before"], shown["after"], shown["numbers"]) == (None, None, None)
    assert shown["holders"] == {"before": None, "after": None}


def read(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_the_csv_of_an_entry() -> None:
    (row,) = read(as_csv([ENTRY]))
    assert tuple(row) == COLUMNS
    assert {name: row[name] for name in ("seq", "at", "kind", "version_before", "version_after")} == {
        "seq": "7",
        "at": "2026-03-03T12:00:00.123456+00:00",
        "kind": "promote",
        "version_before": "2",
        "version_after": "3",
    }
    assert (row["primary_metric"], row["value_before"], row["value_after"]) == ("mcc", "", "-0.25")
    assert (row["actor"], row["digest_after"], row["trouble"]) == (
        "kaori",
        "",
        "The tag runoff.at was not set.",
    )


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", " =", "\uff1d", "\uff20"])
def test_no_text_is_a_formula(start: str) -> None:
    text = f"{start}cmd|'/c calc'!A1"
    hostile = replace(
        RECORD,
        reason=text,
        model=text,
        actor=replace(RECORD.actor, name=text),
        trouble=(message("{text}", text=text),),
    )
    (row,) = csv_rows([replace(ENTRY, record=hostile)])
    cells = dict(zip(COLUMNS, row, strict=True))
    assert {cells[name] for name in ("reason", "model", "actor", "trouble")} == {f"'{text}"}
    assert cells["value_after"] == -0.25  # a number is none


@pytest.mark.parametrize("reason", ['a,"b"\r\nc', "a\rb", "日本語", "a;b", ""])
def test_any_text_survives(reason: str) -> None:
    first, second = read(as_csv([replace(ENTRY, record=replace(RECORD, reason=reason)), ENTRY]))
    assert (first["reason"], second["reason"]) == (reason, "Better.")


def test_no_entries_are_a_header() -> None:
    assert as_csv([]) == ",".join(COLUMNS) + "\r\n"
