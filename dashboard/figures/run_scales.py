"""How a value of a run becomes a colour: better is blue and worse is orange, whatever the direction."""

from collections.abc import Sequence
from typing import Any, Final

from dashboard.run_axes import RunAxis
from dashboard.theme import PALETTES, Scheme

Trace = dict[str, Any]
_NEUTRAL: Final = {  # a param has no better end: one hue, from faint to full
    Scheme.LIGHT: ("#c9b8dc", "#8d6bb0", "#3f1f63"),
    Scheme.DARK: ("#5a4a70", "#a992d0", "#efe6fb"),
}
_BETWEEN: Final = {Scheme.LIGHT: "#b9bcc4", Scheme.DARK: "#5c636d"}


def scale(scheme: Scheme, *, higher: bool | None) -> Sequence[tuple[float, str]]:
    """A plotly colour scale; `higher`: whether a higher value is better, None: neither end is."""
    if higher is None:
        faint, middle, full = _NEUTRAL[scheme]
        return (0.0, faint), (0.5, middle), (1.0, full)
    hues = PALETTES[scheme].versions
    ends = (hues[5], _BETWEEN[scheme], hues[0])
    worst, middle, best = ends if higher else ends[::-1]
    return (0.0, worst), (0.5, middle), (1.0, best)


def colored(axis: RunAxis, scheme: Scheme, *, higher: bool | None, title: str) -> Trace:
    """What a line or a marker needs to be coloured by an axis; what has no value is at the low end."""
    low, high = axis.span
    places, texts = axis.ticks()
    return {
        "color": [low if one is None else one for one in axis.positions],
        "colorscale": [list(stop) for stop in scale(scheme, higher=higher)],
        "cmin": low,
        "cmax": high if high > low else low + 1,
        "showscale": True,
        "colorbar": {
            "thickness": 10,
            "outlinewidth": 0,
            "len": 0.9,
            "title": {"text": title, "side": "right", "font": {"size": 11}},
            "tickvals": list(places),
            "ticktext": list(texts),
            "tickfont": {"size": 11},
        },
    }
