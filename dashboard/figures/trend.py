"""One metric of every version of a model, by version number, with what was in Production."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any, Final

import plotly.graph_objects as go

from core.decision.standing import Reign
from core.evidence.comparison import ScoringState, Status
from core.evidence.metrics import Metric, MetricValue
from core.evidence.trend import Trend
from dashboard.figures.plane import Trace, drawn_figure
from dashboard.marks import Mark
from dashboard.messages import _
from dashboard.theme import PALETTES, Scheme, decimal, moment, template

HEIGHT: Final = 300  # pixels
MOST_REIGNS: Final = 5  # told of one version where the pointer rests
_DIGITS: Final = 4
_LANE: Final = 0.07  # of the height, for versions without a value


def figure(
    trend: Trend, metric: Metric, reigns: Sequence[Reign], marks: Mapping[int, Mark], scheme: Scheme
) -> go.Figure:
    """A line through the versions that have a value, a ring around those that were in Production.

    `marks` are the versions that are compared: they have their hues. Versions without a value stand in a
    lane below, and say why.
    """
    reigned = by_version(trend, reigns)
    defined = {number: one[metric.name] for number, one in sorted(trend.values.items())}
    known = {number: one for number, one in defined.items() if one.value is not None}
    missing = {number: one for number, one in defined.items() if one.value is None}
    traces = [_line(known, metric, reigned, marks, scheme)]
    rings = [number for number in known if number in reigned]
    if rings:
        traces.append(_rings(rings, known, scheme))
    if missing or trend.states:
        traces.append(_lane(missing, trend.states, scheme))
    layout = _layout(trend, metric, scheme, has_lane=bool(missing or trend.states))
    present = next((number for number in rings if reigned[number][-1].until is None), None)
    if present is not None:
        layout["annotations"] = [_named(present, known[present], scheme)]
    return drawn_figure(traces, layout)


def by_version(trend: Trend, reigns: Sequence[Reign]) -> Mapping[int, Sequence[Reign]]:
    """The reigns of each version, oldest first; one of a number that was made anew is another version's."""
    made = {version.number: version.created for version in trend.versions}
    found: defaultdict[int, list[Reign]] = defaultdict(list)
    for reign in reigns:
        number, created = reign.version.number, reign.version.created
        if number in made and (created is None or made[number] is None or created == made[number]):
            found[number].append(reign)
    return found


def _line(
    known: Mapping[int, MetricValue],
    metric: Metric,
    reigned: Mapping[int, Sequence[Reign]],
    marks: Mapping[int, Mark],
    scheme: Scheme,
) -> Trace:
    palette = PALETTES[scheme]
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": "scored",
        "x": list(known),
        "y": [one.value for one in known.values()],
        "line": {"color": palette.muted, "width": 1},
        "marker": {
            "opacity": 1,
            "color": [marks[n].color(scheme) if n in marks else palette.muted for n in known],
            "size": [9 if n in marks else 5 for n in known],
            "symbol": [marks[n].symbol if n in marks else "circle" for n in known],
        },
        "hovertext": [_said(n, one, metric, reigned.get(n, ())) for n, one in known.items()],
        "hoverinfo": "text",
        "cliponaxis": False,
    }


def _rings(numbers: Sequence[int], known: Mapping[int, MetricValue], scheme: Scheme) -> Trace:
    return {
        "type": "scatter",
        "mode": "markers",
        "name": "production",
        "x": list(numbers),
        "y": [known[number].value for number in numbers],
        "marker": {
            "symbol": "circle-open",
            "size": 15,
            "color": PALETTES[scheme].ink,
            "line": {"color": PALETTES[scheme].ink, "width": 2},
        },
        "hoverinfo": "skip",
        "cliponaxis": False,
    }


def _named(number: int, one: MetricValue, scheme: Scheme) -> dict[str, Any]:
    """The word at the ring of what is in Production now."""
    return {
        "x": number,
        "y": one.value,
        "text": "Production",
        "showarrow": False,
        "yshift": 18,
        "font": {"color": PALETTES[scheme].ink, "size": 11},
    }


def _lane(missing: Mapping[int, MetricValue], states: Mapping[int, ScoringState], scheme: Scheme) -> Trace:
    said = {number: _missing(number, one) for number, one in missing.items()}
    said |= {number: _state(number, state) for number, state in states.items()}
    failed = {number for number, state in states.items() if state.status is Status.FAILED}
    numbers = sorted(said)
    palette = PALETTES[scheme]
    return {
        "type": "scatter",
        "mode": "markers",
        "name": "not scored",
        "x": numbers,
        "y": [0.5] * len(numbers),
        "yaxis": "y2",
        "marker": {
            "symbol": ["x-thin" if number in failed else "line-ns" for number in numbers],
            "size": 8,
            "line": {
                "width": 1.5,
                "color": [palette.worse if number in failed else palette.muted for number in numbers],
            },
        },
        "hovertext": [said[number] for number in numbers],
        "hoverinfo": "text",
        "cliponaxis": False,
    }


def _said(number: int, one: MetricValue, metric: Metric, reigns: Sequence[Reign]) -> str:
    lines = [f"<b>v{number}</b> {_(metric.title)} {decimal(one.value, _DIGITS)}"]
    for reign in reigns[-MOST_REIGNS:]:
        until = _("now") if reign.until is None else moment(reign.until)
        lines.append(_("in Production {since} to {until}", since=moment(reign.since), until=until))
    return "<br>".join(lines)


def _missing(number: int, one: MetricValue) -> str:
    reason = "" if one.reason is None else escape(_(one.reason), quote=False)
    return f"<b>v{number}</b> {_('n/a')}<br>{reason}"


def _state(number: int, state: ScoringState) -> str:
    why = "" if state.error is None else "<br>" + escape(_(state.error.title), quote=False)
    told = {
        Status.FAILED: _("could not be scored"),
        Status.SCORING: _("is being scored"),
        Status.WAITING: _("waits for a free place"),
    }.get(state.status, _("is not scored yet"))
    return f"<b>v{number}</b> {told}{why}"


def _layout(trend: Trend, metric: Metric, scheme: Scheme, *, has_lane: bool) -> dict[str, Any]:
    numbers = [version.number for version in trend.versions] or [1]
    title = _(metric.title) if metric.greater_is_better else f"{_(metric.title)} ↓"
    span = numbers[-1] - numbers[0]
    return {
        "template": template(scheme),
        "xaxis": {
            "range": [numbers[0] - 0.5 - span * 0.01, numbers[-1] + 0.5 + span * 0.01],
            "title": {"text": _("version")},
            "anchor": "y2" if has_lane else "y",
            "zeroline": False,
            "fixedrange": True,
            "tickformat": "d",
            "tickprefix": "v",
            **({"dtick": 1} if span < 20 else {"nticks": 12}),  # noqa: PLR2004 - as many fit
        },
        "yaxis": {
            "domain": [_LANE + 0.03 if has_lane else 0, 1],
            "title": {"text": title},
            "zeroline": False,
            "fixedrange": True,
        },
        "yaxis2": {"domain": [0, _LANE], "range": [0, 1], "visible": False, "fixedrange": True},
        "hovermode": "closest",
        "margin": {"l": 56, "r": 12, "t": 18, "b": 38},
    }
