import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from core.settings import load_settings
from dashboard.factory import create_app
from tests.browser.accessibility import serious_faults
from tests.browser.conftest import serving
from tests.browser.services import make_services
from tests.core.catalog.logged_runs import LoggedRun, log_run_in
from tests.core.catalog.sites import Site

pytestmark = pytest.mark.browser

PNG = bytes.fromhex(  # one red pixel
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c63f8cfc0000003010100c9fe92ef"
    "0000000049454e44ae426082"
)
HOSTILE = b"<script>document.title = 'taken over'</script>"
FILES = {
    "reports/deep/page.html": HOSTILE,
    "reports/plot.png": PNG,
    "reports/drawing.svg": b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">'
    + HOSTILE
    + b"</svg>",
    "reports/fake.png": b"no picture",
    "data.bin": bytes(range(256)),
}


@dataclass(frozen=True)
class Served:
    """A dashboard over a store, a run in it, and what is behind both."""

    address: str
    run: LoggedRun
    site: Site
    folder: Path

    @property
    def page(self) -> str:
        return f"{self.address}/runs/{self.run.id}"


@pytest.fixture(scope="module")
def served(empty_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("run")
    path = Path(shutil.copy(empty_database, folder / "mlflow.db"))
    site = Site(f"sqlite:///{path}", path, folder / "artifacts")
    run = log_run_in(site, folder, files=FILES)
    _fill(site, run)
    settings = load_settings(None, tracking_uri=site.uri, environ={}, folder=folder)
    services = make_services(settings)
    with serving(create_app(services).server) as address:
        yield Served(address, run, site, folder)
    services.close()


def _fill(site: Site, run: LoggedRun) -> None:
    client = site.writer
    for step in range(3):
        client.log_metric(run.id, "loss", 1 / (step + 1), step=step)
    for number in range(300):
        client.log_param(run.id, f"param.{number}", f"value {number}")
    client.log_param(run.id, "long", "x" * 2_000)
    client.set_tag(run.id, "mlflow.note.content", "<b>About</b> this run")
    client.create_run(run.experiment, run_name="trial <i>", tags={"mlflow.parentRunId": run.id})
    client.create_registered_model("there-already")


@pytest.fixture
def opened(page: Page, served: Served) -> Page:
    page.goto(served.page)
    expect(page.locator("#run-files .run-file").first).to_be_visible()
    return page


def test_a_run_is_shown_with_what_it_logged(opened: Page, served: Served) -> None:
    expect(opened.locator("#run-facts")).to_contain_text(served.run.id)
    expect(opened.locator("#run-facts")).to_contain_text("<b>About</b> this run")
    expect(opened.locator("#run-family a").first).to_have_text("trial <i>")
    loss = opened.locator("#run-metrics tr", has_text="loss")
    expect(loss.locator("td")).to_have_text(["0.33333", "0.33333", "1"])
    expect(opened.locator("#run-models .run-model h3")).to_have_text("model")
    expect(opened.locator("#run-models")).to_contain_text("Age: double")
    expect(opened.locator("#run-models .command")).to_contain_text(f"'models:/{served.run.model_id}'")


def test_a_long_table_is_searched(opened: Page) -> None:
    rows = opened.locator("#run-params tbody tr")
    expect(rows).to_have_count(200)
    expect(opened.locator("#run-params")).to_contain_text("101 more: search to find them")
    opened.fill("#run-params-search", "VALUE 29")
    expect(rows.locator("th")).to_have_text(["param.29", *[f"param.29{digit}" for digit in range(10)]])
    opened.fill("#run-params-search", "nobody has this")
    expect(opened.locator("#run-params")).to_have_text("Nothing matches")
    opened.fill("#run-params-search", "long")
    opened.locator("#run-params summary").click()
    expect(opened.locator("#run-params pre")).to_have_text("x" * 2_000)


def test_folders_open_and_no_file_runs_anything(opened: Page, served: Served) -> None:
    title = opened.title()
    opened.get_by_role("button", name="reports").click()
    opened.get_by_role("button", name="deep").click()
    opened.get_by_role("button", name="page.html").click()
    preview = opened.locator("#run-preview")
    expect(preview.locator("pre")).to_have_text(HOSTILE.decode())
    opened.get_by_role("button", name="plot.png").click()
    expect(preview.locator("img")).to_have_js_property("naturalWidth", 1)
    opened.get_by_role("button", name="drawing.svg").click()
    expect(preview.locator("img[alt='reports/drawing.svg']")).to_have_js_property("naturalWidth", 9)
    opened.get_by_role("button", name="data.bin").click()
    expect(preview).to_contain_text("neither text nor a picture")
    assert opened.title() == title


def test_the_address_restores_what_is_shown(page: Page, served: Served) -> None:
    page.goto(f"{served.page}?artifact=reports/deep/page.html")
    expect(page.locator("#run-preview pre")).to_have_text(HOSTILE.decode())
    expect(page.locator("#run-files .run-file[aria-current]")).to_have_text(re.compile("page.html"))
    page.get_by_role("button", name=re.compile(r"^model \(m-")).click()
    page.get_by_role("button", name="MLmodel").click()
    expect(page.locator("#run-preview pre")).to_contain_text("pickled_model")
    expect(page).to_have_url(re.compile(r"\?artifact=MLmodel&model=m-"))
    page.reload()
    expect(page.locator("#run-preview pre")).to_contain_text("pickled_model")


def choose(page: Page, typed: str, option: str) -> None:
    page.click("#run-register-name")
    page.fill(".dash-dropdown-search", typed)
    expect(page.get_by_role("option", name=f"new model: {typed}", exact=True)).to_be_visible()  # answered
    page.get_by_role("option", name=option, exact=True).click()


def test_a_model_becomes_a_version_and_then_a_candidate(page: Page, served: Served) -> None:
    run = log_run_in(served.site, served.folder, files={})
    name = f"new {uuid4().hex[:6]}"
    page.goto(f"{served.address}/runs/{run.id}")
    expect(page.locator("#run-register")).to_be_visible()
    choose(page, name, f"new model: {name}")
    page.fill("#run-register-description", "from a test")
    page.locator("#run-register-button").dblclick()
    expect(page.locator("#run-register-outcome")).to_contain_text(re.compile(f'version 1 of "?{name}"?'))
    expect(page.locator("#run-models")).to_contain_text(f"v1 of {name}")
    assert [version.description for version in served.site.store().versions(name)] == ["from a test"]
    page.locator("#run-register-button").click()
    expect(page.locator("#run-register-outcome .field-error")).to_contain_text("already")
    choose(page, "there", "there-already")
    page.locator("#run-register-button").click()
    expect(page.locator("#run-models")).to_contain_text("v1 of there-already")  # the form moves down
    page.locator("#run-register-outcome a").click()
    expect(page).to_have_url(re.compile(r"/models/there-already\?.*versions=1"))


def test_a_run_that_is_under_way_is_followed(page: Page, served: Served) -> None:
    client = served.site.writer
    run = client.create_run(served.run.experiment, run_name="live").info.run_id
    page.goto(f"{served.address}/runs/{run}")
    expect(page.locator("#run-status")).to_have_text("running")
    expect(page.locator("#run-files")).to_contain_text("no artifacts")
    client.log_metric(run, "auc", 0.5)
    client.set_terminated(run)
    expect(page.locator("#run-metrics")).to_contain_text("auc")
    expect(page.locator("#run-status")).to_have_text("finished")
    client.delete_run(run)
    page.reload()
    expect(page.locator("#run-status")).to_contain_text("deleted")


def test_an_unknown_run_leads_back(page: Page, served: Served) -> None:
    page.goto(f"{served.address}/runs/{'f' * 32}")
    expect(page.locator("#run-state")).to_contain_text("There is no such run.")
    expect(page.locator("#run-body")).to_be_hidden()
    expect(page.locator("#run-state a")).to_have_attribute("href", "/runs")


@pytest.mark.parametrize(
    "how", [{}, {"locale": "ja-JP", "color_scheme": "dark", "width": 390}], ids=["wide", "narrow"]
)
def test_axe_finds_nothing_serious_and_nothing_is_wider_than_the_page(
    new_page: Callable[..., Page], served: Served, how: dict[str, Any]
) -> None:
    page = new_page(**how)
    page.goto(f"{served.page}?artifact=reports/plot.png")
    expect(page.locator("#run-preview img")).to_be_visible()
    expect(page.locator("#run-models .run-model")).to_be_visible()
    assert serious_faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
