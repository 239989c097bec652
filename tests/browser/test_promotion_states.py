"""The promotion panel in states that a real store is seldom in, over decisions in the test's hands."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect

from core.catalog.store import Holders
from core.decision.record import Kind, Phase
from core.decision.standing import Outcome
from core.errors import GateChanged, LedgerError
from core.messages import message
from dashboard.factory import create_app
from tests.browser.accessibility import serious_faults
from tests.dashboard.comparing import MODEL, HandScorer, VersionStore, make_services, make_split, make_version
from tests.dashboard.deciding import HandDecisions, make_entry, make_pending, reference

pytestmark = pytest.mark.browser

PATH = f"/models/{quote(MODEL, safe='')}"
HOSTILE = "<img src=x onerror=alert(1)>"


@dataclass
class House:
    """A dashboard whose store and decisions are in the test's hands."""

    store: VersionStore
    decisions: HandDecisions
    address: str


@pytest.fixture
def house(tmp_path: Path, serve: Callable[[Any], str]) -> House:
    store = VersionStore([make_version(n, description=f"kind {n}") for n in range(1, 7)])
    store.kept[1] = make_version(2, stage="Production", aliases=("production",), description="forest")
    decisions = HandDecisions(store.versions)
    services = make_services(store, HandScorer(make_split()), tmp_path, decisions)
    return House(store, decisions, serve(create_app(services)))


def open_panel(page: Page, house: House) -> None:
    page.goto(f"{house.address}{PATH}?versions=3")
    expect(page.locator("#promotion-production")).to_have_text(re.compile(r"v\d|none|なし"))


def choose(page: Page, number: int) -> None:
    page.click("#promotion-version")
    page.fill(".dash-dropdown-search", str(number))
    page.locator(".dash-dropdown-option", has_text=re.compile(rf"^v{number}(?!\d)")).click()


@pytest.mark.parametrize(
    ("width", "locale", "scheme"),
    [(1440, "ja-JP", "dark"), (390, "en-GB", "light")],
)
def test_everybody_can_use_it(
    house: House, new_page: Callable[..., Page], width: int, locale: str, scheme: str
) -> None:
    page = new_page(width=width, locale=locale, color_scheme=scheme)
    entry = make_entry(Phase.EXTERNAL, Kind.EXTERNAL)
    house.decisions.facts = {"differs": entry, "holders": Holders((4,), 2), "reason": HOSTILE * 9}
    open_panel(page, house)
    page.fill("#promotion-reason", HOSTILE)
    expect(page.locator("#promotion-banners button")).to_have_count(3)
    assert serious_faults(page, "#promotion-panel") == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.locator("#promotion-banners button").first.click()
    expect(page.get_by_role("dialog")).to_contain_text(HOSTILE)
    assert serious_faults(page, "#promotion-panel") == []
    box = page.get_by_role("dialog").bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width


def test_a_hand_on_the_keyboard_stays_in_the_dialog(house: House, page: Page) -> None:
    open_panel(page, house)
    page.fill("#promotion-reason", "steadier")
    expect(page.locator("#promotion-rollback")).to_be_enabled()
    page.focus("#promotion-rollback")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="Roll Production back to v1?")).to_be_visible()
    expect(page.locator("#promotion-cancel")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator("#promotion-confirm")).to_be_focused()
    for _ in range(4):  # through the browser's own controls and round again
        page.keyboard.press("Tab")
        inside = (
            "() => document.activeElement === document.body || !!document.activeElement.closest('dialog')"
        )
        assert page.evaluate(inside)
    page.keyboard.press("Escape")
    expect(page.locator("#promotion-rollback")).to_be_focused()
    assert house.decisions.asked == []


def test_an_error_inside_closes_the_dialog_and_is_seen(house: House, page: Page) -> None:
    open_panel(page, house)  # nobody has given an outcome, so what comes is no error that was expected
    page.fill("#promotion-reason", "steadier")
    page.click("#promotion-rollback")
    page.click("#promotion-confirm")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(page.locator("#shell-alerts")).to_contain_text("reference")
    expect(page.locator("#promotion-reason")).to_have_value("steadier")
    expect(page.locator("#promotion-rollback")).to_be_enabled()


