"""Registering a run's model: the names to choose from, and how it ended."""

from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import quote

from dash import dcc, html

from core.decision.registering import Registered
from core.errors import RunoffError
from dashboard.components.cards import icon
from dashboard.messages import _

MOST_NAMES: Final = 50  # that are offered at once


def names(known: Sequence[str], search: str, chosen: str | None) -> list[dict[str, str]]:
    """Existing names that hold what is typed, and what is typed itself as a new one."""
    wanted = search.strip()
    folded = wanted.casefold()
    found = sorted(
        (name for name in known if folded in name.casefold()),
        key=lambda name: (not name.casefold().startswith(folded), name.casefold()),
    )
    offered = list(dict.fromkeys([*([chosen] if chosen else []), *found[:MOST_NAMES]]))
    listed = [
        {"label": name if name in known else _new(name), "value": name, "search": f"{name} {search}"}
        for name in offered
    ]
    if wanted and wanted not in known and wanted not in offered:
        listed.append({"label": _new(wanted), "value": wanted, "search": search})
    return listed


def registered(done: Registered) -> Any:
    """What was made, and the way on."""
    href = f"/models/{quote(done.name, safe='')}?versions={done.number}"
    said = _("It is version {number} of {name} now.", number=done.number, name=done.name)
    return html.Div(
        [html.Strong(said), " ", dcc.Link(_("Compare it with Production"), href=href)],
        className="run-done",
    )


def refused(error: RunoffError) -> Any:
    """Why no version was made, or why that is not known."""
    hint = _(error.hint) if error.hint.template else ""
    return html.Div(
        [icon("exclamation-triangle"), html.Strong(_(error.title)), " ", hint],
        className="field-error",
        role="alert",
    )


def _new(name: str) -> str:
    return _("new model: {name}", name=name)
