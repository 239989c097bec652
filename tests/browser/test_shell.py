import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from dash import Dash
from playwright.sync_api import BrowserContext, Page, expect

from core.catalog.store import RegisteredModel
from core.errors import StoreUnreachable
from core.messages import message
from dashboard.factory import create_app
from tests.browser.accessibility import serious_faults
from tests.browser.conftest import serving
from tests.dashboard.memory import MemoryStore, services_over

pytestmark = pytest.mark.browser

DOWN = StoreUnreachable(message("The store does not answer."), message("Start it."))


def paper(page: Page) -> str:
    return str(page.evaluate("getComputedStyle(document.body).backgroundColor"))


def test_the_page_follows_the_browser_in_language_and_scheme(
    new_page: Callable[..., Page], runoff: str
) -> None:
    page = new_page(locale="ja-JP", color_scheme="dark")
    page.goto(runoff)

    expect(page.get_by_role("heading", name="モデル", exact=True)).to_be_visible()
    expect(page).to_have_title("モデル · Runoff")
    assert page.get_attribute("html", "lang") == "ja"
    assert page.get_attribute("html", "data-bs-theme") == "dark"
    assert paper(page) == "rgb(18, 20, 23)"


def test_the_language_is_switched_at_the_same_address_and_remembered(page: Page, runoff: str) -> None:
    page.goto(f"{runoff}/runs?filter=params.max_depth+%3D+%271%27")
    expect(page.locator("#runs-table .ag-row").first).to_be_visible()
    expect(page).to_have_url(re.compile(r"experiments=\d+&filter="))
    address = page.url
    page.click("#shell-language")

    expect(page.get_by_role("heading", name="実行", exact=True)).to_be_visible()
    expect(page.locator("#runs-table .ag-row").first).to_be_visible()
    assert page.get_attribute("html", "lang") == "ja"
    expect(page).to_have_url(address)
    page.goto(f"{runoff}/")
    expect(page).to_have_title("モデル · Runoff")
    page.click("#shell-language")
    expect(page).to_have_title("Models · Runoff")


def test_no_english_is_left_on_a_japanese_page(new_page: Callable[..., Page], runoff: str) -> None:
    page = new_page(locale="ja-JP")
    page.goto(f"{runoff}/runs")
    expect(page.locator("#runs-table .ag-row").first).to_be_visible()
    said = page.evaluate(
        """() => [...document.querySelectorAll("[aria-label], [title], [placeholder]")].flatMap(
            (node) => ["aria-label", "title", "placeholder"].map((name) => node.getAttribute(name)))"""
    )
    english = [text for text in said if text and re.search(r"[a-z]{3,} [a-z]{3,}", text)]

    assert english == []


def test_the_scheme_is_switched_and_remembered_without_a_flash(page: Page, runoff: str) -> None:
    page.goto(runoff)
    page.click("#shell-theme")
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    expect(page.locator("html")).to_have_attribute("data-ag-theme-mode", "dark")
    page.add_init_script(
        "addEventListener('DOMContentLoaded', () => { window.first = document.documentElement.dataset.bsTheme; })"
    )
    page.reload()

    assert page.evaluate("window.first") == "dark"
    assert paper(page) == "rgb(18, 20, 23)"


def test_whoever_picks_what_the_system_says_follows_the_system_again(page: Page, runoff: str) -> None:
    page.goto(runoff)
    expect(page.locator("#shell-theme")).to_be_visible()
    page.click("#shell-theme")
    page.emulate_media(color_scheme="dark")
    page.click("#shell-theme")
    page.click("#shell-theme")
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    page.emulate_media(color_scheme="light")

    expect(page.locator("html")).to_have_attribute("data-bs-theme", "light")


def test_pages_are_reached_without_loading_anew_and_back_again(page: Page, runoff: str) -> None:
    page.goto(runoff)
    expect(page.locator("#models-table")).to_be_visible()
    page.evaluate("window.kept = true")
    page.get_by_role("link", name="Runs").click()
    expect(page.get_by_role("heading", name="Runs", exact=True)).to_be_visible()
    expect(page).to_have_title("Runs · Runoff")
    expect(page.locator("#shell-main")).to_be_focused()
    expect(page.locator("#runs-table .ag-row").first).to_be_visible()
    page.go_back()
    expect(page.get_by_role("heading", name="Models", exact=True)).to_be_visible()
    expect(page).to_have_title("Models · Runoff")

    assert page.evaluate("window.kept") is True


