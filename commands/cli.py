"""The command line itself: options before the command, and one sentence for everything that goes wrong."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from commands.compare import compare
from commands.decide import adopt, promote, restore, rollback, stage
from commands.gate import gate
from commands.history import history
from commands.ledger import ledger
from commands.output import tell
from commands.register import register
from commands.registry import models, versions
from commands.runs import runs
from commands.serve import serve
from commands.session import Parts, Session
from core.errors import RunoffError

PROGRAM = "python app.py"
BROKEN, INTERRUPTED, NOBODY_READS = 3, 130, 141  # exit status; the last two as shells count signals


@click.group(invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--config",
    type=click.Path(path_type=Path),
    help="Configuration file; default: $RUNOFF_CONFIG, runoff.yaml.",
)
@click.option("--tracking-uri", help="MLflow store; default: $MLFLOW_TRACKING_URI, then the embedded store.")
@click.option("--debug", is_flag=True, help="Show where an unexpected error comes from.")
@click.pass_context
def group(context: click.Context, config: Path | None, tracking_uri: str | None, *, debug: bool) -> None:
    """Is the new model better than the one in Production, how sure are we, and may it go?"""
    del debug  # read by run(), which is there also when the command line cannot be parsed
    parts: Parts = context.obj
    context.obj = session = Session(parts, config, tracking_uri)
    context.call_on_close(session.close)
    if context.invoked_subcommand is None:
        context.invoke(serve)


for command in (
    serve,
    models,
    versions,
    runs,
    register,
    compare,
    gate,
    promote,
    rollback,
    stage,
    adopt,
    restore,
    history,
    ledger,
):
    group.add_command(command)


def run(parts: Parts, arguments: Sequence[str]) -> int:
    """Do what the command line asks; returns the exit status. Nothing is raised, unless with --debug."""
    try:
        with group.make_context(PROGRAM, list(arguments), obj=parts) as context:
            status = group.invoke(context) or 0
        sys.stdout.flush()
    except click.exceptions.Exit as end:  # --help
        status = end.exit_code
    except click.ClickException as error:
        status = _fail(_usage(error), error.exit_code)
    except RunoffError as error:
        status = _fail(str(error), error.exit_status)
    except KeyboardInterrupt:
        tell("")  # after the ^C that the terminal shows
        status = INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # Python flushes once more at its end
        status = NOBODY_READS
    except Exception as error:
        if "--debug" in arguments:
            raise
        text = " ".join(f"{type(error).__name__}: {error}".split())
        status = _fail(f"Unexpected, a mistake of Runoff: {text}. --debug shows where.", BROKEN)
    return int(status)


def _usage(error: click.ClickException) -> str:
    """Click's own words as one sentence, and where to read on."""
    sentence = f"{error.format_message().rstrip('.')}."
    if isinstance(error, click.UsageError) and error.ctx:
        return f"{sentence} Try '{error.ctx.command_path} --help'."
    return sentence


def _fail(sentence: str, status: int) -> int:
    tell(f"Error: {sentence}")
    return status
