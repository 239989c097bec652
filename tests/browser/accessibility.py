"""What axe finds on a page."""

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect


def serious_faults(page: Page, *within: str) -> list[str]:
    """Serious and critical violations, on the whole page or `within` some elements.

    But for dcc.Dropdown's own hidden focus target, a fault upstream. A table's rows have no cells yet in the
    moment in which it is made.
    """
    expect(page.locator(".ag-row:not(:has([role=gridcell]))")).to_have_count(0)
    context: Any = {"include": [[selector] for selector in within]} if within else None
    found: list[dict[str, Any]] = Axe().run(page, context=context).response["violations"]
    return [
        f"{fault['id']}: {node['html'][:200]}"
        for fault in found
        if fault["impact"] in {"serious", "critical"}
        for node in fault["nodes"]
        if not (fault["id"] == "aria-hidden-focus" and "dash-dropdown-focus-target" in node["html"])
    ]
