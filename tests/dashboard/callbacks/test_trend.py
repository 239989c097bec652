"""The card "Metric over versions": read once it is in sight."""

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from dash import Dash

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
    make_scores,
    make_services,
    make_split,
    make_version,
)

OUTPUT = "trend-graph.figure"
SENT: dict[str, Any] = {
    "trend-seen.data": True,
    "comparison-baseline.value": "production",
    "comparison-versions.value": [1, 3],
    "comparison-model.data": MODEL,
    "comparison-threshold.value": 0.5,
}


@pytest.fixture
def scorer() -> HandScorer:
    return HandScorer(make_split())


@pytest.fixture
def services(scorer: HandScorer, tmp_path: Path) -> Services:
    kept = [make_version(number) for number in range(1, 31)]
    kept[1] = make_version(2, stage="Production")
    return make_services(VersionStore(kept), scorer, tmp_path)


@pytest.fixture
def app(services: Services) -> Dash:
    return create_app(services)


def send(call: Callable[..., Any], output: str = OUTPUT, changed: str = "", **values: Any) -> Any:
    given = {name.replace(".", "__"): value for name, value in {**SENT, **values}.items()}
    return call(output, changed=[changed] if changed else [], **given)["response"]


def whole(call: Callable[..., Any], **values: Any) -> Any:
    """What the page shows once it has asked often enough."""
    shown = send(call, **values)
    for _ in range(20):
        if "trend-poll" not in shown:
            return shown
        shown = send(call, changed="trend-poll.n_intervals", **values)
    raise AssertionError(shown)


def drawn(shown: Any) -> dict[str, Any]:
    return {trace["name"]: trace for trace in shown["trend-graph"]["figure"]["data"]}


def test_nothing_is_read_before_the_card_is_in_sight(call: Callable[..., Any]) -> None:
    for missing in ("trend-seen.data", "comparison-versions.value"):
        values: dict[str, Any] = {missing: None}
        assert send(call, **values) == {}


def test_every_scored_version_by_the_deciding_metric(call: Callable[..., Any], scorer: HandScorer) -> None:
    scorer.states[7] = ScoringState(status=Status.NOT_SCORED)
    shown = whole(call)
    assert drawn(shown)["scored"]["x"] == [number for number in range(1, 31) if number != 7]
    assert drawn(shown)["not scored"]["x"] == [7]
    assert shown["trend-metric"]["value"] == "roc_auc"
    assert shown["trend-metric"]["options"][0]["value"] == "roc_auc"
    assert shown["trend-said"]["children"] == "29 versions are scored of 30"
    assert shown["trend-score"]["children"] == "Score 1 version"


def test_a_threshold_counts_for_metrics_that_need_one(call: Callable[..., Any]) -> None:
    at = {
        threshold: drawn(whole(call, **{"trend-metric.value": "recall", "trend-threshold.data": threshold}))
        for threshold in (0.2, 0.8)
    }
    assert at[0.2]["scored"]["y"] > at[0.8]["scored"]["y"]
    shown = whole(call, **{"trend-metric.value": "recall", "comparison-threshold.value": 0.25})
    assert shown["trend-said"]["children"].endswith("threshold 0.25")
    assert "trend-metric" not in shown  # the reader's choice is left alone
    same = {
        threshold: drawn(whole(call, **{"trend-metric.value": "brier", "trend-threshold.data": threshold}))
        for threshold in (0.2, 0.8)
    }
    assert same[0.2] == same[0.8]


def test_one_press_scores_the_newest_ten(call: Callable[..., Any], scorer: HandScorer, app: Dash) -> None:
    scorer.states = {number: ScoringState(status=Status.NOT_SCORED) for number in range(1, 26)}
    assert whole(call)["trend-score"]["children"] == "Score the newest 10 of 25"
    poll = next(key for key in app.callback_map if key.startswith("trend-poll.n_intervals@"))
    send(call, poll, "trend-score.n_clicks", **{"trend-score.n_clicks": 1})
    assert scorer.asked == [("request", number) for number in range(25, 15, -1)]
    shown = send(call)
    assert shown["trend-score"]["hidden"] is True
    assert shown["trend-poll"]["n_intervals"] == 0  # asked again, until they are scored
    scorer.states = {}
    assert whole(call)["trend-said"]["children"] == "30 versions are scored of 30"


def test_the_store_or_the_split_may_be_away(call: Callable[..., Any], services: Services) -> None:
    assert isinstance(services.splits, OneSplit)
    services.splits.error = SplitNotConfigured(message("No test split is configured."))
    assert send(call)["trend-said"]["children"] == "No test split is configured."
    store: Any = services.store
    store.error = StoreUnreachable(message("Nobody answers."))
    assert send(call, changed="comparison-drawn.data")["trend-said"]["children"] in {
        "Nobody answers.",
        "No test split is configured.",
    }


@pytest.mark.parametrize("junk", ["nonsense", 3, [], {}])
def test_any_metric_or_threshold_from_the_browser_is_coped_with(call: Callable[..., Any], junk: Any) -> None:
    assert drawn(whole(call, **{"trend-metric.value": junk, "trend-threshold.data": junk}))


def test_the_numbers_as_csv(call: Callable[..., Any], scorer: HandScorer) -> None:
    whole(call, **{"trend-metric.value": "brier"})
    answer = send(
        call,
        "trend-download.data",
        "trend-csv.n_clicks",
        **{"trend-csv.n_clicks": 1, "trend-metric.value": "brier"},
    )
    rows = list(csv.DictReader(io.StringIO(answer["trend-download"]["data"]["content"])))
    truth, scores = scorer.split.labels, make_scores(scorer.split, 4).values
    assert len(rows) == 30
    assert float(rows[3]["value"]) == pytest.approx(float(((scores - truth) ** 2).mean()), abs=1e-12)
