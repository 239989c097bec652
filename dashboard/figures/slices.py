"""A candidate's difference to the baseline in each slice as a forest: worst first, its rows beside each.

Every row is turned so that right is better. Marks are open and whiskers grey where zero is inside or the
slice is small.
"""

from collections.abc import Sequence
from html import escape
from typing import Any, Final

import plotly.graph_objects as go

from core.evidence.amounts import Amounts, value
from core.evidence.metrics import Metric
from core.evidence.slice_evidence import Sliced, SliceEvidence
from core.evidence.statistics.interval import Difference
from core.evidence.statistics.verdict import oriented
from dashboard.figures.plane import Trace, drawn_figure
from dashboard.marks import Mark
from dashboard.messages import _, _n
from dashboard.theme import PALETTES, Scheme, integer, template

_ROW: Final = 26  # pixels
_FRAME: Final = 64  # pixels above and below the rows
_LONGEST: Final = 30  # letters of a label; all of them are said where the pointer rests


def figure(sliced: Sliced, mark: Mark, scheme: Scheme) -> go.Figure:
    """One trace of marks with their whiskers; a slice without a difference has a row without a mark."""
    rows = [
        (at, one, one.difference)
        for at, one in enumerate(sliced.slices)
        if isinstance(one.difference, Difference)
    ]
    turned = [oriented(found.interval, greater_is_better=_is_up(sliced)) for _at, _one, found in rows]
    values = [found.value if _is_up(sliced) else -found.value for _at, _one, found in rows]
    color, palette = mark.color(scheme), PALETTES[scheme]
    grey = {"x": [], "y": [], "color": palette.muted}
    clear = {"x": [], "y": [], "color": color}
    for (at, one, _found), ends in zip(rows, turned, strict=True):
        line: dict[str, Any] = clear if one.is_clear else grey
        line["x"] += [ends.low, ends.high, None]
        line["y"] += [at, at, None]
    marks = {
        "type": "scatter",
        "mode": "markers",
        "name": "slices",
        "x": values,
        "y": [at for at, _one, _found in rows],
        "hovertext": [_said(one, sliced.metric) for _at, one, _found in rows],
        "hoverinfo": "text",
        "marker": {
            "symbol": mark.symbol,
            "size": 9,
            "color": [color if one.is_clear else palette.card for _at, one, _found in rows],
            "line": {
                "color": [palette.muted if one.is_small else color for _at, one, _ in rows],
                "width": 1.8,
            },
        },
        "cliponaxis": False,
    }
    return drawn_figure([_whiskers(grey), _whiskers(clear), marks], _layout(sliced, scheme))


def height(sliced: Sliced) -> int:
    """Pixels that the figure needs."""
    return max(len(sliced.slices), 1) * _ROW + _FRAME


def _is_up(sliced: Sliced) -> bool:
    return sliced.metric.greater_is_better


def _whiskers(line: dict[str, Any]) -> Trace:
    return {
        "type": "scatter",
        "mode": "lines",
        "x": line["x"],
        "y": line["y"],
        "line": {"color": line["color"], "width": 1.6},
        "hoverinfo": "skip",
    }


def _said(one: SliceEvidence, metric: Metric) -> str:
    lines = [f"<b>{_escaped(_name(one))}</b> · {_n('{count} row', '{count} rows', one.slice.rows)}"]
    lines.append(_n("{count} positive row", "{count} positive rows", one.slice.positives))
    if isinstance(one.difference, Difference):
        write = Amounts.of(metric, one.difference.interval)
        ours, theirs = (_text(value(found, one.slice.rows)) for found in (one.candidate, one.baseline))
        told = _text(write.signed(one.difference.value))
        lines.append(
            _(
                "{metric} {ours} against {theirs}: {difference} ({interval})",
                metric=_(metric.title),
                ours=ours,
                theirs=theirs,
                difference=told,
                interval=_text(write.span(one.difference.interval)),
            )
        )
    if one.is_small:
        lines.append(_("too small to be judged"))
    return "<br>".join(lines)


def _layout(sliced: Sliced, scheme: Scheme) -> dict[str, Any]:
    zero = {"type": "line", "x0": 0, "x1": 0, "xref": "x", "yref": "paper", "y0": 0, "y1": 1}
    return {
        "template": template(scheme),
        "xaxis": {
            "fixedrange": True,
            "zeroline": False,
            "tickformat": "+.3~g",
            "nticks": 5,
            "tickangle": 0,
            "range": _reach(sliced),
            "title": {"text": _("right is better")},
        },
        "yaxis": {
            "fixedrange": True,
            "range": [max(len(sliced.slices), 1) - 0.5, -0.5],
            "tickvals": list(range(len(sliced.slices))),
            "ticktext": [_label(one) for one in sliced.slices],
            "showgrid": False,
            "zeroline": False,
        },
        "shapes": [{**zero, "line": {"color": PALETTES[scheme].muted, "width": 1}}],
        "annotations": list(_counts(sliced.slices)),
        "margin": {"l": 20, "r": 76, "t": 22, "b": 42},
        "hovermode": "closest",
    }


def _reach(sliced: Sliced) -> Sequence[float]:
    """Zero and all whiskers, with a little air on either side."""
    found = [one.difference.interval for one in sliced.slices if isinstance(one.difference, Difference)]
    turned = [oriented(interval, greater_is_better=_is_up(sliced)) for interval in found]
    low = min([0.0, *(ends.low for ends in turned)])
    high = max([0.0, *(ends.high for ends in turned)])
    air = 0.04 * (high - low) or 0.01
    return [low - air, high + air]


def _counts(slices: Sequence[SliceEvidence]) -> Sequence[dict[str, Any]]:
    """The rows of each slice at the right edge, under a head; and why there is no mark."""
    side = {"xref": "paper", "x": 1, "xshift": 70, "xanchor": "right", "showarrow": False}
    head = {**side, "yref": "paper", "y": 1, "yanchor": "bottom", "text": _("rows"), "font": {"size": 11}}
    counts = [
        {**side, "yref": "y", "y": at, "text": integer(one.slice.rows)} for at, one in enumerate(slices)
    ]
    absent = [
        {
            "xref": "paper",
            "x": 0.01,
            "xanchor": "left",
            "yref": "y",
            "y": at,
            "text": _("n/a"),
            "showarrow": False,
        }
        for at, one in enumerate(slices)
        if not isinstance(one.difference, Difference)
    ]
    return [head, *counts, *absent]


def _label(one: SliceEvidence) -> str:
    name = _name(one)
    short = name if len(name) <= _LONGEST else name[: _LONGEST - 1] + "…"
    return f"<i>{_escaped(short)}</i>" if one.is_small else _escaped(short)


def _name(one: SliceEvidence) -> str:
    return f"{one.slice.column}: {_(one.slice.label)}"


def _escaped(text: str) -> str:
    """Text of the data as plotly.js shows it: not as its markup."""
    return escape(text, quote=False)


def _text(said: Any) -> str:
    return said if isinstance(said, str) else _(said)
