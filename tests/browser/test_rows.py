"""Slices and changed decisions as people use them, over made-up scores; their numbers are tested elsewhere."""

import csv
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, Route, expect

from core.evidence.split import Split
from dashboard.factory import create_app
from tests.browser.accessibility import serious_faults
from tests.dashboard.comparing import MODEL, HandScorer, VersionStore, make_services, make_version
from tests.dashboard.row_by_row import make_row_scores, make_row_split, without_slices

pytestmark = pytest.mark.browser

PATH = f"/models/{quote(MODEL, safe='')}"
HURTS = 3  # the candidate that is worse for one slice only


@pytest.fixture
def open_rows(tmp_path: Path, serve: Callable[[Any], str]) -> Callable[..., None]:
    """Open the comparison page over a split, and wait for its rows."""

    def serve_and_open(page: Page, split: Split, search: str = "?versions=1,3&threshold=0.5") -> None:
        store = VersionStore([make_version(number, description=f"kind {number}") for number in range(1, 4)])
        store.kept[1] = make_version(2, stage="Production", aliases=("production",), description="forest")
        scorer = HandScorer(split)
        scorer.made = {
            number: make_row_scores(split, number, hurts=number == HURTS) for number in range(1, 4)
        }
        address = serve(create_app(make_services(store, scorer, tmp_path)))
        page.goto(address + PATH + search)
        expect(page.locator("#rows-candidate")).to_contain_text("v")

    return serve_and_open


def column(page: Page, name: str) -> list[str]:
    """What the rows in sight say in a column."""
    expect(page.locator("#rows-grid .ag-row-loading")).to_have_count(0)
    cells = page.locator(f"#rows-grid .ag-row [col-id='{name}']")
    expect(cells.first).not_to_be_empty()
    return cells.all_text_contents()


def choose(page: Page, dropdown: str, option: str) -> None:
    page.click(f"#{dropdown}")
    page.locator(".dash-dropdown-option", has_text=re.compile(f"^{re.escape(option)}$")).click()


def slice_names(page: Page) -> list[str]:
    expect(page.locator("#rows-slices-graph .ytick text").first).to_be_visible()
    return page.locator("#rows-slices-graph .ytick text").all_text_contents()


def test_a_table_that_comes_after_the_numbers_is_filled_all_the_same(
    open_rows: Callable[..., None], page: Page
) -> None:
    late = "const real = setTimeout; window.setTimeout = (f, ms, ...a) => real(f, ms === 0 ? 500 : ms, ...a);"
    page.add_init_script(late)  # what the section does next is done when the table has come
    page.route("**/async-community.js", lambda route: release(page, route))
    open_rows(page, make_row_split())
    assert len(column(page, "change")) > 0


def release(page: Page, route: Route) -> None:
    expect(page.locator("#comparison-panels [data-cell]").first).to_be_visible()
    route.continue_()


def test_a_candidate_that_is_worse_for_one_slice_only(open_rows: Callable[..., None], page: Page) -> None:
    open_rows(page, make_row_split())
    expect(page.locator("#rows-candidate")).to_contain_text("v3")
    assert set(slice_names(page)[:2]) == {"Sex: male", "Age: 50 and above"}
    expect(page.locator("#rows-slices-note")).to_contain_text("11 slices and 2 candidates")
    expect(page.locator("#rows-summary")).to_contain_text("more broken than chance explains")
    page.click("#rows-find")
    expect(page.locator("#rows-found")).to_contain_text("It lost most where Age > 44 and Sex = male")
    choose(page, "rows-candidate", "v1")
    expect(page.locator("#rows-summary")).to_contain_text("chance alone")
    expect(page.locator("#rows-found")).to_contain_text("Searches all columns")
    expect(page.locator("#rows-slices.computing")).to_have_count(0)
    choose(page, "rows-metric", "Brier score")
    with page.expect_download() as download:
        page.locator("#rows-slices-csv").click()
    lines = list(csv.DictReader(download.value.path().read_text().splitlines()))
    assert {(line["metric"], len(lines)) for line in lines} == {("brier", 11)}


