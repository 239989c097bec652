"""What a split can show: the smallest difference that it tells from none, and the rows a margin needs."""

import math
from typing import Final

from core.evidence.statistics.interval import quantile

POWER: Final = 0.8
TYPICAL_AUC: Final = 0.85
TYPICAL_CORRELATION: Final = 0.6  # of the AUCs of two versions on the same rows
TYPICAL_DISCORDANT: Final = 0.1  # share of rows that one of two versions has right and the other wrong


def detectable(error: float, level: float, freedom: float = math.inf, power: float = POWER) -> float:
    """Smallest true difference that is told from none with probability `power`, in the metric's unit.

    Args:
        error: standard error of the paired difference on this split.
        level: confidence level of the interval that decides.
        freedom: degrees of freedom of the error.
        power: probability, above one half.
    """
    return error * (quantile(level, freedom) + quantile(2 * power - 1, freedom))


def rows_needed(error: float, rows: int, margin: float, level: float, power: float = POWER) -> int:
    """Rows with which a difference of `margin` (> 0) would be told from none, where `rows` give `error`.

    The error falls with the square root of the rows, their share of positives being the same.
    """
    return max(1, math.ceil(rows * (detectable(error, level, power=power) / margin) ** 2))


def typical_error(metric: str, positives: int, negatives: int) -> float | None:
    """Standard error of a paired difference that is to be expected before any version was scored.

    For ROC AUC by Hanley and McNeil (Radiology 143, 1982, and 148, 1983) with an AUC of 0.85 and a
    correlation of 0.6; for the share of right decisions with one row in ten decided differently. None
    for other metrics, and where a label has no row.
    """
    if not positives or not negatives:
        return None
    if metric == "roc_auc":
        return math.sqrt(2 * (1 - TYPICAL_CORRELATION)) * _hanley(TYPICAL_AUC, positives, negatives)
    asked = {"accuracy": positives + negatives, "recall": positives, "specificity": negatives}
    return math.sqrt(TYPICAL_DISCORDANT / asked[metric]) if metric in asked else None


def _hanley(auc: float, positives: int, negatives: int) -> float:
    both = auc / (2 - auc) - auc**2
    same = 2 * auc**2 / (1 + auc) - auc**2
    variance = auc * (1 - auc) + (positives - 1) * both + (negatives - 1) * same
    return math.sqrt(variance / (positives * negatives))
