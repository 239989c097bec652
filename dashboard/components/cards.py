"""The white boxes that a page consists of."""

from typing import Any

from dash import html


def card(title: str, *body: Any, note: Any = None, aside: Any = None, class_name: str = "") -> Any:
    """A section with a heading, a quiet note beside it, and `aside` at its right end."""
    head = html.Div(
        [
            html.H2(title, className="card-title"),
            html.Span(note, className="card-note") if note is not None else None,
            html.Div(aside, className="card-aside") if aside is not None else None,
        ],
        className="card-head",
    )
    return html.Section([head, *body], className=f"box {class_name}".rstrip())


def chip(*body: Any, title: str = "", class_name: str = "") -> Any:
    """A small fact in a frame: the test split, a badge."""
    return html.Span(list(body), className=f"chip {class_name}".rstrip(), title=title or None)


def icon(name: str) -> Any:
    """A picture of assets/icons that says nothing a screen reader needs."""
    return html.Span(className=f"icon icon-{name}", **{"aria-hidden": "true"})
