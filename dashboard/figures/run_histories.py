"""Metric histories of runs as curves: smoothed in front, what was logged faint behind."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any, Final

from core.evidence.run_curves import Axis, Curve, Drawing, Line
from dashboard.figures.plane import Drawing as Picture
from dashboard.figures.plane import drawn_figure
from dashboard.marks import Mark
from dashboard.messages import _
from dashboard.run_axes import short
from dashboard.theme import Scheme, template

_HUES: Final = 10


def mark(place: int) -> Mark:
    """How the run at a place of the comparison looks, here and in every other panel."""
    return Mark(place % _HUES, place // _HUES)


def histories(
    curves: Mapping[str, Curve], names: Mapping[str, str], drawing: Drawing, scheme: Scheme, *, metric: str
) -> Picture:
    """A curve for each run that has one, in the order of `names`."""
    traces: list[dict[str, Any]] = []
    drawn = [(place, run) for place, run in enumerate(names) if run in curves and len(curves[run].line.x)]
    for place, run in drawn:
        raw = curves[run].raw
        if raw is not None:
            traces.append({**_line(raw, mark(place), scheme), "opacity": 0.22, "hoverinfo": "skip"})
    traces += [_named(curves[run].line, names[run], mark(place), scheme) for place, run in drawn]
    return drawn_figure(traces, _layout(drawing, scheme, metric=metric))


def _line(line: Line, look: Mark, scheme: Scheme) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines" if len(line.x) > 1 else "markers",
        "x": line.x,
        "y": line.y,
        "line": {"color": look.color(scheme), "width": 1.4, "dash": look.dash},
        "marker": {"color": look.color(scheme), "symbol": look.symbol},
    }


def _named(line: Line, name: str, look: Mark, scheme: Scheme) -> dict[str, Any]:
    said = escape(short(name, 60)).replace("%", "&#37;")
    return {
        **_line(line, look, scheme),
        "name": said,
        "hovertemplate": f"<b>{said}</b><br>%{{x}} · %{{y:.5~g}}<extra></extra>",
    }


def _layout(drawing: Drawing, scheme: Scheme, *, metric: str) -> dict[str, Any]:
    titles = {Axis.STEP: _("step"), Axis.TIME: _("time"), Axis.RELATIVE: _("seconds since the first value")}
    return {
        "template": template(scheme),
        "xaxis": {
            "type": "date" if drawing.axis is Axis.TIME else "linear",
            "title": {"text": titles[drawing.axis]},
            "zeroline": False,
        },
        "yaxis": {
            "type": "log" if drawing.is_log else "linear",
            "title": {"text": escape(short(metric, 60))},
            "zeroline": False,
        },
        "hovermode": "closest",
        "margin": {"l": 56, "r": 12, "t": 10, "b": 40},
    }


def legend(names: Sequence[str], scheme: Scheme) -> Sequence[tuple[str, str]]:
    """Name and colour of each run, for what stands beside the picture."""
    return [(name, mark(place).color(scheme)) for place, name in enumerate(names)]
