"""Runs as lines across parallel axes, from params to metrics; a range on an axis selects runs.

plotly draws these with WebGL, which many a remote desktop does not have, and without a way to see a run's
name. assets/parallel.js draws them on a plain canvas; here is what it draws.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from core.catalog.runs.question import Field
from dashboard.figures.run_scales import scale
from dashboard.messages import _
from dashboard.run_axes import RunAxis, short, title
from dashboard.run_narrowing import Allowed
from dashboard.theme import PALETTES, Scheme

_DIGITS: Final = 5  # of a position, in shares of the axis: a hundredth of a pixel

Drawing = dict[str, Any]


def parallel(
    names: Sequence[str],
    axes: Sequence[RunAxis],
    color: RunAxis | None,
    scheme: Scheme,
    *,
    higher: bool,
    allowed: Mapping[Field, Allowed],
) -> Drawing:
    """A line for each run, coloured by the metric; positions are shares of an axis, 0 at its low end."""
    palette = PALETTES[scheme]
    return {
        "names": [short(name, 60) for name in names],
        "axes": [_axis(one, allowed.get(one.field)) for one in axes],
        "color": None if color is None else _shares(color),
        "stops": [stop for _share, stop in scale(scheme, higher=higher)],
        "plain": palette.versions[0],
        "faint": palette.muted,
        "missing": _("n/a"),
    }


def _axis(axis: RunAxis, allowed: Allowed | None) -> Mapping[str, Any]:
    places, texts = axis.ticks()
    return {
        "field": str(axis.field),
        "label": title(axis.field),
        "short": short(title(axis.field), 22),
        "shares": _shares(axis),
        "ticks": [[_share(axis, place), text] for place, text in zip(places, texts, strict=True)],
        "low": axis.span[0],
        "high": axis.span[1],
        "log": axis.is_log,
        "categories": list(axis.categories) or None,
        "hasMissing": axis.has_missing,
        **_brushed(axis, allowed),
    }


def _shares(axis: RunAxis) -> Sequence[float | None]:
    return [None if one is None else _share(axis, one) for one in axis.positions]


def _share(axis: RunAxis, position: float) -> float:
    """Where on the axis it stands, from 0 to 1; in the middle where all are the same."""
    low, high = axis.span
    if high <= low:
        return 0.5
    return round((position / 2 - low / 2) / (high / 2 - low / 2), _DIGITS)  # halves: no span overflows


def _brushed(axis: RunAxis, allowed: Allowed | None) -> Mapping[str, Any]:
    """The spans that are selected, in shares, and whether runs without a value are."""
    if allowed is None:
        return {"spans": [], "takesMissing": False}
    if axis.categories:
        half = 0.4 / max(1, len(axis.categories) - 1)
        at = [_share(axis, place) for place, name in enumerate(axis.categories) if name in allowed.texts]
        spans = [[one - half, one + half] for one in at]
    else:
        ends = [axis.placed(span) for span in allowed.spans]
        spans = [[_clip(_share(axis, low)), _clip(_share(axis, high))] for low, high in ends]
    return {"spans": spans, "takesMissing": allowed.is_missing}


def _clip(share: float) -> float:
    return min(max(share, -0.01), 1.01)
