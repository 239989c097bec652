"""Differences to the baseline as a forest: a row for each metric, a mark for each candidate.

Every row is turned so that right is better. A whisker that reaches over zero is grey and its mark is open.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

import plotly.graph_objects as go

from core.evidence.comparison import Comparison
from core.evidence.judgement import Judgement
from core.evidence.metrics import METRICS, Metric
from core.evidence.statistics.interval import Interval
from dashboard.figures.plane import Marks, Trace, drawn_figure
from dashboard.figures.scored import scored
from dashboard.figures.whiskers import Scale, Whiskers, absolute, paired, reach_of, unit_of, within
from dashboard.marks import Mark
from dashboard.messages import _
from dashboard.readings import primary_first
from dashboard.theme import PALETTES, Scheme, template

_BAND: Final = 0.72  # share of a row's height over which its marks are spread
_ROW: Final = 26  # pixels of a row with few marks
_APART: Final = 5.5  # pixels between two marks
_SYMBOLS: Final = MappingProxyType({-1: "triangle-left", 1: "triangle-right"})  # of what is beyond the axis
_AIR: Final = 0.03  # share of the axis that is free at both ends
_FRAME: Final = 56  # pixels below the rows, for the axis


def figure(
    comparison: Comparison,
    judgement: Judgement,
    marks: Marks,
    scheme: Scheme,
    *,
    scale: Scale = Scale.DIFFERENCE,
) -> go.Figure:
    """All whiskers over zero as one grey trace, then a trace of marks for each version."""
    metrics = primary_first(METRICS, comparison.primary_metric)
    drawn = {
        one.number: absolute(one, judgement)
        if scale is Scale.ABSOLUTE
        else paired(one, comparison, judgement, scale)
        for one in scored(comparison)
        if scale is Scale.ABSOLUTE or one.number in judgement.verdicts
    }
    places = _places(len(drawn))
    reach = reach_of(list(drawn.values()))
    grey = _grey([within(whiskers, reach) for whiskers in drawn.values()], metrics, places, scheme)
    traces = [
        _marks(number, within(whiskers, reach), metrics, place, mark=marks[number], scheme=scheme)
        for (number, whiskers), place in zip(drawn.items(), places, strict=True)
    ]
    return drawn_figure(
        [grey, *traces], _layout(comparison, judgement, metrics, scheme, scale=scale, reach=reach)
    )


def height(comparison: Comparison) -> int:
    """Pixels that the figure needs: rows grow with the number of versions."""
    return round(len(METRICS) * max(_ROW, _APART * len(scored(comparison)))) + _FRAME


def _places(count: int) -> Sequence[float]:
    """How far each version's mark is from the middle of its row, the first one highest."""
    return [_BAND * ((place + 0.5) / count - 0.5) for place in range(count)]


def _grey(
    drawn: Sequence[Whiskers], metrics: Sequence[Metric], places: Sequence[float], scheme: Scheme
) -> Trace:
    """The whiskers that reach over zero, as one broken line."""
    x: list[float | None] = []
    y: list[float | None] = []
    for whiskers, place in zip(drawn, places, strict=True):
        for row, metric in enumerate(metrics):
            one = whiskers.get(metric.name)
            if one is not None and not one.is_clear:
                x += [one.interval.low, one.interval.high, None]
                y += [row + place, row + place, None]
    return {
        "type": "scatter",
        "mode": "lines",
        "x": x,
        "y": y,
        "line": {"color": PALETTES[scheme].muted, "width": 1.2},
        "opacity": 0.7,
        "hoverinfo": "skip",
    }


