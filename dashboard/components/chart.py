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
    aside: Any = None,
    height: int = 250,
    is_wide: bool = False,
) -> Any:
    """A card with a graph; a button of the id `data` downloads the drawn numbers, beside it is `aside`.

    One that `is_wide` is not squeezed on a narrow screen but can be moved sideways.
    """
    said = _("Download the numbers of “{title}” as CSV", title=title)
    button = html.Button(
        _("data"), id=data, type="button", className="quiet", title=said, **{"aria-label": said}
    )
    drawing = html.Div(graph(id, label=label, height=height), className="chart-wide" if is_wide else "")
    return card(title, drawing, below, note=note, aside=[aside, button], class_name="chart")
