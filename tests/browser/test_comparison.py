"""The comparison page as people use it, over made-up scores; its numbers are tested elsewhere."""

import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from core.catalog.store import Version
from core.errors import ScoringError, SplitNotConfigured, StoreUnreachable
from core.evidence.comparison import ScoringState, Status
from core.evidence.split import Split
from core.messages import message
from core.services import Services
from dashboard.factory import create_app
from tests.browser.accessibility import serious_faults
from tests.browser.services import make_services as make_real_services
from tests.conftest import MadeDemo
from tests.dashboard.comparing import (
    MODEL,
    HandScorer,
    OneSplit,
    VersionStore,
    make_services,
    make_split,
    make_version,
)

pytestmark = pytest.mark.browser

PATH = f"/models/{quote(MODEL, safe='')}"
GRAPHS = ("metrics", "roc", "pr", "calibration", "gain", "lift")
NO_LONG_TIMERS = """() => {
    const after = window.setTimeout;
    window.setTimeout = (work, wait, ...rest) => after(work, wait >= 200 ? 1e8 : wait, ...rest);
}"""
HOSTILE = "<img src=x onerror=alert(1)> said no"


@dataclass
class House:
    """A dashboard whose store, split and scorer are in the test's hands."""

    store: VersionStore
    scorer: HandScorer
    splits: OneSplit
    address: str = field(default="")


@pytest.fixture
def house(tmp_path: Path, serve: Callable[[Any], str]) -> House:
    numbers = range(1, 7)
    store = VersionStore([make_version(n, description=f"kind {n}") for n in numbers])
    store.kept[1] = make_version(2, stage="Production", aliases=("production",), description="forest")
    scorer = HandScorer(make_split())
    services = make_services(store, scorer, tmp_path)
    assert isinstance(services.splits, OneSplit)
    return House(store, scorer, services.splits, serve(create_app(services)))


def open_comparison(page: Page, house: House, search: str = "") -> None:
    page.goto(house.address + PATH + search)
    expect(page.locator("#comparison-gain .js-plotly-plot .main-svg").first).to_be_visible()


def cell(page: Page, key: str) -> Locator:
    return page.locator(f"[data-cell='{key}']").first


def traces(page: Page, graph: str) -> list[dict[str, Any]]:
    """The traces of a graph as plotly holds them: names, and operating points or bars."""
    drawn: list[dict[str, Any]] = page.locator(f"#comparison-{graph} .js-plotly-plot").evaluate(
        "plot => plot._fullData.map((trace, i) => ({name: plot.data[i].name, type: trace.type, mode: trace.mode,"
        " x: Array.from(trace.x), y: Array.from(trace.y), color: (trace.line || trace.marker).color}))"
    )
    return drawn


def set_threshold(page: Page, value: str) -> None:
    page.fill("#comparison-threshold-box", value)
    page.press("#comparison-threshold-box", "Enter")


def choose(page: Page, dropdown: str, search: str) -> None:
    page.click(f"#comparison-{dropdown}")
    page.fill(".dash-dropdown-search", search)
    page.locator(".dash-dropdown-option").first.click()


def test_production_is_compared_with_the_newest(house: House, page: Page) -> None:
    open_comparison(page, house)
    expect(page.locator("h1")).to_have_text(MODEL)
    expect(page.locator("#comparison-split")).to_contain_text("143 rows")
    expect(page.locator("#comparison-baseline")).to_contain_text("v2")
    expect(page.locator("#comparison-tokens .token")).to_have_count(5)
    for graph in GRAPHS:
        names = [trace["name"] for trace in traces(page, graph) if (trace["name"] or "").startswith("v")]
        assert names[:6] == ["v2", "v1", "v3", "v4", "v5", "v6"]
    heads = page.locator("#comparison-numbers thead th").all_inner_texts()
    assert [head.split()[0] for head in heads[1:]] == ["v2", "v1", "v3", "v4", "v5", "v6"]
    expect(cell(page, "6 roc_auc delta")).to_have_attribute("data-change", "better")
    expect(page.locator("#comparison-confusion table")).to_have_count(6)


