"""Options of a version dropdown: only what matches, for a model may have ten thousand versions."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from core.catalog.store import Version
from dashboard.components import version_token
from dashboard.marks import Mark
from dashboard.messages import _
from dashboard.theme import Scheme, integer

LIMIT: Final = 30
PRODUCTION: Final = "production"  # the value of "whatever is in Production"

Option = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """Versions that people may pick.

    `shown` are those that `search` found and those in use, `more` is how many it found besides;
    `words` are a few for each number, where there are any.
    """

    shown: Sequence[Version]
    more: int = 0
    search: str = ""
    words: Mapping[int, str] = field(default_factory=dict)
    production: int | None = None

    def finds(self, version: Version) -> bool:
        """Whether the search is for this version, or for nothing."""
        return _matches(version, self.search.strip().casefold())

    def label(self, version: Version, swatch: Any = None) -> Any:
        """A version as it stands in a dropdown and in a token."""
        words = self.words.get(version.number, "")
        return version_token.label(
            version, words, is_production=version.number == self.production, swatch=swatch
        )


def matching(
    versions: Sequence[Version], search: str, keep: Collection[int | str]
) -> tuple[Sequence[Version], int]:
    """The versions in `keep` and the first that match, and how many more match.

    A number matches where it begins like the search, words where they occur in the description, the
    stage or an alias, whatever their case. The number itself comes first, then numbers that begin like it,
    then words; each newest first, as `versions` come.
    """
    wanted = search.strip().casefold()
    kept = [version for version in versions if version.number in keep]
    found = [version for version in versions if version.number not in keep and _matches(version, wanted)]
    if wanted:
        found.sort(key=lambda version: _distance(version.number, _number(search)))
    return [*kept, *found[:LIMIT]], max(0, len(found) - LIMIT)


def baseline_options(listing: Listing, marks: Mapping[int, Mark], scheme: Scheme) -> list[Option]:
    """Whatever is in Production first, then the versions; with a swatch where they have a mark.

    What was typed puts the version of exactly that number before all others.
    """
    held = next((version for version in listing.shown if version.number == listing.production), None)
    if held is None:
        first: Any = _("Production: no version")
    else:
        first = listing.label(held, _swatch(held, marks, scheme))
    others = [version for version in listing.shown if version is not held]
    production = {"label": first, "value": PRODUCTION, "search": f"production {listing.search}"}
    return exact_first([production, *_options(listing, others, marks, scheme)], listing.search)


def candidate_options(
    listing: Listing, marks: Mapping[int, Mark], scheme: Scheme, *, baseline: int | None
) -> list[Option]:
    """The versions but the baseline."""
    others = [version for version in listing.shown if version.number != baseline]
    return exact_first(_options(listing, others, marks, scheme), listing.search)


def exact_first(options: Sequence[Option], search: str) -> list[Option]:
    """The same options, the version of exactly the number that was typed before the others."""
    return sorted(options, key=lambda option: str(option["value"]) != _number(search))


def _options(
    listing: Listing, versions: Sequence[Version], marks: Mapping[int, Mark], scheme: Scheme
) -> list[Option]:
    # The dropdown filters once more by the text under "search": that of what was found holds the search,
    # that of what is only in use does not, so it stays an option without being shown.
    made: list[Option] = [
        {
            "label": listing.label(version, _swatch(version, marks, scheme)),
            "value": version.number,
            "search": f"v{version.number} {listing.search if listing.finds(version) else ''}".rstrip(),
        }
        for version in versions
    ]
    if listing.more:
        text = _("{count} more: type a number or a word", count=integer(listing.more))
        made.append({"label": text, "value": "more", "search": listing.search or text, "disabled": True})
    return made


def _swatch(version: Version, marks: Mapping[int, Mark], scheme: Scheme) -> Any:
    mark = marks.get(version.number)
    return None if mark is None else version_token.swatch(mark, scheme)


def _number(search: str) -> str:
    """What was typed, without the letter before a version's number."""
    return search.strip().casefold().removeprefix("v")


def _distance(number: int, wanted: str) -> int:
    """How far a number is from the one that was typed."""
    if str(number) == wanted:
        return 0
    return 1 if str(number).startswith(wanted) else 2


def _matches(version: Version, wanted: str) -> bool:
    if not wanted:
        return True
    if str(version.number).startswith(wanted.removeprefix("v")):
        return True
    return any(wanted in text.casefold() for text in (version.description, version.stage, *version.aliases))
