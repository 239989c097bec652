"""What is in Production, and the controls that move it: one row between the picker and the panels."""

from enum import StrEnum
from typing import Any, Final
from urllib.parse import urlencode

from dash import dcc, html

from core.catalog.store import PRODUCTION
from dashboard.components import states
from dashboard.components.dropdown import dropdown, words
from dashboard.components.promotion_dialog import dialog
from dashboard.components.promotion_ids import Ids
from dashboard.messages import _
from dashboard.move import MOST_REASON, STAGES

LOOK_SECONDS: Final = 2.0  # between two looks while the chosen version is scored or a move is under way
REASON_ROWS: Final = 2
AS_FOUND: Final = "original"  # nothing moves under the pointer when the server's matches come

STORES: Final = (
    Ids.SEEN,
    Ids.CAN,
    Ids.OUTSIDE,
    Ids.LOOK,
    Ids.CHANGED,
    Ids.ASKED,
    Ids.GATE,
    Ids.OVERRIDDEN,
    Ids.GATES,
    Ids.BUSY,
)


class Actions(StrEnum):
    """What the panel's buttons do; also the keys of the reasons why they cannot."""

    PROMOTE = "promote"
    ROLLBACK = "rollback"
    MOVE = "move"
    OUTSIDE = "outside"  # adopt and restore


def promotion_panel(model: str) -> Any:
    """The static part: every control, none of which can act until the first look is over."""
    return html.Section(
        [
            *(dcc.Store(id=store) for store in STORES),
            states.poll(Ids.POLL, seconds=LOOK_SECONDS),
            html.Div(id=Ids.SAID, className="promotion-said", role="status", tabIndex=-1),
            html.Div(id=Ids.BANNERS, className="promotion-banners"),
            html.P(id=Ids.OUTSIDE_NOTE, className="promotion-why promotion-outside-why"),
            html.Div([_now(model), _reason(), _promote(), _stage(), _back()], className="promotion-row"),
            dialog(),
        ],
        id=Ids.PANEL,
        className="box promotion",
        **{"aria-labelledby": Ids.HEADING},
    )


def _now(model: str) -> Any:
    history = dcc.Link(_("History"), href="/history?" + urlencode({"model": model}), className="note")
    return html.Div(
        [
            html.Div(
                [html.H2(PRODUCTION, id=Ids.HEADING, className="label"), history], className="promotion-head"
            ),
            html.Span(_("Reading…"), id=Ids.PRODUCTION, className="promotion-number"),
            html.Div(id=Ids.SINCE, className="note promotion-since"),
        ],
        className="promotion-now",
    )


def _reason() -> Any:
    box = dcc.Textarea(
        id=Ids.REASON,
        className="form-control",
        rows=REASON_ROWS,
        maxLength=MOST_REASON,
        placeholder=_("Why is this right?"),
    )
    label = html.Label(_("Reason, kept in the history"), htmlFor=Ids.REASON, className="label")
    return html.Div([label, box], className="promotion-reason")


def _promote() -> Any:
    chosen = dropdown(Ids.VERSION, _("Promote"), placeholder=_("Choose a version"), search_order=AS_FOUND)
    return _act("promotion-promote-box", chosen, Ids.PROMOTE, Ids.PROMOTE_NOTE, is_main=True)


def _back() -> Any:
    chosen = dropdown(
        Ids.ROLLBACK_VERSION,
        _("Roll back"),
        placeholder=_("No version"),
        clearable=False,
        search_order=AS_FOUND,
    )
    return _act("promotion-back-box", chosen, Ids.ROLLBACK, Ids.ROLLBACK_NOTE)


def _stage() -> Any:
    box = dcc.Dropdown(
        id=Ids.STAGE,
        options=[{"label": stage, "value": stage} for stage in STAGES],
        value=STAGES[0],
        clearable=False,
        searchable=False,
        labels=words(),
    )
    named = {"aria-label": _("Stage")}
    chosen = html.Div(
        [html.Span(_("or to another stage"), className="label"), box],
        className="field",
        role="group",
        **named,
    )
    return _act("promotion-stage-box", chosen, Ids.MOVE, Ids.MOVE_NOTE)


def _act(name: str, chosen: Any, button: Ids, note: Ids, *, is_main: bool = False) -> Any:
    """A dropdown, its button, and below them why the button cannot act now."""
    pressed = html.Button(
        "…",
        id=button,
        type="button",
        disabled=True,
        className="act act-main" if is_main else "act",
        **{"aria-describedby": note},
    )
    return html.Div(
        [
            html.Div([chosen, pressed], className="promotion-control"),
            html.P(id=note, className="promotion-why"),
        ],
        className=f"promotion-act {name}",
    )
