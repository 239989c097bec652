"""The versions that the controls of the comparison page hold, for the parts that read them on their own."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.catalog.store import Version
from dashboard.callbacks.comparison_reading import ComparisonReader
from dashboard.choice import chosen
from dashboard.marks import Mark, marks


@dataclass(frozen=True, slots=True, kw_only=True)
class Picked:
    """The versions of a choice, the baseline first, how each looks, and all that the model has."""

    versions: tuple[Version, ...]
    baseline: int | None
    look: Mapping[int, Mark]
    listed: tuple[Version, ...]
    production: int | None


def picked(reader: ComparisonReader, sent: Mapping[str, Any]) -> Picked:
    """What `baseline` and `versions` of the model `model` mean; what is not there is left out.

    Raises:
        NotFound, StoreError: the model's versions cannot be read.
    """
    choice = chosen(sent["baseline"], sent["versions"], None)
    asked = [number for number in (choice.baseline, *(choice.versions or ())) if isinstance(number, int)]
    listed, listing = reader.listing(str(sent["model"]), asked)
    baseline = listing.production if isinstance(choice.baseline, str) else choice.baseline
    known = {version.number: version for version in listed}
    wanted = dict.fromkeys((baseline, *(choice.versions or ())))
    numbers = [number for number in wanted if number is not None and number in known]
    given = marks(numbers, listing.production)
    return Picked(
        versions=tuple(known[number] for number in numbers),
        baseline=baseline if baseline in known else None,
        look={number: given[number] for number in numbers},
        listed=tuple(listed),
        production=listing.production,
    )
