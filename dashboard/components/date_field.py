"""The one place where people pick a day or a moment: the browser's own picker, in their own language.

dcc.Input fails on the types "date" and "datetime-local" (it moves a cursor that they do not have), and
dcc.DatePickerSingle knows neither times nor the reader's language. So assets/dates.js makes the field
inside an element that React leaves alone, and writes what is picked into the store of the same id.
"""

from typing import Any, Literal

from dash import dcc, html


def date_field(
    id: str,  # noqa: A002 - Dash's word
    label: str,
    *,
    value: str,
    kind: Literal["date", "datetime-local"] = "date",
) -> Any:
    """A labelled field; data of the store `id`: an ISO date, with a time of the reader's clock, or ""."""
    place = {"data-date-field": id, "data-kind": kind, "data-value": value}
    return html.Div(
        [
            html.Label(html.Span(label, className="label"), htmlFor=id),
            html.Div(className="date-field", **place),
            dcc.Store(id=id, data=value),
        ],
        className="field field-date",
    )
