"""Verdicts, intervals and operating points as people see them, over scores of which the truth is known."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, Route, expect

from core.errors import ScoringError
from core.evidence.comparison import ScoringState, Status
from core.evidence.scores import Scores
from core.evidence.split import Split
from core.messages import message
from dashboard.factory import create_app
from tests.browser.accessibility import serious_faults
from tests.dashboard.comparing import (
    MODEL,
    HandScorer,
    VersionStore,
    make_scores,
    make_services,
    make_split,
    make_version,
)

pytestmark = pytest.mark.browser

MANY_STEPS = """async () => {
    for (let step = 1; step <= 20; step++) {
        window.dash_clientside.set_props("comparison-threshold", { value: 0.5 + step / 100 });
        await new Promise((done) => setTimeout(done, 10));
    }
}"""  # as a hand that drags the slider
PATH = f"/models/{quote(MODEL, safe='')}"
BETTER, ALIKE, WORSE, NOISY = 3, 4, 5, 6  # against version 2, which is in Production


def made(split: Split) -> dict[int, Scores]:
    """Production's scores with a signal added, a little noise, a signal taken away, and much noise."""
    base = make_scores(split, 2).values
    logit = np.log(base / (1 - base))

    def version(number: int, gain: float, noise: float) -> Scores:
        moved = (
            logit + gain * (split.labels - 0.5) + np.random.default_rng(number).normal(0, noise, split.rows)
        )
        return replace(make_scores(split, number), values=1 / (1 + np.exp(-moved)))

    return {
        BETTER: version(BETTER, 1.0, 0.1),
        ALIKE: version(ALIKE, 0.0, 0.02),
        WORSE: version(WORSE, -1.0, 0.1),
        NOISY: version(NOISY, 0.1, 0.5),
    }


@pytest.fixture
def scorer() -> HandScorer:
    split = make_split(600)
    return HandScorer(split, made=made(split))


@pytest.fixture
def address(scorer: HandScorer, tmp_path: Path, serve: Callable[[Any], str]) -> str:
    store = VersionStore([make_version(n, stage="Production" if n == 2 else "None") for n in range(1, 7)])
    return serve(create_app(make_services(store, scorer, tmp_path))) + PATH


def card(page: Page, number: int) -> Locator:
    return page.locator(f"[data-verdict='{number}']")


def open_judged(page: Page, address: str, search: str = "?versions=3,4,5,6") -> None:
    page.goto(address + search)
    expect(page.locator("#comparison-terms")).not_to_be_empty()


def marks(page: Page) -> dict[str, list[float]]:
    """Where the forest plot has its marks, by version."""
    drawn: dict[str, list[float]] = page.locator("#comparison-deltas .js-plotly-plot").evaluate(
        "plot => Object.fromEntries(plot.data.filter(one => one.name).map(one => [one.name, Array.from(one.x)]))"
    )
    return drawn


def whiskers(page: Page) -> list[Any]:
    found: list[Any] = page.locator("#comparison-metrics .js-plotly-plot").evaluate(
        "plot => plot.data.map(one => one.error_y && one.error_y.array && Array.from(one.error_y.array))"
    )
    return found


def test_each_candidate_is_what_it_was_made_to_be(address: str, page: Page) -> None:
    open_judged(page, address)
    for number, said in (
        (BETTER, "▲ better"),
        (ALIKE, "≈ no worse"),
        (WORSE, "▼ worse"),
        (NOISY, "? cannot tell"),
    ):
        expect(card(page, number).locator(".verdict-chip")).to_have_text(said.replace(" ", "", 1))
    expect(card(page, BETTER)).to_contain_text("higher by")
    expect(card(page, BETTER)).to_contain_text("on 600 rows. Better.")
    expect(card(page, WORSE)).to_contain_text("lower by")
    expect(card(page, ALIKE)).to_contain_text("within the margin of 1 pp.")
    expect(card(page, NOISY)).to_contain_text(re.compile(r"about [\d,]+ rows would settle it\."))
    expect(page.locator("#comparison-terms")).to_contain_text("98.75% each")
    expect(page.locator("#comparison-detectable")).to_contain_text(
        "600 rows: can only see differences in ROC AUC of"
    )
    assert not re.search(r"\bp\s*[=<]", page.locator("#comparison-verdicts").inner_text())


