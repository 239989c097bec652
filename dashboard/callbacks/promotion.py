"""The promotion panel: look, choose, ask what will change, confirm; and notice what others do."""

import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from http import HTTPStatus
from typing import Any, Final

import dash
from dash import ALL, ClientsideFunction, Input, Output, State, ctx, no_update

from core.decision.record import Kind, Phase
from core.decision.standing import Preview
from core.errors import GateChanged, NotFound, ProductionMoved, RunoffError
from core.services import Services
from dashboard import shell
from dashboard.callbacks import promotion_gate
from dashboard.callbacks.comparison_reading import ComparisonReader
from dashboard.callbacks.promotion_reading import PromotionReader
from dashboard.components import states
from dashboard.components.promotion_banners import ADOPT
from dashboard.components.promotion_dialog import command, consequences, question
from dashboard.components.promotion_gate import checking
from dashboard.components.promotion_ids import Ids, outside_id
from dashboard.components.promotion_panel import Actions
from dashboard.components.promotion_said import ended, refused
from dashboard.components.version_options import Option, candidate_options
from dashboard.identity import current_actor
from dashboard.messages import _
from dashboard.move import Move, asked, consent, number
from dashboard.pages import promotion_view as panel
from dashboard.pages.comparison import Ids as Page
from dashboard.theme import Scheme

PULSE_PATH: Final = "/models/<model>/pulse"
SHOWN: Final = {
    "hidden": Output(Ids.PANEL, "hidden"),
    "production": Output(Ids.PRODUCTION, "children"),
    "since": Output(Ids.SINCE, "children"),
    "banners": Output(Ids.BANNERS, "children"),
    "version_options": Output(Ids.VERSION, "options"),
    "rollback_options": Output(Ids.ROLLBACK_VERSION, "options"),
    "rollback": Output(Ids.ROLLBACK_VERSION, "value"),
    "promote": Output(Ids.PROMOTE, "children"),
    "rollback_label": Output(Ids.ROLLBACK, "children"),
    "move": Output(Ids.MOVE, "children"),
    "can": Output(Ids.CAN, "data"),
    "seen": Output(Ids.SEEN, "data"),
    "changed": Output(Ids.CHANGED, "data"),
    "poll": Output(Ids.POLL, "n_intervals"),
    "poll_interval": Output(Ids.POLL, "interval"),
}
DIALOG: Final = {
    "question": (Ids.QUESTION, "children"),
    "consequences": (Ids.CONSEQUENCES, "children"),
    "confirm": (Ids.CONFIRM, "children"),
    "checks": (Ids.CHECKS, "children"),
    "warnings": (Ids.WARNINGS, "children"),
    "refused": (Ids.REFUSED, "children"),
    "gate": (Ids.GATE, "data"),
    "asked": (Ids.ASKED, "data"),
}
ASKS: Final = {"promote": Ids.PROMOTE, "rollback": Ids.ROLLBACK, "move": Ids.MOVE}


def register(app: dash.Dash, services: Services, versions: ComparisonReader) -> None:
    """Wire the panel; `versions` is the reader of the page that it stands on."""
    reader = PromotionReader(services, versions)
    _register_view(app, reader)
    _register_search(app, reader)
    _register_question(app, reader)
    _register_confirmation(app, reader)
    promotion_gate.register(app, reader)
    _answer_pulses(app, reader)
    _register_clientside(app)


def _register_view(app: dash.Dash, reader: PromotionReader) -> None:
    @app.callback(
        output=SHOWN,
        inputs={
            "look": Input(Ids.LOOK, "data"),
            "tick": Input(Ids.POLL, "n_intervals"),
            "version": Input(Ids.VERSION, "value"),
            "rollback": Input(Ids.ROLLBACK_VERSION, "value"),
            "stage": Input(Ids.STAGE, "value"),
            "scheme": Input(shell.Ids.SCHEME, "data"),
        },
        state={"model": State(Page.MODEL, "data"), "seen": State(Ids.SEEN, "data")},
    )
    def show(**sent: Any) -> Mapping[str, Any]:
        changed = ctx.triggered_prop_ids.values()
        is_fresh = not changed or Ids.LOOK in changed
        view = reader.view(sent, current_actor(), is_fresh=is_fresh, scores=Ids.VERSION in changed)
        return _returned(view, sent)


