"""What slices, the search for the worst of them and changed decisions say, in sentences for people."""

from typing import Final

from core.evidence.amounts import Amounts
from core.evidence.certainty import Flips
from core.evidence.metrics import METRIC, Metric
from core.evidence.sentences import counted
from core.evidence.slice_evidence import Sliced
from core.evidence.slice_finder import BRIER, Finding
from core.messages import Message, message

WRONG_DECISIONS: Final = Metric(
    name="wrong", title=message("share of wrong decisions"), greater_is_better=False
)
TINY: Final = 0.001


def finding_sentence(finding: Finding) -> Message:
    """Where the candidate lost most: rule, rows that tested it, difference, interval, p."""
    if finding.rule is None or finding.difference is None:
        return message(
            "Nothing found: among {rows} that were searched there is no part in which the candidate lost.",
            rows=counted(finding.searched),
        )
    metric = METRIC[BRIER] if finding.loss == BRIER else WRONG_DECISIONS
    write, difference = Amounts.of(metric, finding.difference.interval), finding.difference
    facts = {
        "rule": finding.rule.words,
        "metric": metric.title,
        "rows": counted(finding.rows),
        "difference": write.signed(difference.value),
        "interval": write.span(difference.interval),
        "p": p_value(difference.p_value),
    }
    if finding.is_found:
        return message(
            "It lost most where {rule}: on {rows} that had no part in the search, its {metric} is worse than "
            "the baseline's by {size} ({low} to {high}; p {p}).",
            size=write.size(difference.value),
            low=write.number(difference.interval.low),
            high=write.size(difference.interval.high),
            **facts,
        )
    return message(
        "Nothing found. It looked worst where {rule}, but {rows} that had no part in the search do not "
        "bear it out: {metric} {difference} ({interval}; p {p}).",
        **facts,
    )


def flips_sentence(flips: Flips, alpha: float) -> Message:
    """What the numbers of fixed and broken rows say together: McNemar's test in words."""
    facts = {"fixed": flips.fixed, "broken": flips.broken, "p": p_value(flips.p_value)}
    if not flips.fixed and not flips.broken:
        return message("Both decide every row alike.")
    if flips.p_value > alpha:
        return message(
            "Fixed {fixed:,}, broken {broken:,}: chance alone may set them that far apart "
            "(McNemar's test, p {p}).",
            **facts,
        )
    if flips.fixed > flips.broken:
        return message(
            "Fixed {fixed:,}, broken {broken:,}: more fixed than chance explains (McNemar's test, p {p}).",
            **facts,
        )
    return message(
        "Fixed {fixed:,}, broken {broken:,}: more broken than chance explains (McNemar's test, p {p}).",
        **facts,
    )


def slices_sentence(sliced: Sliced) -> Message:
    """On what terms slices are judged."""
    return message(
        "Intervals: {level} each, so that {slices} slices and {candidates} candidates are judged with "
        "{together} together. Grey: zero is inside, or the slice is too small to be judged.",
        level=f"{100 * sliced.level:.4g}%",
        slices=sliced.judged,
        candidates=sliced.candidates,
        together=f"{100 * (1 - sliced.alpha):.4g}%",
    )


def p_value(p: float) -> str:
    """= 0.031, or < 0.001."""
    return f"< {TINY}" if p < TINY else f"= {p:.2g}"
