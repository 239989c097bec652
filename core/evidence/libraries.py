"""The libraries that a version was trained with, and those that are here."""

import platform
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from importlib import metadata
from importlib.util import find_spec

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from core.catalog.mlmodel import ModelCard
from core.messages import Message, message

# Distributions whose module has another name, as far as models use them.
_MODULES = {
    "scikit-learn": "sklearn",
    "opencv-python": "cv2",
    "pillow": "PIL",
    "pyyaml": "yaml",
    "beautifulsoup4": "bs4",
    "python-dateutil": "dateutil",
}
_SAY_NOTHING = frozenset(
    {"mlflow", "mlflow-skinny", "mlflow-tracing", "cloudpickle"}
)  # they store, they do not predict


class Presence(StrEnum):
    """Whether what a version asks for is installed here."""

    HERE = "here"
    OTHER = "other"  # in a version that was not asked for
    MISSING = "missing"
    UNREADABLE = "unreadable"  # a path, an address, or no requirement at all: nobody can look it up


@dataclass(frozen=True, slots=True)
class Required:
    """A line of requirements.txt, and the version that is installed here, where one is."""

    line: str
    presence: Presence
    here: str | None = None


def differences(card: ModelCard) -> tuple[Message, ...]:
    """Notes where a version is scored with other libraries, or another Python, than it was trained with.

    Only the libraries of its requirements that are pinned with `==` and are here in another version count.
    """
    notes = []
    differing = [(name, pinned, here) for name, pinned, here in _pins(card.requirements) if pinned != here]
    if differing:
        notes.append(
            message(
                "Trained with {trained}; scored with {here}.",
                trained=", ".join(f"{name} {pinned}" for name, pinned, _ in differing),
                here=", ".join(f"{name} {here}" for name, _, here in differing),
            )
        )
    trained = ".".join(card.python_version.split(".")[:2])
    here = ".".join(platform.python_version_tuple()[:2])
    if trained and trained != here:
        notes.append(
            message("Trained on Python {trained}; scored on Python {here}.", trained=trained, here=here)
        )
    return tuple(notes)


def required(lines: Iterable[str]) -> tuple[Required, ...]:
    """What each line of requirements.txt comes to here; lines for other systems are left out."""
    return tuple(one for one in map(_required, lines) if one is not None)


def requirement_of(module: str, requirements: Iterable[str]) -> str | None:
    """The requirement line, without markers, that asks for a module: "xgboost==3.2.0" for "xgboost"."""
    for requirement in _parsed(requirements):
        if _module_of(requirement.name).lower() == module.lower():
            return f"{requirement.name}{requirement.specifier}"
    return None


def installed(module: str) -> bool:
    """Whether a top-level module can be imported here; imports nothing."""
    try:
        return find_spec(module) is not None
    except (ImportError, ValueError):
        return False


def _required(line: str) -> Required | None:
    try:
        asked = Requirement(line)
    except InvalidRequirement:
        return Required(line, Presence.UNREADABLE)
    if asked.marker is not None and not asked.marker.evaluate():
        return None
    if asked.url is not None:
        return Required(line, Presence.UNREADABLE)
    here = _version_here(asked.name)
    if here is None:
        return Required(line, Presence.MISSING)
    is_met = asked.specifier.contains(here, prereleases=True)
    return Required(line, Presence.HERE if is_met else Presence.OTHER, here)


def _pins(requirements: Iterable[str]) -> Iterator[tuple[str, str, str]]:
    """Name, pinned version and version here, where both are known."""
    for requirement in _parsed(requirements):
        pins = [one.version for one in requirement.specifier if one.operator in {"==", "==="}]
        here = _version_here(requirement.name)
        if len(pins) == 1 and here is not None and canonicalize_name(requirement.name) not in _SAY_NOTHING:
            yield requirement.name, _public(pins[0]), _public(here)


def _parsed(lines: Iterable[str]) -> Iterator[Requirement]:
    for line in lines:
        try:
            requirement = Requirement(line)
        except InvalidRequirement:
            continue
        if requirement.marker is None or requirement.marker.evaluate():
            yield requirement


def _version_here(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        pass
    for distribution in _distributions().get(_module_of(name), ()):  # xgboost may be here as xgboost-cpu
        return metadata.version(distribution)
    return None


@lru_cache(maxsize=1)
def _distributions() -> dict[str, list[str]]:
    return dict(metadata.packages_distributions())


def _module_of(name: str) -> str:
    normal = canonicalize_name(name)
    return _MODULES.get(normal, normal.replace("-", "_"))


def _public(version: str) -> str:
    """Without a build's local label: 2.8.0+cpu is 2.8.0."""
    try:
        return Version(version).public
    except InvalidVersion:
        return version
