"""Metrics of several runs as bars from zero."""

from collections.abc import Sequence
from html import escape
from math import isnan

import plotly.graph_objects as go

from core.catalog.store import Run
from dashboard.messages import _
from dashboard.theme import Scheme, significant, template, version_color


def shared_scale(runs: Sequence[Run], names: Sequence[str], scheme: Scheme) -> go.Figure:
    """Metrics whose values all lie in [0, 1], grouped by metric on one axis; a run keeps its hue."""
    figure = go.Figure()
    labels = [escape(name) for name in names]
    for index, run in enumerate(runs):
        values = [run.metrics.get(name) for name in names]
        _add(figure, labels, values, name=run.name or run.id, color=version_color(index, scheme))
    figure.update_layout(
        template=template(scheme), barmode="group", yaxis={"range": [0, 1.0], "dtick": 0.2}, hovermode="x"
    )
    return figure


def own_scale(runs: Sequence[Run], name: str, scheme: Scheme) -> go.Figure:
    """One metric on its own axis, a bar a run; the axis holds zero."""
    figure = go.Figure()
    for index, run in enumerate(runs):
        _add(
            figure, [""], [run.metrics.get(name)], name=run.name or run.id, color=version_color(index, scheme)
        )
    figure.update_layout(
        template=template(scheme),
        barmode="group",
        yaxis={"rangemode": "tozero", "nticks": 4},
        xaxis={"showticklabels": False},
        margin={"l": 40, "r": 4, "t": 4, "b": 8},
    )
    return figure


def _add(
    figure: go.Figure, labels: Sequence[str], values: Sequence[float | None], *, name: str, color: str
) -> None:
    """One run's bars; a value that is missing or not a number has no bar and says n/a on hover."""
    drawn = [None if value is None or isnan(value) else value for value in values]
    said = [_("n/a") if value is None else significant(value) for value in drawn]
    figure.add_bar(
        x=list(labels),
        y=drawn,
        name=escape(name),
        marker={"color": color},
        customdata=said,
        hovertemplate="%{x} <b>%{customdata}</b><extra>" + escape(name).replace("%", "&#37;") + "</extra>",
    )
