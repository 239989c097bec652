"""Precision against recall, overlaid, with each version's point at the shared threshold."""

from collections.abc import Sequence

import plotly.graph_objects as go

from core.evidence.comparison import Comparison
from dashboard.figures import plane
from dashboard.figures.scored import scored
from dashboard.messages import _
from dashboard.theme import Scheme, decimal


def figure(comparison: Comparison, marks: plane.Marks, scheme: Scheme) -> go.Figure:
    """The base rate, one curve for each scored version, the operating points last."""
    drawn = scored(comparison)
    hover = f"{_('recall')} %{{x:.4~f}}<br>{_('precision')} %{{y:.4~f}}"
    lines = [(one.number, one.evaluation.precision_recall) for one in drawn]
    curves = plane.overlaid(lines, marks, scheme, hover=hover)
    base_rate = comparison.split.positives / comparison.split.rows
    dots = plane.points(points(comparison), [marks[one.number] for one in drawn], scheme)
    return plane.drawn_figure(
        [plane.reference((0, 1), (base_rate, base_rate), scheme), *curves, dots],
        {
            **plane.layout(_("recall"), _("precision"), scheme),
            "annotations": [plane.remark(0, base_rate, _("base rate {share}", share=decimal(base_rate, 2)))],
        },
    )


def points(comparison: Comparison) -> Sequence[plane.Point]:
    """Recall and precision at the comparison's threshold; no point where nothing is called positive."""
    return [(one.metrics["recall"].value, one.metrics["precision"].value) for one in scored(comparison)]
