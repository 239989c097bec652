"""Metrics of a binary classifier: their facts and their values."""

from dataclasses import dataclass

from core.messages import Message


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
