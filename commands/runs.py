"""`runs`: the runs of the store, filtered and sorted, as a table, JSON or CSV."""

import csv
import io
import math
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import datetime
from difflib import get_close_matches
from itertools import islice
from typing import TYPE_CHECKING

import click
from tqdm import tqdm

from commands.output import date, iso, print_json, print_table, tell
from commands.session import Session, pass_session
from core.catalog.runs.question import Field, FieldFacts, Kind, Order, Question, RunRow, Value
from core.catalog.store import Experiment
from core.errors import NotFound, UsageError
from core.messages import message

if TYPE_CHECKING:  # `--help` needs nothing of it
    from core.catalog.run_index import RunIndex

IN_A_TABLE = 50  # runs that a table shows where no limit is given
AT_ONCE = 1_000
_POLL_SECONDS = 0.1
_WIDTH = 40  # characters of a text in a table
_USUAL = tuple(Field(Kind.ATTRIBUTE, name) for name in ("run_name", "status", "start_time", "duration"))
_NARROW, _WIDE = 4, 50  # metrics, and as many params, where nobody names columns


@click.command()
@click.argument("experiment", required=False)
@click.option("--filter", "filter_text", default="", help="As in MLflow, with OR and parentheses.")
@click.option("--order", multiple=True, metavar="FIELD", help="-metrics.loss: largest first. Repeat it.")
@click.option("--columns", metavar="FIELDS", help="Fields with commas between them; default: the most used.")
@click.option(
    "--limit", type=click.IntRange(1), help=f"The first so many; default: {IN_A_TABLE} in a table, else all."
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json", "csv"]),
    default="table",
    show_default=True,
    help="A table to read, or JSON or CSV for a program.",
)
@pass_session
def runs(
    session: Session,
    *,
    experiment: str | None,
    filter_text: str,
    order: tuple[str, ...],
    columns: str | None,
    limit: int | None,
    form: str,
) -> None:
    """Runs of all experiments, or of EXPERIMENT (name or id), newest first; times are UTC."""
    from core.catalog.runs.completion import unknown_names  # noqa: PLC0415  `--help` needs nothing of it
    from core.catalog.runs.filter import parse  # noqa: PLC0415  as said above

    asked = parse(filter_text)  # a mistake is told before anything is read
    index = session.services.runs
    experiments = _experiments(session.services.store.experiments(), experiment)
    _read(index, list(experiments))
    facts = index.fields(list(experiments))
    for doubt in unknown_names(asked, facts):
        tell(str(doubt))
    question = Question(
        experiments=tuple(experiments),
        filter=filter_text,
        order=tuple(_order(item, facts) for given in order for item in given.split(",")),
    )
    fields = [_field(item, facts) for item in columns.split(",")] if columns else _usual(facts, form)
    if form == "csv":
        _print_csv(index.csv(question, fields), limit)
        return
    rows, total = _rows(index, question, fields, limit or (IN_A_TABLE if form == "table" else None))
    if form == "json":
        found = [_run_json(row, fields, experiments) for row in rows]
        print_json({"total": total, "runs": found})
        return
    _print_table(rows, fields, experiments)
    tell(f"{len(rows):,} of {total:,} runs." if total else "No run matches.")


def _experiments(known: Sequence[Experiment], wanted: str | None) -> dict[str, str]:
    """Names by id, of all experiments or of the one that is wanted."""
    names = {one.id: one.name for one in known}
    if wanted is None:
        return names
    found = [one for one in known if one.name == wanted] or [one for one in known if one.id == wanted]
    if not found:
        near = get_close_matches(wanted, names.values(), n=1) or list(names.values())[:3]
        raise NotFound(
            message("There is no experiment {name}.", name=wanted),
            message("Name one that exists, such as {names}.", names=", ".join(near)),
        )
    return {found[0].id: found[0].name}


def _read(index: "RunIndex", experiments: Sequence[str]) -> None:
    """Wait until the index knows every run as it is now."""
    state = index.open(experiments)
    with tqdm(desc="runs read", unit="", leave=False, disable=None, file=sys.stderr) as bar:
        while (state.is_filling or state.is_refreshing) and state.trouble is None:
            bar.n = state.runs
            bar.refresh()
            time.sleep(_POLL_SECONDS)
            state = index.state(experiments)
    if state.trouble is not None:  # a part of the runs must not be taken for all of them
        raise state.trouble


