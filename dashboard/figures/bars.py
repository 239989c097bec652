"""Metrics as grouped bars, the baseline first, every bar from zero."""

import math
from collections.abc import Sequence
from typing import Any, Final

import plotly.graph_objects as go

from core.evidence.comparison import Comparison
from core.evidence.metrics import METRICS, Metric
from dashboard import readings
from dashboard.figures.plane import Marks, Trace
from dashboard.figures.scored import Scored, scored
from dashboard.marks import Mark
from dashboard.messages import _
from dashboard.theme import PALETTES, Scheme, template

# Losses have no upper end that says "perfect", so they stand apart on a scale of their own.
RATES: Final = tuple(metric for metric in METRICS if metric.greater_is_better)
LOSSES: Final = tuple(metric for metric in METRICS if not metric.greater_is_better)
_LOSSES_FROM: Final = 0.83  # where the losses' axis begins, as a share of the width


def figure(comparison: Comparison, marks: Marks, scheme: Scheme) -> go.Figure:
    """One trace for each scored version over the rates, then one for each over the losses."""
    drawn = scored(comparison)
    rates = [_bars(comparison, one, RATES, mark=marks[one.number], scheme=scheme) for one in drawn]
    losses = [
        {
            **_bars(comparison, one, LOSSES, mark=marks[one.number], scheme=scheme),
            "xaxis": "x2",
            "yaxis": "y2",
        }
        for one in drawn
    ]
    return go.Figure([*rates, *losses], _layout(lowest(comparison), scheme))


def heights(comparison: Comparison) -> Sequence[Sequence[float | None]]:
    """Heights of the bars over the rates, version by version: these move with the threshold."""
    return [_heights(one, RATES) for one in scored(comparison)]


def texts(comparison: Comparison) -> Sequence[Sequence[str]]:
    """What is said where the pointer rests on those bars."""
    return [_texts(comparison, one, RATES) for one in scored(comparison)]


def lowest(comparison: Comparison) -> float:
    """Lower end of the rates' axis: zero, or as far below as the one metric that can be negative goes."""
    lowest_bar = min(
        (height for bars in heights(comparison) for height in bars if height is not None), default=0
    )
    return min(0.0, math.floor(5 * lowest_bar) / 5)


def _heights(one: Scored, metrics: Sequence[Metric]) -> list[float | None]:
    return [one.metrics[metric.name].value for metric in metrics]


def _texts(comparison: Comparison, one: Scored, metrics: Sequence[Metric]) -> list[str]:
    rows = comparison.split.rows
    lines = []
    for metric in metrics:
        written = readings.value(one.metrics[metric.name].value, rows)
        text = f"<b>v{one.number}</b> · {_(metric.title)}<br>{written}"
        difference = comparison.delta(one.number, metric.name)
        if difference is not None and one.number != comparison.baseline:
            text += "<br>" + _(
                "{delta} against v{baseline}",
                delta=readings.delta(metric, difference, rows),
                baseline=comparison.baseline,
            )
        lines.append(text)
    return lines


def _bars(
    comparison: Comparison, one: Scored, metrics: Sequence[Metric], *, mark: Mark, scheme: Scheme
) -> Trace:
    pattern = {"shape": "/", "solidity": 0.25} if mark.lap else {"shape": ""}
    return {
        "type": "bar",
        "name": f"v{one.number}",
        "x": [_(metric.title).replace(" ", "<br>") for metric in metrics],
        "y": _heights(one, metrics),
        "hovertext": _texts(comparison, one, metrics),
        "hoverinfo": "text",
        "offsetgroup": str(one.number),
        "marker": {"color": mark.color(scheme), "pattern": pattern},
    }


def _layout(low: float, scheme: Scheme) -> dict[str, Any]:
    still = {"fixedrange": True}
    muted = {"size": 12, "color": PALETTES[scheme].muted}
    return {
        "template": template(scheme),
        "barmode": "group",
        "xaxis": {**still, "domain": [0, _LOSSES_FROM - 0.06], "tickangle": 0},
        "yaxis": {**still, "range": [low, 1.02], "dtick": 0.2, "tickformat": ".1f"},
        "xaxis2": {**still, "domain": [_LOSSES_FROM, 1], "tickangle": 0},
        "yaxis2": {**still, "anchor": "x2", "rangemode": "tozero", "nticks": 6},
        "annotations": [
            {
                "text": _("lower is better"),
                "showarrow": False,
                "xref": "paper",
                "yref": "paper",
                "x": (1 + _LOSSES_FROM) / 2,
                "y": 1,
                "yanchor": "bottom",
                "font": muted,
            }
        ],
        "margin": {"l": 36, "r": 8, "t": 22, "b": 40},
        "hovermode": "closest",
    }
