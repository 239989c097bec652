"""A sweep as one picture: every trial in order of start, and the best so far."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from core.catalog.runs.tree import Step
from dashboard.figures.plane import Drawing, drawn_figure
from dashboard.messages import _
from dashboard.run_axes import short
from dashboard.theme import PALETTES, Scheme, moment, significant, template, version_color


def best_so_far(sweeps: Mapping[str, Sequence[Step]], scheme: Scheme, *, metric: str) -> Drawing:
    """Trials as points, and a line of steps for each of the named sweeps."""
    traces: list[dict[str, Any]] = []
    for hue, (name, steps) in enumerate(sweeps.items()):
        traces += [_trials(steps, hue, scheme), _best(name, steps, hue, scheme)]
    layout = {
        "template": template(scheme),
        "xaxis": {
            "title": {"text": _("trial, in order of start")},
            "zeroline": False,
            "rangemode": "nonnegative",
        },
        "yaxis": {"title": {"text": escape(short(metric, 60))}, "zeroline": False},
        "hovermode": "closest",
        "showlegend": len(sweeps) > 1,
        "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0, "font": {"size": 11}},
        "margin": {"l": 56, "r": 12, "t": 30 if len(sweeps) > 1 else 10, "b": 40},
    }
    return drawn_figure(traces, layout)


def _trials(steps: Sequence[Step], hue: int, scheme: Scheme) -> dict[str, Any]:
    color = version_color(hue, scheme)
    return {
        "type": "scatter",
        "mode": "markers",
        "showlegend": False,
        "x": [step.number for step in steps],
        "y": [step.trial.value for step in steps],
        "marker": {
            "size": [8 if step.is_better else 5 for step in steps],
            "color": [color if step.is_better else PALETTES[scheme].muted for step in steps],
            "opacity": [1.0 if step.is_better else 0.5 for step in steps],
        },
        "hovertext": [_said(step) for step in steps],
        "hoverinfo": "text",
    }


def _best(name: str, steps: Sequence[Step], hue: int, scheme: Scheme) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines",
        "name": escape(short(name, 40)),
        "x": [step.number for step in steps],
        "y": [step.best for step in steps],
        "line": {"color": version_color(hue, scheme), "width": 2, "shape": "hv"},
        "hoverinfo": "skip",
    }


def _said(step: Step) -> str:
    lines = [
        f"<b>{escape(short(step.trial.name, 60))}</b>",
        f"{significant(step.trial.value)} · {_('best so far')} {significant(step.best)}",
        moment(step.trial.started),
    ]
    return "<br>".join(line for line in lines if line)