def _order(item: str, facts: Sequence[FieldFacts]) -> Order:
    return Order(_field(item.strip().removeprefix("-"), facts), descending=item.strip().startswith("-"))


def _field(item: str, facts: Sequence[FieldFacts]) -> Field:
    """The field that somebody named as in a filter; one that no run has is a slip."""
    from core.catalog.runs.filter_words import UnknownKindError, UnknownNameError, named_by  # noqa: PLC0415  as above

    known = {str(one.field): one.field for one in facts}
    try:
        field = named_by(item.strip())
    except (UnknownKindError, UnknownNameError):
        field = Field(Kind.ATTRIBUTE, item.strip())
    if isinstance(field, Field) and str(field) in known:
        return field
    by_name = {one.name: text for text, one in reversed(known.items())}
    same = [text for text, one in known.items() if one.name == field.name]
    near = same or [by_name[name] for name in get_close_matches(field.name, by_name, n=1)]
    raise UsageError(
        message("No run here has {name}.", name=item.strip()),
        message("Do you mean {name}?", name=near[0])
        if near
        else message("A field is metrics.NAME, params.NAME, tags.NAME, or an attribute such as start_time."),
    )


def _usual(facts: Sequence[FieldFacts], form: str) -> list[Field]:
    """Attributes, and the metrics and params that most runs have; a table leaves out what is constant."""
    fields = list(_USUAL)
    for kind in (Kind.METRIC, Kind.PARAM):
        of_kind = [
            one for one in facts if one.field.kind is kind and not (form == "table" and one.is_constant)
        ]
        fields += [one.field for one in of_kind[: _NARROW if form == "table" else _WIDE]]
    return fields


def _rows(
    index: "RunIndex", question: Question, fields: Sequence[Field], limit: int | None
) -> tuple[list[RunRow], int]:
    found: list[RunRow] = []
    while True:
        end = len(found) + AT_ONCE if limit is None else min(limit, len(found) + AT_ONCE)
        page = index.rows(question, fields, start=len(found), end=end)
        found.extend(page.rows)
        if not page.rows or len(found) in (limit, page.total):
            return found, page.total


def _print_table(rows: Sequence[RunRow], fields: Sequence[Field], experiments: dict[str, str]) -> None:
    if not rows:
        return
    several = len(experiments) > 1
    names = [field.name if field.kind is Kind.ATTRIBUTE else str(field) for field in fields]
    cells = [
        [
            row.id,
            *([experiments.get(row.experiment, row.experiment)] if several else []),
            *(_cell(value) for value in row.values),
        ]
        for row in rows
    ]
    right = [name for name, field in zip(names, fields, strict=True) if _is_number(field)]
    print_table(["run", *(["experiment"] if several else []), *names], cells, right=right)


def _is_number(field: Field) -> bool:
    return field.kind is Kind.METRIC or field.name == "duration"


def _cell(value: Value) -> str:
    if isinstance(value, datetime):
        return date(value)
    if isinstance(value, float):
        return f"{value:.6g}"
    return f"{value[: _WIDTH - 1]}…" if value and len(value) > _WIDTH else value or ""


def _run_json(row: RunRow, fields: Sequence[Field], experiments: dict[str, str]) -> dict[str, object]:
    values = {str(field): _json(value) for field, value in zip(fields, row.values, strict=True)}
    return {
        "run_id": row.id,
        "name": row.name,
        "experiment": experiments.get(row.experiment, row.experiment),
        "status": row.status,
        "parent": row.parent or None,
        "values": values,
    }


def _json(value: Value) -> object:
    """JSON knows neither NaN nor infinities: they are text, as JavaScript writes them."""
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else f"{'-' * (value < 0)}Infinity"
    return value


def _print_csv(pieces: Iterator[str], limit: int | None) -> None:
    """As it is: CSV has line ends of its own."""
    if limit is not None:
        lines = (line for piece in pieces for line in io.StringIO(piece, newline=""))
        text = io.StringIO(newline="")
        csv.writer(text, lineterminator="\r\n").writerows(islice(csv.reader(lines), limit + 1))
        pieces = iter([text.getvalue()])
    for piece in pieces:
        sys.stdout.buffer.write(piece.encode("utf-8", "replace"))
