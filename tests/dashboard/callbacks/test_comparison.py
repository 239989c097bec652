import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from dash import Dash
from flask.testing import FlaskClient

from core.catalog.store import Run
from core.errors import SplitError, SplitNotConfigured, StoreUnreachable
from core.evidence.comparison import ScoringState, Status
from core.messages import message
from core.services import Services
from dashboard.callbacks.comparison_reading import ComparisonReader
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

NOT_SCORED = ScoringState(status=Status.NOT_SCORED)


@pytest.fixture
def store() -> VersionStore:
    numbers = range(1, 5)
    return VersionStore([make_version(n, stage="Production" if n == 2 else "None") for n in numbers])


@pytest.fixture
def scorer() -> HandScorer:
    return HandScorer(make_split())


@pytest.fixture
def services(store: VersionStore, scorer: HandScorer, tmp_path: Path) -> Services:
    return make_services(store, scorer, tmp_path)


@pytest.fixture
def comparison_reader(services: Services) -> ComparisonReader:
    return ComparisonReader(services)


@pytest.fixture
def app(services: Services) -> Dash:
    return create_app(services)


@pytest.fixture
def client(app: Dash) -> FlaskClient:
    client: FlaskClient = app.server.test_client()
    return client


def sent(**changes: object) -> dict[str, object]:
    return {
        "model": MODEL,
        "baseline": "production",
        "versions": None,
        "threshold": 0.5,
        "scheme": "light",
        "drawn": None,
        "search": None,
        **changes,
    }


def test_opening_compares_production_with_the_newest_and_scores_what_is_not(
    comparison_reader: ComparisonReader, scorer: HandScorer
) -> None:
    scorer.states[4] = NOT_SCORED
    view = comparison_reader.view(sent(), is_look=False)
    assert view.picker is not None
    assert view.picker.versions == [1, 3, 4]
    assert scorer.asked == [("request", 4)]
    assert view.seconds is not None


def test_a_look_starts_nothing(comparison_reader: ComparisonReader, scorer: HandScorer) -> None:
    scorer.states[4] = NOT_SCORED
    comparison_reader.view(sent(), is_look=True)
    assert scorer.asked == []


def test_looks_and_letters_do_not_ask_the_store_again(
    comparison_reader: ComparisonReader, store: VersionStore
) -> None:
    comparison_reader.view(sent(), is_look=False)
    store.error = StoreUnreachable(message("Away."))
    assert comparison_reader.view(sent(), is_look=True).drawing is not None
    assert len(comparison_reader.picker(sent(search="3")).version_options) == 3
    assert comparison_reader.view(sent(), is_look=False).drawing is None


def test_a_search_offers_what_matches_and_what_is_chosen(comparison_reader: ComparisonReader) -> None:
    picker = comparison_reader.picker(sent(search="v4", versions=[1]))
    assert [option["value"] for option in picker.version_options] == [4, 1]


def test_runs_name_versions_that_nobody_described(
    comparison_reader: ComparisonReader, store: VersionStore
) -> None:
    store.kept[0] = make_version(1, run_id="r1")
    store.kept_runs = {"r1": Run(id="r1", name="brave-owl", experiment_id="0", status="FINISHED")}
    assert "brave-owl" in str(comparison_reader.picker(sent(versions=[1])).tokens)


def test_without_a_split_the_lines_name_model_and_columns(
    comparison_reader: ComparisonReader, services: Services
) -> None:
    assert isinstance(services.splits, OneSplit)
    services.splits.error = SplitNotConfigured(message("No split."))
    said = str(comparison_reader.view(sent(), is_look=False).state)
    assert json.dumps(MODEL, ensure_ascii=False) in said
    assert "Age" in said
    services.splits.error = SplitError(message("Bad."))
    assert "Age" not in str(comparison_reader.view(sent(), is_look=False).state)


@pytest.mark.parametrize("versions", [[99], "x", {"a": 1}, [None, -3, "DROP TABLE"]])
def test_versions_that_nobody_has_give_the_usual_ones(
    comparison_reader: ComparisonReader, versions: object
) -> None:
    view = comparison_reader.view(sent(versions=versions), is_look=False)
    assert view.drawing is not None


def test_actions_reach_the_scorer(comparison_reader: ComparisonReader, scorer: HandScorer) -> None:
    for action in ("again", "cancel", "score", "drop", None):
        comparison_reader.act(MODEL, 3, action)
    comparison_reader.act(MODEL, 99, "score")
    comparison_reader.act(MODEL, "3", "score")
    assert scorer.asked == [("again", 3), ("cancel", 3), ("request", 3)]


