import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Locator, Page, expect

from core.catalog.store import RegisteredModel
from core.lifecycle.background import DemoProgress
from core.messages import message
from dashboard.factory import create_app
from tests.browser.filled_store import MODELS
from tests.dashboard.memory import MemoryStore, ScriptedDemo, services_over

pytestmark = pytest.mark.browser


def row(page: Page, name: str) -> Locator:
    return page.locator(f"#models-table .ag-row:has(a[href='/models/{quote(name, safe='')}'])")


def test_names_are_shown_exactly_and_lead_to_their_pages(page: Page, runoff: str) -> None:
    page.goto(runoff)
    for name in MODELS:
        link = row(page, name).get_by_role("link")
        expect(link).to_be_visible()
        assert link.evaluate("node => node.textContent") == name
    for name in ("a?b#c&d=e", "line\nbreak"):
        row(page, name).get_by_role("link").click()
        expect(page).to_have_url(f"{runoff}/models/{quote(name, safe='')}")
        page.go_back()
    expect(page).to_have_title("Models · Runoff")


def test_production_by_stage_and_by_alias(page: Page, runoff: str) -> None:
    page.goto(runoff)

    expect(row(page, "titanic-survival").locator("[col-id=production]")).to_have_text("v2")
    expect(row(page, "two-in-production").locator("[col-id=production].cell-warn")).to_have_text(
        "⚠ v2, v1 by stage"
    )
    expect(row(page, "stage-and-alias-differ").locator("[col-id=production].cell-warn")).to_have_text(
        "⚠ v1 by stage, v2 by alias"
    )
    expect(row(page, "line\nbreak").locator("[col-id=production]")).to_have_text("")
    expect(row(page, "titanic-survival").locator("[col-id=versions]")).to_have_text("2")
    expect(row(page, "titanic-survival").locator("[col-id=updated]")).to_have_text(
        re.compile(r"^\d+ \w+ \d{4}, \d\d:\d\d$")
    )


def test_search_narrows_the_table_and_stays_in_the_address(page: Page, runoff: str) -> None:
    page.goto(runoff)
    expect(page.locator("#models-count")).to_have_text(f"{len(MODELS)} models")
    page.fill("#models-search", "titanic")
    expect(page.locator(".ag-center-cols-container .ag-row")).to_have_count(1)
    expect(page).to_have_url(f"{runoff}/?search=titanic")
    page.reload()

    expect(page.locator("#models-search")).to_have_value("titanic")
    expect(page.locator(".ag-center-cols-container .ag-row")).to_have_count(1)
    page.fill("#models-search", "no such thing")
    expect(page.locator("#models-table")).to_contain_text("Nothing matches")


def test_a_model_is_opened_with_the_keyboard(page: Page, runoff: str) -> None:
    page.goto(f"{runoff}/?search=titanic")
    page.locator("#models-table .ag-row [col-id=production]").first.click()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")

    expect(page).to_have_url(f"{runoff}/models/titanic-survival")


def test_columns_are_sorted_by_a_click(page: Page, runoff: str) -> None:
    page.goto(runoff)
    head = page.locator("#models-table .ag-header-cell[col-id=production]")
    first = page.locator(".ag-center-cols-container .ag-row[row-index='0'] [col-id=production]")
    for direction, production in (("ascending", ""), ("descending", re.compile("v2"))):
        head.click()
        expect(head).to_have_attribute("aria-sort", direction)
        expect(first).to_have_text(production)


def test_the_demo_is_watched_until_it_is_there(
    page: Page, serve: Callable[[Any], str], tmp_path: Path
) -> None:
    store, demo = (
        MemoryStore(),
        ScriptedDemo(DemoProgress(step=2, total=9, text=message("Preparing the demo."))),
    )
    page.goto(serve(create_app(services_over(store, tmp_path, demo))))
    expect(page.get_by_role("progressbar")).to_have_attribute("value", "2")
    expect(page.locator("#models-content")).to_contain_text("Preparing the demo.")
    store.registered.append(RegisteredModel(name="titanic-survival", version_count=1))
    expect(page.locator("#models-table")).to_contain_text("titanic-survival")
    demo.now = DemoProgress(step=9, total=9, text=message("The demo is ready."), done=True)

    expect(page.get_by_role("progressbar")).to_have_count(0)
    expect(page.locator("#models-table")).to_contain_text("titanic-survival")


def test_a_store_that_counts_slowly_is_shown_first(
    page: Page, serve: Callable[[Any], str], tmp_path: Path
) -> None:
    store = MemoryStore(registered=[RegisteredModel(name="a", version_count=10_000)], counts=False)
    page.goto(serve(create_app(services_over(store, tmp_path))))

    expect(page.locator(".ag-row [col-id=versions]")).to_have_text("10,000")


def test_a_thousand_models_scroll(page: Page, serve: Callable[[Any], str], tmp_path: Path) -> None:
    store = MemoryStore(registered=[RegisteredModel(name=f"model-{i}", version_count=i) for i in range(1000)])
    page.goto(serve(create_app(services_over(store, tmp_path))))

    expect(page.locator("#models-count")).to_have_text("1,000 models")
    expect(page.locator(".ag-row").first).to_be_visible()
    assert page.locator(".ag-center-cols-container .ag-row").count() < 100
