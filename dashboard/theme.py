"""Palette, figure template, and how numbers and times are written.

The same tokens stand in assets/app.css as custom properties; a test keeps the two equal.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from types import MappingProxyType
from typing import Final

import plotly.graph_objects as go
from babel.dates import format_datetime
from babel.numbers import format_decimal, format_percent
from babel.units import format_unit

from dashboard.messages import _, reader

FONT: Final = 'system-ui, "Hiragino Sans", "Noto Sans JP", "Noto Sans CJK JP", "Yu Gothic UI", sans-serif'
MINUS: Final = "\N{MINUS SIGN}"
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


@cache
def template(scheme: Scheme) -> go.layout.Template:
    """The one template of every figure, under 1.5 kB; plotly's default adds 6.4 kB to each."""
    palette = PALETTES[scheme]
    axis = {
        "gridcolor": palette.line,
        "linecolor": palette.line,
        "zerolinecolor": palette.line,
        "tickcolor": palette.line,
        "ticks": "",
        "automargin": True,
        "title": {"standoff": 8, "font": {"size": 12}},
    }
    clear = "rgba(0,0,0,0)"
    return go.layout.Template(
        layout={
            "font": {"family": FONT, "size": 12, "color": palette.muted},
            "paper_bgcolor": clear,
            "plot_bgcolor": clear,
            "colorway": list(palette.versions),
            "margin": {"l": 44, "r": 12, "t": 12, "b": 36},
            "xaxis": axis,
            "yaxis": axis,
            "bargap": 0.3,
            "bargroupgap": 0.02,
            "showlegend": False,
            "dragmode": False,
            "hoverlabel": {
                "bgcolor": palette.card,
                "bordercolor": palette.line,
                "font": {"family": FONT, "size": 12, "color": palette.ink},
                "align": "left",
            },
        }
    )


def integer(value: int) -> str:
    """12,345."""
    return str(format_decimal(value, format="#,##0", locale=reader.get().locale))


def decimal(value: float | None, digits: int = 3) -> str:
    """A metric's value with that many decimals; n/a where it does not exist."""
    if value is None or math.isnan(value):
        return _("n/a")
    if math.isinf(value):
        return "∞" if value > 0 else f"{MINUS}∞"
    text = format_decimal(abs(value), format="#,##0." + "0" * digits, locale=reader.get().locale)
    return f"{MINUS}{text}" if value < 0 and any("1" <= c <= "9" for c in text) else str(text)


def significant(value: float | None) -> str:
    """A number of any size with up to five significant digits, as assets/grid.js writes it in a table."""
    if value is None or not math.isfinite(value):
        return decimal(value)
    size = float(f"{abs(value):.5g}")
    pattern = "0.####E0" if size and not 1e-4 <= size < 1e9 else "#,##0.########"  # noqa: PLR2004 - where zeros crowd
    text = str(format_decimal(size, format=pattern, locale=reader.get().locale))
    return f"{MINUS}{text}" if value < 0 else text


def signed(value: float | None, digits: int = 3) -> str:
    """A difference with its sign, a true minus, and a plain zero where it rounds to none."""
    if value is None or math.isnan(value):
        return _("n/a")
    text = decimal(value, digits)
    return f"+{text}" if value > 0 and any("1" <= c <= "9" for c in text) else text


def percent(share: float, digits: int = 0) -> str:
    """0.384 as 38%."""
    pattern = "#,##0." + "0" * digits + "%" if digits else "#,##0%"
    return str(format_percent(share, format=pattern, locale=reader.get().locale))


def moment(when: datetime | None) -> str:
    """A time in the reader's zone: 12 Nov 2026, 14:05; empty where there is none. `when` is aware."""
    if when is None:
        return ""
    who = reader.get()
    date = "d MMM y, HH:mm" if who.language == "en" else "y/MM/dd HH:mm"
    return str(format_datetime(when, date, tzinfo=who.zone, locale=who.locale))


def duration(seconds: float | None) -> str:
    """Seconds in at most two units: 0.4s, 12s, 3m 5s, 2h 3m; empty where there are none."""
    if seconds is None:
        return ""
    if seconds < 9.95:  # noqa: PLR2004 - from ten seconds on, tenths are noise
        return _unit(round(seconds, 1), "second")
    whole = round(seconds)
    for size, big, small in ((86_400, "day", "hour"), (3_600, "hour", "minute"), (60, "minute", "second")):
        if whole >= size:
            count, rest = divmod(whole, size)
            rest //= {"hour": 3_600, "minute": 60, "second": 1}[small]
            return f"{_unit(count, big)} {_unit(rest, small)}" if rest else _unit(count, big)
    return _unit(whole, "second")


def _unit(value: float, unit: str) -> str:
    who = reader.get()
    if who.language == "en":
        return format_unit(value, f"duration-{unit}", length="narrow", locale=who.locale)  # 3s
    return format_unit(value, f"duration-{unit}", length="short", locale=who.locale)  # 3 秒
