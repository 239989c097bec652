"""The pictures of the comparison page: values of runs in, figures out."""

from collections.abc import Sequence
from typing import Any

from core.catalog.compared_runs import Compared
from core.catalog.runs.question import Field
from core.evidence.run_curves import Drawing, Found
from dashboard.figures.parallel import parallel
from dashboard.figures.run_box import boxes
from dashboard.figures.run_histories import histories
from dashboard.figures.run_scatter import scatter
from dashboard.messages import _n
from dashboard.run_axes import axis, grouped, title
from dashboard.run_narrowing import Narrowing
from dashboard.theme import Scheme, integer


def parallel_figure(
    compared: Compared, axes: Sequence[Field], metric: Field | None, scheme: Scheme,
    *, is_higher: bool, narrowing: Narrowing,
) -> Any:  # fmt: skip
    """All compared runs across the axes; the metric is the last one in any case."""
    drawn = [*(one for one in axes if one != metric), *([] if metric is None else [metric])]
    made = {one: axis(one, compared.values[one]) for one in drawn}
    colour = None if metric is None else made[metric]
    has_color = (
        colour is not None and not colour.categories and any(at is not None for at in colour.positions)
    )
    return parallel(
        compared.names,
        list(made.values()),
        colour if has_color else None,
        scheme,
        higher=is_higher,
        allowed=narrowing.fields,
    )


def scatter_view(
    compared: Compared,
    fields: tuple[Field, Field],
    color: Field | None,
    scheme: Scheme,
    *,
    is_higher: bool | None,
) -> tuple[Any, str]:
    """The points, and a note of how many there are."""
    axes = axis(fields[0], compared.values[fields[0]]), axis(fields[1], compared.values[fields[1]])
    colored = None if color is None else axis(color, compared.values[color])
    if colored is not None and not any(one is not None for one in colored.positions):
        colored = None
    both = sum(
        a is not None and b is not None for a, b in zip(axes[0].positions, axes[1].positions, strict=True)
    )
    return scatter(compared.names, axes, colored, scheme, higher=is_higher), _drawn(both, len(compared.ids))


def box_view(compared: Compared, by: Field, metric: Field, scheme: Scheme) -> tuple[Any, str]:
    """The boxes, and a note of how many runs are in them."""
    spread = axis(metric, compared.values[metric])
    groups = grouped(by, compared.values[by])
    both = sum(
        place is not None and value is not None
        for place, value in zip(groups[1], spread.positions, strict=True)
    )
    return boxes(compared.names, groups, spread, scheme, by=title(by)), _drawn(both, len(compared.ids))


def _drawn(drawn: int, runs: int) -> str:
    if drawn == runs:
        return _n("n = {count} run", "n = {count} runs", runs)
    left_out = runs - drawn
    return _n(
        "n = {drawn}; {count} run has no value",
        "n = {drawn}; {count} runs have no value",
        left_out,
        drawn=integer(drawn),
    )


def curves_figure(
    found: Found, compared: Compared, drawing: Drawing, scheme: Scheme, *, metric: Field
) -> Any:
    """The curves of the runs."""
    names = dict(zip(compared.ids, compared.names, strict=True))
    return histories(found.curves, names, drawing, scheme, metric=metric.name)
