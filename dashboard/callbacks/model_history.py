"""A model's history on its own page: drawn when the page opens and when Production has changed."""

from datetime import UTC, datetime
from typing import Any, Final

import dash
from dash import Input, Output, State, no_update

from core.decision.record import Kind
from core.errors import RunoffError
from core.services import Services
from dashboard import operations, shell
from dashboard.components import model_history, states
from dashboard.components.model_history import Ids
from dashboard.components.promotion_ids import Ids as Promotion
from dashboard.theme import Scheme

CHANGES: Final = 200  # from outside, that the lane shows


def register(app: dash.Dash, services: Services) -> None:
    """Wire the card."""

    @app.callback(
        Output(Ids.CONTENT, "children"),
        Output(Ids.POLL, "n_intervals"),
        Input(shell.Ids.SCHEME, "data"),
        Input(Ids.POLL, "n_intervals"),
        Input(Promotion.CHANGED, "data"),
        State(Ids.MODEL, "data"),
    )
    def show(scheme: Any, _tick: Any, _changed: Any, model: Any) -> tuple[Any, Any]:
        try:
            return _content(services, str(model), Scheme.of(scheme)), no_update
        except RunoffError as error:
            return model_history.failed(error), states.AGAIN


def _content(services: Services, model: str, scheme: Scheme) -> Any:
    history = services.decisions.history
    under_way = operations.open_operations(history, model)
    ended = history(model=model, phases=tuple(operations.ENDED), limit=model_history.LATEST)
    latest = (*under_way, *ended)[: model_history.LATEST]
    changes = history(model=model, kinds=(Kind.EXTERNAL,), limit=CHANGES)
    reigns = services.decisions.reigns(model)
    return model_history.content(reigns, changes, latest, datetime.now(UTC), scheme)
