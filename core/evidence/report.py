"""A comparison as the JSON that other people's scripts read: the public contract."""

from core.errors import RunoffError
from core.evidence.certainty import Certainty
from core.evidence.comparison import ComparedVersion, Comparison
from core.evidence.curves import Confusion
from core.evidence.judgement import Judged, Judgement
from core.evidence.metrics import MetricValue
from core.evidence.sentences import detectable_sentence, verdict_sentence
from core.evidence.split import Split
from core.evidence.statistics.interval import Difference, Interval, Unknown

JsonObject = dict[str, object]


def as_json(comparison: Comparison, judgement: Judgement | None = None) -> JsonObject:
    """The comparison as plain dicts, lists, strings, numbers and None: `json.dumps` takes it as it is.

    With a judgement it also says how sure all of it is. Sentences are in English. No number is NaN or
    infinite, thresholds apart that were asked for so.
    """
    shown: JsonObject = {
        "model": comparison.model,
        "split": _split(comparison.split),
        "baseline": comparison.baseline,
        "threshold": comparison.threshold,
        "primary_metric": comparison.primary_metric,
        "versions": [_version(compared) for compared in comparison.versions],
    }
    return shown if judgement is None else _sure(shown, comparison, judgement)


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


def _sure(shown: JsonObject, comparison: Comparison, judgement: Judgement) -> JsonObject:
    """What is shown with intervals, differences and verdicts beside it."""
    return {
        **shown,
        "alpha": judgement.alpha,
        "level": judgement.level,
        "margin": judgement.margin,
        "few": judgement.is_few,
        "detectable": _detectable(comparison, judgement),
        "versions": [_sure_version(compared, comparison, judgement) for compared in comparison.versions],
    }


def _detectable(comparison: Comparison, judgement: Judgement) -> JsonObject | None:
    found = judgement.detectable
    if found is None:
        return None
    return {
        "metric": found.metric,
        "difference": found.difference,
        "rows_for_margin": found.rows,
        "assumed": found.is_assumed,
        "sentence": str(detectable_sentence(comparison, judgement)),
    }


def _sure_version(compared: ComparedVersion, comparison: Comparison, judgement: Judgement) -> JsonObject:
    shown, number = _version(compared), compared.version.number
    certainty = judgement.certainties.get(number)
    if certainty is None or compared.metrics is None:
        return shown
    shown["metrics"] = {
        name: {
            **_metric(value),
            "interval": _interval(certainty.intervals[name]),
            "difference": None if certainty.differences is None else _difference(certainty.differences[name]),
        }
        for name, value in compared.metrics.items()
    }
    shown["cost"] = _cost(compared, comparison.cost_ratio, certainty)
    if certainty.flips is not None:
        flips = certainty.flips
        shown["flips"] = {"fixed": flips.fixed, "broken": flips.broken, "p_value": flips.p_value}
    if number in judgement.verdicts:
        shown["verdict"] = _verdict(comparison, judgement, number)
    return shown


def _cost(compared: ComparedVersion, ratio: float, certainty: Certainty) -> JsonObject:
    """Per row, where a missed positive costs `ratio` and a false alarm 1."""
    return {
        "ratio": ratio,
        "value": None if compared.confusion is None else compared.confusion.cost(ratio),
        "interval": _interval(certainty.intervals["cost"]),
        "difference": None if certainty.differences is None else _difference(certainty.differences["cost"]),
    }


def _interval(found: Interval | Unknown) -> list[float] | None:
    return None if isinstance(found, Unknown) else [found.low, found.high]


def _difference(found: Difference | Unknown) -> JsonObject:
    """Candidate minus baseline in the metric's unit; null and a reason where there is none."""
    if isinstance(found, Unknown):
        return {"value": None, "interval": None, "p_value": None, "reason": str(found.reason)}
    return {
        "value": found.value,
        "interval": _interval(found.interval),
        "p_value": found.p_value,
        "reason": None,
    }


def _verdict(comparison: Comparison, judgement: Judgement, number: int) -> JsonObject:
    judged, sentence = judgement.verdicts[number], str(verdict_sentence(comparison, judgement, number))
    if not isinstance(judged, Judged):
        return {"verdict": None, "rows_needed": None, "sentence": sentence}
    return {"verdict": judged.verdict.value, "rows_needed": judged.rows_needed, "sentence": sentence}
