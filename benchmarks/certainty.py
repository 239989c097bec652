"""How long it takes to say how sure: ten versions on a million rows, and again at another threshold.

`python -m benchmarks.certainty`
"""

import time
from typing import Final

import numpy as np
from scipy.special import expit

from benchmarks.timing import milliseconds, print_table
from core.evidence.certainty import Certainties, Terms
from core.evidence.row_parts import Scored
from core.evidence.scores import ScoreKey, ScoreKind

ROWS: Final = 1_000_000
VERSIONS: Final = 10
THRESHOLDS: Final = (0.2, 0.3, 0.4, 0.6, 0.7)


def main() -> None:
    """Print the table."""
    rng = np.random.default_rng(0)
    labels = rng.random(ROWS) < 0.3
    signal = rng.normal(size=ROWS) + labels - 1
    versions = [
        Scored(
            key=ScoreKey(digest=str(number), fingerprint="rows", code="1"),
            kind=ScoreKind.PROBABILITY,
            values=expit(signal + 0.3 * rng.normal(size=ROWS)),
        )
        for number in range(VERSIONS)
    ]
    certainties, taken = Certainties(), []
    for threshold in (0.5, *THRESHOLDS):
        start = time.perf_counter()
        certainties.of(labels, versions[0], versions[1:], Terms(threshold=threshold))
        taken.append(time.perf_counter() - start)
    print_table(
        f"Intervals and paired differences of {VERSIONS} versions on {ROWS:,} rows",
        ("", "Runoff", "promised"),
        [
            ("first time", milliseconds(taken[0]), "at most 5,000 ms"),
            ("at another threshold", milliseconds(float(np.median(taken[1:]))), "at most 50 ms"),
        ],
    )


if __name__ == "__main__":
    main()