def at(baseline: object, versions: str, threshold: object) -> str:
    return f"/models/{quote(MODEL, safe='')}/at/{baseline}/{versions}/{threshold}"


def test_a_threshold_has_an_address(client: FlaskClient) -> None:
    answer = client.get(at("production", "1,3", 0.25))
    assert answer.status_code == 200
    body = answer.get_json()
    assert body["threshold"] == 0.25
    assert body["search"] == "?baseline=production&versions=1,3&threshold=0.25"
    assert set(body["points"]) == {"comparison-roc", "comparison-pr", "comparison-gain", "comparison-lift"}
    assert len(body["bars"]["y"]) == 3
    assert client.get(at(2, ",", 0.25)).get_json()["bars"]["y"] == body["bars"]["y"][:1]


def test_a_threshold_scores_nothing(client: FlaskClient, scorer: HandScorer) -> None:
    scorer.states[3] = NOT_SCORED
    assert len(client.get(at("production", "1,3", 0.5)).get_json()["bars"]["y"]) == 2
    assert scorer.asked == []


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (at("production", "1", "nan"), 400),
        (at("production", "1", "2"), 400),
        (at("<b>", "1", "0.5"), 400),
        (at("production", "99", "0.5"), 404),
        ("/models/nobody/at/production/1/0.5", 404),
    ],
)
def test_a_question_that_makes_no_sense_is_refused_in_words(
    client: FlaskClient, path: str, status: int
) -> None:
    answer = client.get(path)
    assert answer.status_code == status
    assert answer.get_json()["problems"]


def test_a_store_that_is_away_is_no_fault_of_the_question(client: FlaskClient, store: VersionStore) -> None:
    store.error = StoreUnreachable(message("Nobody answers."))
    answer = client.get(at("production", "1", "0.5"))
    assert (answer.status_code, answer.get_json()) == (503, {"problems": ["Nobody answers."]})


def test_an_address_follows_a_choice_that_a_look_has_overtaken(
    call: Callable[..., Any],
) -> None:
    page = {"comparison-model.data": MODEL, "comparison-baseline.value": "production"}
    opened = call("comparison-split.children", **page)["response"]
    drawn = {"comparison-drawn.data": opened["comparison-drawn"]["data"]}
    look = {"changed": ["comparison-poll.n_intervals"], **page, "comparison-versions.value": [1]}
    shown = call("comparison-split.children", **look, **drawn)["response"]

    assert "comparison-address" not in opened
    assert "versions=1" in shown["comparison-address"]["data"]
    drawn = {"comparison-drawn.data": shown["comparison-drawn"]["data"]}
    assert "comparison-address" not in call("comparison-split.children", **look, **drawn)["response"]


def press(client: FlaskClient, output: str, **button: object) -> object:
    """What the browser sends when a button of a pattern is pressed once."""
    name = json.dumps(button, sort_keys=True, separators=(",", ":"))
    body = {
        "output": output,
        "outputs": {"id": output.partition(".")[0], "property": output.partition(".")[2]},
        "inputs": [[{"id": button, "property": "n_clicks", "value": 1}]],
        "state": [
            {"id": "comparison-model", "property": "data", "value": MODEL},
            {"id": "comparison-baseline", "property": "value", "value": "production"},
            {"id": "comparison-versions", "property": "value", "value": [1]},
            {"id": "comparison-threshold", "property": "value", "value": 0.5},
            {"id": "comparison-mode", "property": "value", "value": "threshold"},
            {"id": "comparison-target-box", "property": "value", "value": None},
        ],
        "changedPropIds": [f"{name}.n_clicks"],
    }
    return client.post("/_dash-update-component", json=body).get_json()


def test_a_chart_is_downloaded_as_csv(client: FlaskClient) -> None:
    answer = press(client, "comparison-download.data", type="comparison-data", chart="roc")
    assert isinstance(answer, dict)
    file = answer["response"]["comparison-download"]["data"]
    assert file["filename"] == "roc.csv"
    assert file["content"].startswith(
        "version,false_positive_rate,true_positive_rate,threshold\n2,0.0,0.0,inf\n"
    )


def test_a_chart_that_is_none_downloads_nothing(client: FlaskClient) -> None:
    answer = press(client, "comparison-download.data", type="comparison-data", chart="passwd")
    assert isinstance(answer, dict)
    assert answer["response"] == {}
