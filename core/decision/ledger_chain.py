r"""How an entry of the ledger is written down and signed.

An entry is one JSON object, the *body*: keys in alphabetical order, no spaces, ASCII alone (anything else
as \uXXXX, so that every name that Python can hold has a body), no NaN and no infinity. It holds

    v             1, the version of this format
    seq           1, 2, 3, … without a gap
    at            UTC, 2026-03-03T12:00:00.000000Z
    previous      hash of the entry before; 64 zeros in the first
    key_id        which key signed it
    app_version   of the Runoff that wrote it
    request       the idempotency key of the request; absent where it had none
    record        what happened: see record_facts

and its *hash* is the HMAC-SHA256 of exactly these bytes. The bytes are kept as they are and never made
again, so neither fields that come later nor another library can change the hash of an old entry. In the
JSON lines an entry is {"hash":"…","entry":BODY}.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Self

from core.decision.record import Entry, Record
from core.decision.record_facts import facts_of_record, record_from_facts, time_of, time_text
from core.decision.signing_key import SigningKey
from core.errors import LedgerError
from core.messages import message

START = "0" * 64  # what the first entry names as the hash before it
_FORMAT = 1
_LINE = re.compile(r'\{"hash":"([0-9a-f]{64})","entry":(\{.*\})\}')
_LONGEST = 300  # characters of an indexed column: PostgreSQL's indexes hold 2,704 bytes
_BEGINNING = 100
CUT = r"\#"  # before the SHA-256 of what is cut; no text has this, for its backslashes are doubled


@dataclass(frozen=True)
class Sealed:
    """An entry as it is kept: its place, the bytes that were signed, the signature."""

    seq: int
    body: str
    hash: str

    @cached_property
    def facts(self) -> Mapping[str, Any]:
        """What the body says; ValueError where it is no JSON object."""
        return _parsed(self.body)

    @property
    def line(self) -> bytes:
        """The entry among the JSON lines."""
        return f'{{"hash":"{self.hash}","entry":{self.body}}}\n'.encode()

    @classmethod
    def of_line(cls, line: bytes) -> Self:
        """The entry of such a line; ValueError where it is none."""
        found = _LINE.fullmatch(line.decode("ascii").removesuffix("\n"))
        if found is None:
            raise ValueError("no entry")
        facts = _parsed(found[2])
        if type(facts.get("seq")) is not int:
            raise ValueError("no sequence number")
        return cls(facts["seq"], found[2], found[1])

    @property
    def entry(self) -> Entry:
        """What the body says, for people; LedgerError where this Runoff cannot read it."""
        try:
            facts = self.facts
            return Entry(
                seq=facts["seq"],
                at=time_of(facts["at"]),
                record=record_from_facts(facts["record"]),
                app_version=facts["app_version"],
                previous=facts["previous"],
                hash=self.hash,
                key_id=facts["key_id"],
            )
        except (KeyError, TypeError, ValueError, AttributeError):
            raise LedgerError(
                message("Entry {seq} of the ledger cannot be read.", seq=self.seq),
                message("Run python app.py ledger verify: it is damaged, or a newer Runoff wrote it."),
            ) from None

    @property
    def columns(self) -> dict[str, Any]:
        """What the database finds the entry by, all of it from the body."""
        record = self.facts["record"]
        return {
            "at": self.facts["at"],
            "operation": stored(record["operation"]),
            "kind": record["kind"],
            "phase": record["phase"],
            "actor": stored(record["actor"]["name"]),
            "model": stored(record.get("model", "")),
        }


@dataclass(frozen=True, slots=True)
class Link:
    """Where the next entry joins the chain."""

    seq: int = 0
    hash: str = START


def seal(
    record: Record, *, after: Link, at: datetime, key: SigningKey, app_version: str, request: str | None
) -> Sealed:
    """The entry that holds the record, after the last one."""
    facts = {
        "v": _FORMAT,
        "seq": after.seq + 1,
        "at": time_text(at),
        "previous": after.hash,
        "key_id": key.id,
        "app_version": app_version,
        "record": facts_of_record(record),
    }
    if request is not None:
        facts["request"] = request
    body = json.dumps(facts, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return Sealed(after.seq + 1, body, key.sign(body.encode()))


def _parsed(body: str) -> Mapping[str, Any]:
    try:
        facts = json.loads(body)
    except RecursionError:
        raise ValueError("too deep") from None
    if not isinstance(facts, dict):
        raise ValueError("no object")  # noqa: TRY004  as for whatever else is no entry
    return facts


def stored(text: str) -> str:
    """A text as a column of any database can hold and index it; the same text always gives the same.

    As in a body: ASCII alone. Of what is long, the beginning and its SHA-256.
    """
    kept = json.dumps(text)[1:-1]
    if len(kept) <= _LONGEST:
        return kept
    return f"{kept[:_BEGINNING]}{CUT}{hashlib.sha256(kept.encode()).hexdigest()}"
