"""Values from files as they stand inside sentences for people: on one line, in quotes, never endless."""

import json
from collections.abc import Iterable
from difflib import get_close_matches
from itertools import islice

_LONGEST = 60
_MOST = 8
_FORMULA_STARTS = (
    "=",
    "+",
    "-",
    "@",
    "\t",
    "\r",
    "\n",
    "\uff1d",
    "\uff0b",
    "\uff0d",
    "\uff20",
)  # full-width ones too


def quoted(value: object) -> str:
    """Text in double quotes with control characters escaped, a number bare; cut where it is long."""
    if isinstance(value, str):
        text = value if len(value) <= _LONGEST else value[: _LONGEST - 1] + "…"
        return json.dumps(text, ensure_ascii=False)
    if value is None or isinstance(value, bool | int | float):
        return json.dumps(value)
    return quoted(str(value))


def listed(values: Iterable[object]) -> str:
    """The first few values in quotes, separated by commas, with an ellipsis where there are more."""
    rest = iter(values)
    shown = [quoted(value) for value in islice(rest, _MOST)]
    more = next(rest, None) is not None
    return ", ".join([*shown, "…"] if more else shown)


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that somebody who wrote `word` most likely meant, or None."""
    words = list(known)
    folded = {candidate.casefold(): candidate for candidate in words}
    matches = get_close_matches(word.casefold(), folded, n=1, cutoff=0.6)
    return folded[matches[0]] if matches else None


def spreadsheet_safe(text: str) -> str:
    """Text for a cell of CSV: what a spreadsheet would take for a formula begins with an apostrophe."""
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA_STARTS) else text
