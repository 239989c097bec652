import logging
import re
from http import HTTPStatus
from pathlib import Path
from urllib.parse import quote

import pytest
from dash import Dash, dcc, html

from core.errors import EvidenceError, LedgerError, StoreUnreachable
from core.messages import message
from dashboard import factory
from dashboard.factory import PAGES, create_app
from dashboard.pages import Address
from tests.dashboard.memory import MemoryStore, ScriptedScorer, services_over
from tests.dashboard.remembered import MemoryDecisions

DOWN = StoreUnreachable(message("Nobody answers."), message("Start it."))


def test_a_page_is_named_before_any_script_runs(app: Dash) -> None:
    client = app.server.test_client()

    assert "<title>Runs · Runoff</title>" in client.get("/runs").text
    assert "<title>実行 · Runoff</title>" in client.get("/runs", headers={"Accept-Language": "ja"}).text


def test_a_name_in_the_title_is_no_markup(app: Dash) -> None:
    answer = app.server.test_client().get("/models/" + quote("<script>alert(1)", safe=""))

    assert answer.status_code == HTTPStatus.OK
    assert "<script>alert(1)" not in answer.text


@pytest.mark.parametrize("name", ["titanic", "line\nbreak", "a?b#c", "日本語", "x" * 2000, "100%", "\x7f"])
def test_a_model_of_any_name_has_a_page(app: Dash, name: str) -> None:
    assert app.server.test_client().get("/models/" + quote(name, safe="")).status_code == HTTPStatus.OK


@pytest.mark.parametrize("path", ["/nope", "/models/a/b", "/_nope", "/runs/1/2", "/models/a%0A/b"])
def test_an_unknown_address_is_not_found(app: Dash, path: str) -> None:
    assert app.server.test_client().get(path).status_code == HTTPStatus.NOT_FOUND


def test_a_file_that_is_not_there_is_not_answered_with_a_page(app: Dash) -> None:
    answer = app.server.test_client().get("/assets/nope.js")

    assert answer.status_code == HTTPStatus.NOT_FOUND
    assert "<html" not in answer.text


def test_nothing_is_asked_of_the_store_before_a_page_is_opened(tmp_path: Path) -> None:
    store = MemoryStore(error=DOWN)
    client = create_app(services_over(store, tmp_path)).server.test_client()

    assert client.get("/").status_code == HTTPStatus.OK
    assert client.get("/_dash-layout").status_code == HTTPStatus.OK
    assert client.get("/_dash-dependencies").status_code == HTTPStatus.OK
    assert client.get("/healthz").json == {"status": "alive"}
    assert store.reads == []


@pytest.mark.parametrize("wired", PAGES, ids=lambda wired: wired.page.PATH)
def test_every_layout_touches_no_store_and_has_one_heading(wired: factory.Wired) -> None:
    layout = wired.page.layout(Address(path="/", names={"name": "a model"}, query={}))

    assert sum(isinstance(item, html.H1) for item in layout._traverse()) == 1


@pytest.mark.parametrize("wired", PAGES, ids=lambda wired: wired.page.PATH)
@pytest.mark.parametrize("value", ["", "x", "-1", "nan", "<b>", "1,2,,x", "9" * 400])
def test_every_layout_copes_with_any_query(wired: factory.Wired, value: str) -> None:
    keys = ("baseline", "versions", "threshold", "experiment", "filter", "runs", "search")

    wired.page.layout(Address(path="/", names={"name": value}, query=dict.fromkeys(keys, value)))


@pytest.mark.parametrize("wired", PAGES, ids=lambda wired: wired.page.PATH)
def test_no_graph_can_upload_its_data(wired: factory.Wired) -> None:
    layout = wired.page.layout(Address(path="/", names={"name": "a"}, query={}))

    for item in layout._traverse():
        if isinstance(item, dcc.Graph):
            assert item.config["showSendToCloud"] is False
            assert item.config["displaylogo"] is False


