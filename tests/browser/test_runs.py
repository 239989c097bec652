import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from core.catalog.runs.question import IndexState
from core.catalog.store import Experiment, Run
from core.errors import StoreUnreachable
from core.messages import message
from dashboard.factory import create_app
from tests.browser.accessibility import serious_faults
from tests.browser.filled_store import RUNS
from tests.dashboard.memory import MemoryStore, services_over
from tests.dashboard.remembered_runs import MemoryRuns

pytestmark = pytest.mark.browser

AUC = "metrics.roc_auc"
MANY = 2_000


def tick(page: Page, *rows: int) -> None:
    for row in rows:
        page.locator(f"#runs-table .ag-row[row-index='{row}'] input[type=checkbox]").click()


def cell(page: Page, row: int, column: str) -> Locator:
    return page.locator(f"#runs-table .ag-row[row-index='{row}'] .ag-cell[col-id='{column}']")


def head(page: Page, column: str) -> Locator:
    return page.locator(f"#runs-table .ag-header-cell[col-id='{column}']")


def filter_by(page: Page, text: str) -> None:
    page.fill("#runs-filter", text)
    page.keyboard.press("Escape")
    page.keyboard.press("Enter")


def hold(page: Page, which: str) -> list[Route]:
    """From here on, questions to the server whose text matches wait for the test, which finds them in the list."""
    held: list[Route] = []

    def keep(route: Route) -> None:
        if re.search(which, route.request.post_data or ""):
            held.append(route)
        else:
            route.continue_()

    page.route("**/_dash-update-component*", keep)
    return held


def frames_until(page: Page, is_so: Callable[[], bool]) -> None:
    """Let the browser draw, some thousand times at most, until what this process heard from it makes it so."""
    for _ in range(2_000):
        if is_so():
            return
        page.evaluate("() => new Promise(requestAnimationFrame)")
    pytest.fail("it never was so")


def ticked_rows(page: Page) -> Locator:
    return page.locator("#runs-table .ag-center-cols-container .ag-row-selected")


@pytest.fixture
def runs(page: Page, runoff: str) -> Page:
    """The runs of the experiment that has some, read from a real store."""
    page.goto(f"{runoff}/runs")
    expect(page.locator("#runs-count")).to_have_text(f"{RUNS} runs")
    return page


@pytest.fixture
def index() -> MemoryRuns:
    """An index of very many runs."""
    kept = [
        Run(
            id=f"r{i}",
            name=f"run-{i}",
            experiment_id="1",
            status="FINISHED",
            metrics={"roc_auc": i / MANY, "loss": 1 - i / MANY},
            params={"kind": ("forest", "boosting")[i % 2]},
        )
        for i in range(MANY)
    ]
    return MemoryRuns(kept, IndexState(revision=1))


@pytest.fixture
def many(page: Page, serve: Callable[[Any], str], index: MemoryRuns, tmp_path: Path) -> Page:
    """The page over that index."""
    store = MemoryStore(kept_experiments=[Experiment(id="1", name="long")])
    page.goto(serve(create_app(services_over(store, tmp_path, runs=index))) + "/runs")
    expect(page.locator("#runs-count")).to_have_text("2,000 runs")
    return page


def test_runs_with_metrics_and_params_as_columns(runs: Page) -> None:
    expect(cell(runs, 0, "attributes.run_name")).to_have_text("<b>bold</b>")
    expect(cell(runs, RUNS - 2, "attributes.status")).to_have_text("failed")
    expect(cell(runs, 0, AUC)).to_have_text("0.81")
    expect(cell(runs, RUNS - 1, AUC)).to_have_text("n/a")
    expect(cell(runs, 0, "metrics.accuracy.top-1")).to_have_text("0.82")
    expect(cell(runs, 0, "params.max_depth")).to_have_text("2")
    expect(head(runs, "params.data")).to_have_count(0)  # the same in every run


@pytest.mark.parametrize(
    "search", ["", "?experiments=1&order=-metrics.roc_auc&filter=params.kind+%3D+%27forest%27"]
)
def test_a_table_asks_for_its_first_rows_once_and_for_those_of_its_view(
    page: Page, serve: Callable[[Any], str], index: MemoryRuns, tmp_path: Path, search: str
) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.post_data or ""))
    store = MemoryStore(kept_experiments=[Experiment(id="1", name="long")])
    page.goto(serve(create_app(services_over(store, tmp_path, runs=index))) + "/runs" + search)
    expect(cell(page, 0, "attributes.run_name")).to_have_text("run-1998" if search else "run-0")
    expect(page).to_have_url(re.compile(r"\?experiments=1"))

    assert len([body for body in asked if '"ticket"' in body]) == 1


