"""Differences to the baseline as a forest: a row for each metric, a mark for each candidate.

Every row is turned so that right is better. A whisker that reaches over zero is grey and its mark is open.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, Final, NamedTuple

import plotly.graph_objects as go

from core.evidence.comparison import Comparison
from core.evidence.judgement import Judgement
from core.evidence.metrics import METRICS, Metric
from core.evidence.sentences import difference_text
from core.evidence.statistics.interval import Difference, Interval
from core.evidence.statistics.verdict import oriented
from dashboard.figures.plane import Marks, Trace, drawn_figure
from dashboard.figures.scored import Scored, scored
from dashboard.marks import Mark
from dashboard.messages import _
from dashboard.readings import primary_first
from dashboard.theme import MINUS, PALETTES, Scheme, template

_BAND: Final = 0.72  # share of a row's height over which its marks are spread
_ROW: Final = 26  # pixels of a row with few marks
_APART: Final = 7  # pixels between two marks
_FRAME: Final = 56  # pixels below the rows, for the axis


class Scale(StrEnum):
    """What the horizontal axis shows."""

    ABSOLUTE = "absolute"  # each version's value, the baseline's too; as it is, losses not turned
    DIFFERENCE = "difference"
    PERCENT = "percent"  # difference as a share of the baseline's value


class _Whisker(NamedTuple):
    """One mark: where it is, and what is said where the pointer rests on it."""

    value: float
    interval: Interval
    text: str
    is_clear: bool  # the interval leaves out zero


_Whiskers = Mapping[str, _Whisker]  # by metric


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
        one.number: _absolute(one, judgement)
        if scale is Scale.ABSOLUTE
        else _paired(one, comparison, judgement, scale)
        for one in scored(comparison)
        if scale is Scale.ABSOLUTE or one.number in judgement.verdicts
    }
    places = _places(len(drawn))
    grey = _grey(list(drawn.values()), metrics, places, scheme)
    traces = [
        _marks(number, whiskers, metrics, place, mark=marks[number], scheme=scheme)
        for (number, whiskers), place in zip(drawn.items(), places, strict=True)
    ]
    return drawn_figure([grey, *traces], _layout(comparison, judgement, metrics, scheme, scale))


def height(comparison: Comparison) -> int:
    """Pixels that the figure needs: rows grow with the number of versions."""
    return len(METRICS) * max(_ROW, _APART * len(scored(comparison))) + _FRAME


def _absolute(one: Scored, judgement: Judgement) -> _Whiskers:
    intervals = judgement.certainties[one.number].intervals
    found = {}
    for metric in METRICS:
        value, interval = one.metrics[metric.name].value, intervals.get(metric.name)
        if value is not None and isinstance(interval, Interval):
            ends = {"low": f"{interval.low:.4f}", "high": f"{interval.high:.4f}"}
            text = _("{value} ({low} to {high})", value=f"{value:.4f}", **ends)
            found[metric.name] = _Whisker(value, interval, text, is_clear=True)
    return found


def _paired(one: Scored, comparison: Comparison, judgement: Judgement, scale: Scale) -> _Whiskers:
    differences = judgement.certainties[one.number].differences or {}
    found = {}
    for metric in METRICS:
        difference = differences.get(metric.name)
        unit = _unit(comparison, metric, scale)
        if isinstance(difference, Difference) and unit is not None:
            found[metric.name] = _turned(metric, difference, unit, scale)
    return found


def _unit(comparison: Comparison, metric: Metric, scale: Scale) -> float | None:
    """What one step on the axis is, in the metric's unit; None where there is no such thing."""
    if scale is not Scale.PERCENT or comparison.baseline is None:
        return 1.0
    metrics = comparison.find(comparison.baseline).metrics
    base = metrics[metric.name].value if metrics else None
    return base if base is not None and base > 0 else None


def _turned(metric: Metric, difference: Difference, unit: float, scale: Scale) -> _Whisker:
    gain = oriented(difference.interval, greater_is_better=metric.greater_is_better)
    value = difference.value if metric.greater_is_better else -difference.value
    text = _(difference_text(metric.name, difference))
    if scale is Scale.PERCENT:
        share = f"{100 * difference.value / unit:+.1f}%".replace("-", MINUS)
        text += "<br>" + _("{percent} of the baseline's value", percent=share)
    interval = Interval(gain.low / unit, gain.high / unit)
    is_clear = gain.low > 0 or gain.high < 0
    return _Whisker(value / unit, interval, text, is_clear=is_clear)


def _places(count: int) -> Sequence[float]:
    """How far each version's mark is from the middle of its row, the first one highest."""
    return [_BAND * ((place + 0.5) / count - 0.5) for place in range(count)]


def _grey(
    drawn: Sequence[_Whiskers], metrics: Sequence[Metric], places: Sequence[float], scheme: Scheme
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
    whiskers: _Whiskers,
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
            "symbol": mark.symbol,
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
    comparison: Comparison, judgement: Judgement, metrics: Sequence[Metric], scheme: Scheme, scale: Scale
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


def _margin(
    comparison: Comparison, judgement: Judgement, primary: Metric, scheme: Scheme, scale: Scale
) -> Sequence[Mapping[str, Any]]:
    """The loss that nobody minds, shaded on the row of the metric that decides."""
    unit = _unit(comparison, primary, scale)
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
