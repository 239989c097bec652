import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from core.catalog.store import Experiment, Run
from dashboard.factory import create_app
from tests.browser.accessibility import serious_faults
from tests.browser.filled_store import RUNS
from tests.dashboard.memory import MemoryStore, services_over

pytestmark = pytest.mark.browser


def tick(page: Page, *rows: int) -> None:
    for row in rows:
        page.locator(f"#runs-table .ag-row[row-index='{row}'] input[type=checkbox]").click()


def cells(page: Page, column: str) -> Locator:
    return page.locator(f"#runs-table .ag-cell[col-id='{column}']")


@pytest.fixture
def runs(page: Page, runoff: str) -> Page:
    """The runs of the experiment that has some."""
    page.goto(f"{runoff}/runs")
    expect(page.locator("#runs-count")).to_have_text(f"{RUNS} runs")
    return page


def test_another_experiment_is_chosen(runs: Page) -> None:
    runs.click("#runs-experiment")
    runs.get_by_text("no runs yet", exact=True).click()

    expect(runs.locator("#runs-content")).to_have_text("This experiment has no runs yet.")
    expect(runs).to_have_url(re.compile(r"/runs\?experiment=\d+$"))


def test_runs_with_metrics_and_params_as_columns(runs: Page) -> None:
    expect(cells(runs, "name").first).to_have_text("<b>bold</b>")
    expect(cells(runs, "status").nth(RUNS - 2)).to_have_text("failed")
    expect(cells(runs, "metrics.roc_auc").first).to_have_text("0.81")
    expect(cells(runs, "metrics.roc_auc").nth(RUNS - 1)).to_have_text("n/a")
    expect(cells(runs, "metrics.accuracy.top-1").first).to_have_text("0.82")
    expect(cells(runs, "params.max_depth").first).to_have_text("2")
    expect(cells(runs, "commit").first).to_have_text("0" * 10)


def test_runs_without_a_number_stand_last_whichever_way_they_are_sorted(runs: Page) -> None:
    head = runs.locator(".ag-header-cell[col-id='metrics.roc_auc']")
    last = runs.locator(f"#runs-table .ag-row[row-index='{RUNS - 1}'] [col-id='metrics.roc_auc']")
    for direction in ("descending", "ascending"):
        head.click()
        expect(head).to_have_attribute("aria-sort", direction)
        expect(last).to_have_text("n/a")


def test_a_filter_is_mlflows_and_stays_in_the_address(runs: Page) -> None:
    runs.fill("#runs-filter", "params.max_depth = '1'")
    runs.press("#runs-filter", "Enter")
    expect(runs.locator("#runs-count")).to_have_text(f"{RUNS // 3} runs")
    expect(runs).to_have_url(re.compile(r"/runs\?experiment=\d+&filter=params.max_depth"))
    runs.reload()

    expect(runs.locator("#runs-count")).to_have_text(f"{RUNS // 3} runs")
    expect(runs.locator("#runs-filter")).to_have_value("params.max_depth = '1'")
    expect(runs.locator("#runs-experiment")).to_contain_text("titanic")


def test_a_wrong_filter_is_explained_in_its_place(runs: Page) -> None:
    runs.fill("#runs-filter", "metric.roc_auc >> 'x'")
    runs.press("#runs-filter", "Enter")
    expect(runs.locator("#runs-filter-state .field-error")).to_be_visible()
    expect(runs.locator("#runs-table")).to_have_count(0)
    runs.fill("#runs-filter", "metrics.roc_auc > 5")
    runs.press("#runs-filter", "Enter")

    expect(runs.locator("#runs-content")).to_have_text("No run matches the filter.")
    expect(runs.locator("#runs-filter-state .field-error")).to_have_count(0)


def test_ticked_runs_are_compared_and_the_address_restores_it(runs: Page) -> None:
    tick(runs, 0, 1)
    expect(runs.locator(".run-chips .chip")).to_have_text(["<b>bold</b>", "run-10"])
    expect(runs.locator("#runs-bars .plot-container")).to_be_visible()
    expect(runs.locator(".run-panels figcaption")).to_have_text("fit_seconds")
    expect(runs.locator("#runs-lines tr.differs th")).to_have_text(
        ["accuracy.top-1", "fit_seconds", "roc_auc", "max_depth", "mlflow.source.git.commit"]
    )
    expect(runs.locator("#runs-lines").get_by_text("titanic.csv").first).to_be_hidden()
    runs.click("#runs-same")
    expect(runs.locator("#runs-lines").get_by_text("titanic.csv").first).to_be_visible()
    runs.reload()

    expect(runs.locator(".run-chips .chip")).to_have_text(["<b>bold</b>", "run-10"])
    expect(runs.locator("#runs-table .ag-center-cols-container .ag-row-selected")).to_have_count(2)


def test_a_run_is_taken_out_of_the_comparison(runs: Page) -> None:
    tick(runs, 0, 1)
    runs.get_by_role("button", name="Untick <b>bold</b>").click()

    expect(runs.locator(".run-chips .chip")).to_have_text(["run-10"])
    expect(runs.locator("#runs-table .ag-center-cols-container .ag-row-selected")).to_have_count(1)


def test_a_ticked_run_that_the_filter_hides_stays_in_the_comparison(runs: Page) -> None:
    tick(runs, 0)
    expect(runs.locator(".run-chips .chip")).to_have_text(["<b>bold</b>"])
    runs.fill("#runs-filter", "params.max_depth = '0'")
    runs.press("#runs-filter", "Enter")
    expect(runs.locator("#runs-count")).to_have_text(f"{RUNS // 3} runs")
    tick(runs, 0)

    expect(runs.locator(".run-chips .chip")).to_have_text(["<b>bold</b>", "run-9"])


def test_a_comparison_follows_the_scheme_and_axe_finds_nothing_serious_in_either(runs: Page) -> None:
    tick(runs, 0, 1)
    bar = runs.locator("#runs-bars .bars .point path").first
    expect(bar).to_have_css("fill", "rgb(0, 114, 178)")
    assert serious_faults(runs) == []
    runs.click("#shell-theme")

    expect(bar).to_have_css("fill", "rgb(74, 163, 223)")
    assert serious_faults(runs) == []


def test_a_long_experiment_is_shown_at_once_and_then_whole(
    page: Page, serve: Callable[[Any], str], tmp_path: Path
) -> None:
    runs = [
        Run(id=f"r{i}", name=f"run-{i}", experiment_id="1", status="FINISHED", metrics={"m": float(i)})
        for i in range(2000)
    ]
    store = MemoryStore(kept_experiments=[Experiment(id="1", name="long")], kept_runs=runs)
    page.goto(serve(create_app(services_over(store, tmp_path))) + "/runs?runs=r1999")

    expect(page.locator("#runs-count")).to_have_text("2,000 runs")
    expect(page.locator(".run-chips .chip")).to_have_text(["run-1999"])
    page.click(".ag-header-cell[col-id='metrics.m']")
    expect(page.locator("#runs-table .ag-row[row-index='0'] [col-id='metrics.m']")).to_have_text("1,999")
    expect(page.locator("#runs-table .ag-center-cols-container .ag-row[row-index='0']")).to_have_class(
        re.compile("ag-row-selected")
    )
