"""What MLflow holds in Production, as decisions see it."""

from collections.abc import Sequence

from core.catalog.store import PRODUCTION, Holders, Version
from core.decision.record import VersionRef


def holders_of(versions: Sequence[Version], alias: str) -> Holders:
    """Who is in Production among all versions of a model."""
    stage = sorted((version.number for version in versions if version.stage == PRODUCTION), reverse=True)
    aliased = (version.number for version in versions if alias in version.aliases)
    return Holders(stage=tuple(stage), alias=next(aliased, None))


def in_production(holders: Holders) -> int | None:
    """What `models:/name/Production` resolves to; where no version is in the stage, the alias's."""
    return max(holders.stage) if holders.stage else holders.alias


def found(versions: Sequence[Version], number: int | None) -> Version | None:
    """The version of a number."""
    return next((version for version in versions if version.number == number), None)


def reference(version: Version, digest: str | None) -> VersionRef:
    """The version as it goes on record."""
    return VersionRef(number=version.number, digest=digest, created=version.created, source=version.source)
