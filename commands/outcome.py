"""What is in Production, what a move would change and how it ended, in words for the terminal."""

from collections.abc import Iterator

import click

from commands.output import date, one_line, print_json, tell
from core.catalog.store import Holders
from core.decision.entry_report import as_json
from core.decision.record import Entry, Kind, Phase, Record, VersionRef
from core.decision.standing import Outcome, Standing

BROKEN, REFUSED = 3, 1  # exit status


def print_outcome(outcome: Outcome, alias: str, form: str) -> int:
    """Say how a move ended; the exit status."""
    record = outcome.entry.record
    if form == "json":
        notes = [str(note) for note in outcome.notes]
        print_json(as_json(outcome.entry) | {"repeated": outcome.repeated, "notes": notes})
    sentence = one_line(" ".join(_ended(outcome.entry, alias)))
    if record.phase in {Phase.DONE, Phase.ADOPTED}:
        if form != "json":
            click.echo(sentence)
            numbers = compared(record)
            if numbers is not None:
                click.echo(one_line(numbers))
        for warning in gate_notes(record):
            tell(one_line(warning))
        for note in (*record.trouble, *outcome.notes):
            tell(one_line(f"Note: {note}"))
        return 0
    tell(f"Error: {sentence}")
    return REFUSED if record.phase is Phase.CONFLICT else BROKEN


def present(standing: Standing) -> str:
    """What is in Production now, since when and by whom."""
    model, known = standing.model, standing.production
    if len(standing.holders.numbers) > 1 or standing.differs is not None:
        recorded = "nothing" if known is None else f"version {known.number}"
        return f"In Production of {model}: {holders_words(standing.holders)}; by the ledger {recorded}."
    if not standing.holders.numbers:
        return f"In Production of {model}: nothing."
    since = f", since {date(standing.since)} UTC" if standing.since else ""
    who = f", by {standing.by}" if standing.by else ""
    by = " or before" if standing.by_itself else who  # Runoff found it there
    return f"In Production of {model}: version {standing.holders.numbers[0]}{since}{by}."


def compared(record: Record) -> str | None:
    """The primary metric of what was in Production and of what is; None where nothing was compared."""
    numbers = record.numbers
    if numbers is None:
        return None
    values = [
        f"version {version.number} {_value(numbers.metrics[version.number].get(numbers.primary_metric))}"
        for version in (record.before, record.after)
        if version is not None and version.number in numbers.metrics
    ]
    return (
        f"{numbers.primary_metric} on {numbers.source} ({numbers.rows} rows, threshold "
        f"{numbers.threshold:g}): {', '.join(values)}."
    )


def gate_notes(record: Record) -> Iterator[str]:
    """What a promotion went against, and what its gate warned of."""
    if record.gate is None:
        return
    if record.overridden:
        against = ", ".join(f"{check.name} {check.outcome}" for check in record.gate.blocking)
        yield f"The gate was overridden: {against}."
    for check in record.gate.warnings:
        yield f"Warning: {check.name}, {check.outcome}. {check.finding.reason}"


def holders_words(holders: Holders | None) -> str:
    """`version 2` where stage and alias agree, else which of the two says what."""
    if holders is None:
        return "unknown"
    if not holders.numbers:
        return "nothing"
    stage = ", ".join(map(str, holders.stage)) or "none"
    if holders.stage == (holders.alias,):
        return f"version {stage}"
    several = "s" if len(holders.stage) > 1 else ""
    return f"version{several} {stage} by stage, {'none' if holders.alias is None else holders.alias} by alias"


def change(record: Record) -> str:
    """`1 -> 2`, or the stages between which a version moved."""
    if record.kind is Kind.STAGE:
        moved = record.after or record.before
        return f"{_number(moved)}: {record.stage_before or '?'} -> {record.stage_after or '?'}"
    if record.kind is Kind.EXTERNAL:
        return f"{holders_words(record.holders_before)} -> {holders_words(record.holders_after)}"
    return f"{_number(record.before)} -> {_number(record.after)}"


def _ended(entry: Entry, alias: str) -> Iterator[str]:
    record = entry.record
    trouble = (str(sentence) for sentence in record.trouble)
    match record.phase:
        case Phase.DONE | Phase.ADOPTED:
            yield from _done(record, alias)
            yield f"On record as entry {entry.seq}."
        case Phase.FAILED:
            yield "Nothing was moved, MLflow is as it was before."
            yield from trouble
        case Phase.UNKNOWN:
            yield "MLflow gave no answer, so it is not known yet whether the move was made."
            yield from trouble
            yield f"Runoff reads back how it ended; see history {record.model}."
        case _:
            yield (
                "MLflow is neither as it was before nor as it was to be. "
                f"In Production of {record.model}: {holders_words(record.holders_after)}."
            )
            yield from trouble
            yield f"Decide what holds: adopt {record.model} or restore {record.model}."


def _done(record: Record, alias: str) -> Iterator[str]:
    model, after, before = record.model, record.after, record.before
    if record.kind is Kind.STAGE:
        moved = after or before
        yield (
            f"Version {_number(moved)} of {model} is in stage {record.stage_after or 'None'}; "
            f"it was in {record.stage_before or 'None'}."
        )
        return
    if after is None:
        yield f"Nothing is in Production of {model}."
        return
    verb = "is adopted as Production" if record.kind is Kind.ADOPT else "is in Production"
    yield f"Version {after.number} of {model} {verb}."
    if before is not None and before.number != after.number:
        yield f"Version {before.number}, which was before, is Archived."
    yield f"models:/{model}/Production and models:/{model}@{alias} are version {after.number}."


def _number(version: VersionRef | None) -> str:
    return "none" if version is None else str(version.number)


def _value(value: float | None) -> str:
    return "n/a" if value is None else f"{value:.4f}"
