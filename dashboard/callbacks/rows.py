"""Row by row: slices, the search for the worst of them, and rows whose decision changed."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

import dash
from dash import ClientsideFunction, Input, Output, State, ctx, no_update
from flask import Response

from core.errors import NotFound, RunoffError, SplitError, UsageError
from core.evidence.comparison import Comparison
from core.evidence.flips import Order, Which
from core.evidence.metrics import METRIC
from core.evidence.row_evidence import RowEvidence
from core.evidence.row_sentences import finding_sentence, flips_sentence, slices_sentence
from core.messages import message
from core.services import Services
from dashboard import shell
from dashboard.callbacks.comparison_reading import ComparisonReader
from dashboard.callbacks.paged_grid import NO_ROWS, answered, carry_rows
from dashboard.callbacks.triggers import has_changed
from dashboard.choice import Choice, chosen, read
from dashboard.components.rows_panel import Ids, about_search
from dashboard.marks import Mark, marks
from dashboard.messages import _
from dashboard.pages import rows_view as page
from dashboard.pages.comparison import Ids as Page
from dashboard.theme import Scheme

CSV_PATH: Final = "/models/<model>/rows/<baseline>/<versions>/<threshold>/<int:candidate>/<kind>/<what>.csv"
CSV_AIM_PATH: Final = CSV_PATH.replace("<threshold>", "<mode>/<target>")
_COMPUTING: Final = [(Output(Ids.SLICES, "className"), "computing", "")]


@dataclass(frozen=True, slots=True)
class _Rows:
    """Asks core for what the browser asks for."""

    reader: ComparisonReader
    evidence: RowEvidence
    services: Services

    def comparison(self, model: str, choice: Choice, asked: object) -> tuple[Comparison, int | None]:
        """The comparison, and the candidate that is asked for or the newest; None while none is scored."""
        comparison = self.reader.compare(model, choice)
        known = page.candidates(comparison)
        return comparison, asked if isinstance(asked, int) and asked in known else max(known, default=None)

    def pair(self, model: object, pair: object) -> tuple[Comparison, int] | None:
        """What PAIR holds, as values; None before it holds anything."""
        if not isinstance(pair, dict):
            return None
        aim = pair.get("mode"), pair.get("target")
        choice = chosen(pair.get("baseline"), pair.get("versions"), pair.get("threshold"), aim)
        comparison, candidate = self.comparison(str(model), choice, pair.get("candidate"))
        return None if candidate is None else (comparison, candidate)

    def mark(self, comparison: Comparison, candidate: int) -> Mark:
        numbers = [one.version.number for one in comparison.versions]
        _listed, listing = self.reader.listing(comparison.model, numbers)
        return marks(numbers, listing.production)[candidate]

    def slices(
        self, comparison: Comparison, candidate: int, metric: object, scheme: Scheme
    ) -> page.SlicesView:
        if not comparison.split.slices:
            return page.without_slices(comparison)
        if not page.is_paired(comparison, candidate):
            return page.slices_view(None, None, Mark(0), scheme)
        name = metric if isinstance(metric, str) and metric in METRIC else None
        try:
            sliced = self.evidence.slices(comparison, candidate, metric=name)
        except SplitError as error:
            return page.failed_slices(error)
        mark = self.mark(comparison, candidate)
        return page.slices_view(sliced, slices_sentence(sliced), mark, scheme)

    def choices(
        self, comparison: Comparison, choice: Choice, candidate: int, sent: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        """What both cards can show of a candidate; a choice that still makes sense is left alone."""
        return {
            "candidates": [{"label": f"v{one}", "value": one} for one in page.candidates(comparison)],
            "candidate": no_update if sent["candidate"] == candidate else candidate,
            "metric": no_update if sent["metric"] in METRIC else comparison.primary_metric,
            "kinds": page.which_options(comparison, candidate),
            "pair": page.pair(comparison, choice, candidate),
            "summary": self.summary(comparison, candidate),
            "columns": page.grid_columns(comparison, candidate),
        }

    def finding(self, comparison: Comparison, candidate: int, *, is_asked: bool) -> str:
        if not page.is_paired(comparison, candidate):
            return about_search()
        found = self.evidence.finding(comparison, candidate, is_new=is_asked)
        return about_search() if found is None else _(finding_sentence(found))

    def summary(self, comparison: Comparison, candidate: int) -> str:
        if not page.is_paired(comparison, candidate):
            return _("Choose a baseline and a candidate to see what changed.")
        alpha = self.services.settings.for_model(comparison.model).alpha
        return _(flips_sentence(self.evidence.flips(comparison, candidate), alpha))


def register(app: dash.Dash, services: Services, reader: ComparisonReader) -> None:
    """Wire the section."""
    rows = _Rows(reader, RowEvidence(services.comparisons), services)
    _register_choices(app, rows)
    _register_slices(app, rows)
    _register_table(app, rows)
    _answer_csv(app, rows)
    _register_clientside(app)


def _register_choices(app: dash.Dash, rows: _Rows) -> None:
    @app.callback(
        output={
            "candidates": Output(Ids.CANDIDATE, "options"),
            "candidate": Output(Ids.CANDIDATE, "value"),
            "metric": Output(Ids.METRIC, "value"),
            "kinds": Output(Ids.WHICH, "options"),
            "pair": Output(Ids.PAIR, "data"),
            "summary": Output(Ids.SUMMARY, "children"),
            "columns": Output(Ids.GRID, "columnDefs"),
        },
        inputs={"asked": Input(Ids.ASKED, "data"), "candidate": Input(Ids.CANDIDATE, "value")},
        state={
            "metric": State(Ids.METRIC, "value"),
            "model": State(Page.MODEL, "data"),
            "baseline": State(Page.BASELINE, "value"),
            "versions": State(Page.VERSIONS, "value"),
        },
        prevent_initial_call=True,
    )
    def choose(**sent: Any) -> Mapping[str, Any]:
        asked = sent["asked"] if isinstance(sent["asked"], dict) else {}
        aim = asked.get("mode"), asked.get("target")
        choice = chosen(sent["baseline"], sent["versions"], asked.get("threshold"), aim)
        comparison, candidate = rows.comparison(str(sent["model"]), choice, sent["candidate"])
        if candidate is None:
            return dict.fromkeys(ctx.outputs_grouping, no_update)
        return rows.choices(comparison, choice, candidate, sent)


def _register_slices(app: dash.Dash, rows: _Rows) -> None:
    @app.callback(
        Output(Ids.SLICES_GRAPH, "figure"),
        Output(Ids.SLICES_GRAPH, "style"),
        Output(Ids.SLICES_BOX, "hidden"),
        Output(Ids.SLICES_NOTE, "children"),
        Output(Ids.SLICES_STATE, "children"),
        Input(Ids.PAIR, "data"),
        Input(Ids.METRIC, "value"),
        Input(shell.Ids.SCHEME, "data"),
        State(Page.MODEL, "data"),
        prevent_initial_call=True,
        running=_COMPUTING,
    )
    def show(pair: Any, metric: Any, scheme: Any, model: Any) -> Any:
        known = rows.pair(model, pair)
        if known is None:
            return (no_update,) * 5
        view = rows.slices(*known, metric, Scheme.of(scheme))
        if view.figure is None:
            return no_update, no_update, True, "", view.state
        return view.figure, {"height": f"{view.height}px"}, False, view.note, None

    @app.callback(
        Output(Ids.FOUND, "children"),
        Input(Ids.FIND, "n_clicks"),
        Input(Ids.PAIR, "data"),
        State(Page.MODEL, "data"),
        prevent_initial_call=True,
        running=[(Output(Ids.FIND, "disabled"), True, False)],
    )
    def find(_clicks: Any, pair: Any, model: Any) -> Any:
        known = rows.pair(model, pair)
        return no_update if known is None else rows.finding(*known, is_asked=has_changed(Ids.FIND))


def _register_table(app: dash.Dash, rows: _Rows) -> None:
    @app.callback(
        Output(Ids.PAGE, "data"),
        Output(Ids.COUNT, "children"),
        Input(Ids.WANTED, "data"),
        State(Ids.PAIR, "data"),
        State(Ids.WHICH, "value"),
        State(Page.MODEL, "data"),
        prevent_initial_call=True,
    )
    def answer(wanted: Any, pair: Any, which: Any, model: Any) -> Any:
        if not isinstance(wanted, dict):
            return no_update, no_update
        known = rows.pair(model, pair)
        if known is None:
            return answered(wanted, NO_ROWS), ""
        comparison, candidate = known
        start, end, order = page.asked(wanted, comparison.split)
        found = rows.evidence.rows(comparison, candidate, page.kind(which), order, start=start, end=end)
        return answered(wanted, page.grid_rows(found, comparison.split, start=start)), page.count(found.rows)

    carry_rows(app, grid=Ids.GRID, asked=Ids.WANTED, rows=Ids.PAGE)


def _answer_csv(app: dash.Dash, rows: _Rows) -> None:
    """Slices and rows as files; the rows are sent as they are read, however many they are."""

    @app.server.get(CSV_PATH)
    @app.server.get(CSV_AIM_PATH)
    def csv(model: str, candidate: int, kind: str, what: str, **query: str) -> Any:
        try:
            choice, problems = read(query)
            comparison, known = rows.comparison(model, choice, candidate)
            if problems or known != candidate:
                return _("There are no such rows."), HTTPStatus.NOT_FOUND
            content = _content(rows, comparison, candidate, kind=kind, what=what)
        except NotFound as error:
            return _(error.title), HTTPStatus.NOT_FOUND
        except UsageError as error:
            return _(error.title), HTTPStatus.BAD_REQUEST
        except RunoffError as error:
            return _(error.title), HTTPStatus.SERVICE_UNAVAILABLE
        name = f"{kind}-v{candidate}-{what}.csv"
        disposition = f'attachment; filename="{name}"'
        return Response(content, mimetype="text/csv", headers={"Content-Disposition": disposition})


def _content(rows: _Rows, comparison: Comparison, candidate: int, *, kind: str, what: str) -> Any:
    if kind == "slices" and what in METRIC and page.is_paired(comparison, candidate):
        return page.slices_csv(rows.evidence.slices(comparison, candidate, metric=what))
    if kind == "rows" and what in list(Which):
        return rows.evidence.csv(comparison, candidate, Which(what), Order())
    raise UsageError(message("There are no such rows."))


def _register_clientside(app: dash.Dash) -> None:
    app.clientside_callback(
        ClientsideFunction("rows", "refresh"),
        Output(Ids.CSV, "href"),
        Output(Ids.SLICES_CSV, "href"),
        Input(Ids.PAIR, "data"),
        Input(Ids.WHICH, "value"),
        Input(Ids.METRIC, "value"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("rows", "open"),
        Output(Ids.CANDIDATE, "value", allow_duplicate=True),
        Output(Ids.WHICH, "value", allow_duplicate=True),
        Input(Ids.OPENED, "data"),
        State(Ids.PAIR, "data"),
        prevent_initial_call=True,
    )
