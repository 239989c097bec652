"""Lift: how many times more positives are among the rows with the highest scores than among all."""

from collections.abc import Sequence

import plotly.graph_objects as go

from core.evidence.comparison import Comparison
from dashboard.figures import plane
from dashboard.figures.scored import scored
from dashboard.messages import _
from dashboard.theme import Scheme

_AIR = 1.04  # above the highest point


def figure(comparison: Comparison, marks: plane.Marks, scheme: Scheme) -> go.Figure:
    """Chance, one curve for each scored version, the operating points last; the axis begins at zero."""
    drawn = scored(comparison)
    hover = f"{_('rows called positive')} %{{x:.2~%}}<br>{_('lift')} %{{y:.4~f}}"
    lines = [(one.number, one.evaluation.lift) for one in drawn]
    dots = plane.points(points(comparison), [marks[one.number] for one in drawn], scheme)
    layout = plane.layout(_("share of rows called positive"), _("lift over chance"), scheme)
    top = max((float(line.y.max()) for _number, line in lines if len(line.y)), default=1.0)
    free = {"range": [0, _AIR * top], "dtick": None, "nticks": 6, "tickformat": "~f"}
    return plane.drawn_figure(
        [
            plane.reference((0, 1), (1, 1), scheme),
            *plane.overlaid(lines, marks, scheme, hover=hover),
            dots,
        ],
        {**layout, "yaxis": {**layout["yaxis"], **free}},
    )


def points(comparison: Comparison) -> Sequence[plane.Point]:
    """Share of rows called positive and lift at the comparison's threshold; none where nothing is called."""
    base_rate = comparison.split.positives / comparison.split.rows
    return [
        (one.share_called, precision / base_rate if precision is not None and base_rate else None)
        for one in scored(comparison)
        for precision in [one.metrics["precision"].value]
    ]