def _marks(
    number: int,
    whiskers: Whiskers,
    metrics: Sequence[Metric],
    place: float,
    *,
    mark: Mark,
    scheme: Scheme,
) -> Trace:
    """One version's marks, filled where zero is outside, with the whiskers that are not grey."""
    rows = [
        (row, metric, whiskers[metric.name]) for row, metric in enumerate(metrics) if metric.name in whiskers
    ]
    ends = [
        (one.interval.high - one.value, one.value - one.interval.low) if one.is_clear else (0.0, 0.0)
        for _row, _metric, one in rows
    ]
    color, card = mark.color(scheme), PALETTES[scheme].card
    return {
        "type": "scatter",
        "mode": "markers",
        "name": f"v{number}",
        "x": [one.value for _row, _metric, one in rows],
        "y": [row + place for row, _metric, _one in rows],
        "hovertext": [f"<b>v{number}</b> · {_(metric.title)}<br>{one.text}" for _row, metric, one in rows],
        "hoverinfo": "text",
        "line": {"color": color},
        "marker": {
            "symbol": [_SYMBOLS.get(one.beyond, mark.symbol) for _row, _metric, one in rows],
            "size": 8,
            "color": [color if one.is_clear else card for _row, _metric, one in rows],
            "line": {"color": color, "width": 1.8},
        },
        "error_x": {
            "type": "data",
            "symmetric": False,
            "array": [above for above, _below in ends],
            "arrayminus": [below for _above, below in ends],
            "color": color,
            "thickness": 1.8,
            "width": 0,
        },
        "cliponaxis": False,
    }


def _layout(
    comparison: Comparison,
    judgement: Judgement,
    metrics: Sequence[Metric],
    scheme: Scheme,
    *,
    scale: Scale,
    reach: Interval | None,
) -> dict[str, Any]:
    palette = PALETTES[scheme]
    is_paired = scale is not Scale.ABSOLUTE
    zero = {
        "type": "line",
        "x0": 0,
        "x1": 0,
        "yref": "paper",
        "y0": 0,
        "y1": 1,
        "line": {"color": palette.muted, "width": 1},
    }
    return {
        "template": template(scheme),
        "xaxis": {
            "fixedrange": True,
            "zeroline": False,
            "tickformat": {Scale.ABSOLUTE: ".2~f", Scale.DIFFERENCE: "+.2~f", Scale.PERCENT: "+.1~%"}[scale],
            "nticks": 7,
            **_range(reach),
            "title": {"text": _axis(scale)},
        },
        "yaxis": {
            "fixedrange": True,
            "range": [len(metrics) - 0.5, -0.5],
            "tickvals": list(range(len(metrics))),
            "ticktext": [_title(metric, scale) for metric in metrics],
            "showgrid": False,
            "zeroline": False,
        },
        "shapes": [*_margin(comparison, judgement, metrics[0], scheme, scale), zero] if is_paired else [],
        "margin": {"l": 20, "r": 12, "t": 4, "b": 40},
        "hovermode": "closest",
    }


def _range(reach: Interval | None) -> Mapping[str, Any]:
    if reach is None:
        return {}
    air = _AIR * (reach.high - reach.low)
    return {"range": [reach.low - air, reach.high + air]}


def _margin(
    comparison: Comparison, judgement: Judgement, primary: Metric, scheme: Scheme, scale: Scale
) -> Sequence[Mapping[str, Any]]:
    """The loss that nobody minds, shaded on the row of the metric that decides."""
    unit = unit_of(comparison, primary, scale)
    if not judgement.verdicts or unit is None:
        return []
    fill = {"fillcolor": PALETTES[scheme].better, "opacity": 0.18, "line": {"width": 0}, "layer": "below"}
    return [{"type": "rect", "x0": -judgement.margin / unit, "x1": 0, "y0": -0.5, "y1": 0.5, **fill}]


def _axis(scale: Scale) -> str:
    if scale is Scale.ABSOLUTE:
        return _("value; ↓ lower is better")
    return (
        _("right is better")
        if scale is Scale.DIFFERENCE
        else _("share of the baseline's value; right is better")
    )


def _title(metric: Metric, scale: Scale) -> str:
    arrow = " ↓" if scale is Scale.ABSOLUTE and not metric.greater_is_better else ""
    return f"{_(metric.title)}{arrow}"
