"""Everything on the comparison page that moves with the threshold, as plain values for the browser.

The page's tables hold cells without text, each with a key; assets/comparison.js fills them from here, and
moves the bars and the operating points without building a figure anew. Nothing is decided in the browser.
"""

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple
from urllib.parse import quote

from core.evidence.comparison import Comparison
from core.evidence.metrics import METRICS
from core.evidence.operating_points import Mode
from dashboard.choice import Choice
from dashboard.figures import bars, gain, lift, precision_recall, roc
from dashboard.figures.scored import Scored, scored
from dashboard.messages import _, _n
from dashboard.readings import Change, Readings, count_delta
from dashboard.theme import decimal, integer, percent

THRESHOLD_PATH: Final = "/models/<model>/at/<baseline>/<versions>/<threshold>"
AIM_PATH: Final = "/models/<model>/at/<baseline>/<versions>/<mode>/<target>"
_USUAL_RECALL: Final = 0.8  # where there is none to begin with
CELLS: Final = ("tn", "fp", "fn", "tp")


class Cell(NamedTuple):
    """A text on the page that moves, under its key, and what it means."""

    key: str
    text: str
    change: Change = Change.NONE


def view_key(comparison: Comparison) -> str:
    """What has to be the same for a later threshold's values to fit into what is on the page."""
    numbers = ",".join(str(one.number) for one in scored(comparison))
    return f"{comparison.split.fingerprint} {comparison.baseline} {numbers}"


def moved(comparison: Comparison, written: Readings, choice: Choice) -> Mapping[str, Any]:
    """JSON for the browser: texts and meanings of cells, heights of bars, operating points.

    `written` are the comparison's readings, `choice` is what it was made for.
    """
    cells = list(_cells(comparison, written))
    return {
        "view": view_key(comparison),
        "threshold": comparison.threshold,
        "mode": str(choice.mode),
        "value": comparison.threshold if choice.target is None else choice.target,
        "tail": choice.tail,
        "search": choice.search,
        "cells": {cell.key: cell.text for cell in cells},
        "changes": {cell.key: cell.change for cell in cells if cell.change},
        "best": list(_best(comparison)),
        "aims": _aims(comparison),
        "bars": {
            "y": bars.heights(comparison),
            "hovertext": bars.texts(comparison, written),
            "lowest": bars.lowest(comparison),
        },
        "points": {
            "comparison-roc": roc.points(comparison),
            "comparison-pr": precision_recall.points(comparison),
            "comparison-gain": gain.points(comparison),
            "comparison-lift": lift.points(comparison),
        },
    }


def question(model: str, choice: Choice) -> str:
    """The path under which the values of another threshold are, but for the threshold at its end."""
    versions = ",".join(str(number) for number in choice.versions or ()) or ","
    return f"/models/{quote(model, safe='')}/at/{choice.baseline}/{versions}/"


def _aims(comparison: Comparison) -> Mapping[str, float]:
    """What the first version does now, as the target of each mode: from there nothing moves for it."""
    first = next(iter(scored(comparison)), None)
    recall = None if first is None else first.metrics["recall"].value
    return {
        Mode.THRESHOLD: comparison.threshold,
        Mode.RECALL: _USUAL_RECALL if recall is None else _floor(recall),
        Mode.ALERTS: 0.0 if first is None else _ceil(first.share_called),
        Mode.COST: 1.0,
    }


def _floor(share: float) -> float:
    return math.floor(share * 1_000) / 1_000


def _ceil(share: float) -> float:
    return math.ceil(share * 1_000) / 1_000


def _cells(comparison: Comparison, written: Readings) -> Iterator[Cell]:
    has_own = bool(comparison.thresholds)
    yield Cell("threshold", _("of its own") if has_own else _written(comparison.threshold))
    split = comparison.split
    yield Cell("rows", _n("{count} row", "{count} rows", split.rows))
    yield Cell("cost terms", _("a miss costs {ratio}, a false alarm 1", ratio=f"{comparison.cost_ratio:g}"))
    yield Cell("reasons", " ".join(_reasons(comparison)))
    for one in scored(comparison):
        for name, reading in written[one.number].items():
            yield Cell(f"{one.number} {name}", reading.value)
            yield Cell(f"{one.number} {name} delta", reading.delta, reading.change)
        yield Cell(f"{one.number} called", percent(one.share_called, 1))
        own = f"≥ {decimal(comparison.threshold_of(one.number), 3)}" if has_own else ""
        yield Cell(f"{one.number} at", own)
        yield from _confusion_cells(comparison, one)


def _confusion_cells(comparison: Comparison, one: Scored) -> Iterator[Cell]:
    cells = one.confusion
    change = comparison.confusion_change(one.number) if one.number != comparison.baseline else None
    for name in CELLS:
        count, key = getattr(cells, name), f"{one.number} {name}"
        of_label = cells.tn + cells.fp if name in {"tn", "fp"} else cells.fn + cells.tp
        yield Cell(key, integer(count))
        yield Cell(f"{key} share", percent(count / of_label) if of_label else "")
        if change is not None:
            difference = getattr(change, name)
            meaning = Change.of(difference, greater_is_better=name in {"tn", "tp"})
            yield Cell(f"{key} delta", count_delta(difference), meaning)


def _best(comparison: Comparison) -> Iterator[str]:
    """Cells of the best value of each metric, where versions differ in it."""
    for metric in METRICS:
        values = {
            one.number: found
            for one in scored(comparison)
            if (found := one.metrics[metric.name].value) is not None
        }
        if len(set(values.values())) > 1:
            best = max(values.values()) if metric.greater_is_better else min(values.values())
            yield from (f"{number} {metric.name}" for number, found in values.items() if found == best)


def _reasons(comparison: Comparison) -> Iterator[str]:
    """A sentence for each metric that versions have no value of, and why."""
    everybody = scored(comparison)
    missing: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for one in everybody:
        for metric in METRICS:
            reason = one.metrics[metric.name].reason
            if reason is not None:
                missing[_(metric.title), _(reason)].append(f"v{one.number}")
    for (title, sentence), versions in missing.items():
        who = _("every version") if len(versions) == len(everybody) else ", ".join(versions)
        yield _("{metric} of {versions} is n/a: {reason}", metric=title, versions=who, reason=sentence)


def _written(threshold: float) -> str:
    """As many decimals as the threshold has, two at least."""
    return decimal(threshold, min(max(2, len(repr(threshold).partition(".")[2])), 6))
