"""The way of a table's question for rows to the server, and of the rows back to it.

Not by `getRowsResponse`, dash-ag-grid's own way: after an empty page it holds the next one back for a moment
and, where the browser is busy, drops it; the table then waits for ever and asks for nothing else.
"""

from collections.abc import Mapping
from typing import Any, Final

import dash
from dash import ClientsideFunction, Input, Output, State

TICKET: Final = "ticket"  # of a question, and of its answer: an older answer is for nobody
NO_ROWS: Final[Mapping[str, Any]] = {"rowData": [], "rowCount": 0}
_ASK: Final = ClientsideFunction("grid", "ask")


def carry_rows(app: dash.Dash, *, grid: str, asked: str, rows: str, ask: ClientsideFunction = _ASK) -> None:
    """Bring what `grid` asks for into the store `asked`, and `answered` from the store `rows` into the grid.

    A callback answers the data of `asked` (startRow, endRow, sortModel, filterModel) with that of `rows`.
    `ask` may hold a question back.
    """
    app.clientside_callback(
        ask, Output(asked, "data"), Input(grid, "getRowsRequest"), prevent_initial_call=True
    )
    app.clientside_callback(
        ClientsideFunction("grid", "fill"),
        Input(rows, "data"),
        State(grid, "getRowsRequest"),
        prevent_initial_call=True,
    )


def answered(asked: Mapping[str, Any], rows: Mapping[str, Any]) -> Mapping[str, Any]:
    """`rows` (rowData, rowCount) as the answer to the question `asked`."""
    return {**rows, TICKET: asked.get(TICKET)}
