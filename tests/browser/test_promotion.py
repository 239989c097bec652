"""Production moved in the browser, over a real registry, a real ledger and models that are really loaded."""

import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from mlflow import MlflowClient
from playwright.sync_api import Locator, Page, expect

from core.catalog.store import Holders
from core.decision.access import Actor, Role
from core.decision.record import Kind, Phase
from core.decision.standing import Expected
from core.gate_settings import MetricGate, Rule
from core.services import Services
from dashboard.factory import create_app
from tests.browser.accessibility import serious_faults
from tests.browser.conftest import serving
from tests.browser.services import make_services
from tests.conftest import MadeDemo

pytestmark = [  # what MLflow's own client says of itself
    pytest.mark.browser,
    pytest.mark.filterwarnings("ignore:.*Model registry stages"),
    pytest.mark.filterwarnings("ignore:.*noload"),
]

TEMPLATE = "titanic-survival"
BOB = Actor(name="bob", role=Role.ADMIN, identified_by="operating system")
STRICT = "strict"  # a model with a policy that no version passes
UNREACHABLE = MetricGate(metric="roc_auc", rule=Rule.AT_LEAST, bound=0.999)
NOTICED = 10_000  # ms within which an open page knows what others did


@dataclass(frozen=True)
class Desk:
    """A dashboard over a copy of the demo's registry, and MLflow's own client beside it."""

    services: Services
    client: MlflowClient
    address: str

    def register(self, name: str, *, production: int = 1) -> str:
        """A model of three versions, whose files are those of the demo, one of them in Production."""
        self.client.create_registered_model(name)
        for number in ("1", "2", "3"):
            source = self.client.get_model_version_download_uri(TEMPLATE, number)
            self.client.create_model_version(name, source=source)
        self.put(name, production)
        return name

    def put(self, model: str, number: int) -> None:
        """Move Production as people do who do not use Runoff."""
        self.client.transition_model_version_stage(
            model, str(number), "Production", archive_existing_versions=True
        )
        self.client.set_registered_model_alias(model, "production", str(number))

    def promote(self, model: str, number: int, *, expected: int) -> None:
        """As a colleague would, with a page of his own."""
        seen = Expected(version=expected)
        self.services.decisions.promote(
            BOB, model, number, expected=seen, reason="he has his reasons", key=f"bob {model} {number}"
        )

    def holders(self, model: str) -> Holders:
        """Production by MLflow's own client."""
        versions = self.client.search_model_versions(f"name='{model}'")
        stage = [int(version.version) for version in versions if version.current_stage == "Production"]
        alias = self.client.get_model_version_by_alias(model, "production")
        return Holders(tuple(sorted(stage, reverse=True)), int(alias.version))


