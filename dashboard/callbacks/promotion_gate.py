"""The gate of the promotion in the dialog: made once the dialog is open, for it may take seconds."""

from collections.abc import Mapping
from typing import Any

import dash
from dash import ClientsideFunction, Input, Output, State
from dash.exceptions import PreventUpdate

from core.decision.access import Actor, Permission, may
from core.decision.gate_report import GateReport
from core.decision.record import Kind
from core.errors import RunoffError, UsageError
from dashboard.callbacks.promotion_reading import PromotionReader
from dashboard.components.promotion_dialog import command
from dashboard.components.promotion_gate import report_view, warnings_view
from dashboard.components.promotion_ids import Ids
from dashboard.identity import current_actor
from dashboard.messages import _
from dashboard.move import Move, asked
from dashboard.pages.comparison import Ids as Page


def register(app: dash.Dash, reader: PromotionReader) -> None:
    """Wire the gate, and the button that waits for it."""

    @app.callback(
        output={
            "checks": Output(Ids.CHECKS, "children", allow_duplicate=True),
            "warnings": Output(Ids.WARNINGS, "children", allow_duplicate=True),
            "confirm": Output(Ids.CONFIRM, "children", allow_duplicate=True),
            "gate": Output(Ids.GATE, "data", allow_duplicate=True),
        },
        inputs={"move": Input(Ids.ASKED, "data")},
        state={"model": State(Page.MODEL, "data")},
        prevent_initial_call=True,
    )
    def show_gate(**sent: Any) -> Mapping[str, Any]:
        try:
            move = asked(sent["move"])
        except UsageError:
            raise PreventUpdate from None  # no dialog asks that; confirming it says so
        if move.kind is not Kind.PROMOTE:
            raise PreventUpdate
        try:
            return _shown(reader.gate(str(sent["model"]), move), move, current_actor())
        except RunoffError as error:
            return _unknown(error, move)

    app.clientside_callback(
        ClientsideFunction("promotion", "confirmable"),
        Output(Ids.CONFIRM, "disabled"),
        Output(Ids.CONFIRM_NOTE, "children"),
        Input(Ids.ASKED, "data"),
        Input(Ids.GATE, "data"),
        Input(Ids.OVERRIDDEN, "data"),
        Input(Ids.BUSY, "data"),
    )
    app.clientside_callback(ClientsideFunction("promotion", "offer"), Input(Ids.GATE, "data"))


def _shown(report: GateReport, move: Move, actor: Actor) -> Mapping[str, Any]:
    """What the dialog shows of a report, and what the click will be bound to."""
    is_allowed = may(actor, Permission.ADMIN)
    confirm = command(move)
    if report.warnings:
        confirm = _("I know this: promote v{number}", number=move.version)
    return {
        "checks": report_view(report),
        "warnings": warnings_view(report),
        "confirm": confirm,
        "gate": {
            "key": move.key,
            "seal": report.seal,
            "warns": bool(report.warnings),
            "why": _why(is_allowed=is_allowed) if report.blocking else "",
            "offer": _("Override the gate: I take this on with my reason")
            if report.blocking and is_allowed
            else "",
        },
    }


def _why(*, is_allowed: bool) -> str:
    """Why the button cannot act."""
    if is_allowed:
        return _("To promote it all the same, tick the box above.")
    return _("Only an administrator may override the gate.")


def _unknown(error: RunoffError, move: Move) -> Mapping[str, Any]:
    """Without a report nothing can be promoted; the promotion would say the same."""
    hint = _(error.hint) if error.hint.template else ""
    why = _("The gate cannot be checked: {reason}", reason=" ".join([_(error.title), hint]).strip())
    return {
        "checks": [],
        "warnings": [],
        "confirm": command(move),
        "gate": {"key": move.key, "seal": "", "warns": False, "why": why, "offer": ""},
    }
