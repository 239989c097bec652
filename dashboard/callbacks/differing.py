"""What differs between the compared versions: read when they are chosen, timed when somebody asks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import dash
from dash import ClientsideFunction, Input, Output, State, ctx, dcc, no_update

from core.catalog.store import Version
from core.errors import RunoffError, SplitError
from core.evidence.comparison import Status
from core.evidence.differing import differences
from core.evidence.differing_lines import Section
from core.evidence.latency import Latency, Measurement
from core.evidence.split import Split
from core.evidence.version_facts import VersionFacts, read_facts
from core.services import Services
from dashboard import shell
from dashboard.callbacks.comparison_reading import ComparisonReader
from dashboard.callbacks.picked_versions import Picked, picked
from dashboard.callbacks.triggers import only_changed
from dashboard.components import states
from dashboard.components.differing_card import Ids, View, build_view, failed_view, rows
from dashboard.components.promotion_ids import Ids as Promotion
from dashboard.pages.comparison import Ids as Page
from dashboard.recent import Recent
from dashboard.theme import Scheme

_MINUTE = 60.0


@dataclass(frozen=True, slots=True)
class _Differing:
    """Reads what the card shows; for a minute, a look at how far the timing is asks the store nothing."""

    services: Services
    reader: ComparisonReader
    recent: Recent[str, tuple[VersionFacts, ...]] = field(
        default_factory=lambda: Recent(seconds=_MINUTE, most=16)
    )

    def view(self, sent: Mapping[str, Any], *, is_look: bool) -> View:
        try:
            chosen = self.picked(sent)
            measured = self.measured(str(sent["model"]), chosen.versions)
            times = measured.latencies if measured is not None else {}
            found = self.sections(chosen, times, is_look=is_look)
        except RunoffError as error:
            return failed_view(error)
        scheme = Scheme.of(sent["scheme"])
        return build_view(found, chosen.look, scheme=scheme, baseline=chosen.baseline, measured=measured)

    def picked(self, sent: Mapping[str, Any]) -> Picked:
        return picked(self.reader, sent)

    def sections(self, chosen: Picked, times: Mapping[int, Latency], *, is_look: bool) -> tuple[Section, ...]:
        key = repr(chosen.versions)
        kept = self.recent.get(key) if is_look else None
        if kept is None:
            scorer = self.services.scorer
            digests = {version.number: scorer.known_digest(version) for version in chosen.versions}
            kept = read_facts(self.services.store, chosen.versions, digests=digests, latencies={})
            self.recent.put(key, kept)
        facts = [one.timed(times.get(one.version.number)) for one in kept]
        return differences(facts, has_baseline=chosen.baseline is not None)

    def measured(self, model: str, versions: Sequence[Version]) -> Measurement | None:
        """What is known of the versions that score; None where none does."""
        split, able = self._able(model, versions)
        return None if split is None or not able else self.services.latencies.state(able, split)

    def measure(self, model: str, versions: Sequence[Version]) -> None:
        split, able = self._able(model, versions)
        if split is not None and able:
            self.services.latencies.request(able, split)

    def _able(self, model: str, versions: Sequence[Version]) -> tuple[Split | None, Sequence[Version]]:
        """The split, and the versions that give scores on it: whatever fails to would fail here, too."""
        try:
            split = self.services.splits.load(model)
        except SplitError:
            return None, ()
        scorer = self.services.scorer
        return split, [one for one in versions if scorer.state(one, split).status is Status.SCORED]


def register(app: dash.Dash, services: Services, reader: ComparisonReader) -> None:
    """Wire the card."""
    differing = _Differing(services, reader)
    choice = {
        "model": State(Page.MODEL, "data"),
        "scheme": State(shell.Ids.SCHEME, "data"),
        "baseline": State(Page.BASELINE, "value"),
        "versions": State(Page.VERSIONS, "value"),
    }
    _register_view(app, differing)
    _register_measure(app, differing, choice)
    _register_download(app, differing, choice)
    app.clientside_callback(ClientsideFunction("differing", "show"), Input(Ids.DATA, "data"))


def _register_view(app: dash.Dash, differing: _Differing) -> None:
    @app.callback(
        output={
            "hidden": Output(Ids.CARD, "hidden"),
            "data": Output(Ids.DATA, "data"),
            "same": Output(Ids.SAME, "children"),
            "same_hidden": Output(Ids.SAME, "hidden"),
            "measure": Output(Ids.MEASURE, "children"),
            "measure_hidden": Output(Ids.MEASURE, "hidden"),
            "measure_disabled": Output(Ids.MEASURE, "disabled"),
            "times": Output(Ids.TIMES, "children"),
            "poll": Output(Ids.POLL, "n_intervals"),
        },
        inputs={
            "baseline": Input(Page.BASELINE, "value"),
            "versions": Input(Page.VERSIONS, "value"),
            "scheme": Input(shell.Ids.SCHEME, "data"),
            "drawn": Input(Page.DRAWN, "data"),  # a version has been scored meanwhile: it can be timed
            "tick": Input(Ids.POLL, "n_intervals"),
            "moved": Input(Promotion.CHANGED, "data"),
        },
        state={"model": State(Page.MODEL, "data"), "shown": State(Ids.DATA, "data")},
    )
    def show(**sent: Any) -> Mapping[str, Any]:
        if not isinstance(sent["versions"], list):  # the page is about to choose
            return dict.fromkeys(ctx.outputs_grouping, no_update)
        view = differing.view(sent, is_look=only_changed(Ids.POLL, Page.DRAWN))
        return {
            "hidden": False,
            "data": no_update if view.table == sent["shown"] else view.table,
            "same": view.same,
            "same_hidden": not view.same,
            "measure": view.measure,
            "measure_hidden": not view.measure,
            "measure_disabled": view.is_busy,
            "times": view.times,
            "poll": states.AGAIN if view.is_busy else no_update,
        }


def _register_measure(app: dash.Dash, differing: _Differing, choice: Mapping[str, State]) -> None:
    @app.callback(
        output=Output(Ids.POLL, "n_intervals", allow_duplicate=True),
        inputs={"clicks": Input(Ids.MEASURE, "n_clicks")},
        state=dict(choice),  # Dash adds the inputs to it
        prevent_initial_call=True,
    )
    def measure(**sent: Any) -> int:
        differing.measure(str(sent["model"]), differing.picked(sent).versions)
        return states.AGAIN


def _register_download(app: dash.Dash, differing: _Differing, choice: Mapping[str, State]) -> None:
    @app.callback(
        output=Output(Ids.DOWNLOAD, "data"),
        inputs={"clicks": Input(Ids.CSV, "n_clicks")},
        state=dict(choice),  # Dash adds the inputs to it
        prevent_initial_call=True,
    )
    def download(**sent: Any) -> Any:
        chosen = differing.picked(sent)
        measured = differing.measured(str(sent["model"]), chosen.versions)
        found = differing.sections(chosen, measured.latencies if measured else {}, is_look=True)
        text = rows(found, [version.number for version in chosen.versions])
        return dcc.send_string(text, "differences.csv", type="text/csv")
