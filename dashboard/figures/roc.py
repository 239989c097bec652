"""Receiver operating characteristics, overlaid, with each version's point at the shared threshold."""

from collections.abc import Sequence

import plotly.graph_objects as go

from core.evidence.comparison import Comparison
from dashboard.figures import plane
from dashboard.figures.scored import scored
from dashboard.messages import _
from dashboard.theme import Scheme


def figure(comparison: Comparison, marks: plane.Marks, scheme: Scheme) -> go.Figure:
    """The chance line, one curve for each scored version, the operating points last."""
    drawn = scored(comparison)
    hover = f"{_('false positive rate')} %{{x:.4~f}}<br>{_('true positive rate')} %{{y:.4~f}}"
    lines = [(one.number, one.evaluation.roc) for one in drawn]
    curves = plane.overlaid(lines, marks, scheme, hover=hover)
    dots = plane.points(points(comparison), [marks[one.number] for one in drawn], scheme)
    return plane.drawn_figure(
        [plane.reference((0, 1), (0, 1), scheme), *curves, dots],
        plane.layout(_("false positive rate"), _("true positive rate"), scheme),
    )


def points(comparison: Comparison) -> Sequence[plane.Point]:
    """False and true positive rate of each scored version at the comparison's threshold."""
    return [
        (_share(one.confusion.fp, one.confusion.tn), one.metrics["recall"].value)
        for one in scored(comparison)
    ]


def _share(part: int, rest: int) -> float | None:
    return part / (part + rest) if part + rest else None
