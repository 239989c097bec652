"""Runs as lines across parallel axes, from params to metrics; a range on an axis selects runs."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any, Final

from core.catalog.run_question import Field
from dashboard.figures.plane import Drawing, drawn_figure
from dashboard.figures.run_scales import colored
from dashboard.messages import _
from dashboard.run_axes import RunAxis, short, title
from dashboard.run_narrowing import Allowed
from dashboard.theme import PALETTES, Scheme, template

_BELOW: Final = 0.12  # of an axis' span: where runs stand that have no value


def parallel(
    axes: Sequence[RunAxis],
    color: RunAxis | None,
    scheme: Scheme,
    *,
    higher: bool,
    allowed: Mapping[Field, Allowed],
) -> Drawing:
    """A line for each run, coloured by the metric. `layout.meta` says how positions are read back."""
    palette = PALETTES[scheme]
    line: dict[str, Any] = {"color": palette.muted}
    if color is not None:
        line = colored(color, scheme, higher=higher, title=escape(short(title(color.field))))
    trace = {
        "type": "parcoords",
        "dimensions": [_dimension(one, allowed.get(one.field)) for one in axes],
        "line": line,
        "unselected": {"line": {"color": palette.muted, "opacity": 0.08}},
        "labelfont": {"size": 12, "color": palette.ink},
        "tickfont": {"size": 11, "color": palette.muted},
        "rangefont": {"size": 1, "color": "rgba(0,0,0,0)"},  # the ticks say it
        "labelangle": -12 if len(axes) > 6 else 0,  # noqa: PLR2004 - where names begin to touch
        "labelside": "top",
    }
    layout = {
        "template": template(scheme),
        "margin": {"l": 56, "r": 16, "t": 56, "b": 16},
        "meta": {"axes": [_meaning(one) for one in axes]},
    }
    return drawn_figure([trace], layout)


def _dimension(axis: RunAxis, allowed: Allowed | None) -> Mapping[str, Any]:
    low, high = axis.span
    below = _below(axis)
    places, texts = axis.ticks()
    dimension: dict[str, Any] = {
        "name": str(axis.field),  # the reader may move the axes
        "label": escape(short(title(axis.field), 20)),
        "values": [below if one is None else one for one in axis.positions],
        "range": [below if axis.has_missing else low, high if high > low else low + 1],
        "tickvals": [*([below] if axis.has_missing else []), *places],
        "ticktext": [*([_("n/a")] if axis.has_missing else []), *map(escape, texts)],
    }
    spans = _spans(axis, allowed) if allowed is not None else []
    if spans:
        dimension["constraintrange"] = spans if len(spans) > 1 else spans[0]
    return dimension


def _below(axis: RunAxis) -> float:
    low, high = axis.span
    return low - ((high - low) or 1.0) * _BELOW


def _meaning(axis: RunAxis) -> Mapping[str, Any]:
    """What assets/run_comparison.js needs to say a brushed range in the field's own values."""
    return {
        "field": str(axis.field),
        "log": axis.is_log,
        "categories": list(axis.categories) or None,
        "missing": _below(axis) if axis.has_missing else None,
        "least": axis.span[0],
    }


def _spans(axis: RunAxis, allowed: Allowed) -> Sequence[Sequence[float]]:
    near = 0.3 if axis.categories else ((axis.span[1] - axis.span[0]) or 1.0) * 0.02
    spans = [list(axis.placed(span)) for span in allowed.spans if not axis.categories]
    spans += [[at - 0.3, at + 0.3] for at, name in enumerate(axis.categories) if name in allowed.texts]
    if allowed.is_missing and axis.has_missing:
        spans.append([_below(axis) - near, _below(axis) + near])
    return spans