def test_the_threshold_moves_every_number_and_point_and_the_address(house: House, page: Page) -> None:
    open_comparison(page, house, "?versions=3,4")
    before = {graph: traces(page, graph) for graph in GRAPHS}
    recall = cell(page, "3 recall").inner_text()
    set_threshold(page, "0.7")
    expect(cell(page, "3 recall")).not_to_have_text(recall)
    expect(page).to_have_url(re.compile(r"versions=3,4&threshold=0\.7$"))
    expect(page.locator("#comparison-threshold [role=slider]")).to_have_attribute("aria-valuenow", "0.7")
    after = {graph: traces(page, graph) for graph in GRAPHS}
    for graph in ("roc", "pr", "gain", "lift"):
        assert before[graph][:-1] == after[graph][:-1]  # the curves stay
        assert before[graph][-1] != after[graph][-1]
    assert before["calibration"] == after["calibration"]
    assert before["metrics"][0]["y"] != after["metrics"][0]["y"]
    assert [cell(page, key).inner_text() for key in ("threshold", "3 tp")] == ["0.70", after_tp(house, 0.7)]
    assert house.scorer.asked == []
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the numbers of “Metrics” as CSV").click()
    text = download.value.path().read_text()
    assert text.startswith("version,metric,threshold,value,difference,reason\n2,accuracy,0.7,")


def after_tp(house: House, threshold: float) -> str:
    scores = house.scorer.scores(make_version(3), house.scorer.split)
    return str(int((house.scorer.split.labels & (scores.values >= threshold)).sum()))


@pytest.mark.parametrize(
    ("graph", "where"), [("roc", (0, 0)), ("pr", (0, 1)), ("gain", (0, 0)), ("lift", None)]
)
def test_where_a_curve_begins_the_threshold_is_said_in_words(
    house: House, page: Page, graph: str, where: tuple[float, float] | None
) -> None:
    open_comparison(page, house, "?versions=3")
    plot = page.locator(f"#comparison-{graph} .js-plotly-plot")
    expect(plot.locator("path.js-line").nth(2)).to_be_visible()
    page.wait_for_load_state("networkidle")  # nothing above it grows any more
    plot.scroll_into_view_if_needed()
    x, y = where or (0, traces(page, graph)[1]["y"][0])
    at = plot.evaluate(
        "(plot, [x, y]) => { const {xaxis, yaxis} = plot._fullLayout; const box = plot.getBoundingClientRect();"
        " return [box.x + xaxis._offset + xaxis.l2p(x), box.y + yaxis._offset + yaxis.l2p(y)]; }",
        [x, y],
    )
    page.mouse.move(at[0] + 1, at[1])
    hover = plot.locator(".hovertext")
    expect(hover).to_contain_text("threshold above every score")
    if where:
        expect(hover).to_contain_text("v2, v3")


def test_the_slider_moves_by_keyboard_and_follows_the_box(house: House, page: Page) -> None:
    open_comparison(page, house)
    slider = page.get_by_role("slider", name="Threshold")
    slider.focus()
    slider.press("ArrowRight")
    expect(page.locator("#comparison-threshold-box")).to_have_value("0.501")
    expect(cell(page, "threshold")).to_have_text("0.501")
    slider.press("Home")
    expect(cell(page, "2 called")).to_have_text("100.0%")
    set_threshold(page, "0.123456")
    expect(cell(page, "threshold")).to_have_text("0.123456")
    expect(slider).to_have_attribute("aria-valuenow", "0.123456")
    set_threshold(page, "7")
    expect(cell(page, "threshold")).to_have_text("0.123456")


def test_dragging_asks_one_question_at_a_time_and_ends_where_the_hand_does(house: House, page: Page) -> None:
    open_comparison(page, house)
    under_way, most = 0, 0

    def started(request: Any) -> None:
        nonlocal under_way, most
        if "/at/" in request.url:
            under_way += 1
            most = max(most, under_way)

    def ended(request: Any) -> None:
        nonlocal under_way
        if "/at/" in request.url:
            under_way -= 1

    page.on("request", started)
    page.on("requestfinished", ended)
    slider = page.locator("#comparison-threshold .dash-slider-root")
    expect(page.locator(".comparison[data-judging]")).to_have_count(0)  # what comes later moves the slider
    slider.hover()
    box = slider.bounding_box()
    assert box is not None
    y = box["y"] + box["height"] / 2
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 4, y, steps=25)
    page.mouse.up()
    expect(page).to_have_url(re.compile("threshold=0.2"))
    where = page.locator("#comparison-threshold [role=slider]").get_attribute("aria-valuenow")
    expect(page).to_have_url(re.compile(f"threshold={where}$"))
    expect(cell(page, "threshold")).to_have_text(f"{float(where or 0):.2f}")
    assert most == 1


