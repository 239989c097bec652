"""Metric over versions: the card, what it says, and its numbers."""

import csv
import io
from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import Any, Final

from dash import dcc, html

from core.decision.standing import Reign
from core.evidence.metrics import Metric
from core.evidence.trend import Trend
from dashboard.components import states
from dashboard.components.chart import chart
from dashboard.components.dropdown import dropdown
from dashboard.figures.trend import HEIGHT, by_version
from dashboard.messages import _, _n
from dashboard.theme import decimal, integer

SECONDS: Final = 1.0  # between two looks while versions are read or scored
AT_A_TIME: Final = 10  # versions that one press has scored
COLUMNS: Final = ("version", "metric", "threshold", "value", "status", "reason", "in_production")


class Ids(StrEnum):
    """Elements of the card; assets/trend.js knows CARD, SEEN, METRIC and THRESHOLD."""

    CARD = "trend"
    SEEN = "trend-seen"  # data: the card has come into sight
    THRESHOLD = "trend-threshold"  # data: the page's threshold, once it has come to rest
    METRIC = "trend-metric"
    GRAPH = "trend-graph"
    SAID = "trend-said"
    SCORE = "trend-score"
    CSV = "trend-csv"
    DOWNLOAD = "trend-download"
    POLL = "trend-poll"


def trend_card() -> Any:
    """The static part; nothing is read before it comes into sight."""
    foot = [
        html.Button(id=Ids.SCORE, type="button", className="action", hidden=True),
        html.Span(id=Ids.SAID, className="card-note", role="status"),
    ]
    choice = dropdown(Ids.METRIC, _("Metric"), clearable=False, searchable=False)
    shown = chart(
        Ids.GRAPH,
        _("Metric over versions"),
        label=_("One metric of every scored version of this model; rings were in Production"),
        data=Ids.CSV,
        note=_("by version number; rings: were in Production; below: no value"),
        below=html.Div(foot, className="differing-foot"),
        aside=html.Div(choice, className="trend-choice"),
        height=HEIGHT,
        is_wide=True,
    )
    parts = [
        dcc.Store(id=Ids.SEEN),
        dcc.Store(id=Ids.THRESHOLD),
        dcc.Download(id=Ids.DOWNLOAD),
        states.poll(Ids.POLL, seconds=SECONDS),
    ]
    return html.Div([shown, *parts], id=Ids.CARD)


def said(trend: Trend, metric: Metric) -> str:
    """How many versions are shown, at which threshold, and how far the reading is."""
    total = len(trend.versions)
    if not trend.is_whole:
        done = len(trend.values) + len(trend.states)
        return _("Reading: {done} of {total} versions", done=integer(done), total=integer(total))
    scored = _n("{count} version is scored", "{count} versions are scored", len(trend.values))
    parts = [_("{scored} of {total}", scored=scored, total=integer(total))]
    if metric.needs_threshold and trend.threshold is not None:
        parts.append(_("threshold {threshold}", threshold=decimal(trend.threshold, 2)))
    return " · ".join(parts)


def button(trend: Trend) -> str:
    """What scores the newest versions that are not; empty where there are none or some are under way."""
    waiting = len(trend.not_scored)
    if not waiting or not trend.is_whole or trend.is_scoring:
        return ""
    if waiting <= AT_A_TIME:
        return _n("Score {count} version", "Score {count} versions", waiting)
    return _("Score the newest {count} of {waiting}", count=AT_A_TIME, waiting=integer(waiting))


def rows(trend: Trend, metric: Metric, reigns: Sequence[Reign]) -> str:
    """CSV of what the figure shows, a line for each version; times are UTC."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([COLUMNS, *_rows(trend, metric, reigns)])
    return text.getvalue()


def _rows(trend: Trend, metric: Metric, reigns: Sequence[Reign]) -> Iterator[Sequence[object]]:
    reigned = by_version(trend, reigns)
    threshold = trend.threshold if metric.needs_threshold else None
    for version in trend.versions:
        number = version.number
        times = " ".join(
            f"{one.since.isoformat()}/{'' if one.until is None else one.until.isoformat()}"
            for one in reigned.get(number, ())
        )
        if number in trend.values:
            found = trend.values[number][metric.name]
            reason = "" if found.reason is None else str(found.reason)
            yield number, metric.name, threshold, found.value, "scored", reason, times
        elif number in trend.states:
            state = trend.states[number]
            reason = "" if state.error is None else str(state.error.title)
            yield number, metric.name, threshold, None, state.status.value, reason, times
