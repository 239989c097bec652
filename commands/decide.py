"""`promote`, `rollback`, `stage`, `adopt`, `restore`: whatever moves Production or a stage, and says why."""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Literal
from uuid import uuid4

import click

from commands.outcome import present, print_outcome
from commands.output import format_option, tell
from commands.session import Session, pass_session
from core.decision.access import local_actor
from core.decision.holding import in_production
from core.decision.record import Kind
from core.decision.standing import Expected, Outcome, Standing
from core.errors import DecisionError

if TYPE_CHECKING:  # `--help` needs nothing of it
    from core.decision.decisions import Decisions

STAGES = ("Staging", "Archived", "None")
Nobody = Literal["none"]


class VersionNumber(click.ParamType[int]):
    """The number of a version."""

    name = "number"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """The number."""
        if not re.fullmatch(r"[0-9]{1,9}", str(value).strip(), re.ASCII):
            self.fail(f"{str(value)!r} is no version number", param, ctx)
        return int(str(value))


class NumberOrNone(click.ParamType[int | Nobody]):
    """What is expected in Production: the number of a version, or the word none."""

    name = "N|none"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> int | Nobody:
        """The number, or the word."""
        text = str(value).strip()
        if text == "none":
            return "none"
        if not re.fullmatch(r"[0-9]{1,9}", text, re.ASCII):
            self.fail(f"{text!r} is neither a version number nor 'none'", param, ctx)
        return int(text)


class Reason(click.ParamType[str]):
    """Why; Decisions say how long it may be."""

    name = "text"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Text that can be written down: a terminal may send bytes that are no text."""
        text = str(value)
        try:
            text.encode()
        except UnicodeEncodeError:
            self.fail("this is no text in the terminal's encoding", param, ctx)
        return text


reason_option = click.option("--reason", type=Reason(), required=True, help="Why; goes on record.")
expect_option = click.option(
    "--expect",
    type=NumberOrNone(),
    metavar="N|none",
    help="What must be in Production still, or nothing moves; default: what is there now.",
)
threshold_option = click.option(
    "--threshold",
    type=click.FloatRange(0, 1),
    default=0.5,
    show_default=True,
    help="Of the numbers that go on record.",
)
key_option = click.option(
    "--key",
    metavar="TEXT",
    help="Asked again with the same key, the answer is the first one's; nothing moves twice.",
)


@click.command()
@click.argument("model")
@click.argument("version", type=VersionNumber())
@reason_option
@expect_option
@threshold_option
@click.option("--override", is_flag=True, help="Go against the gate; asks for the right of an administrator.")
@key_option
@format_option
@pass_session
def promote(
    session: Session,
    *,
    model: str,
    version: int,
    reason: str,
    expect: int | Nobody | None,
    threshold: float,
    override: bool,
    key: str | None,
    form: str,
) -> int:
    """Put VERSION of a registered MODEL into Production; what is there now becomes Archived.

    Exit status 1 where Production is not what is expected, the gate is not passed or other rules say no, 3
    where something is broken.
    """
    expected = _expected(session, model, version, Kind.PROMOTE, expect=expect, threshold=threshold)
    return _carry_out(
        session,
        model,
        form,
        lambda decisions: decisions.promote(
            local_actor(),
            model,
            version,
            expected=expected,
            reason=reason,
            key=_key(key),
            threshold=threshold,
            override=override,
        ),
    )


@click.command()
@click.argument("model")
@click.option("--to", type=VersionNumber(), help="Default: the version that was in Production before.")
@reason_option
@expect_option
@threshold_option
@key_option
@format_option
@pass_session
def rollback(
    session: Session,
    *,
    model: str,
    to: int | None,
    reason: str,
    expect: int | Nobody | None,
    threshold: float,
    key: str | None,
    form: str,
) -> int:
    """Put back a version of a registered MODEL that was in Production before.

    Exit status as of promote.
    """
    expected = _expected(session, model, to, Kind.ROLLBACK, expect=expect, threshold=threshold)
    return _carry_out(
        session,
        model,
        form,
        lambda decisions: decisions.rollback(
            local_actor(), model, to=to, expected=expected, reason=reason, key=_key(key), threshold=threshold
        ),
    )


@click.command()
@click.argument("model")
@click.argument("version", type=VersionNumber())
@click.argument("stage", type=click.Choice(STAGES), metavar="STAGE")
@reason_option
@click.option(
    "--expect", metavar="STAGE", help="The stage it must be in still; default: the one it is in now."
)
@key_option
@format_option
@pass_session
def stage(
    session: Session,
    *,
    model: str,
    version: int,
    stage: str,
    reason: str,
    expect: str | None,
    key: str | None,
    form: str,
) -> int:
    """Put VERSION of a registered MODEL into a stage other than Production."""
    listed = {one.number: one for one in session.services.comparisons.versions(model)}
    now = listed[version].stage if version in listed else "None"
    return _carry_out(
        session,
        model,
        form,
        lambda decisions: decisions.set_stage(
            local_actor(), model, version, stage, expected_stage=expect or now, reason=reason, key=_key(key)
        ),
    )


@click.command()
@click.argument("model")
@click.argument("version", type=VersionNumber(), required=False)
@reason_option
@expect_option
@key_option
@format_option
@pass_session
def adopt(
    session: Session,
    *,
    model: str,
    version: int | None,
    reason: str,
    expect: int | Nobody | None,
    key: str | None,
    form: str,
) -> int:
    """Take over what somebody else put into Production of MODEL; VERSION where there are several."""
    held = in_production(_look(session, model).holders)
    expected = Expected(version=held if expect is None else _number(expect))
    return _carry_out(
        session,
        model,
        form,
        lambda decisions: decisions.adopt(
            local_actor(), model, version, expected=expected, reason=reason, key=_key(key)
        ),
    )


@click.command()
@click.argument("model")
@reason_option
@key_option
@format_option
@pass_session
def restore(session: Session, *, model: str, reason: str, key: str | None, form: str) -> int:
    """Undo what somebody else did to Production of MODEL: back to what the ledger says."""
    _look(session, model)
    return _carry_out(
        session,
        model,
        form,
        lambda decisions: decisions.restore(local_actor(), model, reason=reason, key=_key(key)),
    )


def _expected(
    session: Session,
    model: str,
    version: int | None,
    kind: Kind,
    *,
    expect: int | Nobody | None,
    threshold: float,
) -> Expected:
    """Say what is in Production; what must be there still when it moves."""
    standing = _look(session, model)
    try:
        seen = session.services.decisions.preview(model, version, kind, threshold=threshold).expected
    except DecisionError:  # the move itself refuses with it, or is one that was made before with this key
        seen = Expected(version=in_production(standing.holders))
    if expect is None:
        return seen
    number = _number(expect)
    return Expected(version=number, digest=seen.digest if seen.version == number else None)


def _number(expect: int | Nobody) -> int | None:
    return None if expect == "none" else expect


def _look(session: Session, model: str) -> Standing:
    """Say what is in Production now; what was changed outside of Runoff goes on record by that."""
    listed = session.services.comparisons.versions(model)
    standing = session.services.decisions.standing(model, listed)
    tell(present(standing))
    return standing


def _carry_out(session: Session, model: str, form: str, move: Callable[["Decisions"], Outcome]) -> int:
    try:
        outcome = move(session.services.decisions)
    except KeyboardInterrupt:
        tell(f"\nStopped: the move may have been made or not. history {model} tells once it is settled.")
        raise
    return print_outcome(outcome, session.services.settings.alias, form)


def _key(given: str | None) -> str:
    return given or str(uuid4())
