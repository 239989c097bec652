"""A figure in its card: heading, quiet note, and its data one click away."""

from typing import Any

from dash import html

from dashboard.components.cards import card
from dashboard.components.graph import graph
from dashboard.messages import _


def chart(
    id: str,  # noqa: A002 - Dash's word
    title: str,
    *,
    label: str,
    data: object,
    note: Any = None,
    below: Any = None,
    height: int = 260,
) -> Any:
    """A card with a graph; a button of the id `data` downloads the drawn numbers."""
    said = _("Download the numbers of “{title}” as CSV", title=title)
    button = html.Button(
        _("data"), id=data, type="button", className="quiet", title=said, **{"aria-label": said}
    )
    return card(
        title, graph(id, label=label, height=height), below, note=note, aside=button, class_name="chart"
    )
