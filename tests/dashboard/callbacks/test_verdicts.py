from pathlib import Path
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient

from core.errors import StoreUnreachable
from core.evidence.comparison import ScoringState, Status
from core.messages import message
from dashboard.callbacks.comparison_reading import ComparisonReader
from dashboard.factory import create_app
from tests.dashboard.comparing import MODEL, HandScorer, VersionStore, make_services, make_split, make_version

NOT_SCORED = ScoringState(status=Status.NOT_SCORED)


@pytest.fixture
def store() -> VersionStore:
    return VersionStore([make_version(n, stage="Production" if n == 2 else "None") for n in range(1, 5)])


@pytest.fixture
def scorer() -> HandScorer:
    return HandScorer(make_split())


@pytest.fixture
def client(store: VersionStore, scorer: HandScorer, tmp_path: Path) -> FlaskClient:
    client: FlaskClient = create_app(make_services(store, scorer, tmp_path)).server.test_client()
    return client


def at(kind: str, *parts: object) -> str:
    return "/".join([f"/models/{quote(MODEL, safe='')}", kind, *map(str, parts)])


def test_how_sure_a_choice_is_has_an_address(client: FlaskClient) -> None:
    answer = client.get(at("sure", "dark", "production", "1,3", 0.25))
    assert answer.status_code == 200
    body = answer.get_json()
    assert body["tail"] == "0.25"
    assert set(body["cards"]) == {"1", "3"}
    assert body["gates"] == at("gates", "1@0.25,3@0.25")
    assert client.get(at("sure", "dark", 1, "3", 0.25)).get_json()["gates"] == ""


def test_each_version_may_have_a_threshold_of_its_own(client: FlaskClient) -> None:
    body = client.get(at("sure", "dark", "production", "1,3", "recall", 0.8)).get_json()
    assert body["tail"] == "recall/0.8"
    points = dict(point.split("@") for point in body["gates"].rpartition("/")[2].split(","))
    assert set(points) == {"1", "3"}
    assert points["1"] != points["3"]
    assert client.get(at("sure", "dark", "production", "1,3", "recall", 2)).status_code == 400
    assert client.get(at("sure", "dark", "production", "1,3", "speed", 0.5)).status_code == 400


def test_asking_scores_nothing(client: FlaskClient, scorer: HandScorer) -> None:
    scorer.states[3] = NOT_SCORED
    assert set(client.get(at("sure", "light", "production", "1,3", 0.5)).get_json()["cards"]) == {"1"}
    assert scorer.asked == []


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (at("sure", "light", "production", "1", "nan"), 400),
        (at("sure", "light", "<b>", "1", "0.5"), 400),
        (at("sure", "light", "production", "99", "0.5"), 404),
        ("/models/nobody/sure/light/production/1/0.5", 404),
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
    answer = client.get(at("sure", "light", "production", "1", "0.5"))
    assert answer.status_code == 503
    assert answer.get_json()["problems"] == ["Nobody answers."]


def test_the_gates_of_all_candidates_come_together(client: FlaskClient) -> None:
    body = client.get(at("gates", "1@0.5,3@0.25")).get_json()
    assert set(body["gates"]) == {"1", "3"}
    assert client.get(at("gates", "x@0.5")).status_code == 400


def test_before_anything_is_scored_the_split_says_what_it_can_probably_show(
    store: VersionStore, scorer: HandScorer, tmp_path: Path
) -> None:
    scorer.states = dict.fromkeys(range(1, 5), NOT_SCORED)
    reader = ComparisonReader(make_services(store, scorer, tmp_path))
    sent = {
        "model": MODEL,
        "baseline": "production",
        "versions": None,
        "threshold": 0.5,
        "scheme": "light",
        "drawn": None,
    }
    view = reader.view(sent, is_look=False)
    assert view.detectable is not None
    assert view.detectable.startswith("143 rows: can probably only see differences in ROC AUC of ")
    assert [card["attributes"]["data-verdict"] for card in view.cards] == ["1", "3", "4"]
    scorer.states = {}
    assert reader.view(sent, is_look=False).detectable is None
