"""The unit square on which curves of rates are drawn, and what every curve on it has."""

from base64 import b64encode
from collections import defaultdict
from collections.abc import Mapping, Sequence
from math import isinf
from typing import Any

import plotly.graph_objects as go

from core.evidence.curves import Polyline
from dashboard.marks import Mark
from dashboard.messages import _
from dashboard.theme import PALETTES, Scheme, template

Marks = Mapping[int, Mark]
Trace = dict[str, Any]
Point = tuple[float | None, float | None]


class Drawing(go.Figure):  # type: ignore[misc]  # plotly has no types
    """A figure that goes to the browser as it is; plotly itself would copy and examine every value first."""

    def to_plotly_json(self) -> dict[str, Any]:
        """Traces and layout, arrays of numbers as the bytes that plotly.js reads."""
        return {"data": [_packed(trace) for trace in self._data], "layout": _packed(self._layout)}


def _packed(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _packed(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_packed(inner) for inner in value] if value and isinstance(value[0], dict) else value
    dtype = getattr(value, "dtype", None)
    if dtype is None:
        return value
    if dtype == "float64" and value.ndim == 1:
        return {"dtype": "f8", "bdata": b64encode(value.tobytes()).decode("ascii")}
    return value.tolist()


def drawn_figure(traces: Sequence[Trace], layout: Mapping[str, Any]) -> Drawing:
    """A figure of traces and layout as they are.

    plotly checks every property of every trace, which takes five times as long as all the rest of a
    comparison of ten versions; the tests have it check each kind of figure instead.
    """
    return Drawing(list(traces), layout, _validate=False)


def layout(x_title: str, y_title: str, scheme: Scheme) -> dict[str, Any]:
    """Both axes from 0 to 1, a little air around them for points on the edge."""
    axis = {
        "range": [-0.01, 1.015],
        "dtick": 0.2,
        "tickformat": ".1f",
        "zeroline": False,
        "fixedrange": True,
        "automargin": False,
    }
    return {
        "template": template(scheme),
        "xaxis": {**axis, "title": {"text": x_title}},
        "yaxis": {**axis, "title": {"text": y_title}},
        "hovermode": "closest",
        "margin": {"l": 44, "r": 8, "t": 8, "b": 38},
    }


def reference(x: Sequence[float], y: Sequence[float], scheme: Scheme) -> Trace:
    """A thin dashed line to read the curves against: chance, the base rate."""
    return {
        "type": "scatter",
        "mode": "lines",
        "x": list(x),
        "y": list(y),
        "line": {"color": PALETTES[scheme].muted, "width": 1, "dash": "dot"},
        "hoverinfo": "skip",
    }


def overlaid(
    lines: Sequence[tuple[int, Polyline]], marks: Marks, scheme: Scheme, *, hover: str
) -> Sequence[Trace]:
    """Each version's curve, then where they begin; `hover` tells of x and y in plotly's template words."""
    curves = [curve(number, line, marks[number], scheme, hover=hover) for number, line in lines]
    return [*curves, _starts(lines, hover=hover)]


def curve(number: int, line: Polyline, mark: Mark, scheme: Scheme, *, hover: str) -> Trace:
    """One version's curve; `hover` is a line of a plotly template below version and threshold."""
    threshold = "" if line.thresholds is None else f" · {_('threshold')} %{{customdata:.4~f}}"
    return {
        "type": "scatter",
        "mode": "lines",
        "name": f"v{number}",
        "x": line.x,
        "y": line.y,
        "customdata": line.thresholds,
        "line": {
            "color": mark.color(scheme),
            "width": mark.width,
            "dash": mark.dash,
            "shape": "vh" if line.steps else "linear",
        },
        "hovertemplate": f"<b>v{number}</b>{threshold}<br>{hover}<extra></extra>",
    }


def _starts(lines: Sequence[tuple[int, Polyline]], *, hover: str) -> Trace:
    """Unseen marks where nothing is called positive yet: an infinite threshold is no number to read.

    They take the pointer from the curves' own points; curves that begin at the same point share one.
    """
    begun: defaultdict[tuple[float, float], list[str]] = defaultdict(list)
    for number, line in lines:
        if line.thresholds is not None and len(line.thresholds) and isinf(line.thresholds[0]):
            begun[float(line.x[0]), float(line.y[0])].append(f"v{number}")
    return {
        "type": "scatter",
        "mode": "markers",
        "name": "start",
        "x": [x for x, _y in begun],
        "y": [y for _x, y in begun],
        "text": [", ".join(versions) for versions in begun.values()],
        "marker": {"size": 6, "opacity": 0},  # plotly takes a larger one for farther away
        "hovertemplate": f"<b>%{{text}}</b> · {_('threshold above every score')}<br>{hover}<extra></extra>",
    }


def points(xy: Sequence[Point], marks: Sequence[Mark], scheme: Scheme) -> Trace:
    """Operating points at the shared threshold, one trace for all: it is moved without the curves."""
    return {
        "type": "scatter",
        "mode": "markers",
        "name": "threshold",
        "x": [x for x, _y in xy],
        "y": [y for _x, y in xy],
        "marker": {
            "color": [mark.color(scheme) for mark in marks],
            "symbol": [mark.symbol for mark in marks],
            "size": 10,
            "line": {"color": PALETTES[scheme].card, "width": 1.5},
        },
        "hoverinfo": "skip",
        "cliponaxis": False,
    }


def remark(x: float, y: float, text: str) -> dict[str, Any]:
    """A few words that begin at a point, just below it."""
    return {
        "x": x,
        "y": y,
        "text": text,
        "showarrow": False,
        "xanchor": "left",
        "yanchor": "top",
        "font": {"size": 11},
    }