def test_a_gate_that_has_become_another_is_shown_before_anything_moves(house: House, page: Page) -> None:
    told = [GateChanged(message("The test split has changed."), message("Look again."))]

    def act(_kind: Kind, _facts: Any) -> Outcome:
        if told:
            raise told.pop()
        return Outcome(entry=make_entry(Phase.DONE, after=reference(3)))

    house.decisions.act = act
    open_panel(page, house)
    choose(page, 3)
    page.fill("#promotion-reason", "steadier")
    page.click("#promotion-promote")
    page.click("#promotion-confirm")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("The test split has changed.")
    expect(page.locator("#promotion-confirm")).to_be_enabled()  # the new report is there
    expect(dialog).to_be_visible()
    page.click("#promotion-confirm")
    expect(dialog).to_be_hidden()
    expect(page.locator("#promotion-said")).to_contain_text("v3 is in Production now.")
    (_, first), (_, second) = house.decisions.asked
    assert first["seal"]
    assert first["key"] != second["key"]


def test_a_ledger_that_cannot_be_written_stops_moving_and_not_reading(house: House, page: Page) -> None:
    trouble = LedgerError(
        message("The ledger cannot be written: {why}.", why=HOSTILE), message("Free space.")
    )
    house.decisions.facts = {"trouble": trouble}
    open_panel(page, house)
    page.fill("#promotion-reason", "steadier")
    choose(page, 5)
    expect(page.locator("#promotion-banners")).to_contain_text(f"The ledger cannot be written: {HOSTILE}.")
    expect(page.locator("#promotion-banners")).to_contain_text("reading goes on")
    for button in ("promote", "rollback", "move"):
        expect(page.locator(f"#promotion-{button}")).to_be_disabled()
        expect(page.locator(f"#promotion-{button}-note")).to_contain_text("The ledger cannot be written")
    expect(page.locator("#comparison-confusion table")).to_have_count(2)


def test_a_move_of_somebody_else_is_waited_for(house: House, page: Page) -> None:
    house.decisions.facts = {"pending": make_pending()}
    open_panel(page, house)
    page.fill("#promotion-reason", "steadier")
    expect(page.locator("#promotion-banners")).to_contain_text(
        "bob is promoting v4 (since 12 Nov 2026, 14:05)."
    )
    expect(page.locator("#promotion-rollback-note")).to_have_text("bob is moving this model just now.")
    house.decisions.facts = {}
    expect(page.locator("#promotion-rollback")).to_be_enabled()
    expect(page.locator("#promotion-banners .banner")).to_have_count(0)


def test_one_of_ten_thousand_is_found(house: House, page: Page) -> None:
    house.store.kept = [
        make_version(number, stage="Production" if number == 7 else "None") for number in range(1, 10_001)
    ]
    open_panel(page, house)
    page.click("#promotion-version")
    expect(page.locator(".dash-dropdown-option", has_text="more: type a number or a word")).to_have_count(1)
    page.keyboard.press("Escape")
    choose(page, 4321)
    expect(page.locator("#promotion-promote")).to_have_text("Promote v4321…")


def test_a_page_that_nobody_sees_asks_nothing(house: House, page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if request.url.endswith("/pulse") else None)
    page.clock.install()
    open_panel(page, house)
    expect(page.locator("#comparison-gain .js-plotly-plot .main-svg").first).to_be_visible()
    before = len(asked)  # real time goes on, too: one or none on a quick machine, more on a busy one
    page.clock.run_for(5_500)
    assert len(asked) > before
    page.evaluate("Object.defineProperty(document, 'hidden', {get: () => window.isAway, configurable: true})")
    page.evaluate("window.isAway = true")
    before = len(asked)
    page.clock.run_for(30_000)
    assert len(asked) == before
    page.evaluate("window.isAway = false; document.dispatchEvent(new Event('visibilitychange'))")
    page.clock.run_for(100)
    assert len(asked) == before + 1
