"""Data goes to standard output, everything else to standard error."""

import json
from collections.abc import Sequence
from datetime import datetime

import click
from prettytable import PrettyTable, TableStyle

format_option = click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json"]),
    default="table",
    show_default=True,
    help="A table to read, or JSON for a program.",
)


def tell(sentence: str) -> None:
    """Say something to the person at the terminal; on standard error, so that data stay alone."""
    click.echo(sentence, err=True)


def print_json(value: object) -> None:
    """One JSON document; anything that JSON cannot say is a mistake of ours, NaN included."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2, allow_nan=False))


def print_table(header: Sequence[str], rows: Sequence[Sequence[str]], *, right: Sequence[str] = ()) -> None:
    """Aligned columns; the columns named in `right` are numbers. Wide characters count as two."""
    table = PrettyTable(header, align="l")
    table.set_style(TableStyle.PLAIN_COLUMNS)
    table.left_padding_width, table.right_padding_width = 0, 2
    for name in right:
        table.align[name] = "r"
    table.add_rows([[one_line(cell) for cell in row] for row in rows])
    click.echo("\n".join(line.rstrip() for line in table.get_string().splitlines()))


def date(moment: datetime | None) -> str:
    """UTC to the minute, in ISO order; empty where unknown."""
    return f"{moment:%Y-%m-%d %H:%M}" if moment else ""


def iso(moment: datetime | None) -> str | None:
    """UTC for a program."""
    return moment.isoformat() if moment else None


def one_line(cell: str) -> str:
    """Text from a store as one line that cannot steer the terminal."""
    return "".join(character if character.isprintable() else " " for character in cell)
