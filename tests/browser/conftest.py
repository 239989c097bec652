"""Chromium, and apps served on loopback for it."""

import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    expect,
    sync_playwright,
)
from werkzeug.serving import make_server

from core.settings import load_settings
from dashboard.factory import create_app
from tests.browser.filled_store import fill
from tests.browser.services import make_services

HINT = "the browser tests need Debian's Chromium: apt-get install chromium"
BROWSERS = ("chromium-headless-shell", "chromium")  # the first draws no window: a new page costs a tenth
ARGUMENTS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
expect.set_options(timeout=20_000)  # two busy cores are no fault of the page
PAGES = pytest.StashKey[list[Page]]()
HARMLESS = (
    "Failed to load resource: the server responded with a status of 404",
)  # of a page that is missing


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One browser process for the whole session, with an empty profile."""
    executable = next(filter(None, map(shutil.which, BROWSERS)), None)
    if executable is None:
        pytest.fail(HINT, pytrace=False)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=ARGUMENTS)
        yield browser
        browser.close()


class Recorder:
    """What must not happen while a page is open: errors on the console, requests to other hosts."""

    def __init__(self) -> None:
        self.faults: list[str] = []

    def watch(self, page: Page) -> None:
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.faults.append(f"uncaught: {error} {error.stack}"))
        page.on("request", self._asked)

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not message.text.startswith(HARMLESS):
            self.faults.append(f"{message.type}: {message.text}")

    def _asked(self, request: Request) -> None:
        url = urlsplit(request.url)
        if url.scheme not in {"data", "blob"} and url.hostname not in {"127.0.0.1", "localhost"}:
            self.faults.append(f"asked another host: {request.url}")


@pytest.fixture(scope="session")
def contexts(chromium: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """Browser contexts by their settings, kept for the session: what was loaded once stays in their caches."""
    made: dict[str, BrowserContext] = {}

    def find(**settings: Any) -> BrowserContext:
        key = repr(sorted(settings.items()))
        if key not in made:
            made[key] = chromium.new_context(**settings)
            made[key].set_default_timeout(20_000)
        return made[key]

    yield find
    for context in made.values():
        context.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Close a test's pages when it ends, before any fixture does.

    A server that closes under an open page looks like a fault of the page: its polls find nobody.
    """
    try:
        yield
    finally:
        while opened := item.stash.get(PAGES, []):
            leave(opened.pop())


def leave(page: Page) -> None:
    """Close a page and forget what it kept in its context."""
    if page.url.startswith("http"):
        page.evaluate("localStorage.clear()")
    page.close()
    page.context.clear_cookies()


@pytest.fixture
def new_page(
    contexts: Callable[..., BrowserContext], request: pytest.FixtureRequest
) -> Iterator[Callable[..., Page]]:
    """Make a page as a new visitor sees it: `new_page(locale="ja-JP", color_scheme="dark", width=390)`.

    After the test, an error or a warning on the console, or a request to another host, fails it.
    """
    recorder = Recorder()
    opened = request.node.stash.setdefault(PAGES, [])

    def make(*, width: int = 1440, height: int = 900, **settings: Any) -> Page:
        usual = {"locale": "en-GB", "timezone_id": "Asia/Tokyo", "color_scheme": "light"}
        page = contexts(viewport={"width": width, "height": height}, **{**usual, **settings}).new_page()
        recorder.watch(page)
        opened.append(page)
        return page

    yield make
    assert recorder.faults == []


@pytest.fixture
def page(new_page: Callable[..., Page]) -> Page:
    """A page in English, light, 1440 pixels wide."""
    return new_page()


@contextmanager
def serving(server: Any, port: int = 0) -> Iterator[str]:
    """Serve a WSGI application on loopback, on a free port where none is given; yields its address."""
    web = make_server("127.0.0.1", port, server, threaded=True)
    thread = threading.Thread(target=web.serve_forever, name="web")
    thread.start()
    try:
        yield f"http://127.0.0.1:{web.port}"
    finally:
        web.shutdown()
        thread.join()
        web.server_close()


@pytest.fixture
def serve() -> Iterator[Callable[[Any], str]]:
    """Serve a Dash app until the test ends; returns its address."""
    with ExitStack() as servers:
        yield lambda app: servers.enter_context(serving(app.server))


@pytest.fixture(scope="session")
def store_uri(tmp_path_factory: pytest.TempPathFactory, empty_database: Path) -> str:
    """A real MLflow store, shared by the session: change nothing in it."""
    return fill(tmp_path_factory.mktemp("store"), empty_database)


@pytest.fixture(scope="session")
def runoff(store_uri: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the dashboard over that store."""
    settings = load_settings(
        None, tracking_uri=store_uri, environ={}, folder=tmp_path_factory.mktemp("runoff")
    )
    services = make_services(settings)
    with serving(create_app(services).server) as address:
        yield address
    services.close()
