"""What differs, and a metric over versions, as people use them on the comparison page."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect

from core.catalog.store import Run
from dashboard.factory import create_app
from tests.browser.accessibility import serious_faults
from tests.dashboard.comparing import MODEL, HandScorer, VersionStore, make_services, make_split, make_version

pytestmark = pytest.mark.browser

PATH = f"/models/{quote(MODEL, safe='')}"


@pytest.fixture
def address(tmp_path: Path, serve: Callable[[Any], str]) -> str:
    kept = [make_version(number, run_id=f"r{number}") for number in range(1, 4)]
    kept[1] = make_version(2, run_id="r2", stage="Production", aliases=("production",))
    runs = {
        f"r{number}": Run(
            id=f"r{number}",
            name="<b>run</b>",
            experiment_id="1",
            status="FINISHED",
            params={"depth": str(number), "seed": "1", "<img src=x onerror=alert(1)>": str(number)},
        )
        for number in range(1, 4)
    }
    services = make_services(VersionStore(kept, runs), HandScorer(make_split()), tmp_path)
    return serve(create_app(services)) + PATH


def opened(page: Page, address: str) -> Any:
    page.goto(address)
    card = page.locator("#differing")
    expect(card.locator("tr.differs").first).to_be_visible()
    return card


def current(page: Page) -> str:
    return page.locator("#differing tr.is-current th").inner_text()


def test_keys_lead_from_difference_to_difference_where_nobody_types(address: str, page: Page) -> None:
    card = opened(page, address)
    expect(card.locator("thead th")).to_have_text(["v2 baseline", "v1", "v3"])
    card.hover()
    page.keyboard.press("n")
    assert current(page) == "<img src=x onerror=alert(1)>"
    page.keyboard.press("n")
    assert current(page) == "depth"
    page.keyboard.press("p")
    assert current(page).startswith("<img")
    card.get_by_role("button", name="next difference").click()
    assert current(page) == "depth"
    box = page.locator("#promotion-reason")
    box.fill("")
    card.hover()  # the pointer rests on the card while somebody writes elsewhere
    box.press_sequentially("np")
    expect(box).to_have_value("np")
    assert current(page) == "depth"


def test_identical_lines_sections_and_times(address: str, page: Page) -> None:
    card = opened(page, address)
    seed = card.locator("tr", has=page.get_by_text("seed", exact=True))
    expect(seed).to_be_hidden()
    card.get_by_role("button", name="Show").click()
    expect(seed).to_be_visible()
    fold = card.get_by_role("button", name="Parameters")
    fold.click()
    expect(fold).to_have_attribute("aria-expanded", "false")
    expect(seed).to_be_hidden()
    card.get_by_role("button", name="Measure the time").click()
    expect(card).to_contain_text("median of")
    expect(card.locator("tr", has_text="time for 1,000 rows")).to_contain_text("2.00 ms")
    expect(fold).to_have_attribute("aria-expanded", "false")  # the new table is folded as the old one was
    with page.expect_download() as download:
        card.locator("#differing-csv").click()
    assert "depth" in download.value.path().read_text(encoding="utf-8")


def test_the_trend_is_read_when_it_comes_into_sight(address: str, page: Page) -> None:
    opened(page, address)
    expect(page.locator("#comparison-gain .js-plotly-plot .main-svg").first).to_be_visible()
    assert page.locator("#trend-said").inner_text() == ""
    page.locator("#trend").scroll_into_view_if_needed()
    expect(page.locator("#trend-said")).to_have_text("3 versions are scored of 3")
    page.locator("#trend-metric").click()
    page.locator(".dash-dropdown-option", has_text="recall").first.click()
    expect(page.locator("#trend-said")).to_contain_text("threshold 0.50")
    page.fill("#comparison-threshold-box", "0.3")
    page.press("#comparison-threshold-box", "Enter")
    expect(page.locator("#trend-said")).to_contain_text("threshold 0.30")


@pytest.mark.parametrize(("locale", "scheme", "width"), [("en-GB", "light", 1440), ("ja-JP", "dark", 390)])
def test_everybody_can_use_both_cards(
    address: str, new_page: Callable[..., Page], locale: str, scheme: str, width: int
) -> None:
    page = new_page(locale=locale, color_scheme=scheme, width=width)
    opened(page, address)
    page.locator("#trend").scroll_into_view_if_needed()
    expect(page.locator("#trend .js-plotly-plot .main-svg").first).to_be_visible()
    expect(page.locator("#trend-said")).not_to_be_empty()
    assert serious_faults(page, "#differing", "#trend") == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
