"""Cumulative gain: how many of the positives are found among the rows with the highest scores."""

from collections.abc import Sequence

import plotly.graph_objects as go

from core.evidence.comparison import Comparison
from dashboard.figures import plane
from dashboard.figures.scored import scored
from dashboard.messages import _
from dashboard.theme import Scheme


def figure(comparison: Comparison, marks: plane.Marks, scheme: Scheme) -> go.Figure:
    """Chance and the best order there can be, one curve for each scored version, the points last."""
    drawn = scored(comparison)
    hover = f"{_('rows called positive')} %{{x:.2~%}}<br>{_('positives found')} %{{y:.2~%}}"
    lines = [(one.number, one.evaluation.gain) for one in drawn]
    curves = plane.overlaid(lines, marks, scheme, hover=hover)
    base_rate = comparison.split.positives / comparison.split.rows
    references = [
        plane.reference((0, 1), (0, 1), scheme),
        plane.reference((0, base_rate, 1), (0, 1, 1), scheme),
    ]
    dots = plane.points(points(comparison), [marks[one.number] for one in drawn], scheme)
    return plane.drawn_figure(
        [*references, *curves, dots],
        plane.layout(_("share of rows called positive"), _("share of positives found"), scheme),
    )


def points(comparison: Comparison) -> Sequence[plane.Point]:
    """Share of rows called positive and recall at the comparison's threshold."""
    return [(one.share_called, one.metrics["recall"].value) for one in scored(comparison)]
