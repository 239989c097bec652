"""Reliability: the share of positives among rows with about the same score."""

import plotly.graph_objects as go

from core.evidence.comparison import Comparison
from core.evidence.evaluation import Calibration
from dashboard.figures import plane
from dashboard.figures.scored import scored
from dashboard.marks import Mark
from dashboard.messages import _
from dashboard.theme import Scheme


def figure(comparison: Comparison, marks: plane.Marks, scheme: Scheme) -> go.Figure:
    """The diagonal of perfect calibration, then each version whose scores are probabilities."""
    lines = [
        _line(one.number, one.evaluation.calibration, marks[one.number], scheme)
        for one in scored(comparison)
        if one.evaluation.calibration is not None
    ]
    return plane.drawn_figure(
        [plane.reference((0, 1), (0, 1), scheme), *lines],
        plane.layout(_("mean score"), _("share of positives"), scheme),
    )


def _line(number: int, bins: Calibration, mark: Mark, scheme: Scheme) -> plane.Trace:
    hover = (
        f"{_('mean score')} %{{x:.4~f}}<br>{_('share of positives')} %{{y:.4~f}}"
        f"<br>{_('rows')} %{{customdata:,}}"
    )
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": f"v{number}",
        "x": bins.mean_score,
        "y": bins.positive_share,
        "customdata": bins.rows,
        "line": {"color": mark.color(scheme), "width": mark.width, "dash": mark.dash},
        "marker": {"symbol": mark.symbol, "size": 6},
        "hovertemplate": f"<b>v{number}</b><br>{hover}<extra></extra>",
    }
