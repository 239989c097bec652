"""Metrics of a binary classifier: their facts and their values.

Names and values are scikit-learn's. A metric that does not exist for the data has no value but a
reason: where scikit-learn warns and puts 0 or NaN, there is None here.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from core.evidence.curves import Confusion, ThresholdCurve
from core.messages import Message, message


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """The facts of a metric; how it is written for people is the theme's business."""

    name: str  # contract name: roc_auc, accuracy, …
    title: Message
    greater_is_better: bool = True
    low: float = 0.0
    high: float = 1.0  # math.inf where there is no bound
    needs_threshold: bool = False
    needs_probability: bool = False


@dataclass(frozen=True, slots=True)
class MetricValue:
    """A metric's value, or the reason why the data have none. Never NaN."""

    value: float | None
    reason: Message | None = None


METRICS: tuple[Metric, ...] = (
    Metric(name="accuracy", title=message("accuracy"), needs_threshold=True),
    Metric(name="balanced_accuracy", title=message("balanced accuracy"), needs_threshold=True),
    Metric(name="precision", title=message("precision"), needs_threshold=True),
    Metric(name="recall", title=message("recall"), needs_threshold=True),
    Metric(name="specificity", title=message("specificity"), needs_threshold=True),
    Metric(name="f1", title=message("F1"), needs_threshold=True),
    Metric(name="mcc", title=message("Matthews correlation"), low=-1.0, needs_threshold=True),
    Metric(name="roc_auc", title=message("ROC AUC")),
    Metric(name="average_precision", title=message("average precision")),
    Metric(
        name="log_loss",
        title=message("log loss"),
        greater_is_better=False,
        high=math.inf,
        needs_probability=True,
    ),
    Metric(name="brier", title=message("Brier score"), greater_is_better=False, needs_probability=True),
)
METRIC: Mapping[str, Metric] = MappingProxyType({metric.name: metric for metric in METRICS})

NO_POSITIVES = MetricValue(None, message("The test split has no positive row."))
NO_NEGATIVES = MetricValue(None, message("The test split has no negative row."))
NONE_CALLED = MetricValue(None, message("No row is called positive at this threshold."))
NOTHING_POSITIVE = MetricValue(None, message("No row is positive, and none is called positive."))
ALL_ALIKE = MetricValue(None, message("All rows have the same label or the same decision."))
NO_PROBABILITY = MetricValue(None, message("These scores rank rows but are no probabilities."))

ROWS_A_LOGARITHM = 8  # factors, each at least 2**-52, whose product is far from underflow


def decision_metrics(cells: Confusion) -> dict[str, MetricValue]:
    """The metrics of the contract that need a threshold, from the four cells at it."""
    tn, fp, fn, tp = cells.tn, cells.fp, cells.fn, cells.tp
    recall = _ratio(tp, tp + fn, NO_POSITIVES)
    specificity = _ratio(tn, tn + fp, NO_NEGATIVES)
    return {
        "accuracy": MetricValue((tp + tn) / (tn + fp + fn + tp)),
        "balanced_accuracy": _mean(recall, specificity),
        "precision": _ratio(tp, tp + fp, NONE_CALLED),
        "recall": recall,
        "specificity": specificity,
        "f1": _ratio(2 * tp, 2 * tp + fp + fn, NOTHING_POSITIVE),
        "mcc": _ratio(tp * tn - fp * fn, math.sqrt((tp + fp) * (tp + fn) * (tn + fp) * (tn + fn)), ALL_ALIKE),
    }


def roc_auc(curve: ThresholdCurve) -> MetricValue:
    """Area under the ROC curve by trapezoids: a count of pairs, so exact but for one division."""
    if (missing := one_class(curve)) is not None:
        return missing
    tp, fp = curve.tp, curve.fp
    twice = int(np.dot(tp[1:] + tp[:-1], np.diff(fp))) + int(tp[0]) * int(fp[0])
    return MetricValue(twice / (2 * curve.positives * curve.negatives))


def average_precision(curve: ThresholdCurve, precision: NDArray[np.float64]) -> MetricValue:
    """Precision at each threshold, weighted by the recall gained there; no interpolation."""
    if not curve.positives:
        return NO_POSITIVES
    gained = np.diff(curve.tp, prepend=0)
    return MetricValue(min(float(np.sum(gained * precision)) / curve.positives, 1.0))


def kolmogorov_smirnov(curve: ThresholdCurve) -> MetricValue:
    """Largest distance of true and false positive rate: the statistic of SciPy's `ks_2samp`."""
    if (missing := one_class(curve)) is not None:
        return missing
    apart = curve.tp * curve.negatives
    apart -= curve.fp * curve.positives
    furthest = max(int(apart.max()), -int(apart.min()))
    return MetricValue(furthest / (curve.positives * curve.negatives))


def probability_metrics(labels: NDArray[np.bool_], scores: NDArray[np.float64]) -> dict[str, MetricValue]:
    """Log loss and Brier score of (n,) probabilities of the positive label.

    Probabilities of 0 and 1 are clipped by 2**-52 for the logarithm, as scikit-learn does with float64.
    Defined where there is but one class, too.
    """
    of_label = np.abs(
        np.subtract(scores, ~labels, dtype=np.float64)
    )  # the probability that the row's own label was given
    missed = 1.0 - of_label
    brier = float(np.sum(np.square(missed))) / len(labels)
    clip = float(np.finfo(np.float64).eps)
    np.clip(of_label, clip, 1.0 - clip, out=of_label)
    return {
        "log_loss": MetricValue(-_sum_of_logarithms(of_label) / len(labels)),
        "brier": MetricValue(brier),
    }


def one_class(curve: ThresholdCurve) -> MetricValue | None:
    """The reason why there is nothing to rank where all labels are the same, else None."""
    if not curve.positives:
        return NO_POSITIVES
    return None if curve.negatives else NO_NEGATIVES


def _sum_of_logarithms(values: NDArray[np.float64]) -> float:
    """Sum of the natural logarithms of values in [2**-52, 1], of a product of a few at a time."""
    whole = len(values) // ROWS_A_LOGARITHM * ROWS_A_LOGARITHM
    products = values[:whole].reshape(ROWS_A_LOGARITHM, -1).prod(axis=0)
    return float(np.log(products).sum() + np.log(values[whole:]).sum())


def _ratio(part: float, whole: float, undefined: MetricValue) -> MetricValue:
    return MetricValue(part / whole) if whole else undefined


def _mean(first: MetricValue, second: MetricValue) -> MetricValue:
    if first.value is None or second.value is None:
        return first if first.value is None else second
    return MetricValue((first.value + second.value) / 2)
