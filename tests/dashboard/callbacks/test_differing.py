"""The card "What differs": read when versions are chosen, timed when somebody asks."""

import csv
import io
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from dash import Dash

from core.catalog.mlmodel import ModelCard
from core.catalog.store import Run, Version
from core.errors import SplitNotConfigured, StoreUnreachable
from core.evidence.comparison import ScoringState, Status
from core.messages import message
from core.services import Services
from dashboard.factory import create_app
from tests.dashboard.comparing import (
    MODEL,
    HandScorer,
    OneSplit,
    VersionStore,
    make_services,
    make_split,
    make_version,
)

OUTPUT = "differing-data.data"
CHOSEN = {
    "comparison-baseline.value": "production",
    "comparison-versions.value": [1, 3],
    "comparison-model.data": MODEL,
}


@dataclass
class Shelf(VersionStore):
    """A store that counts how often a card is read; one of its own may be away."""

    cards: list[int] = field(default_factory=list)
    silent: int = 0

    def card(self, version: Version) -> ModelCard:
        self.cards.append(version.number)
        if version.number == self.silent:
            raise StoreUnreachable(message("Nobody answers."))
        return super().card(version)


@pytest.fixture
def store() -> Shelf:
    kept = [
        make_version(1, run_id="a"),
        make_version(2, run_id="b", stage="Production"),
        make_version(3, run_id="c", tags={"=cmd()": "=1+1"}),
    ]
    runs = {
        name: Run(id=name, name=name, experiment_id="1", status="FINISHED", params={"depth": depth, "x": "1"})
        for name, depth in {"a": "3", "b": "3.0", "c": "4"}.items()
    }
    return Shelf(kept, runs)


@pytest.fixture
def services(store: Shelf, tmp_path: Path) -> Services:
    return make_services(store, HandScorer(make_split()), tmp_path)


@pytest.fixture
def app(services: Services) -> Dash:
    return create_app(services)


def show(call: Callable[..., Any], changed: str = "", **values: Any) -> Any:
    given = {name.replace(".", "__"): value for name, value in {**CHOSEN, **values}.items()}
    return call(OUTPUT, changed=[changed] if changed else [], **given)["response"]


def texts(part: Any) -> str:
    return part if isinstance(part, str) else "|".join(texts(child) for child in part["children"])


def press(call: Callable[..., Any], button: str, output: str) -> Any:
    given = {name.replace(".", "__"): value for name, value in CHOSEN.items()}
    return call(output, changed=[f"{button}.n_clicks"], **{f"{button}__n_clicks": 1}, **given)["response"]


def wait_for_times() -> None:
    for thread in threading.enumerate():
        if thread.name == "runoff-latency":
            thread.join(20)


def test_the_versions_stand_side_by_side_the_baseline_first(call: Callable[..., Any]) -> None:
    shown = show(call)
    said = texts(shown["differing-data"]["data"])
    assert said.index("v2") < said.index("v1") < said.index("v3")
    assert "depth|3.0|3|4" in said
    assert shown["differing"]["hidden"] is False
    assert shown["differing-same"]["children"].startswith("Show ")
    assert shown["differing-measure"]["children"] == "Measure the time for 1,000 rows"


def test_nothing_is_measured_before_somebody_asks(
    call: Callable[..., Any], services: Services, app: Dash
) -> None:
    show(call)
    assert not (services.settings.data_dir / "latencies").exists()
    poll = next(key for key in app.callback_map if key.startswith("differing-poll.n_intervals@"))
    press(call, "differing-measure", poll)
    wait_for_times()
    shown = show(call, changed="differing-poll.n_intervals")
    said = texts(shown["differing-data"]["data"])
    assert "time for 1,000 rows|2.00 ms|1.00 ms|3.00 ms" in said
    assert "median of" in shown["differing-times"]["children"]
    assert shown["differing-measure"]["hidden"] is True


def test_a_look_asks_the_store_nothing(call: Callable[..., Any], store: Shelf) -> None:
    shown = show(call)["differing-data"]["data"]
    asked = len(store.cards)
    again = show(call, changed="differing-poll.n_intervals", **{"differing-data.data": shown})
    assert len(store.cards) == asked
    assert "differing-data" not in again  # the very same is not sent twice
    show(call, changed="comparison-versions.value")
    assert len(store.cards) > asked


def test_what_cannot_be_read_costs_that_line(call: Callable[..., Any], store: Shelf) -> None:
    store.silent = 3
    said = texts(show(call)["differing-data"]["data"])
    assert "v3: Nobody answers." in said
    assert "depth|3.0|3|4" in said


def test_a_store_that_is_down_is_said(call: Callable[..., Any], store: Shelf) -> None:
    store.error = StoreUnreachable(message("Nobody answers."))
    assert "Nobody answers." in texts(show(call)["differing-data"]["data"])


def test_versions_that_do_not_score_are_not_timed(call: Callable[..., Any], services: Services) -> None:
    scorer: Any = services.scorer
    scorer.states.update({number: ScoringState(status=Status.FAILED) for number in (1, 2, 3)})
    assert show(call)["differing-measure"]["hidden"] is True


def test_without_a_split_the_rest_is_shown(call: Callable[..., Any], services: Services) -> None:
    assert isinstance(services.splits, OneSplit)
    services.splits.error = SplitNotConfigured(message("No test split is configured."))
    shown = show(call)
    assert "depth|3.0|3|4" in texts(shown["differing-data"]["data"])
    assert shown["differing-measure"]["hidden"] is True


def test_before_versions_are_chosen_nothing_is_shown(call: Callable[..., Any]) -> None:
    unchosen: dict[str, Any] = {"comparison-versions.value": None}
    assert show(call, **unchosen) == {}


@pytest.mark.parametrize("junk", [[], [99], ["x", 3], [{}]])
def test_any_selection_from_the_browser_is_coped_with(call: Callable[..., Any], junk: Any) -> None:
    assert "differing-data" in show(call, **{"comparison-versions.value": junk})


def test_all_lines_as_csv_with_nothing_that_a_spreadsheet_would_run(call: Callable[..., Any]) -> None:
    sent = press(call, "differing-csv", "differing-download.data")["differing-download"]["data"]
    rows = list(csv.DictReader(io.StringIO(sent["content"])))
    depth = [(row["version"], row["value"], row["identical"]) for row in rows if row["key"] == "depth"]
    assert depth == [("2", "3.0", "false"), ("1", "3", "false"), ("3", "4", "false")]
    assert [row["identical"] for row in rows if row["key"] == "x"] == ["true"] * 3
    assert not any(value.startswith("=") for row in rows for value in row.values())
