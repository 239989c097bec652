"""A metric's spread over the runs of each value of a param."""

from collections.abc import Sequence
from html import escape
from typing import Any, Final

from dashboard.figures.plane import Drawing, drawn_figure
from dashboard.run_axes import RunAxis, short, title
from dashboard.theme import PALETTES, Scheme, integer, template, version_color

_FEW: Final = 400  # runs up to which each is a point beside its box


def boxes(
    names: Sequence[str],
    groups: tuple[Sequence[str], Sequence[int | None]],
    metric: RunAxis,
    scheme: Scheme,
    *,
    by: str,
) -> Drawing:
    """A box for each group, with its number of runs below; quartiles as plotly draws them.

    Args:
        names: Of the runs.
        groups: Names of the groups, and each run's place among them; None: in no group.
        metric: What is spread.
        scheme: Light or dark.
        by: What the groups are of.
    """
    labels, places = groups
    inside: list[list[int]] = [[] for _label in labels]
    for at, place in enumerate(places):
        if place is not None and metric.positions[at] is not None:
            inside[place].append(at)
    few = sum(map(len, inside)) <= _FEW
    traces = [
        _box(f"{escape(label)}<br>n = {integer(len(runs))}", runs, names, metric, scheme, has_points=few)
        for label, runs in zip(labels, inside, strict=True)
        if runs
    ]
    layout = {
        "template": template(scheme),
        "xaxis": {"type": "category", "title": {"text": escape(short(by, 60))}, "fixedrange": True},
        "yaxis": {
            "type": "log" if metric.is_log else "linear",
            "title": {"text": escape(short(title(metric.field), 60))},
            "zeroline": False,
        },
        "hovermode": "closest",
        "margin": {"l": 56, "r": 12, "t": 10, "b": 54},
    }
    return drawn_figure(traces, layout)


def _box(
    label: str,
    runs: Sequence[int],
    names: Sequence[str],
    metric: RunAxis,
    scheme: Scheme,
    *,
    has_points: bool,
) -> dict[str, Any]:
    values = [metric.positions[at] for at in runs]
    return {
        "type": "box",
        "name": label,
        "y": [10**value if metric.is_log and value is not None else value for value in values],
        "boxpoints": "all" if has_points else "suspectedoutliers",
        "pointpos": 0,
        "jitter": 0.5,
        "marker": {"size": 4, "opacity": 0.6, "color": version_color(0, scheme)},
        "line": {"width": 1.2, "color": PALETTES[scheme].muted},
        "fillcolor": "rgba(0,0,0,0)",
        "hoveron": "points+boxes",
        "text": [escape(short(names[at], 60)) for at in runs],
        "hovertemplate": "<b>%{text}</b><br>%{y}<extra></extra>",
    }
