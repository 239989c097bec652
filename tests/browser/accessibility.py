"""What axe finds on a page."""

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page


def serious_faults(page: Page) -> list[str]:
    """Serious and critical violations, but for dcc.Dropdown's own hidden focus target (a fault upstream)."""
    found: list[dict[str, Any]] = Axe().run(page).response["violations"]
    return [
        f"{fault['id']}: {node['html'][:200]}"
        for fault in found
        if fault["impact"] in {"serious", "critical"}
        for node in fault["nodes"]
        if not (fault["id"] == "aria-hidden-focus" and "dash-dropdown-focus-target" in node["html"])
    ]
