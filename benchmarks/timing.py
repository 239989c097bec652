"""Medians of several runs, side by side, and tables to show them."""

import statistics
import time
from collections.abc import Callable, Sequence

Work = Callable[[], object]


def median_seconds(work: Work, repeat: int = 5) -> float:
    """Median wall time in seconds of `repeat` runs, after one that is not counted."""
    return medians([work], repeat)[0]


def medians(works: Sequence[Work], repeat: int = 5) -> list[float]:
    """Median wall time in seconds of each, run in turns, so that a busy moment strikes all of them.

    One round comes first that is not counted.
    """
    seconds: list[list[float]] = [[] for _ in works]
    for work in works:
        work()
    for _ in range(repeat):
        for work, taken in zip(works, seconds, strict=True):
            start = time.perf_counter()
            work()
            taken.append(time.perf_counter() - start)
    return [statistics.median(taken) for taken in seconds]


def milliseconds(seconds: float) -> str:
    """Milliseconds for a table: a digit after the point below 10."""
    value = seconds * 1_000
    return f"{value:,.0f} ms" if value >= 10 else f"{value:.1f} ms"


def print_table(title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """A Markdown table with a heading; the first column is left-aligned, the rest right-aligned."""
    print(f"### {title}\n")
    print(f"| {' | '.join(columns)} |")
    print(f"|---|{'---:|' * (len(columns) - 1)}")
    for row in rows:
        print(f"| {' | '.join(str(cell) for cell in row)} |")
    print()
