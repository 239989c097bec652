"""Runoff as `python app.py serve` starts it, and Chromium to look at it."""

import shutil
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from urllib.error import URLError
from urllib.request import urlopen

from playwright.sync_api import Page, sync_playwright

APP: Final = Path(__file__).parent.parent / "app.py"
BROWSERS: Final = ("chromium-headless-shell", "chromium")
ARGUMENTS: Final = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
PATIENCE_SECONDS: Final = 60.0
REST_MS: Final = 1_500

# When the browser has painted what a change of the page's elements made.
PAINTED: Final = """
    const painted = () => new Promise((done) => requestAnimationFrame(() =>
        scheduler.postTask(() => done(performance.now()), { priority: "user-blocking" })));
    const until = (node, isThere) => new Promise((done) => {
        const look = () => { if (isThere()) { watch.disconnect(); painted().then(done); } };
        const watch = new MutationObserver(look);
        watch.observe(node, { childList: true, characterData: true, subtree: true });
        look();
    });
"""


@contextmanager
def serving(config: Path) -> Iterator[str]:
    """The address of a server over a configuration, as soon as it is ready."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, str(APP), "--config", str(config), "serve", "--port", str(port)]
    server = subprocess.Popen(
        command, cwd=config.parent, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        _wait(f"http://127.0.0.1:{port}/readyz")
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait()


def _wait(address: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        try:
            with urlopen(address, timeout=5):  # noqa: S310 - of our own server
                return
        except (URLError, OSError):
            time.sleep(0.1)
    message = f"{address} does not answer"
    raise TimeoutError(message)


@contextmanager
def visitor(*, scripts: Sequence[str] = ()) -> Iterator[Page]:
    """A page of a browser with an empty cache, 1440 by 1000 pixels; `scripts` run before a page's own."""
    executable = next(filter(None, map(shutil.which, BROWSERS)), None)
    if executable is None:
        message = "Chromium is missing: sudo apt-get install chromium"
        raise FileNotFoundError(message)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=list(ARGUMENTS))
        page = browser.new_page(viewport={"width": 1440, "height": 1000})
        for script in scripts:
            page.add_init_script(script)
        yield page
        browser.close()


def median_seconds(page: Page, script: str, values: Sequence[object]) -> float:
    """Median of what a script answers for each value, in ms, as seconds; the page rests in between."""
    found = list[float]()
    for value in values:
        found.append(page.evaluate(script, value))
        page.wait_for_timeout(REST_MS)  # what follows a threshold at rest has come, too
        page.wait_for_load_state("networkidle")
    return statistics.median(found) / 1_000
