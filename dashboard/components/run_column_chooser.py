"""Choose, order and pin the columns of the runs: what is shown, and a search among all there are.

There may be thousands of metrics, so no more than MOST_FOUND of those that match stand on the page.
assets/runs.js moves columns when a button with `data-column` is pressed.
"""

from collections.abc import Sequence
from typing import Any, Final

from dash import dcc, html

from core.catalog.runs.question import Field, FieldFacts
from dashboard.components.cards import icon
from dashboard.components.run_columns import NAME, kind_title, title
from dashboard.messages import _, _n

MOST_FOUND: Final = 50


def panel(*, search: str, found: str, shown: str) -> Any:
    """The frame with the ids of the search, of what it finds, and of the list of what is shown."""
    box = dcc.Input(
        id=search, type="text", debounce=0.15, autoComplete="off", spellCheck=False, className="form-control"
    )
    usual = html.Button(_("Usual columns"), type="button", className="toggle", **_does("usual"))
    return html.Div(
        [
            html.Section(
                [
                    html.Div([html.H2(_("Shown")), usual], className="columns-head"),
                    html.Div(id=shown),
                ]
            ),
            html.Section(
                [
                    html.Label(html.Span(_("Find a column"), className="label"), htmlFor=search),
                    box,
                    html.Div(id=found, role="status"),
                ]
            ),
        ],
        className="columns-lists",
    )


def shown_list(fields: Sequence[Field], pinned: Sequence[Field]) -> Any:
    """The columns in their order, each with what can be done to it."""
    ordered = [field for field in fields if field != NAME]
    return html.Ol(
        [
            _shown(field, is_pinned=field in pinned, is_first=at == 0, is_last=at == len(ordered) - 1)
            for at, field in enumerate(ordered)
        ],
        className="columns-shown",
    )


def _shown(field: Field, *, is_pinned: bool, is_first: bool, is_last: bool) -> Any:
    name = title(field)
    buttons = [
        _button("pin", "⇤", _("Keep {name} at the left", name=name), field, pressed=is_pinned),
        _button("up", "↑", _("Move {name} to the left", name=name), field, disabled=is_first),
        _button("down", "↓", _("Move {name} to the right", name=name), field, disabled=is_last),
        _button("remove", icon("x-lg"), _("Take {name} away", name=name), field),
    ]
    kind = html.Span(kind_title(field.kind), className="note")
    return html.Li(
        [html.Span([name, " ", kind], className="columns-name"), *buttons],
        key=str(field),
        id=f"shown-{field}",
    )


def _button(does: str, shown: Any, said: str, field: Field, **states: bool) -> Any:
    pressed = {"aria-pressed": str(states["pressed"]).lower()} if "pressed" in states else {}
    return html.Button(
        shown,
        type="button",
        className="toggle",
        title=said,
        disabled=states.get("disabled", False),
        **{"aria-label": said, **pressed, **_does(does, field)},
    )


def _does(does: str, field: Field | None = None) -> dict[str, str]:
    return {"data-does": does, "data-column": "" if field is None else str(field)}


def found_list(facts: Sequence[FieldFacts], shown: Sequence[Field], search: str) -> Any:
    """What matches the search, the most used first, with a button that shows it or takes it away."""
    matching = matches(facts, search)
    listed = [
        html.Li(
            html.Button(
                [
                    html.Span(title(one.field), className="columns-name"),
                    html.Span(
                        [kind_title(one.field.kind), " · ", _n("{count} run", "{count} runs", one.runs)],
                        className="note",
                    ),
                ],
                type="button",
                className="columns-add",
                **{"aria-pressed": str(one.field in shown).lower(), **_does("toggle", one.field)},
            ),
            key=str(one.field),
        )
        for one in matching[:MOST_FOUND]
    ]
    rest = len(matching) - len(listed)
    said = _n("{count} more: type a part of its name", "{count} more: type a part of the name", rest)
    note = html.P(said if rest else "" if listed else _("Nothing matches"), className="note")
    return [html.Ul(listed, className="columns-found"), note]


def matches(facts: Sequence[FieldFacts], search: str) -> Sequence[FieldFacts]:
    """The fields whose name or title has every word of the search; names that begin with it come first."""
    words = search.casefold().split()
    named = [(one, f"{one.field} {title(one.field)}".casefold()) for one in facts if one.field != NAME]
    found = [one for one, name in named if all(word in name for word in words)]
    if not words:
        return found
    return sorted(found, key=lambda one: not title(one.field).casefold().startswith(words[0]))
