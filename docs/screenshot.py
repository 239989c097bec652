"""Take the README's picture: the demo's comparison page in a real browser, from an empty folder.

Run by `make screenshot`; writes docs/comparison-light.png.
"""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parent.parent
PICTURE = ROOT / "docs" / "comparison-light.png"
ADDRESS = "/models/titanic-survival?baseline=production&versions=2,4,5&threshold=0.5"
CHROMIUM_OPTIONS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
DEMO_SECONDS = 180
SHOWN = 1_952  # pixels from the top: to the end of the first row of curves


def free_port() -> int:
    """A port of the loopback interface that nobody uses now."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        return int(server.getsockname()[1])


@contextmanager
def demo(folder: Path) -> Iterator[str]:
    """Runoff over its own demo, made anew in `folder`; yields its address."""
    port = free_port()
    environ = {key: value for key, value in os.environ.items() if not key.startswith(("MLFLOW_", "RUNOFF_"))}
    command = [sys.executable, str(ROOT / "app.py"), "serve", "--port", str(port)]
    with subprocess.Popen(command, cwd=folder, env=environ) as server:  # noqa: S603 - our own command
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()


def take(address: str) -> None:
    """Wait until every version of the address is drawn, then keep the page as a picture."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=list(CHROMIUM_OPTIONS)
        )
        page = browser.new_page(viewport={"width": 1440, "height": 900}, color_scheme="light", locale="en-GB")
        page.goto(address, wait_until="commit")
        page.locator("#models-table a", has_text="breast-cancer").wait_for(timeout=DEMO_SECONDS * 1000)
        page.goto(address + ADDRESS)
        page.locator("#comparison-roc .scatterlayer").wait_for(timeout=60_000)
        page.locator(".verdict-gate .gate").nth(2).wait_for(timeout=60_000)
        page.wait_for_load_state("networkidle")
        page.screenshot(path=PICTURE, full_page=True, clip={"x": 0, "y": 0, "width": 1440, "height": SHOWN})
        browser.close()


def main() -> None:
    """Make the demo in a folder that goes away, and take the picture."""
    with tempfile.TemporaryDirectory(prefix="runoff-screenshot-") as folder, demo(Path(folder)) as address:
        take(address)
    print(PICTURE.relative_to(ROOT))  # noqa: T201 - what a script says


if __name__ == "__main__":
    main()
