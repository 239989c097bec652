"""Where the decision memo of what is shown is to be had."""

from typing import Any
from urllib.parse import quote

from dash import html

from dashboard.messages import _


def memo_links(model: str) -> Any:
    """Both forms; assets/memo.js adds the query of the page when one is asked for."""
    path = f"/models/{quote(model, safe='')}/memo"
    return html.Span(
        [
            _("Memo:"),
            " ",
            html.A("HTML", href=f"{path}.html", className="memo-link", **{"aria-label": _("Memo as HTML")}),
            " · ",
            html.A(
                "Markdown", href=f"{path}.md", className="memo-link", **{"aria-label": _("Memo as Markdown")}
            ),
        ],
        className="note memo-links",
    )
