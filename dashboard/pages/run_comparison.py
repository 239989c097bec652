"""Runs side by side: pictures of a thousand of them, lines of a few, curves, a sweep's best so far."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from dash import dcc, html

from core.catalog.selections import FEW
from core.evidence.run_curves import MOST_SMOOTH, Axis
from core.messages import message
from dashboard.components import states
from dashboard.components.cards import card
from dashboard.components.dropdown import dropdown
from dashboard.components.graph import graph
from dashboard.components.grid import grid
from dashboard.messages import _
from dashboard.pages import Address
from dashboard.pages.run_comparison_ids import Ids
from dashboard.run_narrowing import Narrowing

PATH = "/runs/compare"
TITLE = message("Compare runs")
CURVES: Final = 20  # drawn unless more are asked for
MOST_CURVES: Final = 100
_MOST_IDS: Final = 1_000  # in an address that somebody wrote by hand


def layout(address: Address) -> Any:
    """Heading, controls with the address's values, and the places of the pictures."""
    query = address.query
    return html.Div(
        [
            html.Div(
                [
                    html.H1(_("Compare runs")),
                    html.Span(id=Ids.COUNT, className="note", role="status"),
                    html.Div(id=Ids.LINKS, className="run-comparison-links"),
                ],
                className="page-head",
            ),
            dcc.Store(id=Ids.RUNS, data=asked(query)),
            dcc.Store(id=Ids.DEFAULTS),
            dcc.Store(id=Ids.NARROW, data=Narrowing.read(query.get("narrow", "")).data()),
            dcc.Store(id=Ids.ORIGIN),
            states.poll(Ids.POLL),
            states.poll(Ids.CURVES_POLL, seconds=1),
            html.Div(states.loading(_("Reading the runs…")), id=Ids.STATE),
            html.Div(_body(query), id=Ids.BODY, hidden=True),
        ]
    )


def asked(query: Mapping[str, str]) -> Mapping[str, Any]:
    """Which runs an address names."""
    if query.get("selection"):
        return {"selection": query["selection"]}
    return {"runs": [run for run in query.get("runs", "").split(",") if run][:_MOST_IDS]}


def _body(query: Mapping[str, str]) -> Sequence[Any]:
    return [
        html.Div(
            [_field(Ids.METRIC, _("Metric"), query, "metric"), _direction(query), _ranges()],
            className="controls run-comparison-controls",
        ),
        html.Div(
            [
                _parallel(query),
                html.Div([_scatter(query), _box(query)], className="run-comparison-pair"),
            ],
            className="run-comparison-many",
        ),
        _curves(query),
        _sweep(),
        _lines(),
        _table(),
    ]


def _field(id: Ids, label: str, query: Mapping[str, str], key: str, **props: Any) -> Any:  # noqa: A002 - Dash's word
    """A dropdown of fields; the address's value stands in it before the fields are known."""
    value = query.get(key) or None
    known = [] if value is None else [{"label": value.partition(".")[2] or value, "value": value}]
    return dropdown(id, label, known, value=value, **props)


def _direction(query: Mapping[str, str]) -> Any:
    options = [
        {"label": _("higher is better"), "value": "higher"},
        {"label": _("lower is better"), "value": "lower"},
    ]
    value = query.get("better")
    return dropdown(
        Ids.DIRECTION,
        _("Direction"),
        options,
        value=value if value in {"higher", "lower"} else None,
        placeholder=_("by its name"),
        searchable=False,
    )


def _ranges() -> Any:
    """What narrows the runs: chips of ranges, and a way to type one for whoever does not brush."""
    buttons = [
        html.Button(_("Keep as a selection"), id=Ids.KEEP, type="button", className="toggle", hidden=True),
        html.Button(_("Show all again"), id=Ids.CLEAR, type="button", className="toggle", hidden=True),
    ]
    typed = html.Details(
        [
            html.Summary(_("Narrow by numbers")),
            html.Div(
                [
                    dropdown(Ids.NARROW_FIELD, _("Field")),
                    _number(Ids.NARROW_FROM, _("from")),
                    _number(Ids.NARROW_TO, _("to")),
                    html.Button(_("Narrow"), id=Ids.NARROW_ADD, type="button", className="toggle"),
                ],
                className="controls",
            ),
        ],
        className="note",
    )
    told = html.Span(id=Ids.CHIPS, role="status")
    return html.Div(
        [
            html.Span(_("Looked at"), className="label"),
            html.Div([told, html.Span(id=Ids.RANGES), *buttons], className="run-chips"),
            typed,
        ],
        className="field field-wide",
    )


def _number(id: Ids, label: str) -> Any:  # noqa: A002 - Dash's word
    box = dcc.Input(id=id, type="number", step="any", autoComplete="off", className="run-comparison-number")
    return html.Div(html.Label([html.Span(label, className="label"), box]), className="field-number")


def _parallel(query: Mapping[str, str]) -> Any:
    axes = [name for name in _list(query.get("axes")) if name]
    known = [{"label": name.partition(".")[2] or name, "value": name} for name in axes]
    chosen = dropdown(Ids.AXES, _("Axes"), known, value=axes, multi=True, closeOnSelect=False)
    said = _("Runs as lines across parallel axes")
    place = html.Div(id=Ids.PARALLEL, className="parallel", role="img", **{"aria-label": said})
    drawing = html.Div([dcc.Store(id=Ids.PARALLEL_DATA), dcc.Store(id=Ids.DRAWN), place], className="scroll")
    note = _("drag along an axis to select runs, press on it to let go; lines are coloured by the metric")
    return card(_("Params to metrics"), html.Div(chosen, className="controls"), drawing, note=note)


