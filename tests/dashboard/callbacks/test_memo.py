from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient

from core.catalog.store import Version
from core.errors import StoreUnreachable
from core.messages import message
from dashboard.factory import create_app
from tests.dashboard.comparing import (
    MODEL,
    HandScorer,
    VersionStore,
    make_services,
    make_split,
    make_version,
)

PATH = f"/models/{quote(MODEL, safe='')}/memo"


@dataclass
class FileScorer(HandScorer):
    """A scorer that also knows the files of each version."""

    def known_digest(self, version: Version) -> str:
        return f"sha256:{version.number:064x}"


@pytest.fixture
def store() -> VersionStore:
    return VersionStore([make_version(n, stage="Production" if n == 2 else "None") for n in range(1, 5)])


@pytest.fixture
def client(store: VersionStore, tmp_path: Path) -> FlaskClient:
    services = make_services(store, FileScorer(make_split()), tmp_path)
    made: FlaskClient = create_app(services).server.test_client()
    return made


def test_a_memo_is_a_file_of_what_the_query_asks_for(client: FlaskClient) -> None:
    html = client.get(f"{PATH}.html?baseline=1&versions=3&threshold=0.25")
    markdown = client.get(f"{PATH}.md?baseline=1&versions=3&threshold=0.25")

    assert (html.status_code, html.mimetype) == (200, "text/html")
    assert (markdown.status_code, markdown.mimetype) == (200, "text/markdown")
    assert html.headers["Content-Disposition"] == 'attachment; filename="memo-credit-b-risk.html"'
    assert markdown.headers["Content-Disposition"] == 'attachment; filename="memo-credit-b-risk.md"'
    assert (
        f"    http://localhost/models/{quote(MODEL, safe='')}?baseline=1&versions=3&threshold=0.25"
        in markdown.text
    )
    assert "| v1 | baseline |" in markdown.text
    assert "| v3 | candidate |" in markdown.text
    assert "v2" not in markdown.text
    assert "<b>" not in html.text


def test_it_is_in_the_language_of_the_reader(client: FlaskClient) -> None:
    client.set_cookie("runoff-language", "ja")
    assert '<html lang="ja">' in client.get(f"{PATH}.html").text


def test_without_a_query_it_is_what_the_page_opens_with(client: FlaskClient) -> None:
    text = client.get(f"{PATH}.md").text
    assert "?baseline=2&versions=1,3,4&threshold=0.5" in text


@pytest.mark.parametrize(
    ("address", "status"),
    [
        (f"{PATH}.md?threshold=7", 400),
        (f"{PATH}.md?versions=99", 404),
        ("/models/nobody/memo.html", 404),
        (f"{PATH}.exe", 404),
    ],
)
def test_what_cannot_be_had_says_why(client: FlaskClient, address: str, status: int) -> None:
    answer = client.get(address)
    assert answer.status_code == status
    assert "Traceback" not in answer.text
    assert "Content-Disposition" not in answer.headers


def test_a_store_that_is_away_is_no_fault_of_runoff(client: FlaskClient, store: VersionStore) -> None:
    store.error = StoreUnreachable(message("{who} does not answer.", who="The store"))
    answer = client.get(f"{PATH}.html")
    assert (answer.status_code, answer.mimetype) == (503, "text/plain")
    assert answer.text == "The store does not answer.\n"


def test_it_is_guarded_like_everything_else(client: FlaskClient) -> None:
    assert client.get(f"{PATH}.html", headers={"Host": "elsewhere.example"}).status_code == 403
