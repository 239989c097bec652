"""Buttons that choose what the forest plot shows; assets/verdicts.js acts on them."""

from typing import Any

from dash import html

from dashboard.figures.whiskers import Scale
from dashboard.messages import _


def scale_switch() -> Any:
    """One button for each scale; the difference is what opens."""
    words = {
        Scale.ABSOLUTE: _("absolute"),
        Scale.DIFFERENCE: _("difference"),
        Scale.PERCENT: _("% of the baseline"),
    }
    return html.Span(
        [
            html.Button(
                words[scale],
                type="button",
                className="quiet scale",
                **{"data-scale": scale.value, "aria-pressed": str(scale is Scale.DIFFERENCE).lower()},
            )
            for scale in Scale
        ],
        className="scales",
        role="group",
        **{"aria-label": _("What the picture shows")},
    )
