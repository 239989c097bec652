"""`register`: a run's model becomes a version of a registered model."""

from collections.abc import Sequence
from uuid import uuid4

import click

from commands.output import format_option, one_line, print_json, tell
from commands.session import Session, pass_session
from core.catalog.store import LoggedModel
from core.decision.access import local_actor
from core.decision.registering import Request
from core.errors import NotFound, UsageError
from core.messages import Message, message
from core.quoting import listed, quoted


@click.command()
@click.argument("run")
@click.argument("name")
@click.option("--model", help="Where the run logged several: name, path, m-… or address of one.")
@click.option("--description", default="", help="Of the version.")
@click.option(
    "--key",
    metavar="TEXT",
    help="Asked again with the same key, the answer is the first one's; no second version is made.",
)
@format_option
@pass_session
def register(
    session: Session, *, run: str, name: str, model: str | None, description: str, key: str | None, form: str
) -> int:
    """Register the model of RUN (its id) as a version of the registered model NAME, new or existing.

    Exit status 1 where it is a version of NAME already or other rules say no, 3 where something is broken.
    """
    services = session.services
    chosen = _chosen(services.store.run_models(run), model)
    request = Request(name=name, run_id=run, uri=chosen.uri, description=description, key=key or str(uuid4()))
    done = services.registering.register(local_actor(), request)
    if form == "json":
        print_json({"model": done.name, "version": done.number, "run_id": run, "source": chosen.uri})
    else:
        click.echo(one_line(f"{chosen.uri} is version {done.number} of {done.name}."))
    if done.repeated:
        tell("It was made by the first request with this key.")
    return 0


def _chosen(models: Sequence[LoggedModel], wanted: str | None) -> LoggedModel:
    """The one model that was named, or the only one.

    Raises:
        NotFound: the run logged no such model.
        UsageError: there are several.
    """
    found = [one for one in models if wanted is None or wanted in {one.uri, one.id, one.path, one.name}]
    if not found:
        told = message("The run logged no model.") if not models else _unknown(wanted or "", models)
        raise NotFound(told, message("Log one where you train, with mlflow.<flavor>.log_model."))
    if len(found) > 1:
        raise UsageError(
            message("The run logged several models: {models}.", models=listed(one.uri for one in found)),
            message("Name one with --model."),
        )
    return found[0]


def _unknown(wanted: str, models: Sequence[LoggedModel]) -> Message:
    known = listed(one.id or one.path for one in models)
    return message("The run logged no model {model}; it logged {models}.", model=quoted(wanted), models=known)
