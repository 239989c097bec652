"""Who reigned when, and where a rollback goes: pure, and by chance."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from core.catalog.store import Holders
from core.decision.record import Entry, Kind, Phase, Record, VersionRef
from core.decision.reigns import Course, advance
from tests.core.decision.records import ANN

START = datetime(2026, 3, 1, tzinfo=UTC)


def entry(
    seq: int, kind: Kind, after: VersionRef | int | None, *, phase: Phase = Phase.DONE, **fields: object
) -> Entry:
    after = ref(after) if isinstance(after, int) else after
    holders = Holders() if after is None else Holders((after.number,), after.number)
    record = Record(
        operation=str(seq),
        kind=kind,
        phase=phase,
        actor=ANN,
        model="m",
        after=after,
        holders_after=holders,
        reason=f"because of {seq}",
    )
    record = replace(record, **fields)  # type: ignore[arg-type]
    return Entry(
        seq=seq, at=START + timedelta(days=seq), record=record, app_version="1", previous="", hash=str(seq)
    )


def ref(number: int, *, digest: str | None = "a", day: int = 0) -> VersionRef:
    return VersionRef(number=number, digest=digest, created=START - timedelta(days=day), source="s")


def course(*steps: tuple[Kind, int | None]) -> Course:
    return advance(Course(), [entry(seq, kind, after) for seq, (kind, after) in enumerate(steps, 1)])


def goes_to(*steps: tuple[Kind, int | None]) -> int | None:
    previous = course(*steps).previous
    return previous.number if previous is not None else None


PROMOTE, ROLLBACK, ADOPT, STAGE, RESTORE = Kind.PROMOTE, Kind.ROLLBACK, Kind.ADOPT, Kind.STAGE, Kind.RESTORE


def test_a_rollback_goes_to_what_was_there_before_and_never_back_unasked() -> None:
    promoted = ((PROMOTE, 1), (PROMOTE, 2), (PROMOTE, 3))
    assert goes_to() is None
    assert goes_to(*promoted[:1]) is None
    assert goes_to(*promoted) == 2
    assert goes_to(*promoted, (ROLLBACK, 2)) == 1
    assert goes_to(*promoted, (ROLLBACK, 2), (ROLLBACK, 1)) is None
    assert goes_to(*promoted, (ROLLBACK, 2), (PROMOTE, 4)) == 2
    assert goes_to(*promoted, (ROLLBACK, 1), (ROLLBACK, 3)) == 1  # asked for: forward again
    assert goes_to((ADOPT, 1), (PROMOTE, 2), (ADOPT, 5)) == 2


def test_a_version_that_left_production_is_what_a_rollback_brings_back() -> None:
    archived = ((PROMOTE, 1), (PROMOTE, 2), (STAGE, None))
    assert course(*archived).production is None
    assert goes_to(*archived) == 2
    assert goes_to(*archived, (ROLLBACK, 2)) == 1


def test_a_repair_and_a_restore_change_no_reign() -> None:
    found = course((PROMOTE, 1), (PROMOTE, 2), (PROMOTE, 2), (RESTORE, 2))
    assert [reign.version.number for reign in found.reigns] == [1, 2]
    assert found.reign is not None
    assert (found.reign.seq, found.reign.reason) == (2, "because of 2")
    assert found.previous is not None
    assert found.previous.number == 1


def test_reigns_follow_each_other_and_tell_what_was_there_at_any_time() -> None:
    found = course((PROMOTE, 1), (PROMOTE, 2), (STAGE, None), (PROMOTE, 3))

    def at(days: float) -> int | None:
        reign = found.at(START + timedelta(days=days))
        return reign.version.number if reign else None

    assert [at(day) for day in (0.9, 1, 1.9, 2, 2.9, 3, 3.9, 4, 400)] == [None, 1, 1, 2, 2, None, None, 3, 3]
    assert [reign.until is None for reign in found.reigns] == [False, False, True]


def test_what_did_not_succeed_changes_nothing() -> None:
    entries = [
        entry(1, PROMOTE, 1),
        entry(2, PROMOTE, 2, phase=Phase.INTENT),
        entry(3, PROMOTE, 2, phase=Phase.FAILED),
        entry(4, PROMOTE, 2, phase=Phase.UNKNOWN),
        entry(5, PROMOTE, 2, phase=Phase.CONFLICT),
        entry(6, STAGE, 4, holders_after=None, stage_before="None", stage_after="Staging"),
    ]
    found = advance(Course(), entries)
    assert found.production == ref(1)
    assert found.holders == Holders((1,), 1)
    assert len(found.reigns) == 1


def test_a_change_from_outside_is_shown_until_somebody_decides() -> None:
    outside = entry(2, Kind.EXTERNAL, 5, phase=Phase.EXTERNAL)
    found = advance(Course(), [entry(1, PROMOTE, 1), outside])
    assert found.external == outside
    assert found.production == ref(1)
    assert advance(found, [entry(3, ADOPT, 5)]).external is None


def test_a_number_that_was_made_anew_is_another_version() -> None:
    found = advance(Course(), [entry(1, PROMOTE, ref(1, day=9)), entry(2, ADOPT, ref(1, day=1))])
    assert [reign.until is None for reign in found.reigns] == [False, True]
    assert found.previous == ref(1, day=9)


def test_bytes_that_were_looked_at_later_complete_the_record() -> None:
    adopted = entry(1, ADOPT, ref(1, digest=None), phase=Phase.ADOPTED)
    left = entry(2, PROMOTE, 2, before=ref(1, digest="found out"))
    found = advance(Course(), [adopted, left])
    assert found.reigns[0].version.digest == "found out"
    assert found.previous is not None
    assert found.previous.digest == "found out"


STEPS = st.lists(
    st.tuples(st.sampled_from([PROMOTE, ROLLBACK, ADOPT, STAGE]), st.integers(1, 4)).map(
        lambda step: (step[0], None if step[0] is STAGE else step[1])
    ),
    max_size=12,
)


@given(STEPS, st.integers(0, 12))
def test_reading_in_parts_gives_what_reading_at_once_gives(
    steps: list[tuple[Kind, int | None]], cut: int
) -> None:
    entries = [entry(seq, kind, after) for seq, (kind, after) in enumerate(steps, 1)]
    whole = advance(Course(), entries)
    assert advance(advance(Course(), entries[:cut]), entries[cut:]) == whole
    assert (whole.production and whole.production.number) == (steps[-1][1] if steps else None)
    ends = [reign.until for reign in whole.reigns]
    starts = [reign.since for reign in whole.reigns]
    assert all(end is not None and end <= start for end, start in zip(ends, starts[1:], strict=False))
    assert whole.previous is None or whole.previous != whole.production
