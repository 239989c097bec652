"""The one place where a table with many rows is made: AG Grid, in the reader's language."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import dash_ag_grid as dag

from dashboard.messages import _

ROW_PIXELS: Final = 38
FEW_ROWS: Final = 14  # up to here a table is as high as its rows, beyond it scrolls
_LISTENERS: Final[Mapping[str, Sequence[str]]] = {
    "gridSizeChanged": ["runoffFit(params)"],
    "displayedColumnsChanged": ["runoffFit(params)"],
    "cellKeyDown": ["runoffOpen(params)"],
}


def grid(
    id: object,  # noqa: A002 - Dash's word
    columns: Sequence[Mapping[str, Any]],
    rows: Sequence[Mapping[str, Any]],
    *,
    row_id: str,
    options: Mapping[str, Any] | None = None,
    height: str = "max(320px, calc(100dvh - 150px))",
    **props: Any,
) -> Any:
    """A client-side grid, as high as its rows where they are few, else of a `height` in which it scrolls.

    `row_id` is the field that names a row. Columns are sorted by a click on their head. Values are
    shown as text, never as HTML. Formatters, comparators and renderers are the functions of
    assets/grid.js. No licence, no outside request.
    """
    few = len(rows) <= FEW_ROWS
    return _made(
        id,
        columns,
        row_id=row_id,
        options={"domLayout": "autoHeight" if few else "normal", **(options or {})},
        style={"height": None if few else height, "width": "100%"},
        rowData=list(rows),
        **props,
    )


def paged_grid(
    id: object,  # noqa: A002 - Dash's word
    *,
    row_id: str,
    page: int,
    height: str,
    options: Mapping[str, Any] | None = None,
    listeners: Mapping[str, Sequence[str]] | None = None,
    **props: Any,
) -> Any:
    """A grid whose rows the server sorts and sends, `page` at a time, when they come into sight.

    `callbacks.paged_grid` carries its questions to a callback, and the answers back; a callback gives
    `columnDefs` when it knows them.
    `listeners` come after the grid's own, by the name of AG Grid's event.
    """
    paged = {
        "cacheBlockSize": page,
        "cacheOverflowSize": 1,
        "infiniteInitialRowCount": 1,
        "maxBlocksInCache": 10,
        "maxConcurrentDatasourceRequests": 1,
        "rowBuffer": 0,
        "suppressNoRowsOverlay": True,  # it would be said before the first rows are there
    }
    style = {"height": height, "width": "100%"}
    return _made(
        id,
        (),
        row_id=row_id,
        options={**paged, **(options or {})},
        listeners=listeners,
        style=style,
        rowModelType="infinite",
        **props,
    )


def _made(
    id: object,  # noqa: A002 - Dash's word
    columns: Sequence[Mapping[str, Any]],
    *,
    row_id: str,
    options: Mapping[str, Any],
    listeners: Mapping[str, Sequence[str]] | None = None,
    **props: Any,
) -> Any:
    more = listeners or {}
    return dag.AgGrid(
        id=id,
        columnDefs=list(columns),
        defaultColDef={"sortable": True, "resizable": True, "suppressHeaderMenuButton": True, "minWidth": 80},
        dashGridOptions={
            "theme": {"function": "themeQuartz"},
            "animateRows": False,
            "rowHeight": ROW_PIXELS,
            "headerHeight": ROW_PIXELS,
            "suppressFieldDotNotation": True,
            "enableCellTextSelection": True,
            "localeText": words(),
            **options,
        },
        getRowId=f"params.data.{row_id}",
        eventListeners={
            name: [*_LISTENERS.get(name, ()), *more.get(name, ())] for name in {**_LISTENERS, **more}
        },
        enableEnterpriseModules=False,
        dangerously_allow_code=False,
        **props,
    )


def words() -> Mapping[str, str]:
    """AG Grid's own sentences: those that a grid of ours can show or say."""
    return {
        "noRowsToShow": _("No rows"),
        "noMatchingRows": _("Nothing matches"),
        "loadingOoo": _("Loading…"),
        "ariaSortableColumn": _("Press Enter to sort"),
        "ariaRowSelect": _("Press Space to tick this row"),
        "ariaRowDeselect": _("Press Space to untick this row"),
        "ariaRowToggleSelection": _("Press Space to tick or untick this row"),
        "ariaRowSelectAll": _("Press Space to tick or untick all rows"),
        "ariaRowSelectionDisabled": _("This row cannot be ticked"),
        "ariaHeaderSelection": _("Column with ticks"),
        "ariaChecked": _("ticked"),
        "ariaUnchecked": _("not ticked"),
        "ariaIndeterminate": _("partly ticked"),
        "ariaSkeletonCellLoading": _("Loading…"),
        "ariaLabelTooltip": _("Note"),
    }
