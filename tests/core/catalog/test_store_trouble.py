"""Tracking servers that are down, hang, say no or talk nonsense: one sentence each, within five seconds."""

import json
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from core.catalog.mlflow_gateway import MlflowStore
from core.catalog.runs.batch import RunSlice
from core.errors import RunoffError, StoreError, StoreMismatch, StoreRefused, StoreUnreachable
from tests.core.catalog.hostile import Answering, Door, cut, saying, self_signed
from tests.core.catalog.sites import Site, free_port

pytestmark = pytest.mark.usefixtures("loaded")

LOGIN = "<!doctype html><title>Sign in</title>"

READS: dict[str, Callable[[MlflowStore], object]] = {
    "check": lambda store: store.check(),
    "models": lambda store: store.models(counted=True),
    "model": lambda store: store.model("titanic"),
    "versions": lambda store: store.versions("titanic"),
    "experiments": lambda store: store.experiments(),
    "run_batch": lambda store: store.run_batch(RunSlice(experiments=("0",))),
    "runs_by_id": lambda store: store.runs_by_id(["a" * 32]),
}


def refused(store: MlflowStore, read: Callable[[MlflowStore], object]) -> StoreError:
    """The error of a read, which must come in time and be fit for people."""
    started = time.monotonic()
    with pytest.raises(StoreError) as caught:
        read(store)
    assert time.monotonic() - started < 5
    error = caught.value
    assert error.title.template
    assert error.hint.template, "what to do"
    assert "\n" not in str(error)
    for word in ("Traceback", "HTTPConnectionPool", "s3cret", "Exception", " object at "):
        assert word not in str(error)
    return error


def eventually(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def ignore(_: object) -> None:
    """Answer nothing."""


@pytest.mark.parametrize("read", READS.values(), ids=READS)
def test_nobody_answers(read: Callable[[MlflowStore], object]) -> None:
    error = refused(MlflowStore(f"http://127.0.0.1:{free_port()}"), read)
    assert isinstance(error, StoreUnreachable)
    assert "Nobody answers at http://127.0.0.1" in str(error)


@pytest.mark.parametrize("read", READS.values(), ids=READS)
@pytest.mark.parametrize(
    ("answer", "kind", "says"),
    [
        (saying(401, "You are not authenticated.", "text/plain"), StoreRefused, "asks for credentials"),
        (saying(401, '{"detail": "Unauthorized"}'), StoreRefused, "asks for credentials"),
        (
            saying(403, '{"error_code": "PERMISSION_DENIED", "message": "no"}'),
            StoreRefused,
            "does not permit",
        ),
        (saying(403, "Invalid Host header", "text/plain"), StoreRefused, "--allowed-hosts"),
        (saying(403, "<h1>Forbidden</h1>", "text/html"), StoreRefused, "does not permit"),
        (saying(404, LOGIN, "text/html"), StoreMismatch, "does not answer as"),
        (saying(404, '{"detail": "Not Found"}'), StoreMismatch, "does not answer as"),
        (saying(200, LOGIN, "text/html"), StoreMismatch, "not as an MLflow server"),
        (saying(200, "[1, 2]"), StoreMismatch, "not as an MLflow server"),
        (saying(500, "Internal Server Error"), StoreError, "failed (status 500)"),
        (
            saying(500, '{"error_code": "INTERNAL_ERROR", "message": "boom"}'),
            StoreError,
            "failed (status 500)",
        ),
        (saying(503, "busy"), StoreUnreachable, "not available now"),
        (saying(418, "I am a teapot"), StoreError, "http://127.0.0.1"),
        (cut, StoreUnreachable, "cut its answer short"),
    ],
)
def test_a_server_that_says_no_or_something_else(
    read: Callable[[MlflowStore], object],
    answer: Callable[[BaseHTTPRequestHandler], None],
    kind: type[StoreError],
    says: str,
) -> None:
    with Answering(answer) as server:
        error = refused(MlflowStore(server.uri), read)
    assert isinstance(error, kind)
    assert says in str(error)


@pytest.mark.parametrize(
    "body",
    [
        {"registered_models": "many"},
        {"registered_models": [{"name": 5}]},
        {"registered_models": [{"name": "a", "last_updated_timestamp": "soon"}]},
        {"registered_models": [{"name": "a", "last_updated_timestamp": 10**18}]},
        {"registered_models": [{"name": "a", "aliases": [{"alias": "production", "version": "first"}]}]},
    ],
)
def test_a_server_that_talks_nonsense(body: object) -> None:
    with Answering(saying(200, json.dumps(body))) as server:
        error = refused(MlflowStore(server.uri), READS["models"])
    assert isinstance(error, StoreMismatch)
    assert "does not understand" in str(error)


def test_a_server_of_another_release_is_read_as_far_as_it_goes() -> None:
    body = {
        "registered_models": [
            {"name": "a", "new_field": {"x": 1}, "latest_versions": [{"name": "a", "version": "1"}]}
        ],
        "new_page": 7,
    }
    with Answering(saying(200, json.dumps(body))) as server:
        (model,) = MlflowStore(server.uri).models()
    assert (model.name, model.description, model.aliases, model.updated) == ("a", "", {}, None)


def test_a_list_without_end_is_given_up() -> None:
    answer = saying(200, json.dumps({"registered_models": [{"name": "a"}], "next_page_token": "same"}))
    with Answering(answer) as server:
        assert len(MlflowStore(server.uri).models()) == 2


def test_secrets_are_sent_but_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str | None] = []

    def deny(handler: BaseHTTPRequestHandler) -> None:
        seen.append(handler.headers["Authorization"])
        saying(401, "no s3cret-password", "text/plain")(handler)

    monkeypatch.setenv("MLFLOW_TRACKING_USERNAME", "ada")
    monkeypatch.setenv("MLFLOW_TRACKING_PASSWORD", "s3cret-password")
    with Answering(deny) as server:
        error = refused(MlflowStore(server.uri), READS["models"])
        assert "does not accept these credentials" in str(error)
        monkeypatch.delenv("MLFLOW_TRACKING_USERNAME")
        monkeypatch.delenv("MLFLOW_TRACKING_PASSWORD")
        monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", "s3cret-token")
        refused(MlflowStore(server.uri), READS["models"])
        monkeypatch.delenv("MLFLOW_TRACKING_TOKEN")
        store = MlflowStore(server.uri.replace("http://", "http://ada:s3cret-password@"))
        refused(store, READS["models"])
        assert store.address == server.uri.replace("http://", "http://ada@")
    assert [header.partition(" ")[0] if header else None for header in seen] == ["Basic", "Bearer", "Basic"]


