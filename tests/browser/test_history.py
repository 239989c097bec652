import csv
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from core.decision.ledger import Ledger
from core.settings import load_settings
from dashboard.factory import create_app
from tests.browser.accessibility import serious_faults
from tests.browser.conftest import serving
from tests.browser.services import make_services
from tests.dashboard.memory import MemoryStore, services_over
from tests.dashboard.recorded import FORMULA, ODD, TITANIC, entries_of, move, write_year
from tests.dashboard.remembered import MemoryDecisions

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def recorded(store_uri: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The dashboard over a real ledger that holds a year."""
    settings = load_settings(
        None, tracking_uri=store_uri, environ={}, folder=tmp_path_factory.mktemp("recorded")
    )
    ledger = Ledger(settings.database_url, settings.data_dir, app_version="0.1.0")
    write_year(ledger)
    ledger.close()
    services = make_services(settings)
    with serving(create_app(services).server) as address:
        yield address
    services.close()


def line(page: Page, seq: int) -> Any:
    return page.locator(".history-line").filter(
        has=page.get_by_role("button", name=f"Evidence of entry {seq}", exact=True)
    )


def opened(page: Page, address: str) -> Page:
    page.goto(address)
    expect(page.locator("#history-table .history-line").first).to_be_visible()
    expect(page.locator("#history-reigns .plot-container")).to_be_visible()
    return page


def test_a_line_opens_to_its_evidence_by_keyboard_and_closes(page: Page, recorded: str) -> None:
    opened(page, f"{recorded}/history")
    expect(line(page, 10)).to_contain_text("Rollback")
    expect(line(page, 10)).to_contain_text("v3 → v2")
    expect(line(page, 17)).to_contain_text("✗ failed, nothing moved")
    button = page.get_by_role("button", name="Evidence of entry 10", exact=True)
    button.focus()
    page.keyboard.press("Enter")

    expect(button).to_have_attribute("aria-expanded", "true")
    evidence = page.locator(".history-detail:not([hidden])")
    expect(evidence).to_contain_text("ROC AUC")
    expect(evidence).to_contain_text("data/titanic.csv")
    expect(evidence.locator(".evidence-steps > li")).to_have_count(2)
    page.keyboard.press("Enter")
    expect(button).to_have_attribute("aria-expanded", "false")
    expect(evidence).to_have_count(0)


def test_filters_stay_in_the_address_and_restore_the_view(page: Page, recorded: str) -> None:
    opened(page, f"{recorded}/history")
    page.locator("#history-model").click()
    page.get_by_role("option", name="churn").click()
    expect(page.locator(".history-line")).to_have_count(3)
    page.fill("#history-first", "2026-03-01")
    expect(page.locator(".history-line")).to_have_count(2)
    expect(page).to_have_url(re.compile(r"/history\?model=churn&from=2026-03-01$"))
    page.reload()

    expect(page.locator(".history-line")).to_have_count(2)
    expect(page.locator("#history-first")).to_have_value("2026-03-01")
    expect(page.locator("#history-model")).to_contain_text("churn")


def test_what_was_in_production_on_a_day_is_answered_in_the_readers_time(page: Page, recorded: str) -> None:
    opened(page, f"{recorded}/history?model={TITANIC}")
    page.fill("#history-at", "2026-03-03T12:00")

    expect(page.locator("#history-answer")).to_contain_text("3 Mar 2026, 12:00 (Asia/Tokyo)")
    expect(page.locator("#history-answer .answer-version")).to_have_text("v2")
    expect(page).to_have_url(re.compile(r"at=2026-03-03T03:00Z"))


def test_names_and_reasons_are_texts_and_an_export_is_safe(page: Page, recorded: str) -> None:
    page.on("dialog", lambda dialog: pytest.fail(dialog.message))
    opened(page, f"{recorded}/history")
    odd = page.locator(".history-line").filter(has_text="<script>alert(1)</script>")
    expect(odd.last.locator(".history-reason")).to_contain_text("二行目 <script>alert(2)</script>")
    with page.expect_download() as download:
        page.get_by_role("link", name="Export as CSV").click()
    with download.value.path().open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))

    assert {TITANIC, ODD} <= {row["model"] for row in rows}
    assert f"'{FORMULA}" in {row["reason"] for row in rows}


def test_older_entries_are_added_below(page: Page, serve: Callable[[Any], str], tmp_path: Any) -> None:
    decisions = MemoryDecisions(entries_of([move(1, 2) for _number in range(120)]))
    opened(page, serve(create_app(services_over(MemoryStore(), tmp_path, decisions=decisions))) + "/history")
    lines, older = page.locator(".history-line"), page.get_by_role("button", name="Show older entries")
    expect(lines).to_have_count(50)
    expect(page.locator("#history-count")).to_have_text("the newest 50 operations")
    older.click()
    expect(lines).to_have_count(100)
    older.click()

    expect(lines).to_have_count(120)
    expect(older).to_be_hidden()
    expect(page.locator("#history-count")).to_have_text("120 operations")


def test_an_empty_ledger_says_what_will_be_there(
    page: Page, serve: Callable[[Any], str], tmp_path: Any
) -> None:
    page.goto(serve(create_app(services_over(MemoryStore(), tmp_path))) + "/history")

    expect(page.locator("#history-content")).to_contain_text("Nothing has been decided yet.")
    expect(page.locator("#history-picture")).to_contain_text("nothing has been in Production yet")


def test_the_list_of_models_marks_where_mlflow_and_the_ledger_differ(page: Page, recorded: str) -> None:
    page.goto(recorded)
    row = page.locator("#models-table .ag-row").filter(has_text=TITANIC)
    expect(row.locator("[col-id=production]")).to_have_text("v2")
    expect(row.locator("[col-id=ledger]")).to_have_text("⚠ v9, MLflow differs")
    expect(row.locator("[col-id=by]")).to_have_text("alice")
    row.locator("[col-id=ledger] a").click()

    expect(page).to_have_url(re.compile(rf"/models/{TITANIC}"))
    card = page.locator(".model-history")
    expect(card.locator("li").first).to_contain_text("Change from outside")
    expect(card.locator("#model-history-lane .plot-container")).to_be_visible()
    card.get_by_role("link", name="all").click()
    expect(page.locator("#history-table .history-line").first).to_be_visible()
    expect(page.locator("#history-model")).to_contain_text(TITANIC)


def test_axe_finds_nothing_serious_in_either_scheme(page: Page, recorded: str) -> None:
    opened(page, f"{recorded}/history?model={TITANIC}&entry=10&at=2026-03-03T12:00Z")
    expect(page.locator(".evidence")).to_be_visible()

    assert serious_faults(page) == []
    page.click("#shell-theme")
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    expect(page.locator("#history-reigns .plot-container")).to_be_visible()
    assert serious_faults(page) == []


def test_nothing_sticks_out_and_all_is_japanese_on_a_narrow_screen(
    new_page: Callable[..., Page], recorded: str
) -> None:
    page = new_page(width=390, height=800, locale="ja-JP")
    opened(page, f"{recorded}/history?entry=10")

    expect(page.locator(".evidence")).to_contain_text("判断時の数値")
    expect(page).to_have_title("履歴 · Runoff")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
