"""A version without scores: why, for how long, and what can be done about it."""

from collections.abc import Callable, Mapping
from typing import Any

from dash import html

from core.evidence.comparison import ScoringState, Status
from dashboard.messages import _
from dashboard.theme import duration

AGAIN = "again"
CANCEL = "cancel"
SCORE = "score"
ACTIONS = (AGAIN, CANCEL, SCORE)


def scoring_state(
    name: str, state: ScoringState, *, color: str, act: Callable[[str], Mapping[str, str]]
) -> Any:
    """A card for a version that is not SCORED; `act` gives the attributes that make a button do an action."""
    return html.Div(
        [html.Div(_told(name, state), className="scoring-text"), _button(name, state.status, act)],
        className=f"box scoring scoring-{state.status}",
        style={"--hue": color},
    )


def _told(name: str, state: ScoringState) -> list[Any]:
    elapsed = html.Span(duration(state.seconds), className="note", **{"aria-hidden": "true"})
    match state.status:
        case Status.SCORING:
            return [html.B(name), html.Span(_("is being scored")), elapsed]
        case Status.WAITING:
            return [html.B(name), html.Span(_("waits for a free place")), elapsed]
        case Status.FAILED if state.error is not None:
            hint = _(state.error.hint) if state.error.hint.template else ""
            return [
                html.B(_("{version} could not be scored", version=name)),
                html.Span(_(state.error.title)),
                html.Span(hint, className="scoring-hint"),
            ]
        case _ if state.cancelled:
            return [html.B(name), html.Span(_("is not scored: somebody cancelled it"))]
        case _:
            return [html.B(name), html.Span(_("is not scored yet"))]


def _button(name: str, status: Status, act: Callable[[str], Mapping[str, str]]) -> Any:
    text, action = {
        Status.SCORING: (_("Cancel"), CANCEL),
        Status.WAITING: (_("Cancel"), CANCEL),
        Status.FAILED: (_("Try again"), AGAIN),
    }.get(status, (_("Score"), SCORE))
    return html.Button(
        text,
        type="button",
        className="action",
        **{"aria-label": f"{text}: {name}", **act(action)},
    )
