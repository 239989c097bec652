from dataclasses import replace

from core.decision.record import Phase
from dashboard.operations import ENDED, entry_at, open_operations, steps
from tests.dashboard.recorded import ODD, entries_of, holders, move, outside
from tests.dashboard.remembered import MemoryDecisions


def test_an_operation_that_has_not_ended_is_found_by_its_last_entry() -> None:
    unknown = move(1, 2, model="a", ends=Phase.UNKNOWN)
    kept = entries_of([move(1, 2), unknown, move(3, 4), move(1, 2, model=ODD, ends=Phase.INTENT)])
    history = MemoryDecisions(kept).history

    assert [(entry.record.model, entry.record.phase) for entry in open_operations(history, None)] == [
        (ODD, Phase.INTENT),
        ("a", Phase.UNKNOWN),
    ]
    assert open_operations(history, "titanic-survival") == ()


def test_one_that_was_settled_later_is_not_under_way() -> None:
    intent, unknown = move(1, 2, ends=Phase.UNKNOWN)
    kept = entries_of([[intent, unknown], move(1, 2, model="b"), [move(1, 2)[1]]])
    settled = [*kept[:-1], _same_operation(kept[-1], kept[0])]

    assert open_operations(MemoryDecisions(settled).history, None) == ()


def test_the_steps_are_the_operations_own_oldest_first() -> None:
    intent, unknown = move(1, 2, ends=Phase.UNKNOWN)
    between = [outside(1, holders(2)) for _number in range(150)]
    kept = entries_of([[intent, unknown], *between, [move(1, 2)[1]]])
    last = _same_operation(kept[-1], kept[0])
    found = steps(MemoryDecisions([*kept[:-1], last]).history, last)

    assert [entry.record.phase for entry in found] == [Phase.INTENT, Phase.UNKNOWN, Phase.DONE]


def test_what_was_one_step_is_one_step() -> None:
    kept = entries_of([move(1, 2), outside(2, holders(3))])

    assert steps(MemoryDecisions(kept).history, kept[-1]) == (kept[-1],)


def test_an_entry_is_found_by_its_number() -> None:
    kept = entries_of([move(1, 2)])
    history = MemoryDecisions(kept).history

    assert entry_at(history, 2) == kept[1]
    assert entry_at(history, 3) is None
    assert entry_at(history, 0) is None


def test_every_phase_either_ends_an_operation_or_leaves_it_open() -> None:
    assert set(Phase) - ENDED == {Phase.INTENT, Phase.UNKNOWN}


def _same_operation(entry, other):
    return replace(entry, record=replace(entry.record, operation=other.record.operation))
