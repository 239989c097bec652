"""An error in a callback -> an alert on the page."""

import logging
import secrets
from typing import Any

from dash import html, set_props

from core.errors import RunoffError
from dashboard.components.cards import icon
from dashboard.messages import _
from dashboard.shell import Ids

log = logging.getLogger(__name__)


def show(error: Exception) -> None:
    """Dash's `on_error`: put the error into the alert area; the callback's outputs stay as they were."""
    set_props(Ids.ALERTS, {"children": alert(error)})


def alert(error: Exception) -> Any:
    """What is wrong and what to do, in the reader's language, with a button that takes it away."""
    if isinstance(error, RunoffError):
        log.info("shown: %s", error)
        title, hint = _(error.title), _(error.hint) if error.hint.template else ""
    else:
        title, hint = _("Something went wrong inside Runoff."), told(error)
    close = html.Button(
        icon("x-lg"),
        type="button",
        className="alert-close",
        title=_("Dismiss"),
        **{"aria-label": _("Dismiss")},
    )
    text = html.Div([html.Strong(title), html.Span(hint)], className="alert-text")
    return html.Div([icon("exclamation-triangle"), text, close], className="alert-box", role="alert")


def told(error: Exception) -> str:
    """Log an unexpected error with its traceback; the sentence with the reference that finds it there."""
    reference = secrets.token_hex(4)
    log.error("reference %s", reference, exc_info=error)
    return _("The log names the cause under the reference {reference}.", reference=reference)
