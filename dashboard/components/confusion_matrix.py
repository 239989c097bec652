"""The four cells of one version: counts, shares of the label, change against the baseline."""

from typing import Any

from dash import html

from dashboard.components.cells import cell
from dashboard.messages import _


def confusion_matrix(
    number: int, title: str, *, labels: tuple[str, str], color: str, is_baseline: bool
) -> Any:
    """A table of actual labels by predicted ones; `labels` are the negative one and the positive one."""
    predicted = [html.Th(_("predicted {label}", label=label), scope="col", title=label) for label in labels]
    rows = [
        html.Tr(
            [html.Th(label, scope="row", title=label), *(_cell(number, name, is_baseline) for name in names)]
        )
        for label, names in zip(labels, (("tn", "fp"), ("fn", "tp")), strict=True)
    ]
    return html.Table(
        [
            html.Caption(title, style={"--hue": color}),
            html.Thead(html.Tr([html.Td(_("actual")), *predicted])),
            html.Tbody(rows),
        ],
        className="confusion",
    )


def _cell(number: int, name: str, is_baseline: bool) -> Any:  # noqa: FBT001 - a fact of the version
    right = "right" if name in {"tn", "tp"} else "wrong"
    return html.Td(
        [
            cell(f"{number} {name}", "number"),
            cell(f"{number} {name} delta", "delta") if not is_baseline else None,
            cell(f"{number} {name} share", "share"),
        ],
        className=f"confusion-{right}",
    )
