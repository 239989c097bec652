from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.decision.ledger_chain import START, Link, Sealed, seal
from core.decision.record import Kind, Phase, Record, VersionRef
from core.decision.record_facts import time_of, time_text
from core.decision.signing_key import SigningKey, make_key, read_key
from core.errors import LedgerError
from tests.core.decision.records import ANN

KEY = SigningKey(bytes(range(32)))
BODY = (
    '{"app_version":"0.1.0","at":"2026-03-03T12:00:00.000000Z","key_id":"KEY_ID","previous":"' + START + '",'
    '"record":{"actor":{"identified_by":"operating system","name":"Ann","role":"admin"},'
    '"after":{"created":null,"digest":"sha256:2","number":2,"source":""},'
    '"kind":"promote","model":"m\\u00fc\\ud83d\\ude00","operation":"op","phase":"intent","reason":"a\\nb"},'
    '"request":"key","seq":1,"v":1}'
).replace("KEY_ID", KEY.id)
RECORD = Record(
    operation="op",
    kind=Kind.PROMOTE,
    phase=Phase.INTENT,
    actor=ANN,
    model="mü😀",
    after=VersionRef(number=2, digest="sha256:2"),
    reason="a\nb",
)


def test_the_bytes_that_are_signed_stay_what_they_were() -> None:
    """Whoever changes these changes the format: raise `v`, and keep reading the old one."""
    sealed = seal(
        RECORD,
        after=Link(),
        at=datetime(2026, 3, 3, 12, tzinfo=UTC),
        key=KEY,
        app_version="0.1.0",
        request="key",
    )

    assert sealed.body == BODY
    assert KEY.id == "af8c873950e1f67c"
    assert sealed.hash == "b059797d302fc9005aba308f1f7976b6a7e5a82a6b4f8421ec03db40bd7f6e8c"
    assert sealed.line == f'{{"hash":"{sealed.hash}","entry":{BODY}}}\n'.encode()
    assert Sealed.of_line(sealed.line) == sealed
    assert sealed.entry.record == RECORD


def test_fields_that_came_later_are_left_out() -> None:
    newer = BODY.replace('"seq":1', '"seal":{"new":[1]},"seq":1').replace('"kind"', '"cost":0.5,"kind"')

    assert Sealed(1, newer, KEY.sign(newer.encode())).entry.record == RECORD


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"\n",
        b"{}",
        b'{"hash":"00","entry":{}}',
        b"\xff",
        b'{"hash":"' + b"0" * 64 + b'","entry":{"seq":"1"}}',
    ],
)
def test_what_is_no_line(line: bytes) -> None:
    with pytest.raises(ValueError):
        Sealed.of_line(line)


def test_times_sort_as_their_texts() -> None:
    times = [
        datetime(1, 1, 1, tzinfo=UTC),
        datetime(2026, 3, 3, 12, 0, 0, 1, tzinfo=UTC),
        datetime.max.replace(tzinfo=UTC),
    ]
    texts = [time_text(time) for time in times]

    assert texts == sorted(texts)
    assert {len(text) for text in texts} == {27}
    assert [time_of(text) for text in texts] == times


def test_a_key_is_made_once(tmp_path: Path) -> None:
    file = tmp_path / "made" / "here" / "key"
    assert read_key(file) is None

    made = make_key(file)

    assert make_key(file).id == made.id
    assert (file.stat().st_mode & 0o777, list(file.parent.iterdir())) == (0o600, [file])
    assert make_key(tmp_path / "another").id != made.id


def test_a_key_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(LedgerError, match="cannot be written"):
        make_key(tmp_path / "file" / "key")
    with pytest.raises(LedgerError, match="cannot be read"):
        read_key(tmp_path)
