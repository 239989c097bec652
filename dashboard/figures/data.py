"""The numbers behind the pictures, as CSV."""

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType

from core.evidence.comparison import Comparison
from core.evidence.curves import Polyline
from core.evidence.evaluation import Evaluation
from core.evidence.judgement import Judgement
from core.evidence.metrics import METRICS
from core.evidence.statistics.interval import Difference
from dashboard.figures.scored import scored

Row = Sequence[object]


def table(comparison: Comparison, chart: str) -> str:
    """CSV of what a chart shows, a line for each version and point. KeyError where there is no such chart.

    Values have all their digits; what does not exist is empty.
    """
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(CHARTS[chart](comparison))
    return text.getvalue()


def deltas(comparison: Comparison, judgement: Judgement) -> str:
    """CSV of the forest plot: candidate minus baseline, not turned; metrics without an interval say why."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(_deltas(comparison, judgement))
    return text.getvalue()


def _deltas(comparison: Comparison, judgement: Judgement) -> Iterator[Row]:
    yield "version", "metric", "threshold", "difference", "low", "high", "level", "better_is", "reason"
    for number, certainty in judgement.certainties.items():
        for metric in METRICS if certainty.differences is not None else ():
            found = (certainty.differences or {})[metric.name]
            better = "greater" if metric.greater_is_better else "smaller"
            head = number, metric.name, comparison.threshold_of(number)
            if isinstance(found, Difference):
                ends = found.interval.low, found.interval.high
                yield *head, found.value, *ends, judgement.level, better, ""
            else:
                yield *head, "", "", "", judgement.level, better, str(found.reason)


def _metrics(comparison: Comparison) -> Iterator[Row]:
    yield "version", "metric", "threshold", "value", "difference", "reason"
    for one in scored(comparison):
        for metric in METRICS:
            found = one.metrics[metric.name]
            difference = comparison.delta(one.number, metric.name)
            reason = "" if found.reason is None else str(found.reason)
            yield (
                one.number,
                metric.name,
                comparison.threshold_of(one.number),
                found.value,
                difference,
                reason,
            )


def _calibration(comparison: Comparison) -> Iterator[Row]:
    yield "version", "mean_score", "positive_share", "rows"
    for one in scored(comparison):
        bins = one.evaluation.calibration
        if bins is not None:
            for mean, share, rows in zip(bins.mean_score, bins.positive_share, bins.rows, strict=True):
                yield one.number, float(mean), float(share), int(rows)


def _points(x: str, y: str, line: Callable[[Evaluation], Polyline]) -> Callable[[Comparison], Iterator[Row]]:
    def rows(comparison: Comparison) -> Iterator[Row]:
        yield "version", x, y, "threshold"
        for one in scored(comparison):
            drawn = line(one.evaluation)
            thresholds = [""] * len(drawn.x) if drawn.thresholds is None else drawn.thresholds.tolist()
            for point in zip(drawn.x.tolist(), drawn.y.tolist(), thresholds, strict=True):
                yield one.number, *point

    return rows


CHARTS: Mapping[str, Callable[[Comparison], Iterator[Row]]] = MappingProxyType(
    {
        "metrics": _metrics,
        "roc": _points("false_positive_rate", "true_positive_rate", lambda one: one.roc),
        "pr": _points("recall", "precision", lambda one: one.precision_recall),
        "calibration": _calibration,
        "gain": _points("share_called_positive", "share_of_positives_found", lambda one: one.gain),
        "lift": _points("share_called_positive", "lift", lambda one: one.lift),
    }
)