def test_picture_table_and_verdict_agree(address: str, page: Page) -> None:
    open_judged(page, address)
    expect(page.locator("#comparison-deltas .js-plotly-plot .main-svg").first).to_be_visible()
    page.wait_for_function("document.querySelector('#comparison-deltas .js-plotly-plot').data.length > 4")
    found = marks(page)
    assert set(found) == {"v3", "v4", "v5", "v6"}
    assert found["v3"][0] > 0 > found["v5"][0]
    assert page.locator("[data-sure='3 roc_auc delta']").inner_text().startswith("+")
    assert page.locator("[data-cell='6 roc_auc delta']").get_attribute("data-unsure") == ""
    assert page.locator("[data-cell='3 roc_auc delta']").get_attribute("data-unsure") is None
    page.wait_for_function(
        "document.querySelector('#comparison-metrics .js-plotly-plot').data.every(one => one.error_y)"
    )
    assert all(max(sizes) > 0 for sizes in whiskers(page))


def test_the_scale_of_the_picture_is_chosen_by_keyboard(address: str, page: Page) -> None:
    open_judged(page, address)
    difference = page.get_by_role("button", name="difference", exact=True)
    expect(difference).to_have_attribute("aria-pressed", "true")
    page.wait_for_function("document.querySelector('#comparison-deltas .js-plotly-plot').data.length > 4")
    before = marks(page)
    difference.focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="% of the baseline")).to_have_attribute("aria-pressed", "true")
    page.wait_for_function(
        "at => document.querySelector('#comparison-deltas .js-plotly-plot').data[1].x[0] !== at",
        arg=before["v3"][0],
    )
    page.get_by_role("button", name="absolute").click()
    page.wait_for_function(
        "document.querySelector('#comparison-deltas .js-plotly-plot').data.some(one => one.name === 'v2')"
    )
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the numbers of “Difference to the baseline” as CSV").click()
    assert download.value.path().read_text().startswith("version,metric,threshold,difference,low,high,level,")


def test_panels_do_not_wait_for_verdicts(address: str, page: Page) -> None:
    held: list[Route] = []

    def hold(route: Route) -> None:  # a method of the list takes no attribute, which Playwright gives it
        held.append(route)

    page.route("**/sure/**", hold)
    with page.expect_request("**/sure/**"):
        page.goto(address + "?versions=3,4")
    expect(page.locator("[data-cell='3 recall']")).not_to_be_empty()
    expect(card(page, BETTER)).to_contain_text("computing how sure…")
    expect(page.locator(".comparison[data-judging]")).to_have_count(1)
    for route in held:
        route.continue_()
    expect(card(page, BETTER)).to_contain_text("Better.")
    expect(page.locator(".comparison[data-judging]")).to_have_count(0)


def test_what_depends_on_the_threshold_follows_when_it_rests(address: str, page: Page) -> None:
    open_judged(page, address, "?versions=3,4")
    recall = page.locator("[data-sure='3 recall']")
    before, auc = recall.inner_text(), page.locator("[data-sure='3 roc_auc']").inner_text()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/sure/" in request.url else None)
    with page.expect_response(lambda answer: answer.url.endswith("/0.7") and "/sure/" in answer.url):
        page.evaluate(MANY_STEPS)
    expect(recall).not_to_have_text(before)
    expect(page.locator(".comparison[data-judging]")).to_have_count(0)
    assert len(asked) < 10  # not one for each step
    expect(page.locator("[data-sure='3 roc_auc']")).to_have_text(auc)


def test_versions_that_cannot_be_judged_say_why(address: str, scorer: HandScorer, page: Page) -> None:
    scorer.states[4] = ScoringState(
        status=Status.FAILED, error=ScoringError(message("It raised <b>an error</b>."))
    )
    scorer.states[5] = ScoringState(status=Status.SCORING, seconds=1.0)
    open_judged(page, address, "?versions=3,4,5")
    expect(card(page, BETTER)).to_contain_text("Better.")
    expect(card(page, 4)).to_contain_text("It raised <b>an error</b>.")
    expect(card(page, 5)).to_contain_text("being scored…")
    scorer.states[5] = ScoringState(status=Status.SCORED)
    expect(card(page, 5)).to_contain_text("Worse.")
    expect(page.locator("#comparison-terms")).to_contain_text("97.5% each")


