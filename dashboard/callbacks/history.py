"""The history page: filter, open, read on, ask about a moment, take away."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

import dash
from dash import MATCH, Input, Output, Patch, State, ctx, no_update

from core.decision.record import Entry, Kind
from core.errors import RunoffError
from core.services import Services
from dashboard import history_filter, operations, shell
from dashboard.callbacks.history_downloads import answer_downloads
from dashboard.callbacks.shell import remember
from dashboard.callbacks.triggers import has_changed, only_changed
from dashboard.components import states
from dashboard.components.evidence import evidence
from dashboard.components.history_table import detail_id, history_lines, open_id, row_id
from dashboard.history_filter import HistoryFilter
from dashboard.messages import _, reader
from dashboard.pages import history as page
from dashboard.pages import history_view as view
from dashboard.pages.history import Ids
from dashboard.theme import Scheme

CHANGES: Final = 200  # from outside, that the picture shows

FILTERS = {
    "model": (Ids.MODEL, "value"),
    "actor": (Ids.ACTOR, "value"),
    "kinds": (Ids.KINDS, "value"),
    "from": (Ids.FIRST, "data"),
    "to": (Ids.LAST, "data"),
}
FILTER_IDS: Final = tuple(place[0] for place in FILTERS.values())


def register(app: dash.Dash, services: Services) -> None:
    """Wire the history page."""
    remember(app, Ids.ADDRESS)
    _register_table(app, services)
    _register_opening(app, services)
    _register_picture(app, services)
    _register_search(app, services)
    answer_downloads(app.server, services)


def _register_table(app: dash.Dash, services: Services) -> None:
    @app.callback(
        Output(Ids.CONTENT, "children"),
        Output(Ids.COUNT, "children"),
        Output(Ids.CURSOR, "data"),
        Output(Ids.OLDER, "hidden"),
        Output(Ids.EXPORT, "href"),
        Output(Ids.POLL, "n_intervals"),
        inputs={
            "sent": {name: Input(*place) for name, place in FILTERS.items()},
            "_tick": Input(Ids.POLL, "n_intervals"),
            "entry": State(Ids.ENTRY, "data"),
            "cursor": State(Ids.CURSOR, "data"),
        },
    )
    def show(sent: Mapping[str, Any], _tick: Any, entry: Any, cursor: Any) -> tuple[Any, ...]:
        wanted, _at = history_filter.chosen(sent, reader.get().zone)
        opened = entry if isinstance(entry, int) and not has_changed(*FILTER_IDS) else None
        shown = _view(services, wanted, opened)
        again = states.AGAIN if shown.again else no_update
        if only_changed(Ids.POLL) and _is_shown(shown, cursor):
            return *(no_update for _output in range(5)), again  # lines that are open stay open
        return shown.content, shown.count, shown.cursor, not shown.more, view.export_address(wanted), again

    @app.callback(
        Output(Ids.ROWS, "children"),
        Output(Ids.COUNT, "children", allow_duplicate=True),
        Output(Ids.CURSOR, "data", allow_duplicate=True),
        Output(Ids.OLDER, "hidden", allow_duplicate=True),
        inputs={
            "_clicks": Input(Ids.OLDER, "n_clicks"),
            "cursor": State(Ids.CURSOR, "data"),
            "sent": {name: State(*place) for name, place in FILTERS.items()},
        },
        prevent_initial_call=True,
    )
    def show_older(_clicks: Any, cursor: Any, sent: Mapping[str, Any]) -> tuple[Any, ...]:
        before, shown = _cursor(cursor)
        if before is None:
            return no_update, no_update, no_update, True
        wanted, _at = history_filter.chosen(sent, reader.get().zone)
        listed = view.Listed(ended=_ended(services, wanted, before))
        rows = Patch()
        rows.extend(history_lines(listed.ended))
        shown += len(listed.ended)
        last = listed.ended[-1].seq if listed.ended else before
        said = view.count(shown, more=listed.more)
        return rows, said, {**cursor, "before": last, "shown": shown}, not listed.more


def _register_opening(app: dash.Dash, services: Services) -> None:
    @app.callback(
        Output(detail_id(MATCH), "children"),
        Output(row_id(MATCH), "hidden"),
        Output(open_id(MATCH), "aria-expanded"),
        Input(open_id(MATCH), "n_clicks"),
        prevent_initial_call=True,
    )
    def open_line(clicks: Any) -> tuple[Any, bool, str]:
        seq = ctx.triggered_id["seq"] if ctx.triggered_id else None
        if not isinstance(clicks, int) or not isinstance(seq, int):
            return no_update, no_update, no_update
        if clicks % 2 == 0:
            return None, True, "false"
        last = operations.entry_at(services.decisions.history, seq)
        if last is None:
            return _("There is no such entry."), False, "true"
        return evidence(operations.steps(services.decisions.history, last)), False, "true"


def _register_picture(app: dash.Dash, services: Services) -> None:
    @app.callback(
        Output(Ids.PICTURE, "children"),
        Output(Ids.ANSWER, "children"),
        Output(Ids.ADDRESS, "data"),
        Output(Ids.PICTURE_POLL, "n_intervals"),
        inputs={
            "sent": {name: Input(*place) for name, place in {**FILTERS, "at": (Ids.AT, "data")}.items()},
            "scheme": Input(shell.Ids.SCHEME, "data"),
            "_tick": Input(Ids.PICTURE_POLL, "n_intervals"),
        },
    )
    def draw(sent: Mapping[str, Any], scheme: Any, _tick: Any) -> tuple[Any, ...]:
        wanted, at = history_filter.chosen(sent, reader.get().zone)
        address = history_filter.search(wanted, at) if has_changed(*FILTER_IDS, Ids.AT) else no_update
        try:
            found = _reigning(services, wanted, at)
        except RunoffError:
            return view.failed_picture(), None, address, states.AGAIN
        shown = Scheme.of(scheme)
        answer = view.build_answer(found, wanted, shown)
        return view.build_picture(found, wanted, shown), answer, address, no_update


def _register_search(app: dash.Dash, services: Services) -> None:
    """Models and actors of the ledger; a dropdown offers a hundred, and those that what is typed finds."""

    @app.callback(Output(Ids.MODEL, "options"), Input(Ids.MODEL, "search_value"), State(Ids.MODEL, "value"))
    def offer_models(search: Any, value: Any) -> Any:
        return _offered(services.decisions.recorded_models, search, value)

    @app.callback(Output(Ids.ACTOR, "options"), Input(Ids.ACTOR, "search_value"), State(Ids.ACTOR, "value"))
    def offer_actors(search: Any, value: Any) -> Any:
        return _offered(services.decisions.recorded_actors, search, value)


def _offered(names: Callable[[], tuple[str, ...]], search: Any, value: Any) -> Any:
    try:
        known = names()
    except RunoffError:
        known = ()  # the table says so
    chosen = value if isinstance(value, str) and value else None
    return page.options(known, chosen, search=search if isinstance(search, str) else "")


def _view(services: Services, wanted: HistoryFilter, opened: int | None) -> view.View:
    history, zone = services.decisions.history, reader.get().zone
    try:
        under_way = [
            entry for entry in operations.open_operations(history, wanted.model) if wanted.holds(entry, zone)
        ]
        if opened is not None:
            under_way = [entry for entry in under_way if entry.seq == opened]
        ended = _ended(services, wanted, None if opened is None else opened + 1)
        listed = view.Listed(under_way=tuple(under_way), ended=ended)
        top = listed.entries[0] if listed.entries else None
        shown = None
        if top is not None and top.seq == opened:
            shown = evidence(operations.steps(history, top))
    except RunoffError as error:
        return view.failed_view(error)
    return view.build_view(listed, wanted, opened=opened, evidence=shown)


def _ended(services: Services, wanted: HistoryFilter, before: int | None) -> tuple[Entry, ...]:
    return services.decisions.history(
        **wanted.criteria(reader.get().zone),
        phases=tuple(operations.ENDED),
        before_seq=before,
        limit=page.OPERATIONS,
    )


def _reigning(services: Services, wanted: HistoryFilter, at: datetime | None) -> view.Reigning:
    """Reigns of the models that the filter leaves, whole lanes: a part of one would tell a lie."""
    reigns = services.decisions.reigns(wanted.model)
    since, until = wanted.since(reader.get().zone), wanted.until(reader.get().zone)
    kept = {
        reign.model
        for reign in reigns
        if wanted.actor in {None, reign.by}
        and (not wanted.kinds or reign.kind in wanted.kinds)
        and (until is None or reign.since <= until)
        and (since is None or reign.until is None or reign.until > since)
    }
    changes = services.decisions.history(model=wanted.model, kinds=(Kind.EXTERNAL,), limit=CHANGES)
    return view.Reigning(
        reigns=tuple(reign for reign in reigns if reign.model in kept),
        changes=changes,
        now=datetime.now(UTC),
        at=at,
    )


def _is_shown(shown: view.View, cursor: Any) -> bool:
    """Whether the page shows these operations already, and maybe older ones below."""
    return shown.cursor is not None and isinstance(cursor, dict) and cursor.get("key") == shown.cursor["key"]


def _cursor(sent: Any) -> tuple[int | None, int]:
    """Where older entries begin, and how many lines there are; (None, 0) for what no page sent."""
    kept = sent if isinstance(sent, dict) else {}
    before, shown = kept.get("before"), kept.get("shown")
    if not isinstance(before, int) or not isinstance(shown, int):
        return None, 0
    return before, shown
