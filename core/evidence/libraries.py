"""The libraries that a version was trained with, and those that are here."""

import platform
from collections.abc import Iterable, Iterator
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
