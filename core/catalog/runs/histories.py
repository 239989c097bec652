"""Metric histories of runs: every value that was logged, with its step and time."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

MOST_VALUES: Final = 50_000  # of one history; of a longer one MLflow gives an even sample


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class History:
    """The values of one metric of one run, in order of step, then of time.

    `steps` and `times` are (n,) int64, times in milliseconds since 1970; `values` is (n,) float64 and
    may hold NaN and infinities. `is_sample`: there are more values than MOST_VALUES, and these are an even
    sample of them.
    """

    steps: NDArray[np.int64]
    times: NDArray[np.int64]
    values: NDArray[np.float64]
    is_sample: bool = False

    @property
    def nbytes(self) -> int:
        """Bytes that the arrays hold."""
        return self.steps.nbytes + self.times.nbytes + self.values.nbytes
