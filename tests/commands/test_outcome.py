from dataclasses import replace
from datetime import UTC, datetime

import pytest

from commands.outcome import change, compared, holders_words, present, print_outcome
from core.catalog.store import Holders
from core.decision.access import RUNOFF, Actor, Role
from core.decision.record import Entry, Kind, Numbers, Phase, Record, VersionRef
from core.decision.standing import Outcome, Standing
from core.messages import message

AT = datetime(2026, 3, 3, 12, 0, tzinfo=UTC)
ONE, TWO = VersionRef(number=1, digest="sha256:one"), VersionRef(number=2, digest="sha256:two")
RECORD = Record(
    operation="o",
    kind=Kind.PROMOTE,
    phase=Phase.DONE,
    actor=Actor(name="kaori", role=Role.ADMIN, identified_by="operating system"),
    model="titanic",
    before=ONE,
    after=TWO,
    holders_before=Holders((1,), 1),
    holders_after=Holders((2,), 2),
    reason="Better.",
)


def outcome(record: Record) -> Outcome:
    return Outcome(entry=Entry(seq=7, at=AT, record=record, app_version="0", previous="a", hash="b"))


@pytest.mark.parametrize(
    ("changes", "status", "sentence"),
    [
        (
            {},
            0,
            (
                "Version 2 of titanic is in Production. Version 1, which was before, is Archived. "
                "models:/titanic/Production and models:/titanic@champion are version 2. On record as entry 7."
            ),
        ),
        (
            {"before": None},
            0,
            (
                "Version 2 of titanic is in Production. "
                "models:/titanic/Production and models:/titanic@champion are version 2. On record as entry 7."
            ),
        ),
        (
            {"kind": Kind.ADOPT, "phase": Phase.ADOPTED, "before": TWO},
            0,
            (
                "Version 2 of titanic is adopted as Production. "
                "models:/titanic/Production and models:/titanic@champion are version 2. On record as entry 7."
            ),
        ),
        (
            {"kind": Kind.RESTORE, "after": None},
            0,
            "Nothing is in Production of titanic. On record as entry 7.",
        ),
        (
            {"kind": Kind.STAGE, "before": TWO, "stage_before": "None", "stage_after": "Staging"},
            0,
            "Version 2 of titanic is in stage Staging; it was in None. On record as entry 7.",
        ),
        (
            {"phase": Phase.FAILED, "trouble": (message("MLflow said {what}.", what="no"),)},
            3,
            "Nothing was moved, MLflow is as it was before. MLflow said no.",
        ),
        (
            {"phase": Phase.UNKNOWN},
            3,
            (
                "MLflow gave no answer, so it is not known yet whether the move was made. "
                "Runoff reads back how it ended; see history titanic."
            ),
        ),
        (
            {"phase": Phase.CONFLICT, "holders_after": Holders((3, 2), 2)},
            1,
            (
                "MLflow is neither as it was before nor as it was to be. In Production of titanic: versions 3, 2 "
                "by stage, 2 by alias. Decide what holds: adopt titanic or restore titanic."
            ),
        ),
    ],
)
def test_how_a_move_ended(
    changes: dict[str, object], status: int, sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    ended = outcome(replace(RECORD, **changes))  # type: ignore[arg-type]  # fields by name
    assert print_outcome(ended, "champion", "table") == status
    said = capsys.readouterr()
    assert said == ((f"{sentence}\n", "") if status == 0 else ("", f"Error: {sentence}\n"))


def test_notes_are_told_and_steer_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    ended = replace(outcome(replace(RECORD, model="a\x1b[2Jb\n")), notes=(message("No tags."),))
    assert print_outcome(ended, "production", "table") == 0
    said = capsys.readouterr()
    assert said.err == "Note: No tags.\n"
    assert said.out.startswith("Version 2 of a [2Jb  is in Production.")
    assert "\x1b" not in said.out


@pytest.mark.parametrize(
    ("standing", "sentence"),
    [
        (Standing(model="m", holders=Holders()), "In Production of m: nothing."),
        (
            Standing(model="m", holders=Holders((2,), 2), production=TWO, since=AT, by="kaori"),
            "In Production of m: version 2, since 2026-03-03 12:00 UTC, by kaori.",
        ),
        (
            Standing(
                model="m",
                holders=Holders((2,), None),
                production=TWO,
                since=AT,
                by=RUNOFF.name,
                by_itself=True,
            ),
            "In Production of m: version 2, since 2026-03-03 12:00 UTC or before.",
        ),
        (
            Standing(model="m", holders=Holders((3, 2), 2), undecided=(3, 2)),
            "In Production of m: versions 3, 2 by stage, 2 by alias; by the ledger nothing.",
        ),
        (
            Standing(model="m", holders=Holders((1,), 1), production=TWO, differs=outcome(RECORD).entry),
            "In Production of m: version 1; by the ledger version 2.",
        ),
    ],
)
def test_what_is_in_production(standing: Standing, sentence: str) -> None:
    assert present(standing) == sentence


def test_the_numbers_of_both_versions() -> None:
    numbers = Numbers(
        fingerprint="f",
        rows=143,
        positives=56,
        source="t.csv",
        threshold=0.4,
        primary_metric="mcc",
        metrics={1: {"mcc": None}, 2: {"mcc": 0.51234}},
    )
    record = replace(RECORD, numbers=numbers)
    assert compared(record) == "mcc on t.csv (143 rows, threshold 0.4): version 1 n/a, version 2 0.5123."
    assert (
        compared(replace(record, before=None)) == "mcc on t.csv (143 rows, threshold 0.4): version 2 0.5123."
    )
    assert compared(RECORD) is None


def test_what_changed_in_a_few_words() -> None:
    assert change(RECORD) == "1 -> 2"
    assert change(replace(RECORD, before=None)) == "none -> 2"
    assert change(
        replace(RECORD, kind=Kind.STAGE, before=TWO, stage_before="None", stage_after="Archived")
    ) == ("2: None -> Archived")
    external = replace(RECORD, kind=Kind.EXTERNAL, phase=Phase.EXTERNAL, holders_after=Holders((), 2))
    assert change(external) == "version 1 -> version none by stage, 2 by alias"
    assert holders_words(None) == "unknown"
