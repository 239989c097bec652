"""Sentences above a page's content that the reader should know and need not act on."""

from collections.abc import Sequence
from typing import Any

from dash import html

from dashboard.components.cards import icon


def notices(sentences: Sequence[str]) -> Any:
    """A quiet list; None where there is nothing to say."""
    if not sentences:
        return None
    return html.Ul(
        [html.Li([icon("info-circle"), html.Span(text)]) for text in sentences], className="notices"
    )
