"""Operations of the ledger: the entries of one belong together, and its last one says how it stands."""

from collections.abc import Callable, Sequence
from typing import Final

from core.decision.record import Entry, Phase

ENDED: Final = frozenset({Phase.DONE, Phase.FAILED, Phase.CONFLICT, Phase.EXTERNAL, Phase.ADOPTED})
_NEWEST: Final = 200  # entries among which an operation that has not ended is looked for
_STEPS: Final = 100  # entries of the model that are read at once for the steps of an operation
_READS: Final = 10

History = Callable[..., tuple[Entry, ...]]  # Decisions.history


def open_operations(history: History, model: str | None) -> tuple[Entry, ...]:
    """The last entry of each operation that has not ended, newest first.

    There is at most one of a model, and it is settled within a minute or so: it is among the newest.
    """
    newest = history(model=model, limit=_NEWEST)
    seen: set[str] = set()
    found = []
    for entry in newest:
        operation = entry.record.operation
        if operation not in seen and entry.record.phase not in ENDED:
            found.append(entry)
        seen.add(operation)
    return tuple(found)


def steps(history: History, last: Entry) -> tuple[Entry, ...]:
    """All entries of an operation, oldest first, given the last one."""
    if last.record.phase in {Phase.EXTERNAL, Phase.ADOPTED}:
        return (last,)
    found = [last]
    before = last.seq
    for _read in range(_READS):
        if found[-1].record.phase is Phase.INTENT:
            break
        entries: Sequence[Entry] = history(model=last.record.model, before_seq=before, limit=_STEPS)
        found += [entry for entry in entries if entry.record.operation == last.record.operation]
        if len(entries) < _STEPS:
            break
        before = entries[-1].seq
    return tuple(reversed(found))


def entry_at(history: History, seq: int) -> Entry | None:
    """One entry by its number, or None where there is none."""
    found = history(before_seq=seq + 1, limit=1)
    return found[0] if found and found[0].seq == seq else None
