"""What each row of a version adds to each metric that knows no threshold, and the errors that follow."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.evidence.scores import ScoreKey, ScoreKind
from core.evidence.statistics import influence, losses
from core.evidence.statistics.delong import Placements, Ranking, placements, rank
from core.evidence.statistics.interval import Spread, Unknown
from core.evidence.statistics.ranks import ranks
from core.messages import message

Known = Spread | Ranking | Unknown

NO_PROBABILITY = Unknown(reason=message("These scores rank rows but are no probabilities."))
ONE_LABEL = Unknown(reason=message("The test split has rows of one label only."))
RANKED = ("roc_auc", "average_precision", "ks")
OF_PROBABILITY = ("log_loss", "brier", "calibration_error")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scored:
    """One version's scores, (n,) in the order of the split."""

    key: ScoreKey
    kind: ScoreKind
    values: NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class RowParts:
    """Arrays of (n,) for each metric; large, so nobody keeps them."""

    labels: NDArray[np.bool_]
    placed: Placements | None  # None: rows of one label only
    moved: Mapping[str, influence.Influence]
    lost: Mapping[str, NDArray[np.float64]]

    def errors(self, baseline: "RowParts | None" = None) -> Mapping[str, Known]:
        """Errors of the metrics, or of how much greater they are than the baseline's on the same rows."""
        found: dict[str, Known] = dict.fromkeys(RANKED, ONE_LABEL)
        found |= dict.fromkeys(OF_PROBABILITY, NO_PROBABILITY)
        if self.placed is not None:
            found["roc_auc"] = rank(self.placed, None if baseline is None else baseline.placed)
        for name, one in self.moved.items():
            if baseline is None or name in baseline.moved:
                found[name] = one.spread(self.labels, None if baseline is None else baseline.moved[name])
        for name, each in self.lost.items():
            if baseline is None or name in baseline.lost:
                found[name] = losses.mean(
                    each if baseline is None else each - baseline.lost[name], self.labels
                )
        return found


def row_parts(labels: NDArray[np.bool_], version: Scored) -> RowParts:
    """Take one version's scores apart, from one sort of them."""
    scores = version.values
    moved: dict[str, influence.Influence] = {}
    placed = None
    if labels.any() and not labels.all():
        ranked = ranks(labels, scores)
        placed = placements(ranked)
        moved["average_precision"] = influence.average_precision(ranked)
        moved["ks"] = influence.kolmogorov_smirnov(ranked)
    if version.kind is not ScoreKind.PROBABILITY:
        return RowParts(labels, placed, moved, {})
    if placed is not None:
        moved["calibration_error"] = influence.calibration_error(labels, scores)
    lost = {"log_loss": losses.log_losses(labels, scores), "brier": losses.squared_errors(labels, scores)}
    return RowParts(labels, placed, moved, lost)
