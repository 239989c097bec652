"""The versions of a comparison that have evidence, with nothing left that may be missing."""

from collections.abc import Mapping
from typing import NamedTuple

from core.evidence.comparison import Comparison
from core.evidence.curves import Confusion
from core.evidence.evaluation import Evaluation
from core.evidence.metrics import MetricValue


class Scored(NamedTuple):
    """One version, its evaluation, and what it is at the comparison's threshold."""

    number: int
    evaluation: Evaluation
    metrics: Mapping[str, MetricValue]
    confusion: Confusion

    @property
    def share_called(self) -> float:
        """Share of the rows that are called positive, from 0 to 1."""
        return (self.confusion.tp + self.confusion.fp) / self.evaluation.curve.rows


def scored(comparison: Comparison) -> tuple[Scored, ...]:
    """Every version that was scored, in the comparison's order."""
    return tuple(
        Scored(compared.version.number, compared.evaluation, compared.metrics, compared.confusion)
        for compared in comparison.versions
        if compared.evaluation and compared.metrics and compared.confusion
    )
