"""Nested runs as an indented list."""

from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import quote

from dash import dcc, html

from core.catalog.run_tree import Node
from dashboard.messages import _, _n
from dashboard.theme import moment, significant

MOST_NODES: Final = 200


def run_tree(nodes: Sequence[Node], *, metric: str) -> Any:
    """The runs, each below the one that it is nested in, with their metric and start."""
    rows = [_row(node) for node in nodes[:MOST_NODES]]
    left_out = len(nodes) - len(rows)
    more = (
        html.P(_n("{count} more run", "{count} more runs", left_out), className="note") if left_out else None
    )
    heads = [html.Th(name, scope="col") for name in (_("Run"), metric, _("Started"))]
    table = html.Table([html.Thead(html.Tr(heads)), html.Tbody(rows)], className="lines run-tree")
    region = {"aria-label": _("Nested runs")}
    return html.Div([html.Div(table, className="scroll", tabIndex=0, role="region", **region), more])


def _row(node: Node) -> Any:
    trial = node.trial
    inside = _n("{count} run inside", "{count} runs inside", node.children) if node.children else ""
    name = dcc.Link(trial.name or trial.id, href=f"/runs/{quote(trial.id, safe='')}")
    return html.Tr(
        [
            html.Th(
                [name, html.Span(inside, className="row-note")],
                scope="row",
                style={"paddingLeft": f"{min(node.depth, 12) * 18}px"},
                **{"data-depth": str(node.depth)},
            ),
            html.Td("·" if trial.value is None else significant(trial.value)),
            html.Td(moment(trial.started)),
        ]
    )
