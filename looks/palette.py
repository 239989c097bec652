"""Colours and fonts of both schemes.

The same tokens stand in assets/app.css as custom properties; a test keeps the two equal.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

FONT: Final = 'system-ui, "Hiragino Sans", "Noto Sans JP", "Noto Sans CJK JP", "Yu Gothic UI", sans-serif'
PRODUCTION: Final = "production"  # in place of an index: the version in Production is drawn in ink


class Scheme(StrEnum):
    """Light or dark, as the reader's page is at the moment."""

    LIGHT = "light"
    DARK = "dark"

    @classmethod
    def of(cls, value: object) -> "Scheme":
        """What the browser sent, light where it sent nothing usable."""
        return cls.DARK if value == cls.DARK else cls.LIGHT


@dataclass(frozen=True, slots=True, kw_only=True)
class Palette:
    """The colours of one scheme; text colours reach 4.5:1 on card and paper."""

    paper: str
    card: str
    line: str
    ink: str
    muted: str
    better: str  # blue and orange, never red against green
    worse: str
    versions: tuple[str, ...]  # Okabe-Ito first, further hues for the seventh candidate on


PALETTES: Mapping[Scheme, Palette] = MappingProxyType(
    {
        Scheme.LIGHT: Palette(
            paper="#f7f7f4",
            card="#ffffff",
            line="#e4e3dd",
            ink="#1b1f24",
            muted="#667085",
            better="#0067a3",
            worse="#b34700",
            versions=(
                "#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00",
                "#7B5EA7", "#8C6D31", "#7F7F7F", "#B5BD00",
            ),
        ),
        Scheme.DARK: Palette(
            paper="#121417",
            card="#1a1d21",
            line="#2c3137",
            ink="#e8e8e4",
            muted="#9aa3ad",
            better="#5db4ee",
            worse="#f08a4b",
            versions=(
                "#4AA3DF", "#E69F00", "#2CC295", "#DB93BC", "#8CCDF2", "#F0783A",
                "#A992D0", "#BFA05A", "#A6A6A6", "#CDD44B",
            ),
        ),
    }
)  # fmt: skip


def version_color(index: int | str, scheme: Scheme) -> str:
    """The hue of the candidate at a position (from 0; after the tenth they repeat), or of PRODUCTION."""
    palette = PALETTES[scheme]
    if index == PRODUCTION:
        return palette.ink
    return palette.versions[int(index) % len(palette.versions)]


def version_width(index: int | str) -> float:
    """Line width in pixels: Production is the thick one."""
    return 2.6 if index == PRODUCTION else 1.6
