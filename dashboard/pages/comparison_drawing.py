"""What the panels of the comparison page show: figures, tables, and their values at the threshold."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from core.evidence.comparison import Comparison
from core.evidence.metrics import METRICS
from dashboard import judged
from dashboard.choice import Choice
from dashboard.components.confusion_matrix import confusion_matrix
from dashboard.components.elements import Element, element, moving
from dashboard.components.numbers_table import Column, numbers_table
from dashboard.figures import bars, calibration, gain, lift, precision_recall, roc
from dashboard.figures.scored import Scored, scored
from dashboard.marks import Mark
from dashboard.messages import _
from dashboard.moved import moved, question, view_key
from dashboard.readings import SHOWN, primary_first, readings
from dashboard.theme import Scheme


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """Figures and tables; `key` says what they were made from, the threshold aside."""

    key: str
    bars: go.Figure
    roc: go.Figure
    precision_recall: go.Figure
    calibration: go.Figure
    calibration_note: str
    gain: go.Figure
    lift: go.Figure
    moved: Mapping[str, Any]  # what dashboard/moved.py says, and under "elements" what belongs into which id


def drawing_key(comparison: Comparison, marks: Mapping[int, Mark], scheme: Scheme) -> str:
    """Equal for two comparisons that look the same but for the threshold."""
    colors = [mark.color(scheme) for _number, mark in sorted(marks.items())]
    return f"{scheme} {view_key(comparison)} {colors}"


def draw(comparison: Comparison, marks: Mapping[int, Mark], scheme: Scheme, choice: Choice) -> Drawing:
    """Everything that is seen of the scored versions of a choice."""
    look = _Look(comparison, marks, scheme)
    drawn = scored(comparison)
    written = readings(comparison)
    metrics = primary_first(SHOWN, comparison.primary_metric)
    return Drawing(
        key=drawing_key(comparison, marks, scheme),
        bars=bars.figure(comparison, marks, scheme, written),
        roc=roc.figure(comparison, marks, scheme),
        precision_recall=precision_recall.figure(comparison, marks, scheme),
        calibration=calibration.figure(comparison, marks, scheme),
        calibration_note=_calibration_note(drawn),
        gain=gain.figure(comparison, marks, scheme),
        lift=lift.figure(comparison, marks, scheme),
        moved={
            **moved(comparison, written, choice),
            "question": question(comparison.model, choice),
            "sure": judged.question(comparison.model, choice, scheme),
            "elements": {
                "comparison-numbers": [numbers_table([look.column(one) for one in drawn], metrics)],
                "comparison-shares": [look.share(one) for one in drawn],
                "comparison-confusion": [look.matrix(one) for one in drawn],
            },
        },
    )


@dataclass(frozen=True, slots=True)
class _Look:
    comparison: Comparison
    marks: Mapping[int, Mark]
    scheme: Scheme

    def title(self, one: Scored) -> str:
        if one.number != self.comparison.baseline:
            return f"v{one.number}"
        return _("v{number} (baseline)", number=one.number)

    def column(self, one: Scored) -> Column:
        is_baseline = one.number == self.comparison.baseline
        return Column(one.number, f"v{one.number}", self.swatch(one), is_baseline, self.has_delta(one))

    def has_delta(self, one: Scored) -> bool:
        return self.comparison.baseline is not None and one.number != self.comparison.baseline

    def share(self, one: Scored) -> Element:
        place = moving(f"{one.number} called", "number")
        own = moving(f"{one.number} at", "note")  # its threshold, where it has one of its own
        return element("span", self.swatch(one), f"v{one.number}", place, own, class_="threshold-share")

    def matrix(self, one: Scored) -> Element:
        split = self.comparison.split
        return confusion_matrix(
            one.number,
            self.title(one),
            target=split.target,
            labels=(str(split.negative), str(split.positive)),
            color=self.marks[one.number].color(self.scheme),
            has_delta=self.has_delta(one),
        )

    def swatch(self, one: Scored) -> Element:
        mark = self.marks[one.number]
        name = "swatch swatch-striped" if mark.lap else "swatch"
        return element("span", class_=name, style=f"--hue: {mark.color(self.scheme)}", aria_hidden="true")


def _calibration_note(drawn: Sequence[Scored]) -> str:
    """Why versions are missing from the calibration, if any are."""
    missing = [one for one in drawn if one.evaluation.calibration is None]
    if not missing:
        return ""
    needs_probability = next(metric.name for metric in METRICS if metric.needs_probability)
    reason = missing[0].metrics[needs_probability].reason
    versions = ", ".join(f"v{one.number}" for one in missing)
    return _("n/a: {what}. {reason}", what=versions, reason="" if reason is None else _(reason))