def test_the_keyboard_goes_from_the_skip_link_to_the_content(page: Page, runoff: str) -> None:
    page.goto(runoff)
    expect(page.locator("#models-table")).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")

    expect(page.locator("#shell-main")).to_be_focused()
    expect(page.get_by_role("heading", name="Models", exact=True)).to_be_visible()


def test_an_unknown_address_says_so(page: Page, runoff: str) -> None:
    answer = page.goto(f"{runoff}/nope")

    assert answer is not None
    assert answer.status == 404
    expect(page.get_by_role("heading", name="There is no such page")).to_be_visible()
    page.get_by_role("link", name="All models").click()
    expect(page.get_by_role("heading", name="Models", exact=True)).to_be_visible()


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore(address="http://mlflow:5000", error=DOWN)


@pytest.fixture
def app(store: MemoryStore, tmp_path: Path) -> Dash:
    return create_app(services_over(store, tmp_path))


def test_a_store_that_is_down_is_explained_and_every_page_recovers_by_itself(
    new_page: Callable[..., Page], serve: Callable[[Any], str], app: Dash, store: MemoryStore
) -> None:
    address = serve(app)
    pages = [new_page() for _ in range(2)]
    for page, path in zip(pages, ("/", "/runs"), strict=True):
        page.goto(address + path)
        expect(page.locator(".state-failed")).to_contain_text("The store does not answer.")
        expect(page.locator(".state-failed")).to_contain_text("Start it.")
        expect(page.locator("#shell-store .dot-down")).to_be_visible()
    store.error = None

    for page in pages:
        expect(page.locator(".state-empty:visible")).to_contain_text("This store has no")
        expect(page.locator("#shell-store .dot-up")).to_be_visible()


def test_an_unexpected_failure_is_an_alert_that_can_be_dismissed(
    page: Page, serve: Callable[[Any], str], app: Dash, store: MemoryStore
) -> None:
    store.error = ValueError("<b>inside</b>")  # type: ignore[assignment]  # not an error that is expected
    page.goto(serve(app) + "/runs")
    alert = page.locator("#shell-alerts .alert-box")
    expect(alert).to_contain_text("Something went wrong inside Runoff.")
    expect(alert).to_contain_text(re.compile(r"reference [0-9a-f]{8}"))
    expect(alert).not_to_contain_text("inside</b>")
    store.error = None
    page.get_by_role("button", name="Dismiss").click()

    expect(alert).to_have_count(0)


def test_a_page_waits_for_runoff_to_come_back(
    contexts: Callable[..., BrowserContext], app: Dash, store: MemoryStore
) -> None:
    store.error = None
    store.registered.append(RegisteredModel(name="titanic"))
    page = contexts().new_page()
    with serving(app.server) as address:
        page.goto(f"{address}/runs?filter=x")
        expect(page.locator(".state-empty:visible")).to_be_visible()
    page.get_by_role("link", name="Models").click()
    expect(page.locator("#shell-offline")).to_be_visible()
    with serving(app.server, urlsplit(address).port or 0):
        expect(page.locator("#models-table")).to_contain_text("titanic")
        expect(page.locator("#shell-offline")).to_be_hidden()
        page.close()


@pytest.mark.parametrize("path", ["/", "/runs", "/nope"])
def test_axe_finds_nothing_serious_in_either_scheme(page: Page, runoff: str, path: str) -> None:
    page.goto(runoff + path)
    expect(page.locator("h1, .ag-row").nth(0 if path == "/nope" else 1)).to_be_visible()

    assert serious_faults(page) == []
    page.click("#shell-theme")
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    assert serious_faults(page) == []


def test_nothing_sticks_out_at_390_pixels(new_page: Callable[..., Page], runoff: str) -> None:
    page = new_page(width=390, height=800)
    for path in ("/", "/runs"):
        page.goto(runoff + path)
        expect(page.locator(".ag-row").first).to_be_visible()

        assert page.evaluate("document.documentElement.scrollWidth") <= 390
