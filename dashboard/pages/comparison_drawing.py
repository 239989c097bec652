"""What the panels of the comparison page show: figures, tables, and their values at the threshold."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go
from dash import html

from core.evidence.comparison import Comparison
from core.evidence.metrics import METRICS
from dashboard.components import version_token
from dashboard.components.cells import cell
from dashboard.components.confusion_matrix import confusion_matrix
from dashboard.components.numbers_table import Column, numbers_table
from dashboard.figures import bars, calibration, gain, precision_recall, roc
from dashboard.figures.scored import Scored, scored
from dashboard.marks import Mark
from dashboard.messages import _
from dashboard.moved import moved, view_key
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
    numbers: Any
    shares: Sequence[Any]
    confusion: Sequence[Any]
    moved: Mapping[str, Any]


def drawing_key(comparison: Comparison, scheme: Scheme) -> str:
    """Equal for two comparisons that look the same but for the threshold."""
    return f"{scheme} {view_key(comparison)}"


def draw(comparison: Comparison, marks: Mapping[int, Mark], scheme: Scheme, *, search: str) -> Drawing:
    """Everything that is seen of the scored versions; `search` is the address's query."""
    look = _Look(comparison, marks, scheme)
    drawn = scored(comparison)
    return Drawing(
        key=drawing_key(comparison, scheme),
        bars=bars.figure(comparison, marks, scheme),
        roc=roc.figure(comparison, marks, scheme),
        precision_recall=precision_recall.figure(comparison, marks, scheme),
        calibration=calibration.figure(comparison, marks, scheme),
        calibration_note=_calibration_note(drawn),
        gain=gain.figure(comparison, marks, scheme),
        numbers=numbers_table([look.column(one) for one in drawn]),
        shares=[look.share(one) for one in drawn],
        confusion=[look.matrix(one) for one in drawn],
        moved={**moved(comparison, search), "drawn": True},
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

    def swatch(self, one: Scored) -> Any:
        return version_token.swatch(self.marks[one.number], self.scheme)

    def column(self, one: Scored) -> Column:
        return Column(
            number=one.number,
            swatch=self.swatch(one),
            title=self.title(one),
            is_baseline=one.number == self.comparison.baseline,
        )

    def share(self, one: Scored) -> Any:
        said = html.Span(f"v{one.number}", className="visually-hidden")
        return html.Span([self.swatch(one), said, cell(f"{one.number} called")], className="threshold-share")

    def matrix(self, one: Scored) -> Any:
        split = self.comparison.split
        return confusion_matrix(
            one.number,
            self.title(one),
            labels=(str(split.negative), str(split.positive)),
            color=self.marks[one.number].color(self.scheme),
            is_baseline=one.number == self.comparison.baseline,
        )


def _calibration_note(drawn: Sequence[Scored]) -> str:
    """Why versions are missing from the calibration, if any are."""
    missing = [one for one in drawn if one.evaluation.calibration is None]
    if not missing:
        return ""
    needs_probability = next(metric.name for metric in METRICS if metric.needs_probability)
    reason = missing[0].metrics[needs_probability].reason
    versions = ", ".join(f"v{one.number}" for one in missing)
    return _("n/a: {what}. {reason}", what=versions, reason="" if reason is None else _(reason))
