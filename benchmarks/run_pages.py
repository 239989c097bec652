"""The pages of runs at the browser: 1,000 runs compared, and runs with 12,000 metrics.

`python -m benchmarks.run_pages`
"""

import json
import os
import random
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from statistics import median
from typing import Final

from playwright.sync_api import Page, expect

from benchmarks.browser import PAINTED, serving, visitor
from benchmarks.run_store import STARTED, insert_runs
from benchmarks.timing import milliseconds, print_table
from core.catalog.selections import Selections

RUNS: Final = 10_000
COMPARED: Final = 1_000
NAMES: Final = 12_000  # of metrics
WHOLE: Final = 20  # runs that have all of them; the others have a hundred
REPEAT: Final = 3
FIRST_PICTURE: Final = f"""
    {PAINTED}
    until(document, () => document.querySelector("#run-comparison-parallel svg line")).then((at) => {{
        window.paintedAt = at;
    }});
"""

Row = tuple[str, str, str]
Act = Callable[[], object]


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory(prefix="runoff-bench-") as name:
        folder = Path(name)
        many, wide, ids = _fill(folder)
        key = Selections(folder / "home" / "selections").keep(ids)
        with serving(folder / "runoff.yaml") as address:
            rows = [
                *_compared(f"{address}/runs?experiments={many}", f"{address}/runs/compare?selection={key}"),
                *_wide(f"{address}/runs?experiments={wide}"),
            ]
    print_table("Runs, at the browser", ("", "Runoff", "promised"), rows)


def _fill(folder: Path) -> tuple[str, str, Sequence[str]]:
    """An experiment of many runs, one of thousands of metrics, and runs of the first to compare."""
    os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
    from mlflow import MlflowClient  # noqa: PLC0415  not before the variable is set

    path = folder / "store.db"
    uri = f"sqlite:///{path}"
    client = MlflowClient(uri, uri)
    many, wide = (str(client.create_experiment(name)) for name in ("many", "wide"))
    ids = insert_runs(path, many, RUNS)
    _widen(path, insert_runs(path, wide, COMPARED, metrics=2, params=3))
    home = str(folder / "home")
    (folder / "runoff.yaml").write_text(json.dumps({"tracking_uri": uri, "data_dir": home}))
    return many, wide, ids[-COMPARED:]


def _widen(path: Path, ids: Sequence[str]) -> None:
    chance = random.Random(0)  # noqa: S311  values to sort by
    rows = [
        (f"layer.{number}.loss", chance.random(), STARTED, run_id)
        for place, run_id in enumerate(reversed(ids))
        for number in (range(NAMES) if place < WHOLE else chance.sample(range(NAMES), 100))
    ]
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executemany(
            "INSERT INTO latest_metrics (key, value, timestamp, step, is_nan, run_uuid)"
            " VALUES (?, ?, ?, 0, 0, ?)",
            rows,
        )


def _compared(runs: str, compared: str) -> Sequence[Row]:
    """From the address to the first picture: in a browser that knows nothing, and in one that was here."""
    first, again = list[float](), list[float]()
    for _ in range(REPEAT):
        with visitor(scripts=[FIRST_PICTURE]) as page:
            page.goto(runs)
            _until_all(page, RUNS)
        with visitor(scripts=[FIRST_PICTURE]) as page:
            for found in (first, again):
                page.goto(compared)
                expect(page.locator("#run-comparison-parallel svg line").first).to_be_attached()
                page.wait_for_load_state("networkidle")
                found.append(page.evaluate("window.paintedAt") / 1_000)
    what = f"{COMPARED:,} of {RUNS:,} runs compared, until the first picture"
    return [
        (f"{what}, browser new", milliseconds(median(first)), "at most 2,000 ms"),
        (f"{what}, browser here before", milliseconds(median(again)), "at most 2,000 ms"),
    ]


def _wide(address: str) -> Sequence[Row]:
    """What a person does on the page of runs, where they have thousands of metrics."""
    taken: dict[str, list[float]] = {}
    for _ in range(REPEAT):
        with visitor() as page:
            page.goto(address)
            _until_all(page, COMPARED)
            for name, act, then in _actions(page, address):
                taken.setdefault(name, []).append(_seconds(page, act, then))
    what = f"{COMPARED:,} runs with {NAMES:,} metrics"
    return [(f"{what}: {name}", milliseconds(median(found)), "") for name, found in taken.items()]


def _actions(page: Page, address: str) -> Iterator[tuple[str, Act, Act]]:
    """What somebody does, and what follows it."""
    yield "opened", lambda: page.goto(address), lambda: _first_cell(page)
    header = page.locator(".ag-header-cell-text", has_text="metric_0")
    is_sorted = page.locator(".ag-header-cell:is([aria-sort=ascending], [aria-sort=descending])").first
    yield "sorted", header.click, lambda: expect(is_sorted).to_be_visible()
    panel = page.locator("#runs-columns-panel")
    yield "columns offered", lambda: page.click("#runs-columns"), lambda: expect(panel).to_be_visible()
    count = page.locator("#runs-count")
    yield (
        "filtered",
        lambda: _filter(page, "metrics.`layer.7.loss` > 0.5"),
        lambda: expect(count).not_to_contain_text(f"{COMPARED:,}"),
    )


def _filter(page: Page, text: str) -> None:
    page.fill("#runs-filter", text)
    page.press("#runs-filter", "Enter")


def _first_cell(page: Page) -> None:
    expect(page.locator(".ag-row[row-index='0'] .ag-cell a").first).not_to_be_empty()


def _until_all(page: Page, runs: int) -> None:
    expect(page.locator("#runs-count")).to_contain_text(f"{runs:,}", timeout=60_000)
    page.wait_for_load_state("networkidle")


def _seconds(page: Page, act: Act, then: Act) -> float:
    """Until what follows is there; then the page comes to rest."""
    start = time.perf_counter()
    act()
    then()
    taken = time.perf_counter() - start
    page.wait_for_load_state("networkidle")
    return taken


if __name__ == "__main__":
    main()