def test_only_one_file_makes_graphs() -> None:
    root = Path(factory.__file__).parent
    makers = [
        path for path in root.rglob("*.py") if re.search(r"dcc\.Graph\(|\.to_html\(", path.read_text("utf-8"))
    ]

    assert [path.name for path in makers] == ["graph.py"]


def test_only_one_file_reads_the_request() -> None:
    root = Path(factory.__file__).parent
    readers = [
        path
        for path in root.rglob("*.py")
        if re.search(r"flask\.request\.|import request\b.*flask", path.read_text("utf-8"))
    ]

    assert [path.name for path in readers] == ["request.py"]


def test_scripts_come_from_this_host_and_inline_ones_by_hash(app: Dash) -> None:
    answer = app.server.test_client().get("/")
    policy = dict(part.split(" ", 1) for part in answer.headers["Content-Security-Policy"].split("; "))

    assert policy["default-src"] == "'self'"
    assert "unsafe" not in policy["script-src"]
    assert "http" not in answer.headers["Content-Security-Policy"]
    assert re.findall(r'(?:src|href)="(?!/)[^"]*"', answer.text) == []


def test_pages_are_compressed_and_never_cached(app: Dash) -> None:
    answer = app.server.test_client().get("/_dash-dependencies", headers={"Accept-Encoding": "gzip"})

    assert answer.headers["Content-Encoding"] == "gzip"
    assert answer.headers["Cache-Control"] == "no-store"
    assert {"Accept-Language", "Cookie"} <= set(answer.vary)


def test_the_layout_cannot_be_read_by_an_agent(
    app: Dash, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DASH_MCP_ENABLED", "true")
    client = create_app(services_over(MemoryStore(), tmp_path)).server.test_client()

    assert client.post("/_mcp", json={}).status_code in {HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED}


def test_two_apps_in_one_process_keep_to_their_stores(tmp_path: Path) -> None:
    first, second = (
        create_app(services_over(MemoryStore(address=name), tmp_path)) for name in ("one", "two")
    )

    assert '"one"' in first.server.test_client().get("/_dash-layout").text
    assert '"two"' in second.server.test_client().get("/_dash-layout").text


def test_ready_says_why_not(app: Dash, store: MemoryStore) -> None:
    store.error = DOWN
    answer = app.server.test_client().get("/readyz")

    assert answer.status_code == HTTPStatus.SERVICE_UNAVAILABLE
    assert answer.json == {"status": "not ready", "reasons": {"store": "Nobody answers."}}


def test_ready_says_what_keeps_it_from_scoring_and_deciding(store: MemoryStore, tmp_path: Path) -> None:
    scorer = ScriptedScorer(EvidenceError(message("It could not be started.")))
    decisions = MemoryDecisions(error=LedgerError(message("The disk is full.")))
    services = services_over(store, tmp_path, scorer=scorer, decisions=decisions)
    answer = create_app(services).server.test_client().get("/readyz")

    assert answer.status_code == HTTPStatus.SERVICE_UNAVAILABLE
    reasons = {"scorer": "It could not be started.", "ledger": "The disk is full."}
    assert answer.json == {"status": "not ready", "reasons": reasons}
    assert store.reads == ["check"]


def test_ready(app: Dash) -> None:
    answer = app.server.test_client().get("/readyz")

    assert (answer.status_code, answer.json) == (HTTPStatus.OK, {"status": "ready"})


def test_a_failure_outside_of_callbacks_shows_a_reference_and_no_traceback(
    app: Dash, store: MemoryStore, caplog: pytest.LogCaptureFixture
) -> None:
    store.error = ValueError("secret")  # type: ignore[assignment]  # not an error that is expected
    with caplog.at_level(logging.ERROR):
        answer = app.server.test_client().get("/readyz")

    assert answer.status_code == HTTPStatus.INTERNAL_SERVER_ERROR
    reference = re.search(r"[0-9a-f]{8}", answer.text)
    assert reference is not None
    assert reference.group() in caplog.text
    assert "secret" in caplog.text
    assert "secret" not in answer.text
