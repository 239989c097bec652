"""How sure a comparison is, as plain values for the browser: verdicts, intervals, the forest plot.

It takes seconds for a million rows, so the page asks for it once its panels are there, and again when the
threshold has come to rest. assets/verdicts.js puts it where it belongs; nothing is decided there.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import quote

from core.evidence.amounts import Amounts, value
from core.evidence.comparison import Comparison
from core.evidence.judgement import Judgement
from core.evidence.sentences import detectable_sentence, few_sentence, terms_sentence
from core.evidence.statistics.interval import Difference, Interval
from dashboard.choice import Choice
from dashboard.components.verdict_cards import judged_cards
from dashboard.figures import bars, deltas
from dashboard.figures.plane import Marks
from dashboard.figures.scored import scored
from dashboard.figures.whiskers import Scale
from dashboard.messages import _
from dashboard.moved import view_key
from dashboard.readings import SHOWN
from dashboard.theme import PRODUCTION, Scheme

GATES_PATH: Final = "/models/<model>/gates/<points>"  # 3@0.5,4@0.25: versions and their thresholds
SURE_PATH: Final = "/models/<model>/sure/<scheme>/<baseline>/<versions>/<threshold>"
SURE_AIM_PATH: Final = "/models/<model>/sure/<scheme>/<baseline>/<versions>/<mode>/<target>"


def judged(
    comparison: Comparison, judgement: Judgement, marks: Marks, scheme: Scheme, tail: str
) -> Mapping[str, Any]:
    """JSON for the browser; its `view` and `tail` say what on the page it belongs to."""
    cards = judged_cards(comparison, judgement, marks, scheme)
    return {
        "view": view_key(comparison),
        "tail": tail,
        "cards": {str(number): card for number, card in cards.items()},
        "terms": " ".join(_terms(comparison, judgement)),
        "detectable": detectable(comparison, judgement),
        "cells": dict(_cells(comparison, judgement)),
        "unsure": list(_unsure(judgement)),
        "whiskers": bars.whiskers(comparison, judgement, scheme),
        "deltas": {scale.value: _plain(comparison, judgement, marks, scheme, scale=scale) for scale in Scale},
        "height": deltas.height(comparison),
        "gates": _gates(comparison, judgement, marks),
    }


def question(model: str, choice: Choice, scheme: Scheme) -> str:
    """The path under which this is for a threshold, but for the threshold at its end."""
    versions = ",".join(str(number) for number in choice.versions or ()) or ","
    return f"/models/{quote(model, safe='')}/sure/{scheme}/{choice.baseline}/{versions}/"


def detectable(comparison: Comparison, judgement: Judgement) -> str:
    """What the split can show at all; empty where nobody knows."""
    sentence = detectable_sentence(comparison, judgement)
    return "" if sentence is None else _(sentence)


def _gates(comparison: Comparison, judgement: Judgement, marks: Marks) -> str:
    """The path to the candidates' gates; empty where they are not compared with Production."""
    if not judgement.verdicts or comparison.baseline is None or marks[comparison.baseline].hue != PRODUCTION:
        return ""
    points = (f"{number}@{comparison.threshold_of(number)!r}" for number in judgement.verdicts)
    return f"/models/{quote(comparison.model, safe='')}/gates/{','.join(points)}"


def _terms(comparison: Comparison, judgement: Judgement) -> Iterator[str]:
    if judgement.verdicts:
        yield _(terms_sentence(comparison, judgement))
    if judgement.is_few:
        yield _(few_sentence(comparison))


def _cells(comparison: Comparison, judgement: Judgement) -> Iterator[tuple[str, str]]:
    """Intervals for the table of numbers, by version, metric and what they are of."""
    for one in scored(comparison):
        certainty = judgement.certainties[one.number]
        for metric in SHOWN:
            found = certainty.intervals.get(metric.name)
            if isinstance(found, Interval):
                low, high = (value(end, comparison.split.rows) for end in (found.low, found.high))
                yield f"{one.number} {metric.name}", _("{low} to {high}", low=low, high=high)
            difference = (certainty.differences or {}).get(metric.name)
            if isinstance(difference, Difference):
                span = Amounts.of(metric, difference.interval).span(difference.interval)
                yield f"{one.number} {metric.name} delta", _(span)


def _unsure(judgement: Judgement) -> Iterator[str]:
    """Cells of dashboard/moved.py with a difference that may as well be none."""
    for number, certainty in judgement.certainties.items():
        for name, difference in (certainty.differences or {}).items():
            if not isinstance(difference, Difference) or (
                difference.interval.low <= 0 <= difference.interval.high
            ):
                yield f"{number} {name} delta"


def _plain(
    comparison: Comparison, judgement: Judgement, marks: Marks, scheme: Scheme, *, scale: Scale
) -> Mapping[str, Any]:
    figure = deltas.figure(comparison, judgement, marks, scheme, scale=scale)
    plain: Mapping[str, Any] = figure.to_plotly_json()
    return plain
