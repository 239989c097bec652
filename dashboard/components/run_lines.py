"""A few runs side by side: metrics as bars, and every line of metrics, params and tags."""

from collections.abc import Sequence
from math import isnan
from typing import Any, Final
from urllib.parse import quote

from dash import dcc, html

from core.catalog.store import Run
from core.evidence.differing import is_told, keyed
from core.evidence.differing_lines import Section, number_cell, setting_cell, text_cell
from core.messages import message
from dashboard.components.cards import card, icon
from dashboard.components.elements import component, element
from dashboard.components.graph import graph
from dashboard.components.lines_table import head, identical, lines_table
from dashboard.figures.run_metrics import own_scale, shared_scale
from dashboard.messages import _, _n
from dashboard.theme import Scheme, version_color

MOST_RUNS: Final = 10  # columns
MOST_BARS: Final = 12  # metrics on the shared axis
MOST_PANELS: Final = 8  # metrics with an axis of their own


def chips(runs: Sequence[Run], scheme: Scheme) -> Any:
    """The runs by name and hue; assets/run_comparison.js takes one out where its cross is pressed."""
    return html.Div([_chip(run, index, scheme) for index, run in enumerate(runs)], className="run-chips")


def _chip(run: Run, index: int, scheme: Scheme) -> Any:
    name = run.name or run.id
    remove = html.Button(
        icon("x-lg"),
        type="button",
        className="chip-remove",
        title=_("Take out"),
        **{"aria-label": _("Take {name} out of the comparison", name=name), "data-take-out": run.id},
    )
    link = dcc.Link(name, href=f"/runs/{quote(run.id, safe='')}", className="chip-name")
    return html.Span([_swatch(index, scheme), link, remove], className="chip")


def _swatch(index: int, scheme: Scheme) -> Any:
    return html.Span(className="swatch", style={"background": version_color(index, scheme)})


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


def side_by_side(runs: Sequence[Run], scheme: Scheme, *, id: str, same: str, note: str = "") -> Any:  # noqa: A002
    """Every line of the runs, identical ones hidden until the button of the id `same` is pressed."""
    sections = _sections(runs)
    hidden = identical(sections)
    comparing = len(runs) > 1
    heads = [
        head(
            element("span", class_="swatch", style=f"background: {version_color(index, scheme)}"),
            run.name or run.id,
        )
        for index, run in enumerate(runs)
    ]
    title = _("What differs") if comparing else _("Values")
    scroll = html.Div(
        component(lines_table(heads, sections)),
        id=id,
        className="scroll" if comparing else "scroll show-same",
        tabIndex=0,
        role="region",
        **{"aria-label": title},
    )
    toggle = html.Button(
        _n("Show {count} identical line", "Show {count} identical lines", hidden),
        id=same,
        type="button",
        className="toggle",
        **{"aria-pressed": "false"},
    )
    return card(title, scroll, note=note or None, aside=toggle if comparing and hidden else None)


def _sections(runs: Sequence[Run]) -> Sequence[Section]:
    tags = [{key: value for key, value in run.tags.items() if is_told(key)} for run in runs]
    sections = (
        ("metrics", message("Metrics"), keyed([run.metrics for run in runs], number_cell)),
        ("parameters", message("Parameters"), keyed([run.params for run in runs], setting_cell)),
        ("tags", message("Tags"), keyed(tags, text_cell)),
    )
    found = (Section(name=name, title=title, lines=tuple(lines)) for name, title, lines in sections)
    return [section for section in found if section.lines]
