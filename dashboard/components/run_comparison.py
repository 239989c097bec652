"""Ticked runs side by side: metrics as bars, and every line of metrics, params and tags."""

from collections.abc import Sequence
from enum import StrEnum
from math import isnan
from typing import Any, Final

from dash import html

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

MOST_RUNS: Final = 10
MOST_BARS: Final = 12  # metrics on the shared axis
MOST_PANELS: Final = 8  # metrics with an axis of their own


class Ids(StrEnum):
    """Elements of the comparison."""

    BARS = "runs-bars"
    LINES = "runs-lines"
    SAME = "runs-same"


def run_comparison(runs: Sequence[Run], scheme: Scheme, *, left_out: int = 0) -> Any:
    """The comparison of at most MOST_RUNS runs; `left_out` more were ticked."""
    note = (
        _("the first {most}; {count} more are ticked", most=MOST_RUNS, count=left_out) if left_out else None
    )
    chips = html.Div([_chip(run, index, scheme) for index, run in enumerate(runs)], className="run-chips")
    return html.Div(
        [
            html.Div(
                [html.H2(_("Compared")), html.Span(note, className="note"), chips], className="page-head"
            ),
            _bars(runs, scheme),
            _side_by_side(runs, scheme),
        ]
    )


def _chip(run: Run, index: int, scheme: Scheme) -> Any:
    name = run.name or run.id
    remove = html.Button(
        icon("x-lg"),
        type="button",
        className="chip-remove",
        title=_("Untick"),
        **{"aria-label": _("Untick {name}", name=name), "data-run": run.id},
    )
    return html.Span(
        [_swatch(index, scheme), html.Span(name, className="chip-name"), remove], className="chip"
    )


def _swatch(index: int, scheme: Scheme) -> Any:
    return html.Span(className="swatch", style={"background": version_color(index, scheme)})


def _bars(runs: Sequence[Run], scheme: Scheme) -> Any:
    shared, own = scales(runs)
    if not shared and not own:
        return None
    left_out = len(shared[MOST_BARS:]) + len(own[MOST_PANELS:])
    note = _("{count} more metrics stand in the table below", count=left_out) if left_out else _("from zero")
    body = []
    if shared:
        body.append(
            graph(Ids.BARS, shared_scale(runs, shared[:MOST_BARS], scheme), label=_("Metrics as bars"))
        )
    panels = [_panel(runs, name, index, scheme) for index, name in enumerate(own[:MOST_PANELS])]
    if panels:
        body.append(html.Div(panels, className="run-panels"))
    return card(_("Metrics"), *body, note=note)


def _panel(runs: Sequence[Run], name: str, index: int, scheme: Scheme) -> Any:
    drawing = graph(f"{Ids.BARS}-{index}", own_scale(runs, name, scheme), label=name, height=130)
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


def _side_by_side(runs: Sequence[Run], scheme: Scheme) -> Any:
    sections = _sections(runs)
    same = identical(sections)
    comparing = len(runs) > 1
    heads = [
        head(
            element("span", class_="swatch", style=f"background: {version_color(index, scheme)}"),
            run.name or run.id,
        )
        for index, run in enumerate(runs)
    ]
    table = component(lines_table(heads, sections))
    title = _("What differs") if comparing else _("Values")
    scroll = html.Div(
        table,
        id=Ids.LINES,
        className="scroll" if comparing else "scroll show-same",
        tabIndex=0,
        role="region",
        **{"aria-label": title},
    )
    toggle = html.Button(
        _n("Show {count} identical line", "Show {count} identical lines", same),
        id=Ids.SAME,
        type="button",
        className="toggle",
        **{"aria-pressed": "false"},
    )
    return card(title, scroll, aside=toggle if comparing and same else None)
