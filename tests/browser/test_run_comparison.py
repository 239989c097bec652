"""The comparison of runs in a browser: brushing, the address, languages, schemes."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from core.catalog.runs.histories import History
from core.catalog.runs.question import IndexState
from core.catalog.selections import Selections
from core.catalog.store import Run
from dashboard.factory import create_app
from tests.browser.accessibility import serious_faults
from tests.browser.conftest import serving
from tests.dashboard.memory import MemoryStore, services_over
from tests.dashboard.remembered_runs import MemoryRuns

pytestmark = pytest.mark.browser

MANY = 1_000
SOME = 120
START = datetime(2026, 11, 1, tzinfo=UTC)
PARALLEL = "#run-comparison-parallel"


def run(number: int) -> Run:
    value = 0.5 + 0.4 * number / MANY
    return Run(
        id=f"r{number}",
        name="<b>bold</b>" if number == MANY - 1 else f"run-{number}",
        experiment_id="1",
        status="FINISHED",
        started=START + timedelta(minutes=number),
        ended=START + timedelta(minutes=number + 1),
        metrics={"roc_auc": value, "loss": 1 - value},
        params={"lr": f"{10 ** (-5 + number % 40 / 10):.3g}", "kind": "abc"[number % 3], "data": "x.csv"},
        tags={"mlflow.parentRunId": "sweep"} if number % 2 else {},
    )


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, str, str]:
    """An app over very many runs, and the keys of selections of all of them and of SOME."""
    runs = [run(number) for number in range(MANY)]
    course = History(steps=np.arange(50), times=np.arange(50) * 1_000, values=np.linspace(0.1, 0.9, 50))
    histories = {(one.id, "roc_auc"): course for one in runs}
    folder = tmp_path_factory.mktemp("comparison")
    selections = Selections(folder / "selections")
    ids = [one.id for one in runs]
    index = MemoryRuns(runs, IndexState(revision=1))
    app = create_app(services_over(MemoryStore(kept_histories=histories), folder, runs=index))
    return app, selections.keep(ids), selections.keep(ids[-SOME:])


@pytest.fixture(scope="module")
def address(made: tuple[Any, str, str]) -> Iterator[str]:
    with serving(made[0].server) as base:
        yield f"{base}/runs/compare"


@pytest.fixture(scope="module")
def some(address: str, made: tuple[Any, str, str]) -> str:
    """The address of a comparison of SOME runs."""
    return f"{address}?selection={made[2]}"


def opened(page: Page, url: str) -> Page:
    page.goto(url)
    page.locator(f"{PARALLEL}[data-lines]").wait_for()
    expect(page.locator("#run-comparison-table .ag-row").first).to_be_visible()
    return page


def brush(page: Page, axis: int, *, low: float, high: float) -> None:
    """Drag along an axis, counted from the left, between two shares of its height."""
    page.locator(PARALLEL).scroll_into_view_if_needed()
    line = page.locator(f"{PARALLEL} .parallel-axis").nth(axis).bounding_box()
    assert line is not None
    page.mouse.move(line["x"], line["y"] + line["height"] * (1 - high))
    page.mouse.down()
    page.mouse.move(line["x"], line["y"] + line["height"] * (1 - low), steps=4)
    page.mouse.up()


def test_a_thousand_runs_open_with_pictures_that_say_something(
    page: Page, address: str, made: tuple[Any, str, str]
) -> None:
    opened(page, f"{address}?selection={made[1]}")
    expect(page.locator("#run-comparison-count")).to_have_text("1,000 runs")
    expect(page.locator(PARALLEL)).to_have_attribute("data-lines", "1000")
    expect(page.locator(f"{PARALLEL} .parallel-label")).to_have_text(["lr", "kind", "loss", "roc_auc"])
    expect(page.locator("#run-comparison-scatter .points path")).to_have_count(MANY)
    expect(page.locator("#run-comparison-box .trace.boxes")).to_have_count(3)
    expect(page.locator("#run-comparison-curves .scatterlayer .trace")).to_have_count(20)
    expect(page.locator("#run-comparison-lines thead th")).to_have_count(10)
    expect(page.locator("#run-comparison-lines thead th").first).to_have_text("<b>bold</b>")
    last = page.locator(f"{PARALLEL} .parallel-axis").last.bounding_box()
    assert last is not None
    page.mouse.move(last["x"] - 40, last["y"] + last["height"] * 0.3)

    expect(page.locator(".parallel-said")).to_have_text(re.compile("run-|bold"))


def test_a_brush_narrows_the_other_pictures_and_stays_in_the_address(page: Page, some: str) -> None:
    opened(page, some)
    brush(page, 3, low=0.75, high=1.02)
    chips = page.locator("#run-comparison-chips")
    expect(chips).to_have_text("30 of 120 runs")
    expect(page.locator("#run-comparison-scatter-note")).to_have_text("n = 30 runs")
    expect(page).to_have_url(re.compile("narrow="))
    page.reload()

    expect(chips).to_have_text("30 of 120 runs")
    expect(page.locator(f"{PARALLEL} .parallel-brush")).to_have_count(1)
    page.get_by_role("button", name="Let roc_auc go").click()
    expect(chips).to_have_text("all 120 runs")
    expect(page.locator(f"{PARALLEL} .parallel-brush")).to_have_count(0)


def test_what_is_selected_is_reported_and_kept(page: Page, some: str) -> None:
    opened(page, some)
    brush(page, 1, low=0.9, high=1.02)
    expect(page.locator("#run-comparison-chips")).to_have_text("40 of 120 runs")
    with page.expect_download() as download:
        page.get_by_text("Report as CSV").click()
    text = Path(download.value.path()).read_text()
    assert len(text.splitlines()) == 41
    assert text.startswith("run_id,attributes.run_name,")
    page.click("#run-comparison-keep")

    expect(page.locator("#run-comparison-count")).to_have_text("40 runs")
    expect(page.locator("#run-comparison-chips")).to_have_text("all 40 runs")
    expect(page).not_to_have_url(re.compile(some.partition("=")[2]))
    expect(page).to_have_url(re.compile(r"selection=[0-9a-f]{64}(&(?!narrow)|$)"))


def test_whoever_does_not_brush_types(page: Page, some: str) -> None:
    opened(page, some)
    page.get_by_text("Narrow by numbers").click()
    page.click("#run-comparison-narrow-field")
    page.get_by_text("loss · metric", exact=True).first.click()
    page.fill("#run-comparison-narrow-to", "0.12")
    page.click("#run-comparison-narrow-add")

    expect(page.locator("#run-comparison-chips")).to_have_text("50 of 120 runs")
    expect(page.locator(f"{PARALLEL} .parallel-brush")).to_have_count(1)


def test_curves_are_smoothed_and_the_address_says_so(page: Page, address: str) -> None:
    opened(page, f"{address}?runs=r1,r2,r3&smooth=0.9&over=relative&scale=log")
    curves = page.locator("#run-comparison-curves")
    expect(curves.locator(".scatterlayer .trace")).to_have_count(6)
    expect(curves).to_contain_text("seconds since the first value")
    expect(page.locator("#run-comparison-log")).to_have_text("logarithmic")
    page.click("#run-comparison-log")
    page.get_by_text("linear", exact=True).click()

    expect(page).to_have_url(re.compile(r"over=relative&smooth=0\.9$"))


def test_few_runs_stand_side_by_side_and_can_be_taken_out(page: Page, address: str) -> None:
    opened(page, f"{address}?runs=r1,r2,r4,r{MANY - 1}")
    lines = page.locator("#run-comparison-lines")
    expect(lines.locator("tr.differs th")).to_have_text(["loss", "roc_auc", "kind", "lr"])
    expect(lines.get_by_text("x.csv").first).to_be_hidden()
    page.click("#run-comparison-same")
    expect(lines.get_by_text("x.csv").first).to_be_visible()
    page.get_by_role("button", name="Take run-2 out of the comparison").click()

    expect(page.locator("#run-comparison-count")).to_have_text("3 runs")
    expect(page).to_have_url(re.compile(rf"runs=r1,r4,r{MANY - 1}"))
    expect(lines.get_by_text("x.csv").first).to_be_visible()


def test_one_run_none_and_unknown_ones(page: Page, address: str) -> None:
    page.goto(f"{address}?runs=r7")
    expect(page.locator("#run-comparison-lines thead th")).to_have_text(["run-7"])
    expect(page.locator(PARALLEL)).to_be_hidden()
    page.goto(address)
    expect(page.locator("#run-comparison-state")).to_contain_text("No runs are ticked.")
    page.goto(f"{address}?selection={'0' * 64}")

    expect(page.locator("#run-comparison-state")).to_contain_text("There is no such selection of runs.")


def test_axe_finds_nothing_serious_in_either_scheme(page: Page, some: str) -> None:
    opened(page, some)
    expect(page.locator("#run-comparison-curves .scatterlayer .trace").first).to_be_visible()
    assert serious_faults(page) == []
    page.click("#shell-theme")
    expect(page.locator("#run-comparison-box .trace.boxes path.box").first).to_have_css(
        "stroke", "rgb(154, 163, 173)"
    )

    assert serious_faults(page) == []


def test_in_japanese_on_a_phone_nothing_is_wider_than_the_screen(
    new_page: Callable[..., Page], some: str
) -> None:
    page = opened(new_page(locale="ja-JP", width=390), some)
    expect(page.locator("h1")).to_have_text("実行の比較")
    expect(page.locator("#run-comparison-chips")).to_have_text("全 120 件の実行")

    assert page.evaluate("document.documentElement.scrollWidth") == 390
