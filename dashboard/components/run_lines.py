"""A few runs side by side: metrics as bars, and every line of metrics, params and tags."""

from collections.abc import Sequence
from math import isnan
from typing import Any, Final, TypedDict
from urllib.parse import quote

from dash import html

from core.catalog.store import Run
from core.evidence.differing import is_told, keyed
from core.evidence.differing_lines import Section, number_cell, setting_cell, text_cell
from core.messages import message
from dashboard.components.cards import card
from dashboard.components.elements import Element, element
from dashboard.components.graph import graph
from dashboard.components.lines_table import head, identical, lines_table
from dashboard.figures.run_metrics import own_scale, shared_scale
from dashboard.messages import _, _n
from dashboard.theme import Scheme, version_color

MOST_RUNS: Final = 10  # columns
MOST_BARS: Final = 12  # metrics on the shared axis
MOST_PANELS: Final = 8  # metrics with an axis of their own


class Lines(TypedDict):
    """What assets/run_comparison.js makes of the runs: a table of hundreds of cells is too much for Dash."""

    chips: Element
    table: Element
    is_comparing: bool
    same: str  # what the button says that shows identical lines; empty where there are none


def lines(runs: Sequence[Run], scheme: Scheme, *, can_shrink: bool = True) -> Lines:
    """The runs by name and hue, and every line of their metrics, params and tags.

    `can_shrink`: a cross takes a run out of the comparison.
    """
    sections = _sections(runs)
    hidden = identical(sections)
    heads = [head(_swatch(index, scheme), run.name or run.id) for index, run in enumerate(runs)]
    text = _n("Show {count} identical line", "Show {count} identical lines", hidden)
    return {
        "chips": element(
            "div",
            *(_chip(run, at, scheme, can_shrink=can_shrink) for at, run in enumerate(runs)),
            class_="run-chips",
        ),
        "table": lines_table(heads, sections)
        if sections
        else element("p", _("Nothing was logged."), class_="note"),
        "is_comparing": len(runs) > 1,
        "same": text if hidden and len(runs) > 1 else "",
    }


def _chip(run: Run, index: int, scheme: Scheme, *, can_shrink: bool) -> Element:
    name = run.name or run.id
    remove = element(
        "button",
        element("span", class_="icon icon-x-lg", aria_hidden="true"),
        type="button",
        class_="chip-remove",
        title=_("Take out"),
        aria_label=_("Take {name} out of the comparison", name=name),
        data_take_out=run.id,
    )
    link = element("a", name, href=f"/runs/{quote(run.id, safe='')}", class_="chip-name", data_visit="")
    return element("span", _swatch(index, scheme), link, remove if can_shrink else None, class_="chip")


def _swatch(index: int, scheme: Scheme) -> Element:
    return element("span", class_="swatch", style=f"background: {version_color(index, scheme)}")


def bars(runs: Sequence[Run], scheme: Scheme, *, id: str) -> Any:  # noqa: A002 - Dash's word
    """Metrics as bars from zero; None where no run has a number."""
    shared, own = scales(runs)
    if not shared and not own:
        return None
    left_out = len(shared[MOST_BARS:]) + len(own[MOST_PANELS:])
    note = _("{count} more metrics stand in the table below", count=left_out) if left_out else _("from zero")
    body = []
    if shared:
        body.append(graph(id, shared_scale(runs, shared[:MOST_BARS], scheme), label=_("Metrics as bars")))
    panels = [_panel(runs, name, f"{id}-{index}", scheme) for index, name in enumerate(own[:MOST_PANELS])]
    if panels:
        body.append(html.Div(panels, className="run-panels"))
    return card(_("Metrics"), *body, note=note)


def _panel(runs: Sequence[Run], name: str, id: str, scheme: Scheme) -> Any:  # noqa: A002 - Dash's word
    drawing = graph(id, own_scale(runs, name, scheme), label=name, height=130)
    return html.Figure([html.Figcaption(name), drawing])


def scales(runs: Sequence[Run]) -> tuple[Sequence[str], Sequence[str]]:
    """Metrics that fit one axis from 0 to 1, and those that need their own; without numbers, neither."""
    shared: list[str] = []
    own: list[str] = []
    for name in sorted({key for run in runs for key in run.metrics}, key=str.lower):
        values = [run.metrics[name] for run in runs if not isnan(run.metrics.get(name, float("nan")))]
        if values:
            (shared if all(0 <= value <= 1 for value in values) else own).append(name)
    return shared, own


def _sections(runs: Sequence[Run]) -> Sequence[Section]:
    tags = [{key: value for key, value in run.tags.items() if is_told(key)} for run in runs]
    sections = (
        ("metrics", message("Metrics"), keyed([run.metrics for run in runs], number_cell)),
        ("parameters", message("Parameters"), keyed([run.params for run in runs], setting_cell)),
        ("tags", message("Tags"), keyed(tags, text_cell)),
    )
    found = (Section(name=name, title=title, lines=tuple(lines)) for name, title, lines in sections)
    return [section for section in found if section.lines]
