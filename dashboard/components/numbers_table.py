"""All metrics of all versions as a table: the numbers behind the bars."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from dash import html

from core.evidence.metrics import METRICS
from dashboard.components.cells import cell
from dashboard.messages import _


class Column(NamedTuple):
    """A version as the head of a column; `swatch` and `title` are what stands there."""

    number: int
    swatch: Any
    title: str
    is_baseline: bool


def numbers_table(columns: Sequence[Column]) -> Any:
    """One row for each metric; the texts come with the threshold."""
    head = html.Tr([html.Th(_("Metric"), scope="col"), *(_head(column) for column in columns)])
    rows = [
        _row(metric.name, _(metric.title), columns, lower=not metric.greater_is_better) for metric in METRICS
    ]
    separation = _row("ks", _("Kolmogorov-Smirnov"), columns, deltas=False)
    return html.Table(
        [
            html.Caption(
                _("Metrics of each version and differences to the baseline"), className="visually-hidden"
            ),
            html.Thead(head),
            html.Tbody([*rows, separation]),
        ],
        className="numbers",
        style={"--best": f'"{_("best")}"'},
    )


def _head(column: Column) -> Any:
    return html.Th([column.swatch, column.title], scope="col", className="number-head")


def _row(
    metric: str, title: str, columns: Sequence[Column], *, lower: bool = False, deltas: bool = True
) -> Any:
    said = html.Span(_("lower is better"), className="token-note") if lower else None
    cells = [
        html.Td(
            [
                cell(f"{column.number} {metric}", "number"),
                cell(f"{column.number} {metric} delta", "delta")
                if deltas and not column.is_baseline
                else None,
            ]
        )
        for column in columns
    ]
    return html.Tr([html.Th([title, said], scope="row"), *cells])
