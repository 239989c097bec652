"""`history`: the ledger, newest first, and which version was in Production at a time."""

import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING, Any

import click

from commands.moment import Moment, MomentType
from commands.outcome import change
from commands.output import date, iso, one_line, print_json, print_table, tell
from commands.session import Session, pass_session
from core.decision.entry_report import as_csv, as_json, version_json
from core.decision.record import Entry, Kind, Phase
from core.decision.standing import Reign
from core.errors import UsageError
from core.messages import message

if TYPE_CHECKING:  # `--help` needs nothing of it
    from core.decision.decisions import Decisions

IN_A_TABLE = 50  # entries that a table shows where no limit is given
PAGE = 500
REASON_WIDTH = 60


@click.command()
@click.argument("model", required=False)
@click.option("--at", type=MomentType(), help="Which version was in Production then; 2026-03-03T12:00Z.")
@click.option("--actor", metavar="NAME", help="Entries of one person.")
@click.option(
    "--kind",
    "kinds",
    type=click.Choice([kind.value for kind in Kind]),
    multiple=True,
    help="Repeat it for several.",
)
@click.option("--since", type=MomentType(), help="Entries from then on.")
@click.option("--until", type=MomentType(), help="Entries before then; a day is included.")
@click.option(
    "--limit",
    type=click.IntRange(1),
    help=f"The newest so many; default: {IN_A_TABLE} in a table, else all.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json", "csv"]),
    default="table",
    show_default=True,
    help="A table to read, which leaves out intents that have ended; JSON or CSV of every entry.",
)
@pass_session
def history(
    session: Session,
    *,
    model: str | None,
    at: Moment | None,
    actor: str | None,
    kinds: tuple[Kind, ...],
    since: Moment | None,
    until: Moment | None,
    limit: int | None,
    form: str,
) -> None:
    """What the ledger holds, of all models or of MODEL, newest first; times are UTC."""
    decisions = session.services.decisions
    if at is not None:
        if actor or kinds or since or until or limit or form == "csv":
            raise UsageError(
                message("--at asks for one moment, so it goes with --format table or json alone."),
                message("Leave out the other options."),
            )
        _print_production(decisions, model, at.time, form)
        return
    filters = {
        "model": model,
        "actor": actor,
        "kinds": tuple(Kind(kind) for kind in kinds) or None,
        "since": since.time if since else None,
        "until": until.day_end if until else None,
    }
    entries = _newest(decisions, filters)
    if form == "table":
        _print_entries(list(islice(_ended(entries), limit or IN_A_TABLE)), model)
    elif form == "json":
        print_json({"model": model, "entries": [as_json(entry) for entry in islice(entries, limit)]})
    else:
        text = as_csv(islice(entries, limit))
        sys.stdout.buffer.write(text.encode("utf-8", "replace"))  # as it is: CSV has line ends of its own


def _newest(decisions: "Decisions", filters: Mapping[str, Any]) -> Iterator[Entry]:
    """Entries, newest first, a page at a time."""
    before = None
    while True:
        page = decisions.history(**filters, before_seq=before, limit=PAGE)
        yield from page
        if len(page) < PAGE:
            return
        before = page[-1].seq


def _ended(entries: Iterator[Entry]) -> Iterator[Entry]:
    """Without the intents whose outcome is there."""
    ended: set[str] = set()
    for entry in entries:
        if entry.record.phase is not Phase.INTENT:
            ended.add(entry.record.operation)
        elif entry.record.operation in ended:
            continue
        yield entry


def _print_entries(entries: list[Entry], model: str | None) -> None:
    if not entries:
        tell(
            "The ledger has no such entry." if model is None else f"The ledger has no such entry of {model}."
        )
        return
    print_table(
        ["entry", "time (UTC)", *([] if model else ["model"]), "kind", "phase", "version", "by", "reason"],
        [
            [
                str(entry.seq),
                date(entry.at),
                *([] if model else [entry.record.model]),
                entry.record.kind.value,
                entry.record.phase.value,
                change(entry.record),
                entry.record.actor.name,
                _short(entry.record.reason),
            ]
            for entry in entries
        ],
        right=["entry"],
    )


def _print_production(decisions: "Decisions", model: str | None, at: datetime, form: str) -> None:
    """Which version was in Production; of each model that the ledger knows where none is named."""
    if at > datetime.now(UTC):
        raise UsageError(
            message("{time} has not come yet.", time=at.isoformat(timespec="minutes")),
            message("Name a time in the past."),
        )
    models = (model,) if model is not None else decisions.recorded_models()
    found = [(name, _known_from(decisions, name), decisions.production_at(name, at)) for name in models]
    if form == "json":
        print_json({"at": iso(at), "models": [_reign_json(*answer) for answer in found]})
        return
    for answer in found:
        click.echo(one_line(_sentence(*answer, at)))
    if not found:
        tell("The ledger has no entry.")


def _known_from(decisions: "Decisions", model: str) -> datetime | None:
    """When the ledger's knowledge of a model's Production begins."""
    return next((reign.since for reign in decisions.reigns(model)), None)


def _sentence(model: str, first: datetime | None, reign: Reign | None, at: datetime) -> str:
    if reign is None:
        if first is None:
            return f"{model}: the ledger knows nothing of its Production."
        if at < first:
            return f"{model}: unknown; the ledger knows its Production from {date(first)} UTC on."
        return f"{model}: nothing was in Production at {date(at)} UTC."
    until = f" to {date(reign.until)} UTC" if reign.until else " on"
    why = f": {_short(reign.reason)}" if reign.reason else ""
    return (
        f"{model}: version {reign.version.number} was in Production at {date(at)} UTC, from "
        f"{date(reign.since)} UTC{until}, by {reign.by} ({reign.kind.value}, entry {reign.seq}){why}"
    )


def _reign_json(model: str, first: datetime | None, reign: Reign | None) -> dict[str, object]:
    """`known_from`: before that, or where it is null, no Production does not say that there was none."""
    known: dict[str, object] = {"model": model, "known_from": iso(first), "production": None}
    return (
        known
        if reign is None
        else known
        | {
            "production": version_json(reign.version),
            "since": iso(reign.since),
            "until": iso(reign.until),
            "by": reign.by,
            "kind": reign.kind.value,
            "reason": reign.reason,
            "seq": reign.seq,
        }
    )


def _short(text: str) -> str:
    line = one_line(" ".join(text.split()))
    return line if len(line) <= REASON_WIDTH else f"{line[: REASON_WIDTH - 1]}…"
