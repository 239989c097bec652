"""Scores and labels -> evaluation of one version on one split."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from core.evidence import metrics as measure
from core.evidence import polylines
from core.evidence.curves import Confusion, Polyline, ThresholdCurve, threshold_curve
from core.evidence.metrics import METRICS, MetricValue
from core.evidence.scores import ScoreKind, Scores
from core.evidence.split import Split
from core.messages import Message

BINS = 10  # of equal width, for calibration


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Calibration:
    """Reliability in equal-width bins that hold rows: (b,) arrays."""

    mean_score: NDArray[np.float64]
    positive_share: NDArray[np.float64]
    rows: NDArray[np.int64]

    @property
    def nbytes(self) -> int:
        """Bytes that the arrays hold."""
        return self.mean_score.nbytes + self.positive_share.nbytes + self.rows.nbytes


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Evaluation:
    """One version on one split: what does not depend on a threshold, and the means to ask for what does."""

    digest: str
    fingerprint: str
    kind: ScoreKind
    curve: ThresholdCurve
    metrics: Mapping[str, MetricValue]  # those without a threshold
    roc: Polyline  # x false positive rate, y true positive rate
    precision_recall: Polyline  # x recall, y precision; steps
    gain: Polyline  # x share of rows called positive, y recall
    lift: Polyline  # x share of rows called positive, y precision / base rate; steps
    calibration: Calibration | None  # None: scores are no probabilities
    ks: MetricValue  # Kolmogorov-Smirnov distance of the two score distributions
    seconds: float = 0.0
    flavor: str = ""
    notes: tuple[Message, ...] = ()

    @property
    def nbytes(self) -> int:
        """Bytes that the arrays hold: 24 for each distinct score, and a little for the drawings."""
        drawn = (self.roc, self.precision_recall, self.gain, self.lift, self.calibration)
        return self.curve.nbytes + sum(one.nbytes for one in drawn if one is not None)

    def confusion(self, threshold: float) -> Confusion:
        """The four cells at a threshold; ValueError for NaN."""
        return self.curve.confusion(threshold)

    def at(self, threshold: float) -> Mapping[str, MetricValue]:
        """Every metric of the contract, in its order, at a threshold; ValueError for NaN."""
        values = {**measure.decision_metrics(self.confusion(threshold)), **self.metrics}
        return {metric.name: values[metric.name] for metric in METRICS}


def evaluate(scores: Scores, split: Split) -> Evaluation:
    """All metrics and curves of one version, from one sort of its scores.

    Raises:
        ValueError: the scores are of another split, of another length, not finite, or said to be
            probabilities and outside of [0, 1].
    """
    if scores.key.fingerprint != split.fingerprint:
        msg = f"scores of {scores.key.fingerprint} cannot be judged by the labels of {split.fingerprint}"
        raise ValueError(msg)
    curve = threshold_curve(split.labels, scores.values)
    precision = polylines.precision_at(curve)
    return Evaluation(
        digest=scores.key.digest,
        fingerprint=split.fingerprint,
        kind=scores.kind,
        curve=curve,
        metrics={
            "roc_auc": measure.roc_auc(curve),
            "average_precision": measure.average_precision(curve, precision),
            **_probability_metrics(scores, split, curve),
        },
        roc=polylines.roc(curve),
        precision_recall=polylines.precision_recall(curve, precision),
        gain=polylines.gain(curve),
        lift=polylines.lift(curve, precision),
        calibration=calibration(curve) if scores.kind is ScoreKind.PROBABILITY else None,
        ks=measure.kolmogorov_smirnov(curve),
        seconds=scores.seconds,
        flavor=scores.flavor,
        notes=scores.notes,
    )


def calibration(curve: ThresholdCurve) -> Calibration:
    """Mean score and share of positives in bins of equal width: scikit-learn's `calibration_curve`.

    A bin holds its upper edge; the first holds 0, too. `curve` is of probabilities. Bins without rows
    are left out.
    """
    inner = np.linspace(0.0, 1.0, BINS + 1)[1:-1]
    # Scores fall along the curve: rows above an edge come first, so bins are walked from the last one.
    above = len(curve.thresholds) - np.searchsorted(curve.thresholds[::-1], inner[::-1], side="right")
    ends = np.concatenate([[0], above, [len(curve.thresholds)]])
    called = np.concatenate([[0], curve.tp + curve.fp])
    positives = np.concatenate([[0], curve.tp])
    held = np.diff(called[ends])
    summed = [
        float(
            np.sum(curve.thresholds[first:end] * np.diff(called[first : end + 1]))
        )  # np.dot waits for threads
        for first, end in pairwise(ends)
    ]
    filled = held > 0
    rows = held[filled]
    return Calibration(
        mean_score=(np.array(summed)[filled] / rows)[::-1],
        positive_share=(np.diff(positives[ends])[filled] / rows)[::-1],
        rows=rows[::-1],
    )


def _probability_metrics(scores: Scores, split: Split, curve: ThresholdCurve) -> dict[str, MetricValue]:
    if scores.kind is not ScoreKind.PROBABILITY:
        return {metric.name: measure.NO_PROBABILITY for metric in METRICS if metric.needs_probability}
    if curve.thresholds[0] > 1.0 or curve.thresholds[-1] < 0.0:
        msg = "probabilities must be within [0, 1]"
        raise ValueError(msg)
    return measure.probability_metrics(split.labels, scores.values)
