"""The shared threshold: a slider, a box to type in, and what it means in rows."""

from typing import Any

from dash import dcc, html

from dashboard.messages import _

STEP = 0.001


def threshold_bar(slider: str, box: str, shares: str, *, value: float) -> Any:
    """One row of controls; the arguments but the last are ids. `shares` is filled when versions are there."""
    said = _("Threshold: a row is called positive from this score on")
    return html.Section(
        [
            html.H2(html.Label(_("Threshold"), htmlFor=box), className="card-title"),
            html.Div(
                dcc.Slider(
                    id=slider,
                    min=0,
                    max=1,
                    step=STEP,
                    value=value,
                    marks=None,
                    included=False,
                    updatemode="drag",
                    allow_direct_input=False,
                ),
                className="threshold-slider",
                **{"data-label": said},  # dcc.Slider takes no label; assets/comparison.js puts it there
            ),
            dcc.Input(
                id=box,
                type="number",
                min=0,
                max=1,
                step="any",
                value=value,
                debounce=True,  # until Enter or the end; arrows: assets/comparison.js
                className="form-control threshold-box",
            ),
            html.Div(
                [html.Span(_("called positive")), html.Div(id=shares, className="threshold-each")],
                className="threshold-shares",
            ),
        ],
        className="box threshold",
        **{"aria-label": _("Threshold")},
    )
