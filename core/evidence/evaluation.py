"""Scores and labels -> evaluation of one version on one split."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.evidence.curves import Confusion, Polyline, ThresholdCurve
from core.evidence.metrics import MetricValue
from core.evidence.scores import ScoreKind
from core.messages import Message


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Calibration:
    """Reliability in equal-width bins that hold rows: (b,) arrays."""

    mean_score: NDArray[np.float64]
    positive_share: NDArray[np.float64]
    rows: NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Evaluation:
    """One version on one split: what does not depend on a threshold, and the means to ask for what does."""

    digest: str
    fingerprint: str
    kind: ScoreKind
    curve: ThresholdCurve
    metrics: Mapping[str, MetricValue]  # those without a threshold
    roc: Polyline  # x false positive rate, y true positive rate
    precision_recall: Polyline  # x recall, y precision
    gain: Polyline  # x share of rows called positive, y recall
    calibration: Calibration | None  # None: scores are no probabilities
    ks: MetricValue  # Kolmogorov-Smirnov distance of the two score distributions
    seconds: float = 0.0
    flavor: str = ""
    notes: tuple[Message, ...] = ()

    def confusion(self, threshold: float) -> Confusion:
        """The four cells at a threshold."""
        raise NotImplementedError

    def at(self, threshold: float) -> Mapping[str, MetricValue]:
        """Every metric of the contract, in its order, at a threshold."""
        raise NotImplementedError