def _scatter(query: Mapping[str, str]) -> Any:
    boxes = [
        _field(Ids.X, _("Across"), query, "x"),
        _field(Ids.Y, _("Up"), query, "y", placeholder=_("the metric above")),
        _field(Ids.COLOR, _("Colour"), query, "color", placeholder=_("none")),
    ]
    return card(
        _("One against another"),
        html.Div(boxes, className="controls"),
        graph(Ids.SCATTER, label=_("Two fields against each other, a point for each run"), height=320),
        note=html.Span(id=Ids.SCATTER_NOTE),
        class_name="chart",
    )


def _box(query: Mapping[str, str]) -> Any:
    return card(
        _("Metric by param"),
        html.Div(_field(Ids.BY, _("Grouped by"), query, "by"), className="controls"),
        graph(Ids.BOX, label=_("The metric's spread for each value of a param"), height=320),
        note=html.Span(id=Ids.BOX_NOTE),
        class_name="chart",
    )


def _curves(query: Mapping[str, str]) -> Any:
    over = [
        {"label": _("step"), "value": Axis.STEP.value},
        {"label": _("time"), "value": Axis.TIME.value},
        {"label": _("relative time"), "value": Axis.RELATIVE.value},
    ]
    scales = [{"label": _("linear"), "value": "linear"}, {"label": _("logarithmic"), "value": "log"}]
    axis = query.get("over")
    controls = [
        _field(Ids.HISTORY, _("Metric"), query, "history", placeholder=_("the metric above")),
        dropdown(
            Ids.OVER, _("Over"), over, value=axis if axis in list(Axis) else Axis.STEP.value,
            clearable=False, searchable=False,
        ),
        dropdown(
            Ids.LOG, _("Scale"), scales, value="log" if query.get("scale") == "log" else "linear",
            clearable=False, searchable=False,
        ),
        _smoothing(query.get("smooth", "")),
        html.Button(_("Show more"), id=Ids.MORE, type="button", className="toggle", n_clicks=0, hidden=True),
    ]  # fmt: skip
    return card(
        _("Metric over training"),
        html.Div(controls, className="controls"),
        html.Div(id=Ids.CURVES_STATE),
        graph(Ids.CURVES, label=_("Metric histories as curves, one for each run"), height=340),
        note=html.Span(id=Ids.CURVES_NOTE, role="status"),
        class_name="chart run-comparison-curves",
    )


def _smoothing(given: str) -> Any:
    try:
        value = min(max(float(given), 0.0), MOST_SMOOTH)
    except ValueError:
        value = 0.0
    slider = dcc.Slider(
        id=Ids.SMOOTH,
        min=0,
        max=MOST_SMOOTH,
        step=0.01,
        value=value,
        marks=None,
        updatemode="mouseup",
        allow_direct_input=True,
    )
    label = _("Smoothing")
    return html.Div(
        [html.Span(label, className="label"), slider],
        className="field run-comparison-smooth",
        role="group",
        **{"aria-label": label, "data-label": label},
    )


def _sweep() -> Any:
    """Best so far, the tree, and ways to the runs that are nested in those compared."""
    drawing = graph(Ids.SWEEP, label=_("Best so far over trials"), height=300)
    told = html.Span(id=Ids.SWEEP_NOTE)
    tree = html.Div(
        id=Ids.TREE, className="scroll", tabIndex=0, role="region", **{"aria-label": _("Nested runs")}
    )
    return html.Div(
        [
            html.Div(id=Ids.NESTED),
            html.Div(
                card(_("Best so far"), drawing, note=told, class_name="chart"), id=Ids.SWEEP_BOX, hidden=True
            ),
            dcc.Store(id=Ids.TREE_DATA),
            html.Div(card(_("Nested runs"), tree), className="run-comparison-tree", hidden=True),
        ],
        className="run-comparison-sweep",
    )


def _lines() -> Any:
    """Every line of a few runs; assets/run_comparison.js makes the table."""
    title = _("Side by side")
    same = html.Button(
        id=Ids.SAME, type="button", className="toggle", hidden=True, **{"aria-pressed": "false"}
    )
    table = html.Div(id=Ids.LINES, className="scroll", tabIndex=0, role="region", **{"aria-label": title})
    note = html.Span(id=Ids.LINES_NOTE)
    return html.Div(
        [
            dcc.Store(id=Ids.LINES_DATA),
            html.Div(id=Ids.BARS),
            card(title, html.Div(id=Ids.LINES_CHIPS), table, note=note, aside=same),
        ],
        className="run-comparison-few",
    )


def _table() -> Any:
    place = grid(Ids.TABLE, (), (), row_id="id", height="max(320px, 50dvh)", options={"domLayout": "normal"})
    place.style = {"height": "420px", "width": "100%"}
    return card(_("Runs"), place, note=html.Span(id=Ids.TABLE_NOTE), class_name="run-comparison-table")


def _list(text: str | None) -> Sequence[str]:
    """A list of names in an address, as JSON: names may hold any character."""
    try:
        found = json.loads(text or "[]")
    except (ValueError, RecursionError):
        return []
    return [item for item in found if isinstance(item, str)][:FEW] if isinstance(found, list) else []
