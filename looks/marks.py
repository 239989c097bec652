"""How a version is told from the others in every panel: hue, dash and marker."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Final

from looks.palette import PALETTES, PRODUCTION, Scheme, version_color, version_width

_FIRST: Final = 6  # Okabe-Ito's; the other hues serve where these are taken
_HUES: Final = len(PALETTES[Scheme.LIGHT].versions)
_DASHES: Final = ("solid", "dash", "dot", "dashdot")
_SYMBOLS: Final = ("circle", "diamond", "square", "triangle-up")


@dataclass(frozen=True, slots=True)
class Mark:
    """What one version looks like. `lap` counts how often its hue was given away before."""

    hue: int | str
    lap: int = 0

    def color(self, scheme: Scheme) -> str:
        """The hue as a colour of the scheme."""
        return version_color(self.hue, scheme)

    @property
    def width(self) -> float:
        """Width of its lines in pixels."""
        return version_width(self.hue)

    @property
    def dash(self) -> str:
        """Its line style in plotly's words."""
        return _DASHES[self.lap % len(_DASHES)]

    @property
    def symbol(self) -> str:
        """Its marker in plotly's words."""
        return _SYMBOLS[self.lap % len(_SYMBOLS)]


def marks(numbers: Iterable[int], production: int | None = None) -> Mapping[int, Mark]:
    """A mark for each version number; ink for the one in Production.

    A version keeps the hue that its number gives it, whatever else is on the page; only where an older
    version of the selection has that hue does it take the next free one. So a newer version never
    changes the look of those already there.
    """
    given: dict[int, Mark] = {}
    taken: set[Mark] = set()
    for number in sorted(set(numbers)):
        mark = Mark(PRODUCTION) if number == production else _free(number, taken)
        given[number] = mark
        taken.add(mark)
    return given


def _free(number: int, taken: set[Mark]) -> Mark:
    """The number's own hue or the nearest after it, the first six before the others, then dashed."""
    own = (number - 1) % _FIRST
    order = [(own + step) % _FIRST for step in range(_FIRST)] + list(range(_FIRST, _HUES))
    return next(mark for lap in count() for hue in order if (mark := Mark(hue, lap)) not in taken)
