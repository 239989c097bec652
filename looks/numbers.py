"""How numbers and times are written for the reader."""

import math
from datetime import datetime
from functools import cache
from typing import Final

from babel.dates import format_datetime
from babel.numbers import NumberPattern, format_decimal, format_percent, parse_pattern
from babel.units import format_unit

from looks.language import _, reader

MINUS: Final = "\N{MINUS SIGN}"


@cache
def _pattern(written: str) -> NumberPattern:
    """Read once: a comparison writes hundreds of numbers in a handful of patterns."""
    return parse_pattern(written)


def integer(value: int) -> str:
    """12,345."""
    return str(format_decimal(value, format=_pattern("#,##0"), locale=reader.get().locale))


def decimal(value: float | None, digits: int = 3) -> str:
    """A metric's value with that many decimals; n/a where it does not exist."""
    if value is None or math.isnan(value):
        return _("n/a")
    if math.isinf(value):
        return "∞" if value > 0 else f"{MINUS}∞"
    text = format_decimal(abs(value), format=_pattern("#,##0." + "0" * digits), locale=reader.get().locale)
    return f"{MINUS}{text}" if value < 0 and any("1" <= c <= "9" for c in text) else str(text)


def significant(value: float | None) -> str:
    """A number of any size with up to five significant digits, as assets/grid.js writes it in a table."""
    if value is None or not math.isfinite(value):
        return decimal(value)
    size = float(f"{abs(value):.5g}")
    pattern = "0.####E0" if size and not 1e-4 <= size < 1e9 else "#,##0.########"  # noqa: PLR2004 - where zeros crowd
    text = str(format_decimal(size, format=_pattern(pattern), locale=reader.get().locale))
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
    return str(format_percent(share, format=_pattern(pattern), locale=reader.get().locale))


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
