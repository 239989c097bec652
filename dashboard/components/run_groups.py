"""Runs put together by the values of a field: how many, and mean, least, most and count of metrics."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from core.catalog.runs.question import Condition, Field, Group, Operator, Value
from dashboard.components.grid import grid
from dashboard.components.run_columns import title
from dashboard.components.run_table import status
from dashboard.messages import _
from dashboard.runs_choice import RunsChoice

MOST_METRICS: Final = 6  # whose numbers stand beside each group
_STATUS: Final = "attributes.status"
_PARTS: Final = ("mean", "least", "most", "count")


def groups_table(id: object) -> Any:  # noqa: A002 - Dash's word
    """The empty grid of groups."""
    return grid(
        id,
        (),
        (),
        row_id="key",
        height="max(320px, calc(100dvh - 300px))",
        options={"domLayout": "normal", "suppressNoRowsOverlay": True},
    )


def columns(by: Field, metrics: Sequence[Field]) -> Sequence[Mapping[str, Any]]:
    """Columns of the groups: the value, which opens the group, and the numbers of each metric."""
    value = {
        "field": "value",
        "colId": "value",
        "headerName": title(by),
        "cellRenderer": "RunoffGroup",
        "width": 240,
        "initialPinned": "left",
        "context": {"pinFrom": 640},
        "comparator": {"function": "runoffText"},
    }
    runs = {"field": "runs", "headerName": _("Runs"), **_number("runoffCount"), "sort": "desc"}
    heads = {"mean": _("mean"), "least": _("min"), "most": _("max"), "count": _("count")}
    return [
        {"headerName": _("Group"), "children": [value]},
        {"headerName": "", "children": [runs]},
        *(
            {
                "headerName": metric.name,
                "headerTooltip": metric.name,
                "children": [
                    {
                        "field": f"{part}{at}",
                        "colId": f"{part}.{metric}",
                        "headerName": heads[part],
                        **_number("runoffCount" if part == "count" else "runoffMetric"),
                    }
                    for part in _PARTS
                ],
            }
            for at, metric in enumerate(metrics)
        ),
    ]


def _number(function: str) -> Mapping[str, Any]:
    return {
        "width": 116,
        "type": "rightAligned",
        "valueFormatter": {"function": f"{function}(params.value)"},
        "comparator": {"function": "runoffNumbers"},
        "sortingOrder": ["desc", "asc", None],
    }


def rows(groups: Sequence[Group], by: Field) -> Sequence[Mapping[str, Any]]:
    """One row a group; `where` is the condition that its runs meet, as the browser keeps it."""
    return [
        {
            "key": str(at),
            "value": _said(group.value, by),
            "where": RunsChoice(where=(condition(group.value, by),)).kept["where"][0],
            "runs": group.runs,
            **{
                f"{part}{place}": getattr(spread, part)
                for place, spread in enumerate(group.spreads)
                for part in _PARTS
                if getattr(spread, part) is not None
            },
        }
        for at, group in enumerate(groups)
    ]


def condition(value: Value, by: Field) -> Condition:
    """What the runs of a group have in common."""
    if value is None:
        return Condition(by, Operator.EMPTY)
    return Condition(by, Operator.EQUAL, value if isinstance(value, str | float) else str(value))


def _said(value: Value, by: Field) -> str:
    if value is None:
        return _("none")
    return status(str(value)) if str(by) == _STATUS else str(value)
