"""The four cells of one version: counts, change against the baseline, shares of the label.

A cell is a button: assets/rows.js opens the rows behind it.
"""

from typing import Final

from dashboard.components.elements import Element, element, moving
from dashboard.messages import _

_ROWS: Final = (("tn", "fp"), ("fn", "tp"))


def confusion_matrix(
    number: int, title: str, *, target: str, labels: tuple[str, str], color: str, has_delta: bool
) -> Element:
    """A table of actual labels by predicted ones; `labels` are the negative one and the positive one."""
    heads = [
        element("th", _("pred. {label}", label=label), scope="col", title=_("predicted {label}", label=label))
        for label in labels
    ]
    rows = [
        element(
            "tr",
            element("th", label, scope="row", title=_("actual {label}", label=label)),
            *(_cell(number, name, has_delta=has_delta) for name in names),
        )
        for label, names in zip(labels, _ROWS, strict=True)
    ]
    return element(
        "table",
        element("caption", title, style=f"--hue: {color}"),
        element("thead", element("tr", element("td", target, title=target), *heads)),
        element("tbody", *rows),
        class_="confusion",
    )


def _cell(number: int, name: str, *, has_delta: bool) -> Element:
    opened = element(
        "button",
        moving(f"{number} {name}", "number"),
        moving(f"{number} {name} delta", "delta") if has_delta else None,
        moving(f"{number} {name} share", "share"),
        type="button",
        class_="confusion-open",
        title=_("Show these rows"),
        data_rows=f"{number} {name}",
    )
    return element("td", opened, class_="confusion-right" if name in {"tn", "tp"} else "confusion-wrong")
