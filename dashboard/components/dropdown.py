"""The one place where a dropdown is made: its own words in the reader's language."""

from collections.abc import Sequence
from typing import Any

from dash import dcc, html

from dashboard.messages import _


def dropdown(id: object, label: str, options: Sequence[Any] = (), **props: Any) -> Any:  # noqa: A002 - Dash's word
    """A `dcc.Dropdown` under a visible label, which also names the group for screen readers.

    Without a value and words of its own it shows the label: an empty button has no name.
    """
    box = dcc.Dropdown(id=id, options=list(options), labels=words(), **{"placeholder": label, **props})
    named = {"aria-label": label}
    return html.Div([html.Span(label, className="label"), box], className="field", role="group", **named)


def words() -> dict[str, str]:
    """The dropdown's own sentences."""
    return {
        "select_all": _("Select all"),
        "deselect_all": _("Select none"),
        "selected_count": _("{{num_selected}} selected"),
        "search": _("Search"),
        "clear_search": _("Clear the search"),
        "clear_selection": _("Clear the selection"),
        "no_options_found": _("Nothing matches"),
    }