def test_another_experiment_is_chosen_beside_the_first(runs: Page) -> None:
    runs.click("#runs-experiment")
    runs.locator(".dash-dropdown-option", has_text="no runs yet").click()
    expect(runs).to_have_url(re.compile(r"/runs\?experiments=\d+,\d+"))
    expect(head(runs, "attributes.experiment_id")).to_be_visible()
    runs.locator(".dash-dropdown-option", has_text="titanic").click()

    expect(runs.locator("#runs-state")).to_have_text("This experiment has no runs yet.")
    expect(runs.locator("#runs-table")).to_be_hidden()


def test_runs_without_a_number_stand_last_whichever_way_they_are_sorted(runs: Page) -> None:
    for direction in ("descending", "ascending"):
        head(runs, AUC).locator(".ag-header-cell-label").click()
        expect(head(runs, AUC)).to_have_attribute("aria-sort", direction)
        expect(cell(runs, RUNS - 1, AUC)).to_have_text("n/a")


def test_the_address_restores_sorting_filters_columns_and_ticks(runs: Page) -> None:
    tick(runs, 1)
    head(runs, "params.max_depth").locator(".ag-header-cell-label").click()
    expect(runs).to_have_url(re.compile("order=params.max_depth"))
    head(runs, AUC).locator(".ag-header-cell-label").click(modifiers=["Shift"])
    expect(runs).to_have_url(re.compile("order=params.max_depth,-metrics.roc_auc&runs="))
    filter_by(runs, "metrics.roc_auc > 0.75 OR params.max_depth = '0'")
    expect(runs.locator("#runs-count")).to_have_text("8 runs")
    expect(cell(runs, 0, AUC)).to_have_text("0.79")
    runs.reload()

    expect(runs.locator("#runs-count")).to_have_text("8 runs")
    expect(cell(runs, 0, AUC)).to_have_text("0.79")
    expect(head(runs, AUC)).to_have_attribute("aria-sort", "descending")
    expect(runs.locator("#runs-filter")).to_have_value("metrics.roc_auc > 0.75 OR params.max_depth = '0'")
    expect(runs.locator("#runs-ticked")).to_have_text("1 ticked")


def test_a_wrong_filter_is_marked_at_its_place(runs: Page) -> None:
    filter_by(runs, "metrics.roc_auc >> 'x'")
    expect(runs.locator(".filter-mirror mark")).to_have_text(">>")
    expect(runs.locator("#runs-filter")).to_have_attribute("aria-invalid", "true")
    expect(runs.locator("#runs-table")).to_be_hidden()
    runs.locator("#runs-filter-state .filter-wrong").click()
    assert runs.evaluate("getSelection().toString() || document.activeElement.selectionStart") in (">>", 16)
    assert serious_faults(runs) == []
    filter_by(runs, "metrics.roc_auc > 5")

    expect(runs.locator("#runs-nothing")).to_have_text("No run matches the filter.")
    expect(runs.locator(".filter-mirror mark")).to_have_count(0)
    filter_by(runs, "metrics.roc_auc > 0.8")
    expect(cell(runs, 0, "attributes.run_name")).to_have_text("<b>bold</b>")


def test_a_filter_is_written_from_what_is_offered_by_keyboard_and_mouse(runs: Page) -> None:
    box = runs.locator("#runs-filter")
    offers = runs.get_by_role("option")
    box.press_sequentially("roc")
    expect(offers.first).to_contain_text("metrics.roc_auc")
    expect(box).to_have_attribute("aria-expanded", "true")
    box.press("ArrowDown")
    expect(box).to_have_attribute("aria-activedescendant", "runs-filter-offer-0")
    assert serious_faults(runs, "#runs-filter", "#runs-filter-offers") == []
    box.press("Enter")
    expect(box).to_have_value("metrics.roc_auc ")
    expect(offers.first).to_contain_text("=")
    box.press_sequentially("> 0.8")
    box.press("Escape")
    expect(runs.locator("#runs-filter-offers")).to_be_hidden()
    box.press("Enter")
    expect(runs.locator("#runs-count")).to_have_text("1 run")
    box.fill("")
    runs.get_by_role("option", name="params.", exact=False).first.click()

    expect(box).to_have_value(re.compile(r"^params\."))
    expect(box).to_be_focused()


