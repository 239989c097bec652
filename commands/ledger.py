"""`ledger verify`: whether the ledger still is what was written."""

import click

from commands.output import format_option, one_line, print_json, tell
from commands.session import Session, pass_session

TAMPERED = 1  # exit status


@click.group()
def ledger() -> None:
    """The record of what was decided."""


@ledger.command()
@click.option(
    "--head",
    metavar="SEQ:HASH",
    help="A head that was printed before: the ledger must still reach to it. Only this finds a cut end.",
)
@format_option
@pass_session
def verify(session: Session, *, head: str | None, form: str) -> int:
    """Check every entry: its signature, its place, and that database and JSON lines say the same.

    Note the head that it prints, away from this machine. Exit status 1 where something was changed,
    removed, inserted or swapped, 3 where the ledger cannot be read.
    """
    found = session.services.decisions.verify(head)
    if form == "json":
        problems = [{"seq": problem.seq, "problem": str(problem.what)} for problem in found.problems]
        print_json({"entries": found.entries, "head": found.head, "sound": found.sound, "problems": problems})
    else:
        for problem in found.problems:
            click.echo(one_line(str(problem.what)))
        count = "1 entry" if found.entries == 1 else f"{found.entries} entries"
        click.echo(f"{count}, {'all sound' if found.sound else 'not sound'}. Head: {found.head}")
    if found.sound:
        if head is None:
            tell("Note the head: ledger verify --head SEQ:HASH finds it if entries are cut off the end.")
        return 0
    tell("Error: The ledger is not sound. Keep it as it is, and compare it with a backup.")
    return TAMPERED
