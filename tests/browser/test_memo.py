"""The decision memo as a browser shows it: both schemes, wide and narrow, and on paper."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect

from core.catalog.store import Version
from dashboard.factory import create_app
from looks.language import reading
from memo.composition import compose
from memo.rendering import render
from tests.browser.accessibility import serious_faults
from tests.dashboard.comparing import (
    MODEL,
    HandScorer,
    VersionStore,
    make_services,
    make_split,
    make_version,
)
from tests.memo.conftest import gathered

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def html(tmp_path_factory: pytest.TempPathFactory) -> str:
    found = gathered(tmp_path_factory.mktemp("memo"), range(1, 8))
    with reading("en"):
        return render(compose(found, form="html"), "html")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_it_is_read_in_both_schemes_on_any_width(
    new_page: Callable[..., Page], html: str, scheme: str, width: int
) -> None:
    page = new_page(color_scheme=scheme, width=width)
    page.set_content(html)

    assert serious_faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert page.locator("svg path.curve").count() == 4 * 7
    dark = "rgb(18, 20, 23)"
    assert (page.locator("body").evaluate("e => getComputedStyle(e).backgroundColor") == dark) == (
        scheme == "dark"
    )


def test_paper_is_light_and_no_table_is_cut_off(
    new_page: Callable[..., Page], html: str, tmp_path: Path
) -> None:
    page = new_page(color_scheme="dark", width=688)  # A4 less its margins
    page.set_content(html)
    page.emulate_media(media="print")

    assert page.locator("body").evaluate("e => getComputedStyle(e).color") == "rgb(27, 31, 36)"
    cut = page.locator(".scroll").evaluate_all("all => all.filter(e => e.scrollWidth > e.clientWidth).length")
    assert cut == 0
    assert page.pdf(format="A4").startswith(b"%PDF")


@dataclass
class FileScorer(HandScorer):
    """A scorer that also knows the files of each version."""

    def known_digest(self, version: Version) -> str:
        return f"sha256:{version.number:064x}"


def test_the_links_of_the_page_give_the_memo_of_what_it_shows(
    serve: Callable[[Any], str], page: Page, tmp_path: Path
) -> None:
    store = VersionStore([make_version(n, stage="Production" if n == 2 else "None") for n in range(1, 5)])
    address = serve(create_app(make_services(store, FileScorer(make_split()), tmp_path)))
    page.goto(f"{address}/models/{quote(MODEL, safe='')}?baseline=2&versions=3&threshold=0.5")
    expect(page.locator("#comparison-panels")).to_be_visible()
    box = page.locator("#comparison-threshold-box")
    box.fill("0.25")
    box.press("Enter")
    page.wait_for_url("**threshold=0.25")

    with page.expect_download() as started:
        page.get_by_role("link", name="Memo as Markdown").press("Enter")
    assert started.value.suggested_filename == "memo-credit-b-risk.md"
    assert "baseline=2&versions=3&threshold=0.25" in Path(started.value.path()).read_text("utf-8")