def test_a_column_is_filtered_from_its_head_and_the_chip_takes_it_away(runs: Page) -> None:
    head(runs, AUC).hover()
    head(runs, AUC).locator(".ag-header-cell-filter-button").click()
    runs.locator(".ag-filter input:visible").first.fill("0.795")
    expect(runs.locator("#runs-count")).to_have_text("2 runs")
    expect(runs.locator("#runs-where")).to_have_text("roc_auc ≥ 0.795")
    runs.reload()
    expect(runs.locator("#runs-count")).to_have_text("2 runs")
    runs.get_by_role("button", name="Take away: roc_auc ≥ 0.795").click()

    expect(runs.locator("#runs-count")).to_have_text(f"{RUNS} runs")
    expect(runs.locator("#runs-where")).to_be_empty()


def test_columns_are_chosen_ordered_and_pinned(runs: Page) -> None:
    runs.click("#runs-columns")
    runs.fill("#runs-columns-search", "version")
    runs.locator("#runs-columns-found").get_by_role("button", name="data_version").click()
    expect(head(runs, "tags.data_version")).to_have_count(1)
    pin = runs.get_by_role("button", name="Keep data_version at the left")
    pin.click()
    expect(runs.locator(".ag-pinned-left-header [col-id='tags.data_version']")).to_be_visible()
    runs.get_by_role("button", name="Move Status to the right").click()
    expect(runs).to_have_url(re.compile("columns=attributes.start_time,attributes.status,"))
    assert serious_faults(runs) == []
    runs.reload()

    expect(runs.locator(".ag-pinned-left-header [col-id='tags.data_version']")).to_be_visible()
    runs.click("#runs-columns")
    runs.get_by_role("button", name="Usual columns").click()
    expect(head(runs, "tags.data_version")).to_have_count(0)


def test_groups_open_their_runs(runs: Page) -> None:
    runs.click("#runs-group")
    runs.locator(".dash-dropdown-option", has_text="max_depth").click()
    expect(runs.locator("#runs-groups-note")).to_have_text("3 groups")
    expect(runs.locator("#runs-groups .ag-cell[col-id='runs']")).to_have_text(["4", "4", "4"])
    assert serious_faults(runs) == []
    runs.locator(".runs-group-open", has_text="1").click()

    expect(runs.locator("#runs-where")).to_have_text("max_depth = 1")
    expect(runs.locator("#runs-count")).to_have_text("4 runs")
    expect(runs.locator("#runs-groups-box")).to_be_hidden()


def test_a_filter_counts_that_is_set_while_the_table_is_being_sorted(many: Page) -> None:
    expect(cell(many, 0, "attributes.run_name")).to_have_text("run-0")
    held = hold(many, '"ticket"|"output":"..runs-table.columnDefs')
    head(many, AUC).locator(".ag-header-cell-label").click()
    frames_until(many, lambda: len(held) == 1)
    filter_by(many, "params.kind = 'forest'")
    frames_until(many, lambda: len(held) == 2)
    rows, columns = held
    with many.expect_response(lambda answer: answer.request == rows.request):
        rows.continue_()
    columns.continue_()
    many.unroute_all()

    expect(many.locator("#runs-count")).to_have_text("1,000 runs")
    expect(cell(many, 0, "attributes.run_name")).to_have_text("run-1998")
    expect(many).to_have_url(re.compile("filter=.*order=-metrics.roc_auc"))


def test_the_best_run_is_one_press_away(many: Page) -> None:
    many.locator("#runs-table .ag-body-viewport").evaluate("box => { box.scrollTop = 20000 }")
    many.click("#runs-best")

    expect(many.locator("#runs-best-said")).to_contain_text("run-1999 · roc_auc 0.9995")
    expect(many.locator("#runs-table .ag-center-cols-container .runs-best-row")).to_have_attribute(
        "row-index", "0"
    )
    expect(cell(many, 0, "attributes.run_name")).to_be_in_viewport()
    many.get_by_role("button", name="Tick it").click()
    expect(many.locator("#runs-ticked")).to_have_text("1 ticked")


def test_ticks_outlive_sorting_filtering_and_what_is_out_of_sight(many: Page) -> None:
    tick(many, 0, 1)
    expect(many.locator("#runs-ticked")).to_have_text("2 ticked")
    head(many, AUC).locator(".ag-header-cell-label").click()
    expect(cell(many, 0, "attributes.run_name")).to_have_text("run-1999")
    expect(ticked_rows(many)).to_have_count(0)
    tick(many, 0)
    filter_by(many, "metrics.roc_auc < 0.0004")
    expect(many.locator("#runs-count")).to_have_text("1 run")
    expect(ticked_rows(many)).to_have_count(1)
    filter_by(many, "params.kind = 'forest'")
    expect(many.locator("#runs-count")).to_have_text("1,000 runs")
    many.click("#runs-tick-all")

    expect(many.locator("#runs-ticked")).to_have_text("1,002 ticked")
    expect(many).to_have_url(re.compile("selection=[0-9a-f]{64}"))
    expect(many.locator("#runs-compare")).to_have_attribute("href", re.compile("/runs/compare.selection="))
    many.reload()
    expect(many.locator("#runs-ticked")).to_have_text("1,002 ticked")
    expect(ticked_rows(many).first).to_be_visible()
    many.click("#runs-untick")
    expect(ticked_rows(many)).to_have_count(0)
    expect(many).not_to_have_url(re.compile("selection="))


