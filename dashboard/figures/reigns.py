"""Which version was in Production when: a lane for each model, a bar for each reign."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape
from textwrap import shorten, wrap
from typing import Any, Final, NamedTuple

import plotly.graph_objects as go

from core.decision.record import Entry, Kind
from core.decision.standing import Reign
from dashboard.entry_words import by_whom, change, kind_name, reason_words
from dashboard.figures.plane import Trace, drawn_figure
from dashboard.marks import Mark, marks
from dashboard.messages import _, reader
from dashboard.theme import PALETTES, Scheme, duration, moment, template

MOST_LANES: Final = 12
MOST_BARS: Final = 500
FROM_OUTSIDE: Final = frozenset({Kind.EXTERNAL, Kind.ADOPT})  # came there without Runoff: drawn in outline
_LANE_PIXELS: Final = 46
_EDGE_PIXELS: Final = 44  # the time axis
_BAR_AT: Final = 0.2  # in a lane of height 1, whose name stands above the bar
_NAME_CHARACTERS: Final = 44
_REASON_CHARACTERS: Final = 240
_SHORTEST_SPAN: Final = timedelta(hours=1)
_DAY: Final = 86_400_000  # milliseconds


class Lane(NamedTuple):
    """One model's reigns, oldest first."""

    model: str
    reigns: tuple[Reign, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lanes:
    """What is drawn, the model that changed last first, and how much there is besides."""

    shown: tuple[Lane, ...] = ()
    models_left_out: int = 0
    reigns_left_out: int = 0  # the oldest of the models that are shown


def lanes(reigns: Sequence[Reign]) -> Lanes:
    """At most MOST_LANES models and of these the newest MOST_BARS reigns."""
    by_model: dict[str, list[Reign]] = defaultdict(list)
    for reign in sorted(reigns, key=lambda reign: reign.since):
        by_model[reign.model].append(reign)
    models = sorted(by_model, key=lambda model: by_model[model][-1].since, reverse=True)
    chosen = models[:MOST_LANES]
    newest = sorted((reign for model in chosen for reign in by_model[model]), key=lambda reign: reign.since)[
        -MOST_BARS:
    ]
    kept: dict[str, list[Reign]] = {model: [] for model in chosen}
    for reign in newest:
        kept[reign.model].append(reign)
    shown = tuple(Lane(model, tuple(found)) for model, found in kept.items() if found)
    return Lanes(
        shown=shown,
        models_left_out=len(models) - len(shown),
        reigns_left_out=sum(len(by_model[lane.model]) - len(lane.reigns) for lane in shown),
    )


def height(drawn: Lanes) -> int:
    """The figure's height in pixels."""
    return len(drawn.shown) * _LANE_PIXELS + _EDGE_PIXELS


def figure(
    drawn: Lanes, changes: Sequence[Entry], now: datetime, scheme: Scheme, *, at: datetime | None = None
) -> go.Figure:
    """The lanes until `now`; `changes` are what was found changed from outside, a diamond each.

    A dotted line stands at the moment `at`, where it lies within.
    """
    rows = {lane.model: row for row, lane in enumerate(drawn.shown)}
    seen = [entry for entry in changes if entry.record.model in rows]
    begin = min((lane.reigns[0].since for lane in drawn.shown), default=now)
    seen = [entry for entry in seen if entry.at >= begin]
    traces = [_bars(drawn.shown, now, scheme)] if drawn.shown else []
    if seen:
        traces.append(_diamonds(seen, rows, scheme))
    layout = _layout(drawn.shown, begin, now, scheme)
    if at is not None and begin <= at <= now:
        layout["shapes"] = [_moment(at, scheme)]
    return drawn_figure(traces, layout)


def _bars(shown: Sequence[Lane], now: datetime, scheme: Scheme) -> Trace:
    """One trace for all: a look of its own for each bar."""
    bars = [
        (row, reign, look[reign.version.number])
        for row, lane in enumerate(shown)
        for look in [_looks(lane)]
        for reign in lane.reigns
    ]
    colors = [mark.color(scheme) for _row, _reign, mark in bars]
    outlined = [reign.kind in FROM_OUTSIDE for _row, reign, _mark in bars]
    card = PALETTES[scheme].card
    return {
        "type": "bar",
        "orientation": "h",
        "name": "reigns",
        "base": [_local(reign.since) for _row, reign, _mark in bars],
        "x": [_milliseconds(reign, now) for _row, reign, _mark in bars],
        "y": [row + _BAR_AT for row, _reign, _mark in bars],
        "width": 0.44,
        "text": [f"v{reign.version.number}" for _row, reign, _mark in bars],
        "textposition": "inside",
        "insidetextanchor": "middle",
        "textangle": 0,
        "hovertext": [_said(reign, now) for _row, reign, _mark in bars],
        "hoverinfo": "text",
        "marker": {
            "color": [card if hollow else color for hollow, color in zip(outlined, colors, strict=True)],
            "line": {
                "color": [color if hollow else card for hollow, color in zip(outlined, colors, strict=True)],
                "width": [2 if hollow else 0.5 for hollow in outlined],
            },
        },
    }


def _looks(lane: Lane) -> Mapping[int, Mark]:
    """The hue of each version; ink for the one that is in Production now."""
    last = lane.reigns[-1]
    present = last.version.number if last.until is None else None
    return marks((reign.version.number for reign in lane.reigns), present)


def _diamonds(seen: Sequence[Entry], rows: Mapping[str, int], scheme: Scheme) -> Trace:
    return {
        "type": "scatter",
        "mode": "markers",
        "name": "outside",
        "x": [_local(entry.at) for entry in seen],
        "y": [rows[entry.record.model] + _BAR_AT for entry in seen],
        "marker": {
            "symbol": "diamond",
            "size": 10,
            "color": PALETTES[scheme].card,
            "line": {"color": PALETTES[scheme].worse, "width": 2},
        },
        "hovertext": [
            f"<b>{_escaped(kind_name(entry.record.kind))}</b> · {_escaped(change(entry.record))}"
            f"<br>{_('found {time}', time=moment(entry.at))}"
            for entry in seen
        ],
        "hoverinfo": "text",
        "cliponaxis": False,
    }


def _moment(at: datetime, scheme: Scheme) -> dict[str, Any]:
    when = _local(at)
    line = {"color": PALETTES[scheme].ink, "width": 1, "dash": "dot"}
    return {"type": "line", "yref": "paper", "x0": when, "x1": when, "y0": 0, "y1": 1, "line": line}


def _said(reign: Reign, now: datetime) -> str:
    """What is told where the pointer rests; a reason is cut, the table has all of it."""
    until = _("now") if reign.until is None else moment(reign.until)
    lasted = duration(((reign.until or now) - reign.since).total_seconds())
    by = (
        by_whom(reign)
        if reign.kind not in FROM_OUTSIDE
        else _("{kind} by {actor}", kind=kind_name(reign.kind), actor=by_whom(reign))
    )
    told = reason_words(reign.reason, by_itself=reign.by_itself)
    reason = shorten(told, _REASON_CHARACTERS, placeholder=" …") if told else ""
    lines = [
        f"<b>v{reign.version.number}</b> · {_escaped(_short(reign.model))}",
        f"{moment(reign.since)} \N{EN DASH} {until} ({lasted})",
        _escaped(by),
        *(_escaped(line) for line in wrap(reason[:_REASON_CHARACTERS], 60)),
    ]
    return "<br>".join(lines)


def _escaped(text: str) -> str:
    """Text that plotly does not take for its markup; quotes it shows as they are."""
    return escape(text, quote=False)


def _short(name: str) -> str:
    """A name on one line, not longer than a narrow screen."""
    line = " ".join(name.split())
    return line if len(line) <= _NAME_CHARACTERS else line[: _NAME_CHARACTERS - 1] + "…"


def _local(when: datetime) -> str:
    """A time on the reader's clock: plotly knows no zones."""
    return when.astimezone(reader.get().zone).strftime("%Y-%m-%d %H:%M:%S")


def _milliseconds(reign: Reign, now: datetime) -> int:
    """Its length on the reader's clock, whose day of 23 hours is as short in the picture."""
    zone = reader.get().zone
    begin, end = (when.astimezone(zone).replace(tzinfo=None) for when in (reign.since, reign.until or now))
    return max(1, int((end - begin).total_seconds() * 1000))


def _layout(shown: Sequence[Lane], begin: datetime, now: datetime, scheme: Scheme) -> dict[str, Any]:
    margin = max(now - begin, _SHORTEST_SPAN) / 50
    palette = PALETTES[scheme]
    return {
        "template": template(scheme),
        "xaxis": {
            "type": "date",
            "range": [_local(min(begin, now - _SHORTEST_SPAN) - margin), _local(now + margin)],
            "fixedrange": True,
            "tickformatstops": _tick_formats(),
            "nticks": 6,
            "tickangle": 0,
        },
        "yaxis": {
            "range": [len(shown) - 0.5, -0.5],
            "fixedrange": True,
            "visible": False,
        },
        "annotations": [
            {
                "xref": "paper",
                "x": 0,
                "xanchor": "left",
                "y": row - 0.06,
                "yanchor": "bottom",
                "text": _escaped(_short(lane.model)),
                "showarrow": False,
                "font": {"color": palette.ink},
            }
            for row, lane in enumerate(shown)
        ],
        "uniformtext": {"minsize": 10, "mode": "hide"},
        "hovermode": "closest",
        "barmode": "overlay",
        "margin": {"l": 2, "r": 4, "t": 0, "b": 40},
    }


def _tick_formats() -> list[dict[str, Any]]:
    """Dates as the reader's language writes them; plotly's own are American."""
    formats = (
        ("%H:%M\n%d %b %Y", "%d %b\n%Y", "%b %Y")
        if reader.get().language == "en"
        else ("%H:%M\n%Y/%m/%d", "%m/%d\n%Y", "%Y/%m")
    )
    ranges: tuple[list[object], ...] = ([None, _DAY - 1], [_DAY, "M1"], ["M1", "M11"])
    stops = [{"dtickrange": span, "value": pattern} for span, pattern in zip(ranges, formats, strict=True)]
    return [*stops, {"dtickrange": ["M12", None], "value": "%Y"}]
