"""Metrics as grouped bars, the baseline first, every bar from zero."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

import plotly.graph_objects as go

from core.evidence.comparison import Comparison
from core.evidence.judgement import Judgement
from core.evidence.metrics import METRICS, Metric
from core.evidence.statistics.interval import Interval, Unknown
from dashboard.figures.plane import Marks, Trace, drawn_figure
from dashboard.figures.scored import Scored, scored
from dashboard.marks import Mark
from dashboard.messages import _
from dashboard.readings import Reading, Readings, primary_first, readings
from dashboard.theme import PALETTES, Scheme, template

# Losses have no upper end that says "perfect", so they stand apart on a scale of their own.
_RATES: Final = tuple(metric for metric in METRICS if metric.greater_is_better)
_LOSSES: Final = tuple(metric for metric in METRICS if not metric.greater_is_better)
_LOSSES_FROM: Final = 0.83  # where the losses' axis begins, as a share of the width


def figure(
    comparison: Comparison, marks: Marks, scheme: Scheme, written: Readings | None = None
) -> go.Figure:
    """One trace for each scored version over the rates, then one for each over the losses.

    `written` are the comparison's readings where they are at hand.
    """
    written = readings(comparison) if written is None else written
    rates = [
        {**_bars(one, _rates(comparison), marks[one.number], scheme), "hovertext": hovertext}
        for one, hovertext in zip(scored(comparison), texts(comparison, written), strict=True)
    ]
    losses = [
        {
            **_bars(one, _LOSSES, marks[one.number], scheme),
            "hovertext": _texts(comparison, one.number, _LOSSES, written[one.number]),
            "xaxis": "x2",
            "yaxis": "y2",
        }
        for one in scored(comparison)
    ]
    return drawn_figure([*rates, *losses], _layout(lowest(comparison), scheme))


def heights(comparison: Comparison) -> Sequence[Sequence[float | None]]:
    """Heights of the bars over the rates, version by version: these move with the threshold."""
    return [_heights(one, _rates(comparison)) for one in scored(comparison)]


def texts(comparison: Comparison, written: Readings) -> Sequence[Sequence[str]]:
    """What is said where the pointer rests on those bars."""
    return [
        _texts(comparison, one.number, _rates(comparison), written[one.number]) for one in scored(comparison)
    ]


def whiskers(comparison: Comparison, judgement: Judgement, scheme: Scheme) -> Sequence[Mapping[str, Any]]:
    """The intervals of the bars, for each trace of the figure in turn."""
    return [
        _whiskers(one, judgement.certainties[one.number].intervals, metrics, scheme)
        for metrics in (_rates(comparison), _LOSSES)
        for one in scored(comparison)
    ]


def lowest(comparison: Comparison) -> float:
    """Lower end of the rates' axis: zero, or as far below as the one metric that can be negative goes."""
    found = [height for bars in heights(comparison) for height in bars if height is not None]
    return min(0.0, math.floor(5 * min(found, default=0)) / 5)


def _rates(comparison: Comparison) -> Sequence[Metric]:
    return primary_first(_RATES, comparison.primary_metric)


def _heights(one: Scored, metrics: Sequence[Metric]) -> list[float | None]:
    return [one.metrics[metric.name].value for metric in metrics]


def _whiskers(
    one: Scored, intervals: Mapping[str, Interval | Unknown], metrics: Sequence[Metric], scheme: Scheme
) -> Mapping[str, Any]:
    """An interval without a value, or a value without an interval, has no whisker."""
    ends = [
        (interval.high - value, value - interval.low)
        if value is not None and isinstance(interval := intervals[metric.name], Interval)
        else (0.0, 0.0)
        for metric, value in zip(metrics, _heights(one, metrics), strict=True)
    ]
    return {
        "type": "data",
        "symmetric": False,
        "array": [above for above, _below in ends],
        "arrayminus": [below for _above, below in ends],
        "color": PALETTES[scheme].muted,
        "thickness": 1.2,
        "width": 0,
    }


def _texts(
    comparison: Comparison, number: int, metrics: Sequence[Metric], written: Mapping[str, Reading]
) -> list[str]:
    lines = []
    for metric in metrics:
        reading = written[metric.name]
        text = f"<b>v{number}</b> · {_(metric.title)}<br>{reading.value}"
        if reading.delta:
            text += "<br>" + _(
                "{delta} against v{baseline}", delta=reading.delta, baseline=comparison.baseline
            )
        lines.append(text)
    return lines


def _bars(one: Scored, metrics: Sequence[Metric], mark: Mark, scheme: Scheme) -> Trace:
    pattern = {"shape": "/", "solidity": 0.25} if mark.lap else {"shape": ""}
    return {
        "type": "bar",
        "name": f"v{one.number}",
        "x": [_(metric.title).replace(" ", "<br>") for metric in metrics],
        "y": _heights(one, metrics),
        "hoverinfo": "text",
        "offsetgroup": str(one.number),
        "marker": {"color": mark.color(scheme), "pattern": pattern},
    }


def _layout(low: float, scheme: Scheme) -> dict[str, Any]:
    still = {"fixedrange": True}
    return {
        "template": template(scheme),
        "font": {"size": 11},
        "barmode": "group",
        "xaxis": {**still, "domain": [0, _LOSSES_FROM - 0.06], "tickangle": 0},
        "yaxis": {**still, "range": [low, 1.02], "dtick": 0.2, "tickformat": ".1f"},
        "xaxis2": {
            **still,
            "domain": [_LOSSES_FROM, 1],
            "tickangle": 0,
            "title": {"text": _("lower is better")},
        },
        "yaxis2": {**still, "anchor": "x2", "rangemode": "tozero", "nticks": 6},
        "margin": {"l": 36, "r": 8, "t": 8, "b": 56},
        "hovermode": "closest",
    }
