from pathlib import Path

import pytest
from flask.testing import FlaskClient

from core.catalog.runs.artifacts import MOST_IMAGE, MOST_TEXT
from core.errors import StoreUnreachable
from core.messages import message
from dashboard.factory import create_app
from tests.core.catalog.logged_runs import FILES, PNG
from tests.dashboard.run_store import RunStore, ScriptedRegistering, run_services


@pytest.fixture
def store() -> RunStore:
    return RunStore(files=dict(FILES))


@pytest.fixture
def client(store: RunStore, tmp_path: Path) -> FlaskClient:
    made: FlaskClient = create_app(run_services(store, tmp_path, ScriptedRegistering())).server.test_client()
    return made


def test_a_folder_is_listed(client: FlaskClient) -> None:
    answer = client.get("/runs/r1/artifacts?path=reports").json
    assert answer is not None
    assert [(entry["name"], entry["folder"]) for entry in answer["entries"]] == [
        ("deep", True),
        ("drawing.svg", False),
        ("fake.png", False),
        ("plot.png", False),
    ]
    assert answer["cut"] is False


def test_a_page_is_a_text_in_json_and_nothing_else(client: FlaskClient) -> None:
    answer = client.get("/runs/r1/artifact?path=reports/deep/page.html")
    assert answer.mimetype == "application/json"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.json == {"form": "text", "text": "<script>alert(1)</script>", "note": "25 bytes"}
    picture = client.get("/runs/r1/picture?path=reports/deep/page.html")
    assert (picture.status_code, picture.mimetype) == (415, "text/plain")
    assert "script" not in picture.text


def test_a_picture_is_a_picture_in_which_nothing_runs(client: FlaskClient) -> None:
    answer = client.get("/runs/r1/picture?path=reports/plot.png")
    assert (answer.status_code, answer.mimetype, answer.data) == (200, "image/png", PNG)
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'")
    assert "script-src" not in policy
    assert policy.endswith("; sandbox")
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_drawing_that_somebody_opens_is_a_file(client: FlaskClient) -> None:
    answer = client.get("/runs/r1/picture?path=reports/drawing.svg")
    assert answer.mimetype == "image/svg+xml"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["Content-Security-Policy"].endswith("; sandbox")


def test_what_cannot_be_shown_says_why(client: FlaskClient, store: RunStore) -> None:
    store.files |= {"big.png": PNG + b"\0" * MOST_IMAGE, "long.txt": b"a" * (MOST_TEXT + 1)}
    assert "neither text nor a picture" in client.get("/runs/r1/picture?path=reports/fake.png").text
    assert "too large" in client.get("/runs/r1/picture?path=big.png").text
    binary = client.get("/runs/r1/artifact?path=data.bin").json
    assert binary is not None
    assert (binary["form"], binary["text"]) == ("binary", "")
    long = client.get("/runs/r1/artifact?path=long.txt").json
    assert long is not None
    assert len(long["text"]) == MOST_TEXT
    assert long["note"] == "The beginning of the file (201 kB in all)."


@pytest.mark.parametrize("what", ["artifacts", "artifact", "picture"])
@pytest.mark.parametrize(
    "path", ["../x", "/etc/passwd", "a/../../b.png", "%2e%2e/x.png", "C:/x.png", "a\\b.png"]
)
def test_no_path_leads_out_of_the_run(client: FlaskClient, store: RunStore, what: str, path: str) -> None:
    store.far = AssertionError("it was asked for")  # type: ignore[assignment]  # nobody may get as far
    answer = client.get(f"/runs/r1/{what}?path={path}")
    if what == "artifact" and path.endswith(".png"):
        assert answer.json == {"form": "image"}  # by its name; the picture itself is refused
        return
    assert answer.status_code == 404


def test_what_is_not_there_and_what_is_away_are_told_apart(client: FlaskClient, store: RunStore) -> None:
    assert client.get("/runs/r1/artifact?path=nope.txt").status_code == 404
    store.far = StoreUnreachable(message("Nobody answers."), message("Start it."))
    for what in ("artifacts", "artifact", "picture"):
        answer = client.get(f"/runs/r1/{what}?path=x")
        assert (answer.status_code, answer.mimetype, answer.text) == (
            503,
            "text/plain",
            "Nobody answers. Start it.\n",
        )


def test_the_page_of_another_web_site_reads_nothing(client: FlaskClient) -> None:
    for what in ("artifacts", "artifact", "picture"):
        answer = client.get(f"/runs/r1/{what}?path=empty.txt", headers={"Host": "elsewhere.example"})
        assert answer.status_code == 403
