"""Two fields of the runs against each other, coloured by a third."""

from collections.abc import Sequence
from html import escape
from typing import Any, Final

from dashboard.figures.plane import Drawing, drawn_figure
from dashboard.figures.run_scales import colored
from dashboard.messages import _
from dashboard.run_axes import RunAxis, short, title, told
from dashboard.theme import PALETTES, Scheme, template, version_color

MOST_HUES: Final = 8  # of texts; the others are grey


def scatter(
    names: Sequence[str], axes: tuple[RunAxis, RunAxis], color: RunAxis | None, scheme: Scheme,
    *, higher: bool | None,
) -> Drawing:  # fmt: skip
    """A point for each run that has both; `higher` is the direction of the colour's metric."""
    x, y = axes
    shown = [
        at
        for at, (a, b) in enumerate(zip(x.positions, y.positions, strict=True))
        if a is not None and b is not None
    ]
    if color is None or not color.categories:
        traces = [
            _points(
                shown, names, axes, scheme, marker=_marker(color, shown, scheme, higher=higher), color=color
            )
        ]
    else:
        traces = [
            _points(
                [at for at in shown if _hue(color, at) == hue], names, axes, scheme,
                marker={"color": PALETTES[scheme].muted if hue is None else version_color(hue, scheme)},
                color=color, name=_("others") if hue is None else escape(short(color.categories[hue])),
            )
            for hue in _hues(color, shown)
        ]  # fmt: skip
    return drawn_figure(traces, _layout(x, y, scheme, has_legend=len(traces) > 1))


def _hue(color: RunAxis, at: int) -> int | None:
    place = color.positions[at]
    return None if place is None or place >= MOST_HUES else int(place)


def _hues(color: RunAxis, shown: Sequence[int]) -> Sequence[int | None]:
    found = {_hue(color, at) for at in shown}
    return [*sorted(hue for hue in found if hue is not None), *([None] if None in found else [])]


def _marker(
    color: RunAxis | None, shown: Sequence[int], scheme: Scheme, *, higher: bool | None
) -> dict[str, Any]:
    if color is None:
        return {"color": version_color(0, scheme)}
    marker = colored(color, scheme, higher=higher, title=escape(short(title(color.field))))
    return {**marker, "color": [marker["color"][at] for at in shown]}


def _points(
    shown: Sequence[int],
    names: Sequence[str],
    axes: tuple[RunAxis, RunAxis],
    scheme: Scheme,
    *,
    marker: dict[str, Any],
    color: RunAxis | None,
    name: str = "",
) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "x": [_drawn(axes[0], at) for at in shown],
        "y": [_drawn(axes[1], at) for at in shown],
        "marker": {
            "size": 7,
            "opacity": 0.8,
            "line": {"width": 0.5, "color": PALETTES[scheme].card},
            **marker,
        },
        "hovertext": [_said(names[at], at, (*axes, color) if color else axes) for at in shown],
        "hoverinfo": "text",
    }


def _drawn(axis: RunAxis, at: int) -> float | str | None:
    place = axis.positions[at]
    if place is None or axis.categories:
        return None if place is None else short(axis.categories[int(place)])
    return 10**place if axis.is_log else place


def _said(name: str, at: int, axes: Sequence[RunAxis]) -> str:
    lines = [
        f"{escape(title(axis.field))} {escape(told(axis.values[at]))}"
        for axis in {axis.field: axis for axis in axes}.values()
    ]
    return "<br>".join([f"<b>{escape(short(name, 60))}</b>", *lines])


def _layout(x: RunAxis, y: RunAxis, scheme: Scheme, *, has_legend: bool) -> dict[str, Any]:
    return {
        "template": template(scheme),
        "xaxis": _axis(x),
        "yaxis": _axis(y),
        "hovermode": "closest",
        "showlegend": has_legend,
        "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0, "font": {"size": 11}},
        "margin": {"l": 56, "r": 12, "t": 30 if has_legend else 10, "b": 40},
    }


def _axis(axis: RunAxis) -> dict[str, Any]:
    kind = "category" if axis.categories else "log" if axis.is_log else "date" if axis.is_time else "linear"
    order = {"categoryarray": [short(name) for name in axis.categories]} if axis.categories else {}
    return {
        "type": kind,
        "exponentformat": "power",
        "title": {"text": escape(short(title(axis.field), 60))},
        "zeroline": False,
        **({"dtick": 1} if axis.is_log and axis.span[1] - axis.span[0] > 2 else {}),  # noqa: PLR2004 - decades
        **order,
    }