def test_a_server_that_hangs_holds_few_threads_and_nobody_for_long() -> None:
    release = threading.Event()
    with Answering(lambda _: ignore(release.wait(30))) as server:
        store = MlflowStore(server.uri, patience=0.5)
        started = time.monotonic()
        for _ in range(3):
            polls = [threading.Thread(target=refused, args=(store, READS["models"])) for _ in range(10)]
            for poll in polls:
                poll.start()
            for poll in polls:
                poll.join(10)
        assert time.monotonic() - started < 5
        assert store._ask.reads.open == 1
        release.set()
        eventually(lambda: store._ask.reads.open == 0)


def test_a_server_is_read_again_as_soon_as_it_is_back(served: Site) -> None:
    port = urlsplit(served.uri).port
    assert port is not None
    with Door(port) as door:
        store = MlflowStore(door.uri, patience=1.0)
        store.check()

        door.shut()
        for _ in range(2):
            assert "Nobody answers" in str(refused(store, READS["models"]))
        door.unlock()
        store.check()

        door.throw_out()  # the server was restarted: the connection that was kept open is dead
        store.check()

        door.silent = True
        door.throw_out()
        assert isinstance(refused(store, READS["experiments"]), StoreUnreachable)
        door.silent = False
        door.throw_out()
        store.experiments()


def test_a_connection_that_breaks_once_is_nobodys_concern() -> None:
    visits: list[str] = []

    def break_once(handler: BaseHTTPRequestHandler) -> None:
        visits.append(handler.path)
        if len(visits) == 1:
            handler.connection.close()  # without a word
        else:
            saying(200, json.dumps({"registered_models": [{"name": "a"}]}))(handler)

    with Answering(break_once) as server:
        assert [model.name for model in MlflowStore(server.uri).models()] == ["a"]
    assert len(visits) == 2


def test_a_slow_server_is_asked_for_less_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_TIMEOUT", "1")
    asked: list[int] = []

    def slow(handler: BaseHTTPRequestHandler) -> None:
        query = urlsplit(handler.path).query
        if "model-versions" in handler.path:
            rows = int(query.partition("max_results=")[2].partition("&")[0])
            asked.append(rows)
            if rows > 1_000:
                time.sleep(2)
            saying(200, json.dumps({"model_versions": [{"name": "a", "version": "1"}]}))(handler)
        else:
            saying(200, json.dumps({"registered_models": [{"name": "a"}]}))(handler)

    with Answering(slow) as server:
        store = MlflowStore(server.uri)
        error = refused(store, lambda store: store.versions("a"))
        assert isinstance(error, StoreUnreachable)
        assert "did not answer in time" in str(error)
        assert [version.number for version in store.versions("a")] == [1]
    assert asked[0] > 1_000 >= asked[-1]


def test_a_certificate_must_be_trusted_as_mlflow_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate, key = self_signed(tmp_path)
    with Answering(saying(200, "{}"), certificate=certificate, key=key) as server:
        uri = server.uri.replace("http://127.0.0.1", "https://localhost")
        error = refused(MlflowStore(uri), READS["models"])
        assert isinstance(error, StoreRefused)
        assert "MLFLOW_TRACKING_SERVER_CERT_PATH" in str(error)
        monkeypatch.setenv("MLFLOW_TRACKING_SERVER_CERT_PATH", str(certificate))
        assert MlflowStore(uri).models() == ()


@pytest.mark.parametrize(
    ("uri", "says"),
    [
        ("ftp://somewhere", "no address that MLflow reads"),
        ("postgresql+psycopg2://ada:s3cret@127.0.0.1/mlflow", "psycopg2"),
        ("mysql+pymysql://ada:s3cret@127.0.0.1/mlflow", "pymysql"),
        ("http://no-such-host.invalid", "Nobody answers"),
        ("/no/such/folder", "There is no folder"),
    ],
)
def test_an_address_that_cannot_be_read(uri: str, says: str) -> None:
    error = refused(MlflowStore(uri), READS["models"])
    assert says in str(error)


def test_a_folder_of_files_is_no_store_any_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MLFLOW_ALLOW_FILE_STORE", raising=False)
    error: RunoffError = refused(MlflowStore(tmp_path.as_uri()), READS["models"])
    assert isinstance(error, StoreMismatch)
    assert "mlflow migrate-filestore" in str(error)
    assert list(tmp_path.iterdir()) == []
