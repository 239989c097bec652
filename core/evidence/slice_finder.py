"""Where a candidate lost most: a part of the test split that nobody named beforehand.

```
   half of the rows ─► shallow tree on the row-wise difference of losses ─► the part that looks worst
   other half ──────────────────────────────────────────────────────────────► its difference, interval, p
```

What looks worst among many parts always looks bad, so the rows that chose it say nothing about it: the test
is made on rows that had no part in the choice, as Athey and Imbens (PNAS 113, 2016) do for effects in parts
of a population. The halves are drawn with a fixed seed: the same evidence finds the same part.
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.evidence.paired import Paired, Thresholds
from core.evidence.rule_search import worst_part
from core.evidence.rules import Rule
from core.evidence.scores import ScoreKind
from core.evidence.statistics import losses
from core.evidence.statistics.interval import Difference, Unknown
from core.evidence.statistics.proportions import Discordant

SEED: Final = 20_160_705
MOST_SEARCHED: Final = 100_000  # rows; more make the search slower and hardly better
LEAST: Final = 15  # rows of a part in the half that is searched
LEAST_SHARE: Final = 0.02  # of that half
BRIER: Final = "brier"
WRONG: Final = "wrong"  # share of rows decided wrongly: scores that only rank have no loss of their own

Losses = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """The part in which the candidate looked worst, and what the other half of the rows says of it.

    `rule`, `difference` and the rest are None or 0 where there are too few rows to part, or all rows are
    alike. `difference` is of the mean loss, candidate less baseline, so above zero is worse.
    """

    loss: str  # brier | wrong
    level: float
    searched: int  # rows in which the part was looked for
    tested: int  # rows that had no part in the choice
    rule: Rule | None = None
    rows: int = 0  # of the part, among those tested
    rows_in_all: int = 0  # of the part, in the split
    difference: Difference | None = None

    @property
    def is_found(self) -> bool:
        """Whether the candidate is worse there, beyond what chance does."""
        return self.difference is not None and self.difference.interval.low > 0


def find_slice(paired: Paired, *, at: Thresholds, alpha: float = 0.05, candidates: int = 1) -> Finding:
    """Look for the part of the split where the candidate lost most.

    The loss is the squared error of probabilities (Brier), else whether a row is decided wrongly at its
    version's threshold. Takes about a second; at most 100,000 rows are searched. `alpha` is shared by the
    candidates.
    """
    loss, worse = _lost(paired, at)
    order = np.random.default_rng(SEED).permutation(len(worse))
    half = len(order) // 2
    searched, tested = order[: min(half, MOST_SEARCHED)], order[half:]
    level = 1 - alpha / max(1, candidates)
    nothing = Finding(loss=loss, level=level, searched=len(searched), tested=len(tested))
    least = max(LEAST, math.ceil(LEAST_SHARE * len(searched)))
    rule = worst_part(paired.split, searched, worse[searched], least=least)
    if rule is None:
        return nothing
    held = rule.rows(paired.split)
    inside = held[tested]
    return Finding(
        loss=loss,
        level=level,
        searched=len(searched),
        tested=len(tested),
        rule=rule,
        rows=int(np.count_nonzero(inside)),
        rows_in_all=int(np.count_nonzero(held)),
        difference=_difference(loss, worse[tested][inside], level),
    )


def _lost(paired: Paired, at: Thresholds) -> tuple[str, Losses]:
    """Name of the loss, and (rows,) by how much more the candidate lost."""
    labels, baseline, candidate = paired.split.labels, paired.baseline, paired.candidate
    if {baseline.kind, candidate.kind} == {ScoreKind.PROBABILITY}:
        before, after = (losses.squared_errors(labels, one.values) for one in (baseline, candidate))
        return BRIER, after - before
    wrong, was_wrong = (paired.after >= at.candidate) != labels, (paired.before >= at.baseline) != labels
    return WRONG, np.subtract(wrong, was_wrong, dtype=np.float64)


def _difference(loss: str, worse: Losses, level: float) -> Difference | None:
    if loss == WRONG and len(worse):
        return Discordant(int((worse > 0).sum()), int((worse < 0).sum()), len(worse)).difference(level)
    mean = losses.mean(worse)
    return None if isinstance(mean, Unknown) else mean.difference(level)
