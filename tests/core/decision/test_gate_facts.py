"""A report as the ledger keeps it."""

import json
from dataclasses import replace

import pytest

from core.decision.entry_report import as_json, csv_rows
from core.decision.gate_facts import facts_of_report, report_of_facts
from core.decision.record import Entry
from core.decision.record_facts import facts_of_record, record_from_facts, time_of
from tests.core.decision.records import intent
from tests.core.decision.reports import WEIRD, check, report, sliced

FULL = report(
    check("loads", "passed", reason=WEIRD),
    check("max_broken", "failed", "warn"),
    check("signature", "not_applicable"),
    sliced(),
    model=WEIRD,
    baseline=None,
    baseline_digest=None,
)


def entry_of(**facts: object) -> Entry:
    record = replace(intent(), **facts)  # type: ignore[arg-type]  # fields of a record
    return Entry(
        seq=1,
        at=time_of("2026-03-03T12:00:00.000000Z"),
        record=record,
        app_version="1",
        previous="0" * 64,
        hash="1" * 64,
    )


def test_a_report_survives_json() -> None:
    assert report_of_facts(json.loads(json.dumps(facts_of_report(FULL), allow_nan=False))) == FULL


def test_a_record_holds_the_whole_report_and_who_went_against_it() -> None:
    record = replace(intent(), gate=FULL, overridden=True, acknowledged=True)
    facts = json.loads(json.dumps(facts_of_record(record), allow_nan=False))
    assert record_from_facts(facts) == record


def test_a_record_from_before_there_were_gates_reads_and_is_written_as_before() -> None:
    facts = facts_of_record(intent())
    assert not {"gate", "overridden", "acknowledged"} & set(facts)
    old = record_from_facts(facts)
    assert (old.gate, old.overridden, old.acknowledged) == (None, False, False)
    assert facts_of_record(old) == facts


@pytest.mark.parametrize("broken", [{"checks": [{"code": "x"}]}, {"rows": None, "checks": 1}, {}])
def test_what_is_no_report_is_said_to_be_none(broken: dict[str, object]) -> None:
    facts = facts_of_report(FULL) | broken
    if not broken:
        facts.pop("policy")
    with pytest.raises((KeyError, TypeError, ValueError)):
        report_of_facts(facts)


def test_an_entry_shows_the_report_to_programs() -> None:
    shown = json.loads(json.dumps(as_json(entry_of(gate=FULL, overridden=True)), allow_nan=False))
    assert (shown["overridden"], shown["acknowledged"]) == (True, False)
    gate = shown["gate"]
    assert (gate["outcome"], gate["baseline"], gate["seal"]) == ("failed", None, FULL.seal)
    assert [one["code"] for one in gate["checks"]] == ["loads", "max_broken", "signature", "no_worse_than"]
    assert gate["checks"][0]["numbers"] == {"value": 0.5, "low": None, "high": None}
    assert gate["checks"][3]["slices"][0] == {
        "column": "Sex",
        "value": "1 to below 2",
        "rows": 40,
        "outcome": "failed",
        "reason": "Nested: it",
        "numbers": {},
    }


def test_an_entry_as_a_row() -> None:
    (none,), (some,) = csv_rows([entry_of()]), csv_rows([entry_of(gate=FULL, overridden=True)])
    assert none[-2:] == ("", "")
    assert some[-2:] == ("failed", "yes")