def test_an_address_restores_the_exact_view_and_a_drag_leaves_no_history(house: House, page: Page) -> None:
    open_comparison(page, house, "?baseline=3&versions=1,4&threshold=0.25")
    expect(page.locator("#comparison-baseline")).to_contain_text("v3")
    expect(cell(page, "threshold")).to_have_text("0.25")
    history = page.evaluate("history.length")
    set_threshold(page, "0.35")
    expect(page).to_have_url(re.compile(r"\?baseline=3&versions=1,4&threshold=0\.35$"))
    expect(cell(page, "threshold")).to_have_text("0.35")
    expect(page.locator(".comparison[data-judging]")).to_have_count(0)  # the intervals have followed
    shown = page.locator("#comparison-numbers").inner_text()
    points = traces(page, "roc")[-1]
    assert page.evaluate("history.length") == history
    page.reload()
    expect(cell(page, "threshold")).to_have_text("0.35")
    expect(page.locator("#comparison-numbers")).to_have_text(shown, use_inner_text=True)
    assert traces(page, "roc")[-1] == points


def test_a_candidate_has_one_hue_everywhere_and_keeps_it_while_others_come_and_go(
    house: House, page: Page
) -> None:
    open_comparison(page, house, "?versions=3,5")
    colors = {trace["color"] for graph in GRAPHS for trace in traces(page, graph) if trace["name"] == "v5"}
    tokens = page.locator("#comparison-tokens .swatch")
    colors.add(tokens.nth(1).evaluate("node => node.style.getPropertyValue('--hue')"))
    (color,) = colors
    page.get_by_role("button", name="Take v3 out of the comparison").click()
    expect(page.locator("#comparison-tokens .token")).to_have_count(1)
    expect(page).to_have_url(re.compile(r"versions=5&"))
    choose(page, "versions", "kind 6")
    expect(page.locator("#comparison-tokens .token")).to_have_count(2)
    expect(page).to_have_url(re.compile(r"versions=5,6&"))
    expect(page.locator("#comparison-confusion table")).to_have_count(3)
    assert next(trace["color"] for trace in traces(page, "roc") if trace["name"] == "v5") == color
    page.keyboard.press("Escape")
    choose(page, "baseline", "v4")
    expect(page.locator("#comparison-numbers thead th").nth(1)).to_contain_text("v4")
    expect(page).to_have_url(re.compile(r"baseline=4&versions=5,6&"))


def test_a_dropdown_finds_one_of_ten_thousand(house: House, page: Page) -> None:
    house.store.kept = [
        make_version(number, stage="Production" if number == 7 else "None") for number in range(1, 10_001)
    ]
    open_comparison(page, house)
    page.click("#comparison-versions")
    expect(page.locator(".dash-dropdown-option", has_text="more: type a number or a word")).to_have_count(1)
    assert page.locator(".dash-dropdown-option").count() < 50
    page.fill(".dash-dropdown-search", "4321")
    expect(page.locator(".dash-dropdown-option")).to_have_text(["v4321"])
    page.locator(".dash-dropdown-option").click()
    expect(page.locator("#comparison-tokens")).to_contain_text("v4321")


def test_versions_are_shown_as_they_are_scored(house: House, page: Page) -> None:
    house.scorer.states = {n: ScoringState(status=Status.NOT_SCORED) for n in range(1, 7)}
    page.goto(f"{house.address}{PATH}?versions=3,4")
    expect(page.locator(".scoring-waiting")).to_have_count(3)
    assert house.scorer.asked == [("request", 2), ("request", 3), ("request", 4)]
    expect(page.locator("#comparison-panels")).to_be_hidden()
    house.scorer.states[2] = ScoringState(status=Status.SCORED)
    expect(page.locator("#comparison-confusion table")).to_have_count(1)
    house.scorer.states[3] = ScoringState(status=Status.SCORED)
    expect(page.locator("#comparison-confusion table")).to_have_count(2)
    page.get_by_role("button", name="Cancel: v4").click()
    expect(page.locator(".scoring")).to_contain_text("somebody cancelled it")
    page.click("#shell-theme")  # another view of the same choice
    page.wait_for_selector("html[data-bs-theme=dark]")
    page.get_by_role("button", name="Score: v4").click()
    expect(page.locator(".scoring-waiting")).to_have_count(1)
    assert house.scorer.asked[3:] == [("cancel", 4), ("request", 4)]
    error = ScoringError(message("It raised {what}", what=HOSTILE), message("Look at its code."))
    house.scorer.states[4] = ScoringState(status=Status.FAILED, error=error)
    expect(page.locator(".scoring-failed")).to_contain_text(HOSTILE)
    house.scorer.asked.clear()
    page.get_by_role("button", name="Try again: v4").click()
    expect(page.locator(".scoring-waiting")).to_have_count(1)
    assert house.scorer.asked == [("again", 4)]


