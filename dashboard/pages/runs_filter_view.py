"""What is said of the filters of runs: mistakes and slips, what may stand at the cursor, column filters."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from dash import html

from core.catalog.runs.completion import Completions, Sort
from core.catalog.runs.question import Condition, Field, Kind, Operator
from core.errors import FilterError
from dashboard.components.cards import icon
from dashboard.components.run_columns import is_moment, title
from dashboard.components.run_table import status
from dashboard.messages import _, _n
from dashboard.runs_choice import RunsChoice
from dashboard.theme import moment, significant
from looks.numbers import duration


def mistake(error: FilterError) -> Any:
    """Why a filter is wrong, and a way to the place."""
    go = html.Button(_(error.title), type="button", className="filter-wrong", title=_("Go to the mistake"))
    hint = _(error.hint) if error.hint.template else ""
    return html.Div(
        [go if error.start is not None else html.Strong(_(error.title)), " ", hint], className="field-error"
    )


def slips(found: Sequence[FilterError]) -> Any:
    """Names that no run has: no mistake, but worth a word."""
    said = [f"{_(one.title)} {_(one.hint) if one.hint.template else ''}".strip() for one in found[:3]]
    return html.Div([html.P(text) for text in said], className="note") if said else None


def place(error: FilterError) -> Mapping[str, int] | None:
    """Where in the text the mistake is, in characters."""
    if error.start is None or error.end is None:
        return None
    return {"start": error.start, "end": error.end}


def offers(found: Completions, text: str) -> Mapping[str, Any]:
    """What may stand at the cursor, for assets/runs_filter.js."""
    kinds = {
        Sort.KIND: _("names of a kind"),
        Sort.FIELD: "",
        Sort.COMPARATOR: _("comparison"),
        Sort.VALUE: _("value"),
        Sort.JOINER: _("joins conditions"),
    }
    options = [
        {
            "text": one.text,
            "note": kinds[one.sort] if one.runs is None else _n("{count} run", "{count} runs", one.runs),
            "after": "" if one.sort == Sort.KIND else " ",
        }
        for one in found.options
    ]
    return {"text": text, "start": found.start, "end": found.end, "options": options}


def chips(choice: RunsChoice) -> Any:
    """The column filters, each with a button that takes it away."""
    written = choice.kept["where"]
    return [
        html.Span(
            [
                html.Span(_condition_said(one), className="chip-name"),
                html.Button(
                    icon("x-lg"),
                    type="button",
                    className="chip-remove",
                    title=_("Take this filter away"),
                    **{
                        "aria-label": _("Take away: {filter}", filter=_condition_said(one)),
                        "data-where": kept,
                    },
                ),
            ],
            className="chip",
        )
        for one, kept in zip(choice.where, written, strict=True)
    ]


def _condition_said(one: Condition) -> str:
    name = title(one.field)
    signs = {
        Operator.EQUAL: "{name} = {value}",
        Operator.NOT_EQUAL: "{name} ≠ {value}",
        Operator.LESS: "{name} < {value}",
        Operator.AT_MOST: "{name} ≤ {value}",
        Operator.GREATER: "{name} > {value}",
        Operator.AT_LEAST: "{name} ≥ {value}",
    }
    if one.operator in signs:
        return signs[one.operator].format(name=name, value=_value_said(one.field, one.value))
    words = {
        Operator.CONTAINS: _("{name} contains {value}", name=name, value=one.value),
        Operator.STARTS: _("{name} begins with {value}", name=name, value=one.value),
        Operator.EMPTY: _("{name} is missing", name=name),
        Operator.FILLED: _("{name} is there", name=name),
    }
    return words[one.operator]


def _value_said(field: Field, value: str | float) -> str:
    if is_moment(field) and isinstance(value, float):
        return _moment_said(value)
    if field == Field(Kind.ATTRIBUTE, "duration") and isinstance(value, float):
        return str(duration(value))
    if field == Field(Kind.ATTRIBUTE, "status"):
        return status(str(value))
    return value if isinstance(value, str) else str(significant(value))


def _moment_said(milliseconds: float) -> str:
    try:
        return str(moment(datetime.fromtimestamp(milliseconds / 1000, UTC)))
    except (ValueError, OverflowError, OSError):
        return str(milliseconds)
