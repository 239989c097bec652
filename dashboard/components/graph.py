"""The one place where a graph is made: nothing may leave for another host."""

from typing import Any

import plotly.graph_objects as go
from dash import dcc, html

from dashboard.messages import _, reader

_REMOVED = (
    "zoom2d", "pan2d", "select2d", "lasso2d", "zoomIn2d", "zoomOut2d", "autoScale2d", "resetScale2d",
    "hoverClosestCartesian", "hoverCompareCartesian", "toggleSpikelines",
)  # fmt: skip


def graph(id: object, figure: go.Figure | None = None, *, label: str, height: int = 260) -> Any:  # noqa: A002 - Dash's word
    """A `dcc.Graph` of a fixed height in pixels in a group named `label` for screen readers.

    plotly's upload to a public cloud is off, so is its logo; what stays in the bar is the download of
    the picture. Without a figure it shows an empty plane until its callback answers.
    """
    drawing = dcc.Graph(
        id=id,
        figure=blank() if figure is None else figure,
        config=config(),
        responsive=True,
        style={"height": f"{height}px"},
    )
    return html.Div(drawing, className="graph", role="group", **{"aria-label": label})


def blank() -> go.Figure:
    """No axes, no frame: what a graph shows before it is drawn."""
    nothing = {"visible": False}
    clear = "rgba(0,0,0,0)"
    return go.Figure(
        layout={
            "template": {},
            "xaxis": nothing,
            "yaxis": nothing,
            "paper_bgcolor": clear,
            "plot_bgcolor": clear,
        }
    )


def config() -> dict[str, object]:
    """plotly.js settings, its own words in the reader's language."""
    language = reader.get().language
    words = {
        "Download plot as a PNG": _("Save as picture"),
        "Preparing image - this may take a few seconds": _("Preparing the picture…"),
        "Image download succeeded": _("Saved"),
        "Sorry, there was a problem downloading your image!": _("The picture could not be saved."),
    }
    return {
        "showSendToCloud": False,
        "plotlyServerURL": "",
        "displaylogo": False,
        "displayModeBar": "hover",
        "modeBarButtonsToRemove": list(_REMOVED),
        "toImageButtonOptions": {"scale": 2},
        "scrollZoom": False,
        "locale": language,
        "locales": {language: {"dictionary": words, "format": {}}},
    }