def test_before_anything_is_scored_the_split_says_what_it_can_show(
    address: str, scorer: HandScorer, page: Page
) -> None:
    scorer.states = dict.fromkeys(range(1, 7), ScoringState(status=Status.SCORING))
    page.goto(address + "?versions=3")
    expect(page.locator("#comparison-detectable")).to_contain_text(
        "can probably only see differences in ROC AUC of"
    )
    expect(card(page, 3)).to_contain_text("being scored…")


def test_gates_stand_below_verdicts_against_production_alone(address: str, page: Page) -> None:
    open_judged(page, address, "?versions=3")
    gate = card(page, 3).locator("details.gate")
    expect(gate).to_contain_text("gate passed")
    gate.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(gate).to_contain_text("Its files load.")
    open_judged(page, address, "?baseline=1&versions=3")
    expect(card(page, 3).locator(".verdict-line")).not_to_be_empty()
    assert page.locator(".gate").count() == 0


def choose_mode(page: Page, name: str) -> None:
    page.click("#comparison-mode")
    page.locator(".dash-dropdown-option", has_text=name).click()


def test_versions_are_operated_at_the_same_recall_and_the_address_keeps_it(address: str, page: Page) -> None:
    open_judged(page, address, "?versions=3,5")
    shown = page.locator("[data-cell='2 recall']").inner_text()
    choose_mode(page, "same recall")
    expect(page.locator("[data-cell='threshold']").first).to_have_text("of its own")
    expect(page.locator("[data-cell='2 recall']")).to_have_text(shown)  # the baseline stays where it is
    for number in (3, 5):
        assert abs(float(page.locator(f"[data-cell='{number} recall']").inner_text()) - float(shown)) < 0.01
    page.fill("#comparison-target-box", "0.9")
    page.press("#comparison-target-box", "Enter")
    expect(page).to_have_url(re.compile(r"\?baseline=production&versions=3,5&mode=recall&target=0\.9$"))
    expect(page.locator("[data-cell='3 at']")).to_contain_text("≥ 0.")
    expect(page.locator(".comparison[data-judging]")).to_have_count(0)
    numbers = page.locator("#comparison-numbers").inner_text()
    page.reload()
    expect(page.locator("#comparison-terms")).not_to_be_empty()
    expect(page.locator("#comparison-numbers")).to_have_text(numbers, use_inner_text=True)
    expect(page.get_by_role("slider", name="Target of all versions")).to_have_attribute(
        "aria-valuenow", "0.9"
    )
    choose_mode(page, "same threshold")
    expect(page.locator("[data-cell='threshold']").first).to_have_text("0.50")
    expect(page).to_have_url(re.compile(r"versions=3,5&threshold=0\.5$"))


def test_a_cost_ratio_moves_the_points(address: str, page: Page) -> None:
    open_judged(page, address, "?versions=3")
    choose_mode(page, "least cost")
    expect(page).to_have_url(re.compile(r"mode=cost&target=1$"))
    called = page.locator("[data-cell='3 called']")
    expect(page.locator("[data-cell='threshold']").first).to_have_text("of its own")
    before = float(called.inner_text().rstrip("%"))
    page.fill("#comparison-target-box", "20")
    page.press("#comparison-target-box", "Enter")
    expect(page).to_have_url(re.compile(r"mode=cost&target=20$"))
    expect(called).not_to_have_text(f"{before:.1f}%")
    assert float(called.inner_text().rstrip("%")) > before  # a missed positive costs more, so more are called
    page.fill("#comparison-target-box", "0")
    page.press("#comparison-target-box", "Enter")
    expect(page).to_have_url(re.compile(r"mode=cost&target=20$"))


@pytest.mark.parametrize("look", [{"color_scheme": "dark", "locale": "ja-JP"}, {"width": 390}], ids=str)
def test_everybody_can_use_it(
    address: str, scorer: HandScorer, new_page: Callable[..., Page], look: dict[str, Any]
) -> None:
    page = new_page(**look)
    scorer.states[5] = ScoringState(status=Status.FAILED, error=ScoringError(message("Broken.")))
    open_judged(page, address, "?versions=3,5,6&mode=alerts&target=0.25")
    expect(page.locator("details.gate")).to_have_count(2)
    expect(card(page, BETTER).locator(".verdict-chip")).to_have_text(
        "▲優れている" if "locale" in look else "▲better"
    )
    page.locator(".gate summary").first.click()
    expect(page.get_by_role("slider").nth(0)).to_be_attached()
    faults = [fault for fault in serious_faults(page) if "trend-" not in fault and "rows-" not in fault]
    assert faults == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
