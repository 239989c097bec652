"""The runs page: sort, filter and fill at 10,000 and 100,000 runs, beside MlflowClient on the same store."""

import os
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path
from statistics import median
from typing import Any

import psutil

from benchmarks.run_store import insert_runs
from benchmarks.timing import milliseconds, print_table
from commands.serve import TURN_SECONDS
from core.catalog.mlflow_gateway import MlflowStore
from core.catalog.run_index import RunIndex
from core.catalog.runs.question import Field, Kind, Order, Question

SMALL = 10_000
LARGE = 100_000
PAGE = 100  # rows
FIELDS = (
    *(Field(Kind.ATTRIBUTE, name) for name in ("start_time", "duration")),
    *(Field(Kind.METRIC, f"metric_{number}") for number in range(10)),
    *(Field(Kind.PARAM, f"param_{number}") for number in range(10)),
)
FILTER = "metrics.metric_1 > 0.{:03d} AND params.param_0 = 'tree'"
MEGABYTE = 2**20

Row = tuple[str, str, str, str]


def main() -> None:
    """Print a table for each size: what is promised stands beside it."""
    sys.setswitchinterval(TURN_SECONDS)  # as the server does
    with tempfile.TemporaryDirectory(prefix="runoff-bench-") as folder:
        for runs in (SMALL, LARGE):
            path = Path(folder) / f"{runs}.db"
            _compare(path, runs)


def _compare(path: Path, runs: int) -> None:
    uri = f"sqlite:///{path}"
    os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
    from mlflow import MlflowClient  # noqa: PLC0415  not before the variable is set

    client = MlflowClient(uri, uri)
    experiment = str(client.create_experiment("sweep"))
    insert_runs(path, experiment, runs)
    store = MlflowStore(uri)
    store.check()
    index = RunIndex(store, path.parent / "runs")
    theirs = _read_all(client, experiment)
    rows = _filling(index, experiment, runs, theirs)
    index.close()  # what it has read is on the disk then
    index = RunIndex(store, path.parent / "runs")
    rows.append(_starting(index, experiment, runs))
    rows += _asking(index, experiment, runs)
    if runs == SMALL:
        rows.append(_ordering(index, client, experiment))
    index.close()
    print_table(f"Runs: {runs:,}, SQLite database", ("what", "Runoff", "promised", "MlflowClient"), rows)


def _read_all(client: Any, experiment: str) -> float:
    """Seconds that the API takes to hand over all runs, in its own pages."""
    started, token = time.perf_counter(), None
    while True:
        page = client.search_runs([experiment], max_results=1_000, page_token=token)
        token = page.token
        if not token:
            return time.perf_counter() - started


def _filling(index: RunIndex, experiment: str, runs: int, theirs: float) -> list[Row]:
    process = psutil.Process()
    before = process.memory_info().rss
    started = time.perf_counter()
    state = index.open([experiment])
    index.rows(Question(experiments=(experiment,)), FIELDS, start=0, end=PAGE)
    first = time.perf_counter() - started
    most = 0
    while state.is_filling:
        time.sleep(0.1)
        state = index.state([experiment])
        most = max(most, process.memory_info().rss - before)
    whole = time.perf_counter() - started
    assert state.runs == runs
    return [
        ("first rows of an unseen experiment", milliseconds(first), "1,000 ms", ""),
        (
            "all runs",
            f"{whole:.1f} s ({whole / theirs:.2f} times)",
            "1.3 times",
            f"{theirs:.1f} s, in pages of 1,000",
        ),
        ("memory at most", f"{most / MEGABYTE:.0f} MB", "300 MB" if runs == LARGE else "", ""),
    ]


def _asking(index: RunIndex, experiment: str, runs: int) -> list[Row]:
    question = Question(experiments=(experiment,))
    turns, limits = count(), count(500)

    def sort(filter_text: str = "") -> Question:
        metric = Field(Kind.METRIC, f"metric_{next(turns) % 10}")
        return Question(
            experiments=(experiment,), filter=filter_text, order=(Order(metric, descending=True),)
        )

    def page(asked: Question, start: int) -> int:
        return index.rows(asked, FIELDS, start=start, end=start + PAGE).total

    ordered = sort()
    page(ordered, 0)
    starts = count(PAGE, PAGE)
    works: dict[str, Callable[[], object]] = {
        "sort by a metric, 22 columns of 100 rows": lambda: page(sort(), 0),
        "filter by two conditions and sort": lambda: page(sort(FILTER.format(next(limits))), 0),
        "next page": lambda: page(ordered, next(starts)),
        "values of 1,000 runs for a picture": lambda: index.values(
            index.ids(question, limit=1_000), FIELDS[2:]
        ),
        "mean, least and most of two metrics by a param": lambda: index.groups(
            question, FIELDS[12], FIELDS[2:4]
        ),
    }
    assert page(sort(), 0) == runs
    promised = "50 ms" if runs == LARGE else ""
    return [
        (what, milliseconds(_median(work)), promised if place < 3 else "", "")
        for place, (what, work) in enumerate(works.items())
    ]


def _ordering(index: RunIndex, client: Any, experiment: str) -> Row:
    """The same order, asked of both."""
    metric = Field(Kind.METRIC, "metric_3")
    asked = Question(experiments=(experiment,), order=(Order(metric, descending=True),))
    started = time.perf_counter()
    page = client.search_runs([experiment], order_by=["metrics.metric_3 DESC"], max_results=PAGE)
    theirs = time.perf_counter() - started
    started = time.perf_counter()
    rows = index.rows(asked, FIELDS, start=0, end=PAGE).rows
    ours = time.perf_counter() - started
    assert [row.id for row in rows] == [run.info.run_id for run in page]
    what = f"{milliseconds(ours)} ({theirs / ours:.0f} times faster)"
    return "the best 100 runs by a metric", what, "50 times faster", milliseconds(theirs)


def _starting(index: RunIndex, experiment: str, runs: int) -> Row:
    """A new process, as it were: what was kept on disk is read."""
    started = time.perf_counter()
    while index.open([experiment]).runs < runs:
        time.sleep(0.01)
    whole = time.perf_counter() - started
    return "all runs again after a start, from disk", milliseconds(whole), "", ""


def _median(work: Callable[[], object], repeat: int = 9) -> float:
    """Median seconds; each time another question, so that nothing is remembered."""
    seconds = []
    for _ in range(repeat):
        started = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - started)
    return median(seconds)


if __name__ == "__main__":
    main()
