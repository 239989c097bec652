"""Text that one press copies; assets/comparison.js does it wherever `data-copy` stands."""

from typing import Any

from dash import html

from dashboard.messages import _


def copy_button(text: str, *, shown: str, label: str, class_name: str = "quiet") -> Any:
    """A button that says `shown`, copies `text` and then says for a moment that it did."""
    return html.Button(
        shown,
        type="button",
        className=class_name,
        title=label,
        **{"aria-label": label, "data-copy": text, "data-copied": _("copied")},
    )
