"""The one place where people pick a day or a moment: the browser's own picker, in their own language."""

from typing import Any, Literal

from dash import dcc, html

_CALM = 0.5  # seconds without a key after which what is typed counts


def date_field(
    id: str,  # noqa: A002 - Dash's word
    label: str,
    *,
    value: str,
    kind: Literal["date", "datetime-local"] = "date",
) -> Any:
    """A labelled field; its value is an ISO date, or a date with a time of the reader's clock."""
    # dcc.Input hands any type on to the browser, though it lists a few only
    box = dcc.Input(id=id, type=kind, value=value, debounce=_CALM, className="form-control")
    return html.Div(
        [html.Label(html.Span(label, className="label"), htmlFor=id), box], className="field field-date"
    )