def test_rows_are_sorted_filtered_and_paged_by_the_server_and_a_cell_opens_its_own(
    open_rows: Callable[..., None], page: Page
) -> None:
    open_rows(page, make_row_split())
    changes = [abs(float(text.replace("−", "-"))) for text in column(page, "change")]
    assert changes == sorted(changes, reverse=True)
    choose(page, "rows-which", "broken")
    expect(page.locator("#rows-count")).to_have_text("116 rows")
    assert set(column(page, "outcome")) == {"▼ broken"}
    page.locator("#rows-grid [col-id='row'].ag-header-cell").click()
    expect(page.locator("#rows-grid [col-id='row'].ag-header-cell")).to_have_attribute(
        "aria-sort", "ascending"
    )
    names = [int(text) for text in column(page, "row")]
    assert names == sorted(names)
    page.locator("#rows-grid .ag-body-viewport").evaluate("body => body.scrollTo(0, 1e6)")
    expect(page.locator("#rows-grid [row-index='115'] [col-id='row']").first).not_to_be_empty()
    with page.expect_download() as download:
        page.locator("#rows-csv").click()
    lines = list(csv.DictReader(download.value.path().read_text().splitlines()))
    assert {(line["outcome"], len(lines)) for line in lines} == {("broken", 116)}

    cell = page.locator("[data-rows='1 fp']")
    expected = cell.locator(".number").inner_text()
    cell.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#rows-candidate")).to_contain_text("v1")
    expect(page.locator("#rows-which")).to_contain_text("v1: actual 0, predicted 1")
    expect(page.locator("#rows-count")).to_have_text(f"{expected} rows")
    expect(page.locator("#rows-changed")).to_be_focused()
    assert set(column(page, "label")) == {"0"}
    page.locator("[data-rows='2 tp']").click()
    expect(page.locator("#rows-candidate")).to_contain_text("v1")  # the baseline is beside it
    expect(page.locator("#rows-which")).to_contain_text("v2: actual 1, predicted 1")
    expect(page.locator("#rows-count")).to_have_text(
        page.locator("[data-rows='2 tp'] .number").inner_text() + " rows"
    )


def test_without_slices_the_page_says_what_to_write_and_the_threshold_moves_rows_once(
    open_rows: Callable[..., None], page: Page
) -> None:
    open_rows(page, without_slices(make_row_split()))
    expect(page.locator("#rows-slices-state .command")).to_have_text(
        re.compile(r"slices: \[Sex, Age, Town\]")
    )
    expect(page.locator("#rows-slices-box")).to_be_hidden()
    page.click("#rows-find")
    expect(page.locator("#rows-found")).to_contain_text("It lost most where Age > 44 and Sex = male")
    summary = page.locator("#rows-summary").inner_text()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.post_data or ""))
    page.evaluate(
        "for (const value of [0.51, 0.52, 0.53, 0.6])"
        " dash_clientside.set_props('comparison-threshold', {value})"
    )
    expect(page.locator("#rows-summary")).not_to_have_text(summary)
    settled = [body for body in asked if '"rows-asked.data"' in body]
    assert len(settled) == 1  # once it had come to rest
    assert '"threshold":0.6' in settled[0]


def test_everybody_can_use_it(open_rows: Callable[..., None], new_page: Callable[..., Page]) -> None:
    page = new_page(locale="ja-JP", color_scheme="dark", width=390)
    open_rows(page, make_row_split())
    expect(page.locator("#rows-slices-graph .ytick text").first).to_be_visible()
    page.locator("#trend-metric").scroll_into_view_if_needed()  # what is below is read when it is in sight
    expect(page.locator("#trend-metric")).to_contain_text("ROC AUC")
    assert serious_faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    section = page.locator(".rows").inner_text()
    assert not re.search(r"\b(rows|Changed|fixed|broken|worst|Candidate|Metric)\b", section)
