"""Better, no worse, worse, or cannot tell: what the interval of a difference says, and nothing else."""

from enum import StrEnum

from core.evidence.statistics.interval import Difference, Interval


class Verdict(StrEnum):
    """What a paired difference shows of a candidate."""

    BETTER = "better"  # the whole interval is on the good side of zero
    NO_WORSE = "no_worse"  # the interval's bad end is within the margin
    WORSE = "worse"  # the whole interval is on the bad side of zero, and it reaches beyond the margin
    CANNOT_TELL = "cannot_tell"


def judge(difference: Difference, *, greater_is_better: bool, margin: float) -> Verdict:
    """The verdict on a candidate; `margin` (>= 0) is a loss that nobody minds, in the metric's unit."""
    gain = oriented(difference.interval, greater_is_better=greater_is_better)
    if gain.low > 0:
        return Verdict.BETTER
    if gain.low >= -margin:
        return Verdict.NO_WORSE
    return Verdict.WORSE if gain.high < 0 else Verdict.CANNOT_TELL


def oriented(interval: Interval, *, greater_is_better: bool) -> Interval:
    """The interval turned so that more is better."""
    return interval if greater_is_better else Interval(-interval.high, -interval.low)
