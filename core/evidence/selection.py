"""Which versions a comparison shows where nobody chose: Production and the newest candidates."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.catalog.store import PRODUCTION, Version

CANDIDATES = 5  # that a person takes in at once, one hue for each
ARCHIVED = "Archived"


@dataclass(frozen=True, slots=True)
class Selection:
    """A baseline, where there is one, and candidates by ascending number."""

    baseline: int | None
    candidates: tuple[int, ...]


def production_version(versions: Sequence[Version], alias: str) -> int | None:
    """The number of the version in Production; None where there is none.

    By stage as MLflow resolves `models:/name/Production`, the highest number in the stage; where none
    is in the stage, the version that carries the alias (`models:/name@alias`).
    """
    staged = [version.number for version in versions if version.stage == PRODUCTION]
    aliased = [version.number for version in versions if alias in version.aliases]
    return max(staged or aliased, default=None)


def default_versions(versions: Sequence[Version], alias: str, limit: int = CANDIDATES) -> Selection:
    """Production against the newest others; archived ones only where there are too few of the rest."""
    baseline = production_version(versions, alias)
    others = [version for version in versions if version.number != baseline]
    others.sort(key=lambda version: (version.stage == ARCHIVED, -version.number))
    return Selection(baseline, tuple(sorted(version.number for version in others[:limit])))