def _register_search(app: dash.Dash, reader: PromotionReader) -> None:
    """The options follow what is typed: a model may have ten thousand versions, and a long past."""

    @app.callback(
        output=Output(Ids.VERSION, "options", allow_duplicate=True),
        inputs={"search": Input(Ids.VERSION, "search_value")},
        state={
            "version": State(Ids.VERSION, "value"),
            "model": State(Page.MODEL, "data"),
            "scheme": State(shell.Ids.SCHEME, "data"),
        },
        prevent_initial_call=True,
    )
    def search_versions(**sent: Any) -> Sequence[Option]:
        return candidate_options(reader.listing(sent), {}, Scheme.of(sent["scheme"]), baseline=None)

    @app.callback(
        output=Output(Ids.ROLLBACK_VERSION, "options", allow_duplicate=True),
        inputs={"search": Input(Ids.ROLLBACK_VERSION, "search_value")},
        state={"rollback": State(Ids.ROLLBACK_VERSION, "value"), "model": State(Page.MODEL, "data")},
        prevent_initial_call=True,
    )
    def search_past(**sent: Any) -> Sequence[Option]:
        past, chosen = reader.past(sent)
        return panel.rollback_options(past, str(sent["search"] or ""), keep=chosen)


def _register_question(app: dash.Dash, reader: PromotionReader) -> None:
    @app.callback(
        output={
            **{name: Output(*place) for name, place in DIALOG.items()},
            "said": Output(Ids.SAID, "children"),
            "look": Output(Ids.LOOK, "data"),
        },
        inputs={
            **{name: Input(button, "n_clicks") for name, button in ASKS.items()},
            "outside": Input(Ids.OUTSIDE, "data"),
        },
        state={
            "version": State(Ids.VERSION, "value"),
            "back": State(Ids.ROLLBACK_VERSION, "value"),
            "stage": State(Ids.STAGE, "value"),
            "reason": State(Ids.REASON, "value"),
            "seen": State(Ids.SEEN, "data"),
            "model": State(Page.MODEL, "data"),
            "threshold": State(Page.THRESHOLD, "value"),
            "mode": State(Page.MODE, "value"),
            "target": State(Page.TARGET_BOX, "value"),
        },
        prevent_initial_call=True,
    )
    def ask(**sent: Any) -> Any:
        if not ctx.triggered or not ctx.triggered[0]["value"]:
            return dict.fromkeys(ctx.outputs_grouping, no_update)  # nobody pressed anything
        return _question(reader, sent)


def _question(reader: PromotionReader, sent: Mapping[str, Any]) -> Mapping[str, Any]:
    values: dict[str, Any] = dict.fromkeys(ctx.outputs_grouping, no_update)
    model = str(sent["model"])
    try:
        move, preview = reader.ask(sent, _wanted(sent))
    except RunoffError as error:
        told = reader.told(model) if isinstance(error, ProductionMoved) else ""
        return values | {"said": refused(error, told), "look": time.time_ns()}
    return values | _shown(reader, model, move, preview)


def _shown(reader: PromotionReader, model: str, move: Move, preview: Preview) -> dict[str, Any]:
    """The dialog of a move; the gate of a promotion comes when it is there."""
    return {
        "question": question(move),
        "consequences": consequences(move, preview, alias=reader.alias, primary=reader.primary(model)),
        "confirm": command(move),
        "checks": checking() if move.kind is Kind.PROMOTE else [],
        "warnings": [],
        "refused": [],
        "gate": None,
        "asked": move.kept(),
    }


def _wanted(sent: Mapping[str, Any]) -> tuple[Kind, int | None]:
    """What the pressed button is for, and the version that it means."""
    match ctx.triggered_id:
        case Ids.PROMOTE:
            return Kind.PROMOTE, number(sent["version"])
        case Ids.ROLLBACK:
            return Kind.ROLLBACK, number(sent["back"])
        case Ids.MOVE:
            return Kind.STAGE, number(sent["version"])
        case _:
            pressed = sent["outside"] if isinstance(sent["outside"], dict) else {}
            kind = Kind.ADOPT if pressed.get("action") == ADOPT else Kind.RESTORE
            return kind, number(pressed.get("version"))


def _register_confirmation(app: dash.Dash, reader: PromotionReader) -> None:
    @app.callback(
        output={
            "said": Output(Ids.SAID, "children", allow_duplicate=True),
            "look": Output(Ids.LOOK, "data", allow_duplicate=True),
            "reason": Output(Ids.REASON, "value"),
            "version": Output(Ids.VERSION, "value"),
            **{name: Output(*place, allow_duplicate=True) for name, place in DIALOG.items()},
        },
        inputs={"clicks": Input(Ids.CONFIRM, "n_clicks")},
        state={
            "asked": State(Ids.ASKED, "data"),
            "gate": State(Ids.GATE, "data"),
            "overridden": State(Ids.OVERRIDDEN, "data"),
            "model": State(Page.MODEL, "data"),
        },
        running=[
            (Output(Ids.CANCEL, "disabled"), True, False),
            (Output(Ids.BUSY, "data"), True, False),
        ],
        prevent_initial_call=True,
    )
    def confirm(**sent: Any) -> Mapping[str, Any]:
        return _confirmed(reader, sent)


