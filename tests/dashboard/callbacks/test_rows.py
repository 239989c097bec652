"""Files of slices and rows, and what of them cannot be had; the section itself is tried in the browser."""

import csv
from pathlib import Path
from urllib.parse import quote

import numpy as np
import pytest
from flask.testing import FlaskClient

from core.evidence.comparison import ScoringState, Status
from core.evidence.flips import Order as ByChange
from core.evidence.flips import Which, found
from core.evidence.paired import Thresholds
from dashboard.factory import create_app
from tests.dashboard.comparing import MODEL, HandScorer, VersionStore, make_services, make_version
from tests.dashboard.row_by_row import make_pair, make_row_scores, make_row_split

BASE = f"/models/{quote(MODEL, safe='')}/rows"
SPLIT = make_row_split()


@pytest.fixture
def scorer() -> HandScorer:
    scorer = HandScorer(SPLIT)
    scorer.made = {number: make_row_scores(SPLIT, number, hurts=number == 2) for number in range(1, 4)}
    return scorer


@pytest.fixture
def client(scorer: HandScorer, tmp_path: Path) -> FlaskClient:
    store = VersionStore([make_version(number) for number in range(1, 4)])
    client: FlaskClient = create_app(make_services(store, scorer, tmp_path)).server.test_client()
    return client


@pytest.mark.parametrize("which", ["flipped", "broken", "tp", "baseline_fn"])
def test_all_rows_of_a_kind_are_a_file(client: FlaskClient, which: str) -> None:
    answer = client.get(f"{BASE}/1/2,3/0.4/2/rows/{which}.csv")
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"] == f'attachment; filename="rows-v2-{which}.csv"'
    read = list(csv.DictReader(answer.text.splitlines()))
    expected = found(make_pair(SPLIT, hurts=True), Thresholds(0.4, 0.4), Which(which), ByChange())
    assert [line["Id"] for line in read] == [SPLIT.row_name(int(row)) for row in expected]


def test_versions_may_be_at_thresholds_of_their_own(client: FlaskClient, scorer: HandScorer) -> None:
    answer = client.get(f"{BASE}/1/2,3/recall/0.9/2/rows/fn.csv")
    positives = int(SPLIT.labels.sum())
    assert answer.status_code == 200
    assert len(answer.text.splitlines()) - 1 == positives - np.ceil(0.9 * positives)


def test_slices_are_a_file(client: FlaskClient) -> None:
    answer = client.get(f"{BASE}/1/2,3/0.4/2/slices/brier.csv")
    read = list(csv.DictReader(answer.text.splitlines()))
    assert len(read) == 11
    assert {line["level"] for line in read} == {str(1 - 0.05 / (11 * 2))}


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("1/2,3/0.4/7/rows/tp.csv", 404),
        ("1/2,3/0.4/1/rows/tp.csv", 404),  # the baseline is no candidate
        ("1/2,3/4/2/rows/tp.csv", 404),
        ("1/2,3/0.4/2/rows/other.csv", 400),
        ("1/2,3/0.4/2/slices/other.csv", 400),
        ("1/2,3/0.4/2/other/tp.csv", 400),
        ("9/2,3/0.4/2/rows/tp.csv", 404),
    ],
)
def test_what_is_not_there_is_refused_in_a_sentence(client: FlaskClient, path: str, status: int) -> None:
    answer = client.get(f"{BASE}/{path}")
    assert answer.status_code == status
    assert answer.text.endswith(".")
    assert "Traceback" not in answer.text


def test_a_version_that_is_not_scored_has_no_rows(client: FlaskClient, scorer: HandScorer) -> None:
    scorer.states[2] = ScoringState(status=Status.FAILED)
    assert client.get(f"{BASE}/1/2,3/0.4/2/rows/tp.csv").status_code == 404


def test_where_no_baseline_is_scored_cells_can_still_be_had(client: FlaskClient, scorer: HandScorer) -> None:
    scorer.states[1] = ScoringState(status=Status.FAILED)
    answer = client.get(f"{BASE}/1/2,3/0.4/2/rows/tp.csv")
    values = scorer.made[2].values >= 0.4
    assert len(answer.text.splitlines()) - 1 == (SPLIT.labels & values).sum()
    assert client.get(f"{BASE}/1/2,3/0.4/2/slices/brier.csv").status_code == 400
