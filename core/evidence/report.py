"""A comparison as the JSON that other people's scripts read: the public contract."""

from core.errors import RunoffError
from core.evidence.comparison import ComparedVersion, Comparison
from core.evidence.curves import Confusion
from core.evidence.metrics import MetricValue
from core.evidence.split import Split

JsonObject = dict[str, object]


def as_json(comparison: Comparison) -> JsonObject:
    """The comparison as plain dicts, lists, strings, numbers and None: `json.dumps` takes it as it is.

    Sentences are in English. No number is NaN or infinite, thresholds apart that were asked for so.
    """
    return {
        "model": comparison.model,
        "split": _split(comparison.split),
        "baseline": comparison.baseline,
        "threshold": comparison.threshold,
        "primary_metric": comparison.primary_metric,
        "versions": [_version(compared) for compared in comparison.versions],
    }


def _split(split: Split) -> JsonObject:
    return {
        "fingerprint": split.fingerprint,
        "rows": split.rows,
        "positives": split.positives,
        "source": split.source,
    }


def _version(compared: ComparedVersion) -> JsonObject:
    """What there is: evidence where scored, the error where failed, else how far it is."""
    shown: JsonObject = {"version": compared.version.number, "status": compared.state.status.value}
    if compared.evaluation is not None:
        shown["digest"] = compared.evaluation.digest
    if compared.metrics is not None:
        shown["metrics"] = {name: _metric(value) for name, value in compared.metrics.items()}
    if compared.confusion is not None:
        shown["confusion"] = _confusion(compared.confusion)
    if compared.state.error is not None:
        shown["error"] = _error(compared.state.error)
    return shown


def _metric(metric: MetricValue) -> JsonObject:
    return {"value": metric.value, "reason": None if metric.reason is None else str(metric.reason)}


def _confusion(cells: Confusion) -> JsonObject:
    return {"tn": cells.tn, "fp": cells.fp, "fn": cells.fn, "tp": cells.tp}


def _error(error: RunoffError) -> JsonObject:
    return {"title": str(error.title), "hint": str(error.hint)}
