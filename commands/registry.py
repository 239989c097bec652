"""`models` and `versions`: what the registry holds."""

import click

from commands.output import date, format_option, iso, print_json, print_table, tell
from commands.session import Session, pass_session
from commands.version_details import COLUMNS, card_cells, card_json, read_cards
from core.catalog.store import RegisteredModel, Version


@click.command()
@format_option
@pass_session
def models(session: Session, form: str) -> None:
    """List the registered models."""
    store = session.services.store
    found = store.models(counted=True)
    if form == "json":
        print_json({"models": [_model_json(model) for model in found]})
        return
    if not found:
        tell(f"{store.address} has no registered model.")
        return
    print_table(
        ["model", "versions", "Production", "updated (UTC)", "description"],
        [
            [
                model.name,
                "" if model.version_count is None else str(model.version_count),
                _production(model, session.services.settings.alias),
                date(model.updated),
                model.description,
            ]
            for model in found
        ],
        right=["versions"],
    )


@click.command()
@click.argument("model")
@click.option("--details", is_flag=True, help="Also flavors, signature and size, off each version's files.")
@format_option
@pass_session
def versions(session: Session, model: str, form: str, *, details: bool) -> None:
    """List the versions of a registered MODEL, newest first."""
    found = session.services.comparisons.versions(model)
    cards = read_cards(session.services.store, found) if details else {}
    if form == "json":
        listed = [
            _version_json(version) | ({"details": card_json(cards[version.number])} if details else {})
            for version in found
        ]
        print_json({"model": model, "versions": listed})
        return
    if not found:
        tell(f"{model} has no version.")
        return
    print_table(
        ["version", "stage", "aliases", "created (UTC)", *(COLUMNS if details else ()), "description"],
        [
            [
                str(version.number),
                "" if version.stage == "None" else version.stage,
                ", ".join(version.aliases),
                date(version.created),
                *(card_cells(cards[version.number]) if details else ()),
                version.description,
            ]
            for version in found
        ],
        right=["version", *(["size"] if details else [])],
    )


def _production(model: RegisteredModel, alias: str) -> str:
    """The version in Production by stage; by alias in brackets where that is another one."""
    by_stage = ", ".join(map(str, model.production_by_stage))
    by_alias = model.aliases.get(alias)
    if by_alias is None or (by_alias,) == model.production_by_stage:
        return by_stage
    return f"{by_stage} ({alias}: {by_alias})".strip()


def _model_json(model: RegisteredModel) -> dict[str, object]:
    return {
        "name": model.name,
        "versions": model.version_count,
        "production": list(model.production_by_stage),
        "aliases": dict(model.aliases),
        "description": model.description,
        "tags": dict(model.tags),
        "created": iso(model.created),
        "updated": iso(model.updated),
    }


def _version_json(version: Version) -> dict[str, object]:
    return {
        "version": version.number,
        "stage": version.stage,
        "aliases": list(version.aliases),
        "status": version.status,
        "run_id": version.run_id,
        "source": version.source,
        "description": version.description,
        "tags": dict(version.tags),
        "user": version.user,
        "created": iso(version.created),
        "updated": iso(version.updated),
    }