def test_a_press_counts_where_its_button_is_drawn_anew_meanwhile(
    house: House, page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.scorer.states[4] = ScoringState(status=Status.NOT_SCORED, cancelled=True)
    open_comparison(page, house, "?versions=3,4")
    card = page.locator(".scoring")
    hue = card.get_attribute("style")
    request, may_answer = house.scorer.request, threading.Event()

    def slowly(version: Version, split: Split, *, again: bool = False) -> None:
        may_answer.wait(30)
        request(version, split, again=again)

    monkeypatch.setattr(house.scorer, "request", slowly)
    page.get_by_role("button", name="Score: v4").click()
    page.click("#shell-theme")
    expect(card).not_to_have_attribute("style", hue or "")
    may_answer.set()

    expect(page.locator(".scoring-waiting")).to_have_count(1)


def test_a_store_that_comes_back_brings_the_page_back(house: House, page: Page) -> None:
    house.store.error = StoreUnreachable(
        message("Nobody answers at {uri}.", uri=HOSTILE), message("Start it.")
    )
    page.goto(house.address + PATH)
    expect(page.locator("#comparison-states")).to_contain_text(HOSTILE)
    house.store.error = None
    expect(page.locator("#comparison-confusion table")).to_have_count(6)
    expect(page.locator("#comparison-states .state")).to_have_count(0)


def test_without_a_split_the_lines_can_be_copied(house: House, new_page: Callable[..., Page]) -> None:
    page = new_page(permissions=["clipboard-read", "clipboard-write"])
    house.splits.error = SplitNotConfigured(
        message("No test split is configured."), message("Add these lines.")
    )
    page.goto(house.address + PATH)
    expect(page.locator("#comparison-states pre")).to_contain_text("Sex: f/m")
    page.get_by_role("button", name="Copy these lines").click()
    assert (
        page.evaluate("navigator.clipboard.readText()") == page.locator("#comparison-states pre").inner_text()
    )
    assert serious_faults(page) == []


def test_theme_and_language_are_the_readers(house: House, new_page: Callable[..., Page]) -> None:
    page = new_page(locale="ja-JP", color_scheme="dark")
    open_comparison(page, house, "?versions=3")
    assert next(trace["color"] for trace in traces(page, "roc") if trace["name"] == "v3") == "#2CC295"
    set_threshold(page, "0.3")
    expect(cell(page, "threshold")).to_have_text("0.30")
    page.click("#shell-theme")
    page.wait_for_selector("html[data-bs-theme=light]")
    expect(page.locator("#comparison-roc path.js-line").nth(2)).to_have_attribute(
        "style", re.compile(r"rgb\(0, 158, 115\)")
    )
    expect(cell(page, "threshold")).to_have_text("0.30")
    page.click("#shell-language")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(cell(page, "threshold")).to_have_text("0.30")


@pytest.mark.parametrize("what", ["scheme and language", "language", "reload"])
def test_a_threshold_outlives_whatever_is_done_next(house: House, page: Page, what: str) -> None:
    """The address says it before the server has answered and before any timer has run."""
    page.add_init_script(f"({NO_LONG_TIMERS})()")
    page.route("**/at/**", lambda _route: None)  # no threshold is ever answered
    open_comparison(page, house, "?versions=3")
    for value in ("0.4", "0.3"):
        set_threshold(page, value)
        expect(page.get_by_role("slider", name="Threshold")).to_have_attribute("aria-valuenow", value)
    match what:
        case "scheme and language":
            page.click("#shell-theme")
            page.wait_for_selector("html[data-bs-theme=dark]")
            expect(cell(page, "threshold")).to_have_text("0.30")
            page.click("#shell-language")
        case "language":
            page.click("#shell-language")
        case _:
            page.reload()
    expect(cell(page, "threshold")).to_have_text("0.30")
    expect(page).to_have_url(re.compile(r"threshold=0\.3$"))


def test_an_answer_for_an_earlier_threshold_leaves_the_address_alone(house: House, page: Page) -> None:
    open_comparison(page, house, "?versions=3,4")
    held: list[Route] = []
    is_held = True
    page.route(
        "**/_dash-update-component*", lambda route: held.append(route) if is_held else route.continue_()
    )
    page.get_by_role("button", name="Take v3 out of the comparison").click()
    expect(page.locator("#comparison-versions")).not_to_contain_text("v3")
    set_threshold(page, "0.3")
    expect(cell(page, "threshold")).to_have_text("0.30")
    is_held = False
    for route in held:
        route.continue_()
    expect(page.locator("#comparison-confusion table")).to_have_count(2)
    expect(page).to_have_url(re.compile(r"versions=4&threshold=0\.3$"))
    expect(cell(page, "threshold")).to_have_text("0.30")


def test_a_threshold_stays_on_its_page(house: House, page: Page) -> None:
    open_comparison(page, house, "?versions=3")
    set_threshold(page, "0.3")
    expect(cell(page, "threshold")).to_have_text("0.30")
    page.get_by_role("link", name="Models").click()
    page.locator(f"a[href='{PATH}']").click()
    expect(cell(page, "threshold")).to_have_text("0.50")
    expect(page.locator("#comparison-threshold-box")).to_have_value("0.5")
    assert "threshold" not in page.url


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (1440, "dark"), (390, "light")])
def test_everybody_can_use_it(house: House, new_page: Callable[..., Page], width: int, scheme: str) -> None:
    page = new_page(width=width, color_scheme=scheme)
    house.scorer.states[5] = ScoringState(status=Status.FAILED, error=ScoringError(message("Broken.")))
    house.scorer.states[6] = ScoringState(status=Status.SCORING, seconds=2.0)
    open_comparison(page, house)
    expect(page.get_by_role("slider", name="Threshold")).to_be_visible()
    assert serious_faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_a_missing_model_says_so(house: House, page: Page) -> None:
    page.goto(f"{house.address}/models/nobody%3Cb%3E")
    expect(page.locator("#comparison-states")).to_contain_text("nobody<b>")
    expect(page.get_by_role("link", name="All models")).to_be_visible()