def test_ticked_runs_are_compared_on_their_own_page(runs: Page) -> None:
    tick(runs, 0)
    expect(runs.locator("#runs-ticked")).to_have_text("1 ticked")
    held = hold(runs, "runs-compare.href")
    tick(runs, 1)
    frames_until(runs, lambda: len(held) == 1)
    runs.click("#runs-compare")  # the way to both is not known yet
    held[0].continue_()
    runs.unroute_all()

    expect(runs).to_have_url(re.compile(r"/runs/compare\?runs=[0-9a-f]{32},[0-9a-f]{32}$"))
    expect(runs.locator("#runs-table")).to_have_count(0)
    runs.go_back()
    expect(runs.locator("#runs-ticked")).to_have_text("2 ticked")
    expect(ticked_rows(runs)).to_have_count(2)


def test_news_progress_and_trouble_leave_the_reader_where_they_are(many: Page, index: MemoryRuns) -> None:
    many.locator("#runs-table .ag-body-viewport").evaluate("box => { box.scrollTop = 38 * 500 }")
    expect(cell(many, 505, "attributes.run_name")).to_have_text("run-505")
    before = cell(many, 505, "attributes.run_name").bounding_box()
    new = [replace(index.kept[0], id=f"new{i}", name=f"new-{i}") for i in range(3)]
    index.kept[:0] = new
    index.now = IndexState(revision=2)

    expect(many.locator("#runs-count")).to_have_text("2,003 runs")
    expect(cell(many, 508, "attributes.run_name")).to_have_text("run-505")
    assert cell(many, 508, "attributes.run_name").bounding_box() == before
    trouble = StoreUnreachable(message("Nobody answers."), message("Start it."))
    index.now = IndexState(revision=3, is_filling=True)
    expect(many.locator("#runs-status")).to_contain_text("2,003 runs read, more on their way…")
    assert serious_faults(many) == []
    index.now = IndexState(revision=3, is_filling=True, trouble=trouble)

    expect(many.locator("#runs-state")).to_contain_text("Nobody answers.")
    head(many, AUC).locator(".ag-header-cell-label").click()
    expect(cell(many, 0, "attributes.run_name")).to_have_text("run-1999")


def test_thousands_of_metrics_leave_the_page_usable(
    page: Page, serve: Callable[[Any], str], tmp_path: Path
) -> None:
    metrics = {f"class_{i}/precision": i / 12_000 for i in range(12_000)}
    run = Run(id="r", name="wide", experiment_id="1", status="FINISHED", metrics=metrics)
    other = Run(
        id="s", name="other", experiment_id="1", status="FINISHED", metrics=dict.fromkeys(metrics, 0.5)
    )
    store = MemoryStore(kept_experiments=[Experiment(id="1", name="wide")])
    runs = MemoryRuns([run, other], IndexState(revision=1))
    page.goto(serve(create_app(services_over(store, tmp_path, runs=runs))) + "/runs")
    expect(page.locator("#runs-count")).to_have_text("2 runs")
    page.click("#runs-columns")
    page.fill("#runs-columns-search", "11999")
    page.locator("#runs-columns-found").get_by_role("button", name="class_11999/precision").click()

    expect(page).to_have_url(re.compile("class_11999"))
    head(page, "metrics.class_0/precision").locator(".ag-header-cell-label").click()
    expect(head(page, "metrics.class_0/precision")).to_have_attribute("aria-sort", "descending")
    assert page.locator("*").count() < 3_000


@pytest.mark.parametrize(
    "settings", [{"color_scheme": "dark", "locale": "ja-JP", "width": 390}, {"width": 1440}]
)
def test_axe_finds_nothing_serious(
    new_page: Callable[..., Page], runoff: str, settings: dict[str, Any]
) -> None:
    page = new_page(**settings)
    page.goto(f"{runoff}/runs")
    expect(cell(page, 0, "attributes.run_name")).to_have_text("<b>bold</b>")
    tick(page, 0)
    expect(page.locator("#runs-compare")).to_be_visible()

    assert serious_faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
