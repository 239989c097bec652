"""The decision memo as a browser shows it: both schemes, wide and narrow, and on paper."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from looks.language import reading
from memo.composition import compose
from memo.rendering import render
from tests.browser.accessibility import serious_faults
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