def test_an_address_that_makes_no_sense_is_explained(house: House, page: Page) -> None:
    open_comparison(page, house, "?baseline=abc&versions=3,x,99&threshold=7")
    for text in ("“abc”", "“x”", "“7”", "no version 99"):
        expect(page.locator(".comparison")).to_contain_text(text)
    expect(page.locator("#comparison-tokens .token")).to_have_count(1)
    choose(page, "versions", "kind 5")
    expect(page).to_have_url(re.compile(r"versions=3,5&threshold=0\.5$"))
    expect(page.locator(".comparison .notices")).to_have_count(0)


@pytest.fixture
def demo_services(demo: MadeDemo, tmp_path: Path) -> Iterator[Services]:
    """The demo's store, with nothing scored yet."""
    services = make_real_services(replace(demo.settings, data_dir=tmp_path))
    yield services
    services.close()


def test_opening_the_demo_scores_its_versions_in_child_processes(
    demo_services: Services, serve: Callable[[Any], str], page: Page
) -> None:
    page.goto(serve(create_app(demo_services)))
    page.get_by_role("link", name="titanic-survival").click()
    expect(page.locator("#comparison-confusion table")).to_have_count(6, timeout=90_000)
    expect(page.locator("#comparison-split")).to_contain_text("143 rows")
    set_threshold(page, "0.37")
    expect(cell(page, "threshold")).to_have_text("0.37")
    for compared in demo_services.comparisons.compare("titanic-survival", threshold=0.37).versions:
        assert compared.confusion is not None
        expect(cell(page, f"{compared.version.number} tp")).to_have_text(str(compared.confusion.tp))
