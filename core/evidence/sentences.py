"""What a judgement says, in sentences for people; never a bare p-value."""

import math
from typing import Final

from core.evidence import amounts
from core.evidence.amounts import Amounts
from core.evidence.comparison import Comparison
from core.evidence.judgement import Judged, Judgement
from core.evidence.metrics import METRIC
from core.evidence.statistics.interval import FEW, Difference, Unknown
from core.evidence.statistics.verdict import Verdict
from core.messages import Message, message

VERDICTS: Final = {
    Verdict.BETTER: message("better"),
    Verdict.NO_WORSE: message("no worse"),
    Verdict.WORSE: message("worse"),
    Verdict.CANNOT_TELL: message("cannot tell"),
}
NO_VERDICT: Final = message("no verdict")


def verdict_sentence(comparison: Comparison, judgement: Judgement, version: int) -> Message:
    """The verdict on a candidate with what it rests on: both values, the difference, its interval, the rows.

    KeyError where nothing was judged of the version.
    """
    judged = judgement.verdicts[version]
    if isinstance(judged, Unknown):
        return message("There is no verdict: {reason}", reason=judged.reason)
    found = _found(comparison, version, judged.difference)
    return message("{found} {verdict}", found=found, verdict=_verdict(comparison, judgement, judged))


def difference_text(metric: str, difference: Difference) -> Message:
    """+0.6 pp, interval −4.5 to +5.7 pp."""
    write = Amounts.of(METRIC[metric], difference.interval)
    told = write.signed(difference.value)
    return message(
        "{difference}, interval {interval}", difference=told, interval=write.span(difference.interval)
    )


def detectable_sentence(comparison: Comparison, judgement: Judgement) -> Message | None:
    """What the split can show; None where that is not known before versions are scored."""
    found = judgement.detectable
    if found is None:
        return None
    metric, rows = METRIC[found.metric], comparison.split.rows
    seen = {
        "rows": counted(rows),
        "metric": metric.title,
        "size": amounts.margin(metric, float(f"{found.difference:.2g}")),
    }
    can = (
        message("{rows}: can probably only see differences in {metric} of {size} and more", **seen)
        if found.is_assumed
        else message("{rows}: can only see differences in {metric} of {size} and more", **seen)
    )
    if found.rows is None:
        return can
    margin = amounts.margin(metric, judgement.margin)
    if found.rows <= rows:
        return message("{can}; that is enough for the margin of {margin}", can=can, margin=margin)
    needed = counted(_about(found.rows))
    return message(
        "{can}; about {rows} would be needed for the margin of {margin}", can=can, rows=needed, margin=margin
    )


def terms_sentence(comparison: Comparison, judgement: Judgement) -> Message:
    """On what terms candidates are judged: how sure, for how many together, and what nobody minds to lose."""
    metric = METRIC[comparison.primary_metric]
    terms = {
        "each": f"{100 * judgement.level:.4g}%",
        "margin": amounts.margin(metric, judgement.margin),
        "metric": metric.title,
    }
    if len(judgement.verdicts) < 2:  # noqa: PLR2004  one is not judged together with others
        return message(
            "Interval of the difference: {each}. A loss of up to {margin} in {metric} counts as no worse.",
            **terms,
        )
    return message(
        "Intervals of differences: {each} each, so that all {candidates} candidates are judged with "
        "{together} together. A loss of up to {margin} in {metric} counts as no worse.",
        candidates=len(judgement.verdicts),
        together=f"{100 * (1 - judgement.alpha):.4g}%",
        **terms,
    )


def few_sentence(comparison: Comparison) -> Message:
    """The warning for a split on which the judgement `is_few`."""
    positives = comparison.split.positives
    return message(
        "Positive rows: {positives}, negative rows: {negatives}. With fewer than {few} of either, intervals "
        "are no more than a hint.",
        positives=positives,
        negatives=comparison.split.rows - positives,
        few=FEW,
    )


def counted(rows: int) -> Message:
    """143 rows."""
    return message("1 row") if rows == 1 else message("{count:,} rows", count=rows)


def _found(comparison: Comparison, version: int, difference: Difference) -> Message:
    """What was found, without what it means."""
    metric, rows = METRIC[comparison.primary_metric], comparison.split.rows
    write, interval = Amounts.of(metric, difference.interval), difference.interval
    assert comparison.baseline is not None  # there would be no difference
    ours, theirs = (
        amounts.value(metrics[metric.name].value, rows)
        for number in (version, comparison.baseline)
        if (metrics := comparison.find(number).metrics) is not None
    )
    facts = {"metric": metric.title, "ours": ours, "theirs": theirs, "rows": counted(rows)}
    if interval.low == interval.high == 0:
        return message("{metric} {ours} on {rows}, exactly as the baseline's.", **facts)
    if interval.low <= 0 <= interval.high:
        return message(
            "{metric} {ours} against {theirs} on {rows}: {difference}, "
            "but anything from {low} to {high} fits.",
            difference=write.signed(difference.value),
            low=write.signed(interval.low),
            high=write.signed(interval.high),
            **facts,
        )
    near, far = sorted((abs(interval.low), abs(interval.high)))
    sizes = {"size": write.size(difference.value), "low": write.number(near), "high": write.size(far)}
    if difference.value > 0:
        return message(
            "{metric} {ours} against {theirs}: higher by {size} ({low} to {high}) on {rows}.",
            **facts,
            **sizes,
        )
    return message(
        "{metric} {ours} against {theirs}: lower by {size} ({low} to {high}) on {rows}.", **facts, **sizes
    )


def _verdict(comparison: Comparison, judgement: Judgement, judged: Judged) -> Message:
    match judged.verdict:
        case Verdict.BETTER:
            return message("Better.")
        case Verdict.WORSE:
            return message("Worse.")
        case Verdict.NO_WORSE:
            margin = amounts.margin(METRIC[comparison.primary_metric], judgement.margin)
            return message("No worse: within the margin of {margin}.", margin=margin)
        case Verdict.CANNOT_TELL if judged.rows_needed is None:
            return message("Cannot tell.")
        case Verdict.CANNOT_TELL:
            return message(
                "Cannot tell; about {rows} would settle it.", rows=counted(_about(judged.rows_needed))
            )


def _about(rows: int) -> int:
    """Rounded up to two digits: more would claim to know too much."""
    unit = int(10 ** max(0, int(math.log10(rows)) - 1))
    return -(-rows // unit) * unit
