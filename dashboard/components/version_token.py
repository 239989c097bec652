"""How a version is shown where it is picked: its colour, its number, a few words."""

from typing import Any

from dash import html

from core.catalog.store import PRODUCTION, Version
from dashboard.components.cards import icon
from dashboard.marks import Mark
from dashboard.messages import _
from dashboard.theme import Scheme


def swatch(mark: Mark, scheme: Scheme) -> Any:
    """A small field of the version's colour, striped where an older version has the plain one."""
    name = "swatch swatch-striped" if mark.lap else "swatch"
    return html.Span(className=name, style={"--hue": mark.color(scheme)}, **{"aria-hidden": "true"})


def words(version: Version, run_name: str = "") -> str:
    """The first line of what somebody wrote about the version, else the name of its run."""
    written = version.description.strip() or run_name.strip()
    return written.splitlines()[0] if written else ""


def label(version: Version, words: str, *, is_production: bool, swatch: Any = None) -> Any:
    """A version in a line: swatch, number, stage, aliases, words."""
    stage = PRODUCTION if is_production else version.stage
    names = (stage, *version.aliases)
    badges = [
        name
        for name in dict.fromkeys(names)
        if name not in {"", "None"} and (name == stage or name.casefold() != stage.casefold())
    ]
    return html.Span(
        [
            swatch,
            html.B(f"v{version.number}"),
            *(html.Span(text, className="badge-quiet") for text in badges),
            html.Span(words, className="version-words", title=words) if words else None,
        ],
        className="version-label",
    )


def token(version: Version, shown: Any, *, remove: object) -> Any:
    """A candidate above the page, with a button of the id `remove` that takes it out."""
    text = _("Take v{number} out of the comparison", number=version.number)
    button = html.Button(
        icon("x-lg"), id=remove, type="button", className="token-remove", title=text, **{"aria-label": text}
    )
    return html.Li([shown, button], className="token")
