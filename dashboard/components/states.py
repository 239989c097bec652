"""What stands where content is not: loading, empty, failed; and the poll that asks again."""

from typing import Any, Final

from dash import dcc, html

from core.errors import RunoffError
from dashboard.messages import _

AGAIN: Final = 0  # returned to a poll's n_intervals: call me once more


def loading(text: str = "") -> Any:
    """Content is on its way."""
    return html.Div(
        [
            html.Span(className="spinner-border spinner-border-sm", **{"aria-hidden": "true"}),
            text or _("Loading…"),
        ],
        className="state state-loading",
        role="status",
    )


def empty(title: str, *body: Any) -> Any:
    """There is nothing to show, and `body` says what to do about it."""
    return html.Div([html.P(title, className="state-title"), *body], className="state state-empty")


def failed(error: RunoffError, *body: Any, retrying: bool = False) -> Any:
    """An expected failure in the place of the content: what happened and what to do.

    `retrying`: the page asks again by itself (it returned AGAIN to its poll), so it says so.
    """
    hint = _(error.hint) if error.hint.template else ""
    again = html.P(_("This page tries again by itself."), className="state-note") if retrying else None
    return html.Div(
        [html.P(_(error.title), className="state-title"), html.P(hint, className="state-hint"), *body, again],
        className="state state-failed",
        role="alert",
    )


def command(text: str) -> Any:
    """A line to type into a terminal, or lines for a file, exactly as they are."""
    return html.Pre(html.Code(text), className="command", tabIndex=0)


def poll(id: object, *, seconds: float = 4) -> Any:  # noqa: A002 - Dash's word
    """One tick, `seconds` after a callback returned AGAIN to `n_intervals`; silent until then."""
    return dcc.Interval(id=id, interval=int(seconds * 1000), n_intervals=1, max_intervals=1)
