"""Nested runs as an indented table; assets/run_comparison.js makes it."""

from collections.abc import Sequence
from typing import Final
from urllib.parse import quote

from core.catalog.runs.tree import Node
from dashboard.components.elements import Element, element
from dashboard.messages import _, _n
from dashboard.theme import moment, significant

MOST_NODES: Final = 200
_MOST_DEEP: Final = 12  # steps of indentation


def run_tree(nodes: Sequence[Node], *, metric: str) -> Element:
    """The runs, each below the one that it is nested in, with their metric and start."""
    left_out = len(nodes) - MOST_NODES
    told = _n("{count} more run", "{count} more runs", left_out) if left_out > 0 else ""
    more = element("tr", element("td", told, colspan="3"), class_="lines-told") if told else None
    heads = [element("th", name, scope="col") for name in (_("Run"), metric, _("Started"))]
    return element(
        "table",
        element("thead", element("tr", *heads)),
        element("tbody", *map(_row, nodes[:MOST_NODES]), more),
        class_="lines run-tree",
    )


def _row(node: Node) -> Element:
    trial = node.trial
    inside = _n("{count} run inside", "{count} runs inside", node.children) if node.children else ""
    name = element("a", trial.name or trial.id, href=f"/runs/{quote(trial.id, safe='')}", data_visit="")
    indent = f"padding-left: {min(node.depth, _MOST_DEEP) * 18}px"
    return element(
        "tr",
        element(
            "th", name, element("span", f" {inside}", class_="row-note"), scope="row", style=indent,
            data_depth=str(node.depth),
        ),
        element("td", "·" if trial.value is None else significant(trial.value)),
        element("td", moment(trial.started)),
    )  # fmt: skip
