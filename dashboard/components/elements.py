"""HTML as plain values, for what is too much for Dash: a table of hundreds of cells that move.

Dash keeps a component for each element and visits all of them at every change anywhere on the page.
assets/comparison.js makes these elements itself, inside an empty component that React leaves alone. Texts
are set as texts, so nothing in them can become markup.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, TypedDict

from dash import html

_REACTS: Mapping[str, str] = MappingProxyType(
    {"class": "className", "colspan": "colSpan", "tabindex": "tabIndex"}
)  # React's words for attributes
CELL = "data-cell"  # attribute: the key in dashboard/moved.py under which the text is


class Element(TypedDict):
    """A tag, its attributes, and what is inside: elements and texts."""

    tag: str
    attributes: dict[str, str]
    children: Sequence["Element | str"]


def element(tag: str, *children: Element | str | None, **attributes: str) -> Element:
    """An element; `aria_label` is aria-label, `class_` is class, a child that is None is left out."""
    named = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()}
    return {"tag": tag, "attributes": named, "children": [child for child in children if child is not None]}


def moving(key: str, class_: str) -> Element:
    """An empty place whose text moves with the threshold, under a key of dashboard/moved.py."""
    return element("span", class_=class_, data_cell=key)


def judging(key: str, class_: str) -> Element:
    """An empty place whose text says how sure something is, under a key of dashboard/judged.py."""
    return element("span", class_=class_, data_sure=key)


def component(part: Element | str) -> Any:
    """The element as a component of Dash, where there is little of it."""
    if isinstance(part, str):
        return part
    named: dict[str, Any] = {_REACTS.get(name, name): text for name, text in part["attributes"].items()}
    if "style" in named:
        rules = (rule.partition(":") for rule in named["style"].split(";") if rule.strip())
        named["style"] = {name.strip(): text.strip() for name, _colon, text in rules}
    return getattr(html, part["tag"].capitalize())([component(child) for child in part["children"]], **named)
