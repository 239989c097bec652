"""The courses of all models, read from the ledger once and then kept up with it."""

import threading
from collections.abc import Iterator, Mapping
from typing import Protocol

from core.decision.record import Entry, Phase
from core.decision.reigns import Course, advance

_TELLING = (Phase.DONE, Phase.ADOPTED, Phase.EXTERNAL)
_FEW = 20  # entries that a look at a known model reads at most in one go
_MANY = 2_000


class Reading(Protocol):
    """The part of the ledger that is read here; entries come newest first."""

    def entries(
        self,
        *,
        model: str | None = None,
        phases: tuple[Phase, ...] | None = None,
        before_seq: int | None = None,
        limit: int = 200,
    ) -> tuple[Entry, ...]:
        """Entries of the ledger."""

    def latest(self) -> Mapping[str, Entry]:
        """The newest entry of each model."""

    def head(self) -> tuple[int, str]:
        """Sequence and hash of the last entry."""


class Courses:
    """Folds entries into courses; the ledger only grows, so each entry is read once. Thread-safe."""

    def __init__(self, ledger: Reading) -> None:
        self._ledger = ledger
        self._lock = threading.Lock()
        self._kept: dict[str, tuple[Entry, Course]] = {}  # with the model's last entry
        self._head: tuple[int, str] | None = None  # of the ledger when all models were read

    def of(self, model: str) -> tuple[Entry | None, Course]:
        """The model's last entry, of whatever phase, and its course.

        Raises:
            LedgerError: the ledger cannot be read.
        """
        last = next(iter(self._ledger.entries(model=model, limit=1)), None)
        if last is None:
            return None, Course()
        with self._lock:
            kept = self._kept.get(model)
        if kept is not None and kept[0].hash == last.hash:
            return kept
        if kept is not None and kept[0].seq >= last.seq:
            kept = None  # another ledger has taken the place of the one that was read
        course = self._read(last, kept)
        with self._lock:
            self._kept[model] = (last, course)
        return last, course

    def all(self) -> Mapping[str, tuple[Entry, Course]]:
        """The last entry and the course of every model that has entries.

        Raises:
            LedgerError: the ledger cannot be read.
        """
        head = self._ledger.head()
        with self._lock:
            if head == self._head:
                return dict(self._kept)
            seen = self._head if self._head is not None and self._head[0] < head[0] else None
        if seen is None:
            return self._read_all(head)
        for model in self._touched(seen[0]):
            self.of(model)
        with self._lock:
            self._head = head
            return dict(self._kept)

    def _read_all(self, head: tuple[int, str]) -> Mapping[str, tuple[Entry, Course]]:
        """All models at once; those of which something arrives meanwhile are left to the next look."""
        telling: dict[str, list[Entry]] = {}
        for entry in self._pages(phases=_TELLING, before=head[0] + 1, limit=_MANY):
            telling.setdefault(entry.record.model, []).append(entry)
        kept = {
            model: (last, advance(Course(), reversed(telling.get(model, ()))))
            for model, last in self._ledger.latest().items()
            if last.seq <= head[0]
        }
        with self._lock:
            self._kept = kept
            self._head = head
            return dict(kept)

    def _touched(self, seq: int) -> set[str]:
        """Models that have entries after `seq`."""
        touched = set()
        for entry in self._pages(limit=_FEW):
            if entry.seq <= seq:
                break
            touched.add(entry.record.model)
        return touched

    def _read(self, last: Entry, kept: tuple[Entry, Course] | None) -> Course:
        newer: list[Entry] = []
        pages = self._pages(
            model=last.record.model,
            phases=_TELLING,
            before=last.seq + 1,  # what comes later is for the next look
            limit=_FEW if kept else _MANY,
        )
        for entry in pages:
            if kept is not None and entry.seq <= kept[0].seq:
                break
            newer.append(entry)
        else:
            return advance(Course(), reversed(newer))  # read to the ledger's beginning
        return advance(kept[1], reversed(newer))

    def _pages(
        self,
        *,
        model: str | None = None,
        phases: tuple[Phase, ...] | None = None,
        before: int | None = None,
        limit: int,
    ) -> Iterator[Entry]:
        """Entries, newest first, a page at a time; the first page is a small one."""
        while True:
            page = self._ledger.entries(model=model, phases=phases, before_seq=before, limit=limit)
            yield from page
            if len(page) < limit:
                return
            before, limit = page[-1].seq, _MANY