def _confirmed(reader: PromotionReader, sent: Mapping[str, Any]) -> Mapping[str, Any]:
    """The outcome in words; only what was done takes the reason and the choice away."""
    model = str(sent["model"])
    values: dict[str, Any] = dict.fromkeys(ctx.outputs_grouping, no_update) | {"look": time.time_ns()}
    try:
        move = asked(sent["asked"])
        taken = consent(sent["gate"], sent["overridden"], move)
        try:
            outcome = reader.act(model, current_actor(), move, taken)
        except GateChanged as error:
            return values | _anew(reader, model, move, error)
    except RunoffError as error:
        told = reader.told(model) if isinstance(error, ProductionMoved) else ""
        return values | {"said": refused(error, told)}
    if outcome.entry.record.phase in {Phase.DONE, Phase.ADOPTED}:
        values |= {"reason": "", "version": None if move.kind is Kind.PROMOTE else no_update}
    return values | {"said": ended(outcome)}


def _anew(reader: PromotionReader, model: str, move: Move, error: GateChanged) -> dict[str, Any]:
    """The dialog once more, with what holds now, and why."""
    again = replace(move, key=str(uuid.uuid4()))
    shown = _shown(reader, model, again, reader.preview(model, again))
    return {**shown, "refused": refused(error, is_closable=False)}


def _answer_pulses(app: dash.Dash, reader: PromotionReader) -> None:
    """What open pages ask every few seconds, as JSON; they look again when it is another one."""

    @app.server.get(PULSE_PATH)
    def pulse(model: str) -> tuple[Mapping[str, str], int]:
        try:
            return {"pulse": reader.pulse(model)}, HTTPStatus.OK
        except NotFound as error:
            return {"problem": _(error.title)}, HTTPStatus.NOT_FOUND
        except RunoffError as error:
            return {"problem": _(error.title)}, HTTPStatus.SERVICE_UNAVAILABLE


def _register_clientside(app: dash.Dash) -> None:
    app.clientside_callback(
        ClientsideFunction("promotion", "enable"),
        Output(Ids.PROMOTE, "disabled"),
        Output(Ids.PROMOTE_NOTE, "children"),
        Output(Ids.ROLLBACK, "disabled"),
        Output(Ids.ROLLBACK_NOTE, "children"),
        Output(Ids.MOVE, "disabled"),
        Output(Ids.MOVE_NOTE, "children"),
        Output(outside_id(ALL, ALL), "disabled"),
        Output(Ids.OUTSIDE_NOTE, "children"),
        Input(Ids.CAN, "data"),
        Input(Ids.REASON, "value"),
        Input(Ids.BANNERS, "children"),
        Input(Ids.GATES, "data"),
        State(Ids.VERSION, "value"),
    )
    app.clientside_callback(ClientsideFunction("promotion", "open"), Input(Ids.ASKED, "data"))
    app.clientside_callback(ClientsideFunction("promotion", "busy"), Input(Ids.BUSY, "data"))
    app.clientside_callback(
        ClientsideFunction("promotion", "saw"), Input(Ids.SEEN, "data"), State(Page.MODEL, "data")
    )


def _returned(view: panel.View, sent: Mapping[str, Any]) -> Mapping[str, Any]:
    """The view as values of SHOWN; the rest of the page looks again only where something has changed."""
    values: dict[str, Any] = dict.fromkeys(SHOWN, no_update)
    values |= {
        "hidden": view.hidden,
        "production": view.production,
        "since": list(view.since),
        "banners": list(view.banners),
        "promote": view.labels[Actions.PROMOTE],
        "rollback_label": view.labels[Actions.ROLLBACK],
        "move": view.labels[Actions.MOVE],
        "can": view.can,
    }
    if view.seconds is not None:
        values |= {"poll": states.AGAIN, "poll_interval": int(view.seconds * 1000)}
    if not view.seen:  # nothing could be read: what was there stays
        return values
    before = sent["seen"] if isinstance(sent["seen"], Mapping) else {}
    if before.get("token") not in {None, view.seen["token"]}:
        values["changed"] = view.seen["token"]
    return values | {
        "version_options": list(view.version_options),
        "rollback_options": list(view.rollback_options),
        "rollback": view.rollback,
        "seen": view.seen,
    }
