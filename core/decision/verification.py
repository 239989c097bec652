"""Whether the ledger is what was written: every entry, in both sinks, in its place, with its signature."""

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from core.decision.ledger_chain import START, Sealed
from core.decision.ledger_tables import entries
from core.decision.signing_key import SigningKey, seen_by_others
from core.errors import UsageError
from core.messages import Message, message
from core.quoting import quoted

_MOST = 1_000  # problems that are listed
_BATCH = 1_000
_HEAD = re.compile(r"(\d{1,18}):([0-9a-f]{8,64})")
_COLUMNS = ("at", "operation", "kind", "phase", "actor", "model")


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that is not as it was written; `seq` is the entry's number, where it is about one."""

    seq: int | None
    what: Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """What a walk through the whole ledger found."""

    entries: int  # in the database
    head: str  # number and hash of its last entry, "12:abcdef…"; print it, and give it to a later verify
    problems: tuple[Problem, ...]

    @property
    def sound(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a sink is: the number and the hash of the entry before; hash None after a fault."""

    seq: int = 0
    hash: str | None = START


class Inspection:
    """One walk through the database, then through the lines; the database's digests are kept for these."""

    def __init__(self, key: SigningKey | None, *, lines_path: Path) -> None:
        self._key = key
        self._path = str(lines_path)
        self._problems: list[Problem] = []
        self._count = 0
        self._blamed: set[int] = set()  # entries of the database about which something has been said
        self._digests: dict[int, bytes] = {}
        self._hashes: dict[int, str] = {}
        self._foreign: dict[str, list[int]] = {}  # key id -> numbers of what it signed

    def key_file(self, path: Path) -> None:
        """Look at the file of the key."""
        if self._key is None and self._digests:
            self._say(
                None, message("The key {path} is missing: no signature can be checked.", path=str(path))
            )
        if seen_by_others(path):
            self._say(
                None, message("Others than its owner may read the key: run chmod 600 {path}.", path=str(path))
            )

    def database(self, connection: sa.Connection) -> None:
        """Look at every entry in the database."""
        place = _Place()
        query = sa.select(entries).order_by(entries.c.seq).execution_options(yield_per=_BATCH)
        for row in connection.execute(query).mappings():
            sealed = Sealed(row["seq"], str(row["body"]), str(row["hash"]))
            if sealed.seq != place.seq + 1:
                self._missing(place.seq + 1, sealed.seq - 1)
                place = _Place(hash=None)
            faults = list(self._faults(sealed, place.hash))
            if not faults and sealed.columns != {name: row[name] for name in _COLUMNS}:
                faults = [
                    message("The columns of entry {seq} say other than what was signed.", seq=sealed.seq)
                ]
            for fault in faults:
                self._blamed.add(sealed.seq)
                self._say(sealed.seq, fault)
            self._digests[sealed.seq] = _digest(sealed)
            self._hashes[sealed.seq] = sealed.hash
            place = _Place(sealed.seq, sealed.hash)

    def lines(self, lines: Iterable[bytes]) -> None:
        """Look at every line, and whether the database says the same."""
        place, found = _Place(), set()
        for number, line in enumerate(lines, 1):
            sealed = self._sealed(number, line)
            if sealed is None:
                place = _Place(place.seq + 1, None)
                continue
            if sealed.seq != place.seq + 1:
                self._misplaced(number, sealed.seq, place.seq + 1)
                place = _Place(hash=None)
            self._line(sealed, place)
            found.add(sealed.seq)
            place = _Place(sealed.seq, sealed.hash)
        for first, last in _runs(self._digests.keys() - found):
            if first == last:
                what = message("Entry {seq} is missing from {path}.", seq=first, path=self._path)
            else:
                values = {"first": first, "last": last, "path": self._path}
                what = message("Entries {first} to {last} are missing from {path}.", **values)
            self._say(first, what)

    def against(self, head: str) -> None:
        """Compare with a head that was printed before; UsageError where it is none."""
        parsed = _HEAD.fullmatch(head.strip().removesuffix("…"))
        if parsed is None:
            title = message("{head} is no head of a ledger.", head=quoted(head))
            raise UsageError(title, message("Give it as ledger verify printed it, like 12:0123456789abcdef."))
        seq, hash_ = int(parsed[1]), parsed[2]
        last = max(self._hashes, default=0)
        if seq > last:
            what = message(
                "The ledger ends at entry {last}, but had {seq}: its tail is cut.", last=last, seq=seq
            )
            self._say(seq, what)
        elif seq > 0 and not self._hashes.get(seq, "").startswith(hash_):
            self._say(seq, message("Entry {seq} is not the one that this head names.", seq=seq))

    def result(self) -> Verification:
        """What was found."""
        for key_id, numbers in self._foreign.items():
            for first, last in _runs(numbers):
                values = {"first": first, "last": last, "id": key_id}
                what = message("Entries {first} to {last} are signed with another key ({id}).", **values)
                self._say(first, what)
        if self._count > _MOST:
            left = self._count - _MOST
            self._problems.append(Problem(None, message("{count} more problems are not listed.", count=left)))
        last = max(self._hashes, default=0)
        head = f"{last}:{self._hashes.get(last, START)}"
        return Verification(entries=len(self._hashes), head=head, problems=tuple(self._problems))

    def _faults(self, sealed: Sealed, before: str | None) -> Iterator[Message]:
        try:
            facts = sealed.facts
            key_id, seq, previous = facts["key_id"], facts["seq"], facts["previous"]
            readable = isinstance(key_id, str) and bool(sealed.columns)
        except (KeyError, TypeError, ValueError):
            readable = False
        if not readable:
            yield message("Entry {seq} cannot be read: it was changed.", seq=sealed.seq)
            return
        if self._key is not None and key_id != self._key.id:
            self._foreign.setdefault(key_id, []).append(sealed.seq)
            self._blamed.add(sealed.seq)
        elif self._key is not None and self._key.sign(sealed.body.encode()) != sealed.hash:
            yield message("Entry {seq} is not what was signed: it was changed.", seq=sealed.seq)
            return
        if seq != sealed.seq:
            yield message("Entry {seq} stands where entry {other} was written.", seq=seq, other=sealed.seq)
        elif before is not None and previous != before:
            yield message("Entry {seq} does not follow on the one before it.", seq=sealed.seq)

    def _line(self, sealed: Sealed, place: _Place) -> None:
        if sealed.seq not in self._digests:
            if not list(self._faults(sealed, place.hash)):
                what = message(
                    "Entry {seq} is in {path} but not in the database.", seq=sealed.seq, path=self._path
                )
            else:
                what = message("Entry {seq} in {path} was never signed.", seq=sealed.seq, path=self._path)
            self._say(sealed.seq, what)
        elif self._digests[sealed.seq] != _digest(sealed):
            values = {"seq": sealed.seq, "path": self._path}
            if sealed.seq in self._blamed:
                what = message("Entry {seq} is another one in {path}.", **values)
            else:
                what = message("Entry {seq} was changed in {path}; the database's is sound.", **values)
            self._say(sealed.seq, what)

    def _sealed(self, number: int, line: bytes) -> Sealed | None:
        values = {"line": number, "path": self._path}
        if not line.endswith(b"\n"):
            self._say(None, message("Line {line} of {path} is cut off; the next start removes it.", **values))
            return None
        try:
            return Sealed.of_line(line)
        except ValueError:
            self._say(None, message("Line {line} of {path} is no entry: it was changed.", **values))
            return None

    def _misplaced(self, line: int, seq: int, expected: int) -> None:
        values = {"line": line, "path": self._path, "seq": seq, "expected": expected}
        what = message("Line {line} of {path} holds entry {seq} where {expected} belongs.", **values)
        self._say(seq, what)

    def _missing(self, first: int, last: int) -> None:
        what = message("Entries {first} to {last} are missing from the database.", first=first, last=last)
        if first == last:
            what = message("Entry {seq} is missing from the database.", seq=first)
        self._say(first, what)

    def _say(self, seq: int | None, what: Message) -> None:
        self._count += 1
        if self._count <= _MOST:
            self._problems.append(Problem(seq, what))


def _digest(sealed: Sealed) -> bytes:
    return hashlib.blake2b(sealed.line, digest_size=16).digest()


def _runs(numbers: Iterable[int]) -> Iterator[tuple[int, int]]:
    """First and last of each stretch of numbers without a gap."""
    first = last = None
    for number in sorted(numbers):
        if first is None or last is None:
            first = last = number
        elif number == last + 1:
            last = number
        else:
            yield first, last
            first = last = number
    if first is not None and last is not None:
        yield first, last