@pytest.fixture(scope="module")
def desk(demo: MadeDemo, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Shared by the tests here; each has a model of its own in it."""
    folder: Path = tmp_path_factory.mktemp("desk")
    shutil.copy(demo.settings.data_dir / "mlflow.db", folder / "mlflow.db")
    uri = f"sqlite:///{folder / 'mlflow.db'}"
    settings = replace(
        demo.settings,
        tracking_uri=uri,
        data_dir=folder,
        database_url=f"sqlite:///{folder / 'runoff.db'}",
        default=demo.settings.models[TEMPLATE],
        models={STRICT: replace(demo.settings.models[TEMPLATE], gates=(UNREACHABLE,))},
    )
    services = make_services(settings)
    with serving(create_app(services).server) as address:
        yield Desk(services, MlflowClient(tracking_uri=uri), address)
    services.close()


def open_model(page: Page, desk: Desk, model: str, *, production: str = "v1") -> None:
    page.goto(f"{desk.address}/models/{model}?versions=2,3")
    expect(page.locator("#promotion-production")).to_have_text(production)


def choose(page: Page, dropdown: str, number: str) -> None:
    page.click(f"#promotion-{dropdown}")
    page.fill(".dash-dropdown-search", number)
    page.locator(".dash-dropdown-option", has_text=re.compile(rf"^v{number}(?!\d)")).click()


def ask(page: Page, button: str, *, reason: str = "steadier on the test split") -> Locator:
    """Type a reason, press, and return the dialog."""
    page.fill("#promotion-reason", reason)
    page.click(f"#promotion-{button}")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    return dialog


def confirm(page: Page) -> None:
    page.click("#promotion-confirm")
    expect(page.get_by_role("dialog")).to_be_hidden()


def look(page: Page) -> None:
    """What the page does when it notices something, without the seconds until it does."""
    page.evaluate("window.dash_clientside.set_props('promotion-look', {data: Date.now()})")


def test_a_version_goes_to_production_and_comes_back(desk: Desk, page: Page) -> None:
    model = desk.register("there-and-back")
    open_model(page, desk, model)
    expect(page.locator("#comparison-confusion table")).to_have_count(3, timeout=60_000)
    expect(page.locator("#promotion-rollback-note")).to_have_text("Nothing else has been in Production yet.")
    choose(page, "version", "3")
    expect(page.locator("#promotion-promote-note")).to_have_text("Type a reason first.")
    expect(page.locator("#promotion-promote")).to_be_disabled()
    dialog = ask(page, "promote")
    for text in (
        "Promote v3 to Production?",
        "v1 in Production→v3 in Production",
        f"models:/{model}/Production",
        f"models:/{model}@production",
        "will both resolve to v3",
        "v1 will be Archived",
        "143 rows",
        "steadier on the test split",
    ):
        expect(dialog).to_contain_text(text)
    expect(dialog.locator("tbody tr")).to_have_count(11)
    expect(dialog.locator("tbody tr").first).to_contain_text(re.compile(r"ROC AUC0\.\d{3}0\.\d{3}[▲▼] [+−]"))
    assert desk.holders(model) == Holders((1,), 1)
    confirm(page)
    expect(page.locator("#promotion-production")).to_have_text("v3")
    expect(page.locator("#promotion-said")).to_contain_text("v3 is in Production now.")
    expect(page.locator("#comparison-baseline")).to_contain_text("v3")
    expect(page.locator("#comparison-numbers thead th").nth(1)).to_contain_text("v3")
    expect(page.locator("#promotion-reason")).to_have_value("")
    assert desk.holders(model) == Holders((3,), 3)
    assert desk.client.get_model_version(model, "1").current_stage == "Archived"
    assert desk.client.get_model_version(model, "3").tags["runoff.reason"] == "steadier on the test split"
    expect(page.locator("#promotion-rollback-version")).to_contain_text("v1")
    dialog = ask(page, "rollback", reason="it alerts too often")
    expect(dialog).to_contain_text("Roll Production back to v1?")
    confirm(page)
    expect(page.locator("#promotion-production")).to_have_text("v1")
    expect(page.locator("#promotion-said")).to_contain_text("v1 is back in Production.")
    assert desk.holders(model) == Holders((1,), 1)


def test_cancel_and_escape_move_nothing(desk: Desk, page: Page) -> None:
    model = desk.register("not-now")
    open_model(page, desk, model)
    choose(page, "version", "2")
    dialog = ask(page, "promote")
    page.click("#promotion-cancel")
    expect(dialog).to_be_hidden()
    ask(page, "promote")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(page.locator("#promotion-promote")).to_be_focused()
    assert desk.holders(model) == Holders((1,), 1)
    assert desk.services.decisions.history(model=model, kinds=[Kind.PROMOTE]) == ()


def test_a_double_click_is_one_promotion(desk: Desk, page: Page) -> None:
    model = desk.register("twice")
    open_model(page, desk, model)
    choose(page, "version", "2")
    ask(page, "promote")
    expect(page.locator("#promotion-confirm")).to_be_enabled()
    page.evaluate(
        "() => { const button = document.getElementById('promotion-confirm'); button.click(); button.click(); }"
    )
    expect(page.locator("#promotion-said")).to_contain_text("v2 is in Production now.")
    expect(page.locator("#promotion-production")).to_have_text("v2")
    done = desk.services.decisions.history(model=model, phases=[Phase.DONE])
    assert len(done) == 1


def test_one_click_takes_on_what_the_split_cannot_show(desk: Desk, page: Page) -> None:
    model = desk.register("acknowledged", production=3)
    open_model(page, desk, model, production="v3")
    choose(page, "version", "2")
    dialog = ask(page, "promote")
    warnings = page.locator("#promotion-warnings")
    expect(warnings).to_contain_text(
        re.compile(r"143 rows cannot rule out that v2 is worse by up to \d+\.\d pp in ROC AUC\.")
    )
    expect(dialog.locator(".gate-checks > li").first).to_contain_text("ROC AUC: no worse (only warns)")
    expect(page.locator("#promotion-confirm")).to_have_text("I know this: promote v2")
    expect(page.locator("#promotion-override")).to_have_count(0)
    confirm(page)
    expect(page.locator("#promotion-production")).to_have_text("v2")
    (entry,) = desk.services.decisions.history(model=model, kinds=[Kind.PROMOTE], phases=[Phase.DONE])
    assert (entry.record.acknowledged, entry.record.overridden) == (True, False)
    assert entry.record.gate is not None


def test_a_failed_gate_is_overridden_by_the_checkbox(desk: Desk, page: Page) -> None:
    model = desk.register(STRICT)
    open_model(page, desk, model)
    choose(page, "version", "2")
    expect(page.locator("#promotion-promote-note")).to_contain_text("gate failed", timeout=30_000)
    dialog = ask(page, "promote")
    expect(page.locator("#promotion-warnings")).to_contain_text("v2 fails its gate: ROC AUC: at least.")
    expect(dialog.locator(".gate-checks > li").first).to_contain_text("at least 0.9990 is asked for")
    button, note = page.locator("#promotion-confirm"), page.locator("#promotion-confirm-note")
    expect(button).to_be_disabled()
    expect(note).to_have_text("To promote it all the same, tick the box above.")
    page.check("#promotion-override")
    expect(button).to_be_enabled()
    page.uncheck("#promotion-override")
    expect(button).to_be_disabled()
    assert serious_faults(page, "#promotion-panel") == []
    page.check("#promotion-override")
    confirm(page)
    expect(page.locator("#promotion-production")).to_have_text("v2")
    (entry,) = desk.services.decisions.history(model=model, kinds=[Kind.PROMOTE], phases=[Phase.DONE])
    assert (entry.record.acknowledged, entry.record.overridden) == (False, True)


def test_of_two_windows_one_is_told(desk: Desk, new_page: Callable[..., Page]) -> None:
    model = desk.register("race")
    first, second = new_page(), new_page()
    for window, version in ((first, "2"), (second, "3")):
        open_model(window, desk, model)
        choose(window, "version", version)
        ask(window, "promote", reason=f"v{version} is the better one")
    for window in (first, second):  # both dialogs were open: both saw version 1
        confirm(window)
        expect(window.locator("#promotion-production")).to_have_text("v2")
    expect(first.locator("#promotion-said")).to_contain_text("v2 is in Production now.")
    said = second.locator("#promotion-said")
    expect(said).to_contain_text("Version 2 is in Production now; you saw version 1 there.")
    expect(said).to_contain_text(re.compile("put v2 into Production on "))
    expect(second.locator("#promotion-reason")).to_have_value("v3 is the better one")
    assert desk.holders(model) == Holders((2,), 2)


def test_a_page_that_is_behind_is_refused_and_catches_up(desk: Desk, page: Page) -> None:
    model = desk.register("behind")
    open_model(page, desk, model)
    pulse = page.request.get(f"{desk.address}/models/{model}/pulse").json()
    page.route("**/pulse", lambda route: route.fulfill(json=pulse))  # it notices nothing by itself
    choose(page, "version", "2")
    page.fill("#promotion-reason", "v2 is the better one")
    expect(page.locator("#promotion-promote")).to_be_enabled()
    desk.promote(model, 3, expected=1)
    page.click("#promotion-promote")
    said = page.locator("#promotion-said")
    expect(said).to_contain_text("Production is no longer what this page showed, so nothing was moved.")
    expect(said).to_contain_text("bob put v3 into Production on")
    expect(page.locator("#promotion-production")).to_have_text("v3")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(page.locator("#promotion-reason")).to_have_value("v2 is the better one")
    assert desk.holders(model) == Holders((3,), 3)


def test_an_open_page_notices_what_others_did(desk: Desk, page: Page) -> None:
    model = desk.register("noticed")
    open_model(page, desk, model)
    desk.promote(model, 2, expected=1)
    expect(page.locator("#promotion-production")).to_have_text("v2", timeout=NOTICED)
    expect(page.locator("#promotion-since")).to_contain_text("by bob")
    expect(page.locator("#comparison-baseline")).to_contain_text("v2")
    expect(page.locator("#comparison-numbers thead th").nth(1)).to_contain_text("v2")


def test_a_change_from_outside_is_adopted_or_undone(desk: Desk, page: Page) -> None:
    model = desk.register("outside")
    open_model(page, desk, model)
    desk.put(model, 3)
    look(page)
    banner = page.locator("#promotion-banners")
    expect(banner).to_contain_text("Production was changed without Runoff")
    expect(banner).to_contain_text("MLflow has v3 in Production; the history says v1.")
    expect(page.locator("#promotion-production")).to_have_text("v1")
    restore = banner.get_by_role("button", name="Restore v1…")
    expect(restore).to_be_disabled()
    page.fill("#promotion-reason", "nobody had asked for it")
    restore.click()
    expect(page.get_by_role("dialog")).to_contain_text("Undo the change from outside: v1 in Production?")
    confirm(page)
    expect(banner.locator(".banner")).to_have_count(0)
    assert desk.holders(model) == Holders((1,), 1)
    desk.put(model, 2)
    adopt = banner.get_by_role("button", name="Adopt v2…")
    look(page)
    expect(adopt).to_be_visible()
    page.fill("#promotion-reason", "it was an urgent fix")
    adopt.click()
    confirm(page)
    expect(page.locator("#promotion-production")).to_have_text("v2")
    expect(banner.locator(".banner")).to_have_count(0)
    assert desk.holders(model) == Holders((2,), 2)


def test_of_two_in_production_a_person_chooses(desk: Desk, page: Page) -> None:
    model = desk.register("undecided")
    desk.client.transition_model_version_stage(model, "3", "Production")
    open_model(page, desk, model, production="v3, v1")
    expect(page.locator("#promotion-rollback-note")).to_have_text(
        "Decide first what is in Production: see above."
    )
    page.fill("#promotion-reason", "it always was this one")
    page.get_by_role("button", name="Adopt v1…").click()
    confirm(page)
    expect(page.locator("#promotion-production")).to_have_text("v1")
    assert desk.holders(model) == Holders((1,), 1)


def test_a_version_goes_to_another_stage(desk: Desk, page: Page) -> None:
    model = desk.register("staged")
    open_model(page, desk, model)
    choose(page, "version", "3")
    dialog = ask(page, "move")
    expect(dialog).to_contain_text("Move v3 to Staging?")
    expect(dialog).to_contain_text("v3 · no stage→v3 · Staging")
    confirm(page)
    expect(page.locator("#promotion-said")).to_contain_text("v3 is Staging now.")
    assert desk.client.get_model_version(model, "3").current_stage == "Staging"
    expect(page.locator("#comparison-tokens")).to_contain_text("Staging")
    assert desk.holders(model) == Holders((1,), 1)
