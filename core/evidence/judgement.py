"""What a comparison shows: a verdict on each candidate, and what its split can show at all."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from core.evidence.certainty import Certainties, Certainty, Terms
from core.evidence.comparison import ComparedVersion, Comparison
from core.evidence.metrics import METRIC
from core.evidence.row_parts import Scored
from core.evidence.scores import Scores
from core.evidence.statistics import power
from core.evidence.statistics.interval import FEW, Difference, Unknown
from core.evidence.statistics.verdict import Verdict, judge
from core.settings import ModelSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Detectable:
    """The smallest difference in a metric that a split tells from none in four of five samples.

    `rows` are those that would be needed to see a difference as small as the margin; None without one.
    """

    metric: str
    difference: float
    rows: int | None
    is_assumed: bool  # by a typical pair of versions: none is scored yet


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """The verdict on one candidate by the primary metric; `rows_needed` where it cannot be told."""

    verdict: Verdict
    difference: Difference
    rows_needed: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """How sure a comparison is; versions that are not scored are in none of the maps."""

    level: float  # of differences: 1 - alpha / number of candidates
    alpha: float
    margin: float  # of the primary metric
    certainties: Mapping[int, Certainty]
    verdicts: Mapping[int, Judged | Unknown]  # of candidates, where there is a baseline
    detectable: Detectable | None  # None: not known for this metric before versions are scored
    is_few: bool  # fewer than ten rows of a label


Read = Callable[[ComparedVersion], Scores]


def judgement(
    comparison: Comparison, settings: ModelSettings, certainties: Certainties, read: Read
) -> Judgement:
    """Judge every candidate that is scored; `read` gives a version's stored scores."""
    scored = [one for one in comparison.versions if one.evaluation is not None]
    base = next((one for one in scored if one.version.number == comparison.baseline), None)
    candidates = [one for one in scored if one is not base]
    ordered = [*([base] if base else []), *candidates]
    rows = [_scored(one, read) for one in ordered]
    numbers = [one.version.number for one in ordered]
    terms = Terms(
        threshold=comparison.threshold,
        alpha=settings.alpha,
        cost_ratio=comparison.cost_ratio,
        thresholds={
            one.key: comparison.threshold_of(number) for number, one in zip(numbers, rows, strict=True)
        },
    )
    found = certainties.of(
        comparison.split.labels, rows[0] if base else None, rows[1:] if base else rows, terms
    )
    by_number = dict(zip(numbers, found, strict=True))
    judge_one = _judge(comparison, settings, len(candidates))
    return Judgement(
        level=1 - settings.alpha / max(1, len(candidates)),
        alpha=settings.alpha,
        margin=settings.margin(comparison.primary_metric),
        certainties=by_number,
        verdicts={
            number: judge_one(one.differences[comparison.primary_metric])
            for number, one in by_number.items()
            if one.differences is not None
        },
        detectable=detectable(comparison, settings, list(by_number.values())),
        is_few=min(comparison.split.positives, comparison.split.rows - comparison.split.positives) < FEW,
    )


def detectable(
    comparison: Comparison, settings: ModelSettings, certainties: list[Certainty]
) -> Detectable | None:
    """What the split can show in the primary metric: by the versions compared, else by a typical pair."""
    metric, split = comparison.primary_metric, comparison.split
    errors = sorted(error for one in certainties if (error := _error(one, metric)) is not None and error > 0)
    typical = power.typical_error(metric, split.positives, split.rows - split.positives)
    error = errors[len(errors) // 2] if errors else typical
    if error is None:
        return None
    level, margin = 1 - settings.alpha / max(1, len(errors)), settings.margin(metric)
    return Detectable(
        metric=metric,
        difference=power.detectable(error, level),
        rows=power.rows_needed(error, split.rows, margin, level) if margin > 0 else None,
        is_assumed=not errors,
    )


def _judge(
    comparison: Comparison, settings: ModelSettings, candidates: int
) -> Callable[[Difference | Unknown], Judged | Unknown]:
    metric = METRIC[comparison.primary_metric]
    margin, level = settings.margin(metric.name), 1 - settings.alpha / max(1, candidates)

    def one(difference: Difference | Unknown) -> Judged | Unknown:
        if isinstance(difference, Unknown):
            return difference
        verdict = judge(difference, greater_is_better=metric.greater_is_better, margin=margin)
        rows = None
        if verdict is Verdict.CANNOT_TELL and difference.error:
            seen = max(abs(difference.value), margin)
            rows = power.rows_needed(difference.error, comparison.split.rows, seen, level) if seen else None
        return Judged(verdict=verdict, difference=difference, rows_needed=rows)

    return one


def _error(certainty: Certainty, metric: str) -> float | None:
    """Standard error of a candidate's difference; None where there is none."""
    difference = (certainty.differences or {}).get(metric)
    return difference.error if isinstance(difference, Difference) else None


def _scored(compared: ComparedVersion, read: Read) -> Scored:
    scores = read(compared)
    return Scored(key=scores.key, kind=scores.kind, values=scores.values)
