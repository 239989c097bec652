"""Changes to a registry: on a database, on a real server, and where something between them fails."""

import sqlite3
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg
import pytest

from core.catalog.mlflow_gateway import MlflowStore
from core.catalog.store import PRODUCTION, Holders, Registrar
from core.errors import NotFound, StoreError, StoreMismatch, StoreRefused, StoreUnreachable, WriteUnanswered
from tests.core.catalog.faulty_proxy import Fault, FaultyProxy
from tests.core.catalog.hostile import Answering, Door, saying
from tests.core.catalog.sites import Site, free_port
from tests.core.decision.postgres import running_postgres

pytestmark = pytest.mark.usefixtures("loaded")

SECONDS = 0.6  # the limit of a write in these tests
ENOUGH_TO_SEND = 2.0  # on a busy machine

CHANGES: dict[str, Callable[[Registrar, str], None]] = {
    "stage": lambda store, model: store.move_stage(model, 2, PRODUCTION, archive_others=True),
    "alias": lambda store, model: store.move_alias(model, 2),
    "no alias": lambda store, model: store.move_alias(model, None),
    "tag": lambda store, model: store.tag(model, 2, {"runoff.actor": "ada"}),
}


@pytest.fixture
def model(site: Site) -> str:
    """Three versions; 1 is in Production by stage and by alias."""
    return filled(site)


@pytest.fixture
def proxy(served: Site) -> Iterator[FaultyProxy]:
    with FaultyProxy(served.uri) as proxy:
        yield proxy


def filled(site: Site) -> str:
    model = f"w-{uuid4().hex[:8]}"
    site.fill(model, [1, 2, 3], stages={1: PRODUCTION})
    site.writer.set_registered_model_alias(model, "production", "1")
    return model


def stages(site: Site, model: str) -> dict[int, str]:
    return {version.number: version.stage for version in site.store().versions(model)}


def test_production_moves_by_stage_and_by_alias(site: Site, model: str) -> None:
    store = site.store()
    assert store.holders(model) == Holders((1,), 1)
    store.move_stage(model, 2, PRODUCTION, archive_others=True)
    assert store.holders(model) == Holders((2,), 1)
    store.move_alias(model, 2)
    assert store.holders(model) == Holders((2,), 2)
    assert stages(site, model) == {1: "Archived", 2: PRODUCTION, 3: "None"}
    store.move_alias(model, None)
    store.move_alias(model, None)
    store.move_stage(model, 2, "None")
    assert store.holders(model) == Holders((), None)


def test_a_version_goes_back_to_production_below_a_higher_one(site: Site, model: str) -> None:
    store = site.store()
    for number in (3, 1):
        store.move_stage(model, number, PRODUCTION, archive_others=True)
    assert store.holders(model).stage == (1,)


def test_every_version_in_production_is_held_not_the_latest_alone(site: Site, model: str) -> None:
    store = site.store()
    store.move_stage(model, 3, PRODUCTION)
    store.move_alias(model, 2)
    assert store.holders(model) == Holders((3, 1), 2)
    assert store.holders(model).numbers == (3, 2, 1)


def test_holders_of_many_versions_are_read_in_pages(served: Site) -> None:
    model, store = filled(served), served.store()
    store.move_stage(model, 3, PRODUCTION)
    store._registry._version_pages.rows = 1
    assert store.holders(model) == Holders((3, 1), 1)


def test_the_alias_has_the_name_of_the_settings(site: Site, model: str) -> None:
    store = site.store(alias="champion")
    assert store.holders(model) == Holders((1,), None)
    store.move_alias(model, 3)
    assert store.holders(model) == Holders((1,), 3)
    assert site.store().holders(model) == Holders((1,), 1)


def test_tags_say_who_and_why(site: Site, model: str) -> None:
    tags = {"runoff.actor": "ada", "runoff.reason": "better on 日本 'quotes'\nand two lines"}
    site.store().tag(model, 2, tags)
    assert site.store().versions(model)[1].tags == tags


@pytest.mark.parametrize("odd", ["it's", "日本 <b>", "100%_sure?x=y#z", "line\nbreak"])
def test_names_of_any_kind(site: Site, odd: str) -> None:
    model = f"{odd} {uuid4().hex[:8]}"
    site.fill(model, [1, 2])
    store = site.store()
    store.move_stage(model, 1, PRODUCTION, archive_others=True)
    store.move_alias(model, 2)
    store.tag(model, 1, {"runoff.reason": odd})
    assert store.holders(model) == Holders((1,), 2)


@pytest.mark.parametrize("change", [name for name in CHANGES if name != "no alias"])
def test_a_deleted_version_is_not_found_and_archives_nothing(site: Site, model: str, change: str) -> None:
    site.writer.delete_model_version(model, "2")
    with pytest.raises(NotFound, match="There is no version 2"):
        CHANGES[change](site.store(), model)
    assert site.store().holders(model) == Holders((1,), 1)


@pytest.mark.parametrize("change", CHANGES)
def test_a_model_that_is_gone_is_not_found(site: Site, change: str) -> None:
    for ask in (CHANGES[change], lambda store, model: store.holders(model)):
        with pytest.raises(NotFound):
            ask(site.store(), f"gone-{uuid4().hex[:8]}")


def test_what_mlflow_does_not_take_is_said_in_its_words(site: Site, model: str) -> None:
    with pytest.raises(StoreError, match=r"did not make the change.*Quality") as caught:
        site.store().move_stage(model, 2, "Quality")
    assert not isinstance(caught.value, WriteUnanswered)
    with pytest.raises(StoreError, match=r"did not make the change.*reserved"):
        site.store(alias="v3").move_alias(model, 2)


def test_nobody_hears_that_stages_will_end(
    site: Site, model: str, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        site.store().move_stage(model, 2, PRODUCTION, archive_others=True)
    assert not [str(warning.message) for warning in heard if "stage" in str(warning.message)]
    assert "deprecat" not in "".join(capfd.readouterr()) + caplog.text


def test_an_embedded_store_that_does_not_exist_yet_is_not_made(tmp_path: Path) -> None:
    store = MlflowStore(f"sqlite:///{tmp_path}/mlflow.db", embedded=True)
    for change in CHANGES.values():
        with pytest.raises(NotFound, match="holds nothing yet"):
            change(store, "titanic")
    with pytest.raises(NotFound):
        store.holders("titanic")
    assert not (tmp_path / "mlflow.db").exists()


MADE = {Fault.CUT, Fault.DROP, Fault.GATEWAY, Fault.SILENT}
QUIET = {Fault.HANG, Fault.SILENT}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("fault", [fault for fault in Fault if fault not in {Fault.ERROR, Fault.LATE}])
def test_a_change_without_an_answer_is_unknown_and_not_repeated(
    served: Site, proxy: FaultyProxy, fault: Fault, change: str
) -> None:
    model = filled(served)
    seconds = SECONDS if fault in QUIET else 10.0
    store = MlflowStore(proxy.uri, write_seconds=seconds)
    store.holders(model)  # opens it
    proxy.fail(fault, times=None)
    started = time.monotonic()
    with pytest.raises(WriteUnanswered, match="may or may not have been made"):
        CHANGES[change](store, model)
    assert time.monotonic() - started < seconds + 1
    before = Holders((1,), 1)
    made = {"stage": Holders((2,), 1), "alias": Holders((1,), 2), "no alias": Holders((1,), None)}
    eventually_holds(store, model, made.get(change, before) if fault in MADE else before)
    assert len(proxy.writes) == 1


def test_each_change_goes_over_a_connection_of_its_own(served: Site) -> None:
    port = urlsplit(served.uri).port
    assert port is not None
    model = filled(served)
    with Door(port) as door:
        store = MlflowStore(door.uri)
        store.holders(model)
        for change in CHANGES.values():
            before = door.visitors
            change(store, model)  # over one that was open, the server might just be hanging up
            assert door.visitors == before + 1
        store.holders(model)
        assert door.visitors == before + 1


@pytest.mark.parametrize("status", [301, 302, 307])
def test_a_redirect_that_makes_a_question_of_a_change(status: int) -> None:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        if handler.path == "/there":
            saying(200, "{}")(handler)
            return
        handler.send_response(status)
        handler.send_header("Location", "/there")
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    with Answering(answer) as server:
        store = MlflowStore(server.uri, write_seconds=5)
        if status == 307:  # it keeps the method
            store.move_alias("titanic", 2)
            return
        with pytest.raises(StoreMismatch, match="Check the address"):
            store.move_alias("titanic", 2)


@pytest.mark.parametrize("change", CHANGES)
def test_a_server_that_fails_has_changed_nothing(served: Site, proxy: FaultyProxy, change: str) -> None:
    model = filled(served)
    store = MlflowStore(proxy.uri)
    proxy.fail(Fault.ERROR)
    with pytest.raises(StoreError, match=r"failed \(status 500\)") as caught:
        CHANGES[change](store, model)
    assert type(caught.value) is StoreError
    assert len(proxy.writes) == 1
    CHANGES[change](store, model)


@pytest.mark.parametrize(
    ("answer", "kind", "says"),
    [
        (saying(401, "You are not authenticated.", "text/plain"), StoreRefused, "asks for credentials"),
        (
            saying(403, '{"error_code": "PERMISSION_DENIED", "message": "no"}'),
            StoreRefused,
            "right to change",
        ),
        (saying(404, "<h1>Not here</h1>", "text/html"), StoreError, "does not answer as"),
        (saying(429, "slow down", "text/plain"), StoreUnreachable, "Nothing was changed"),
        (saying(500, '{"error_code": "INTERNAL_ERROR", "message": "boom"}'), StoreError, "boom"),
        (
            saying(503, '{"error_code": "TEMPORARILY_UNAVAILABLE", "message": "database is locked"}'),
            StoreUnreachable,
            "Nothing was changed",
        ),
        (
            saying(503, '{"error_code": "TEMPORARILY_UNAVAILABLE", "message": "gone"}'),
            WriteUnanswered,
            "may or",
        ),
        (saying(524, "timeout", "text/plain"), WriteUnanswered, "may or may not"),
        (saying(200, "<title>Sign in</title>", "text/html"), WriteUnanswered, "may or may not"),
    ],
)
@pytest.mark.parametrize("change", CHANGES)
def test_what_a_server_says(
    change: str, answer: Callable[[BaseHTTPRequestHandler], None], kind: type[StoreError], says: str
) -> None:
    with Answering(answer) as server, pytest.raises(StoreError, match=says) as caught:
        CHANGES[change](MlflowStore(server.uri), "titanic")
    assert isinstance(caught.value, kind)
    assert isinstance(caught.value, WriteUnanswered) == (kind is WriteUnanswered)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("change", CHANGES)
def test_nobody_at_the_address_has_changed_nothing(change: str) -> None:
    store = MlflowStore(f"http://127.0.0.1:{free_port()}")
    with pytest.raises(StoreUnreachable, match="Nobody answers"):
        CHANGES[change](store, "titanic")


def test_a_write_may_take_longer_than_a_read(
    served: Site, proxy: FaultyProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_TIMEOUT", "1")  # of MLflow's own calls
    model = filled(served)
    store = MlflowStore(proxy.uri, write_seconds=30)
    proxy.fail(Fault.LATE)
    with ThreadPoolExecutor(1) as pool:
        move = pool.submit(store.move_alias, model, 3)
        with pytest.raises(TimeoutError):
            move.result(1.5)
        assert store.holders(model).alias == 1
        proxy.release()
        with pytest.raises(WriteUnanswered):  # the proxy drops the answer in the end
            move.result(20)
    assert store.holders(model).alias == 3


def test_a_locked_database_is_not_changed_and_not_later_either(fresh: Site) -> None:
    model = filled(fresh)
    store = fresh.store(write_seconds=SECONDS)
    with closing(sqlite3.connect(fresh.database)) as other:
        other.execute("BEGIN EXCLUSIVE")
        started = time.monotonic()
        with pytest.raises(StoreUnreachable):
            store.move_stage(model, 2, PRODUCTION, archive_others=True)
        assert time.monotonic() - started < 5
    settled(store)
    assert fresh.store().holders(model) == Holders((1,), 1)


def test_a_change_that_waits_in_the_database_is_not_committed_after_its_time(fresh: Site) -> None:
    model = filled(fresh)
    store = fresh.store(write_seconds=ENOUGH_TO_SEND)
    store.holders(model)  # opens it
    with closing(sqlite3.connect(fresh.database)) as other:
        other.execute("BEGIN IMMEDIATE")  # others may read, and wait for 20 s before they write
        with pytest.raises(WriteUnanswered):
            store.move_stage(model, 2, PRODUCTION, archive_others=True)
    settled(store)
    assert fresh.store().holders(model) == Holders((1,), 1)
    store.move_stage(model, 2, PRODUCTION, archive_others=True)
    assert fresh.store().holders(model) == Holders((2,), 1)


def test_a_database_that_may_not_be_written(fresh: Site) -> None:
    model = filled(fresh)
    store = MlflowStore(f"sqlite:///file:{fresh.database}?mode=ro&uri=true")
    with pytest.raises(StoreError):
        store.move_alias(model, 2)


def move_together(start: threading.Barrier, store: MlflowStore, model: str, number: int) -> None:
    start.wait(5)
    store.move_alias(model, number)


def test_two_who_make_the_same_alias_both_get_it(site: Site) -> None:
    stores = [site.store(), site.store()]
    for _ in range(3):
        model = f"w-{uuid4().hex[:8]}"
        site.fill(model, [1, 2])
        start = threading.Barrier(2)
        with ThreadPoolExecutor(2) as pool:
            moves = [
                pool.submit(move_together, start, stores[number - 1], model, number) for number in (1, 2)
            ]
        assert [move.result() for move in moves] == [None, None]
        assert site.store().holders(model).alias in {1, 2}


def eventually_holds(store: MlflowStore, model: str, holders: Holders) -> None:
    deadline = time.monotonic() + 10
    while store.holders(model) != holders:
        assert time.monotonic() < deadline
        time.sleep(0.02)


def settled(store: MlflowStore) -> None:
    """Wait until no thread of the store's writes is under way."""
    deadline = time.monotonic() + 25
    while store._writing._questions.open:
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.fixture(scope="module")
def on_postgresql() -> Iterator[str]:
    """A store on PostgreSQL, set up by MLflow, with three versions of one model."""
    from mlflow import MlflowClient  # noqa: PLC0415  not before the fixtures have set it up

    with running_postgres() as postgres:
        uri = postgres.new_database().replace("postgresql:", "postgresql+psycopg:")
        with warnings.catch_warnings(action="ignore"):  # MLflow's own deprecations, as it sets itself up
            client = MlflowClient(uri, uri)
            client.create_registered_model("titanic")
            for _ in range(3):
                client.create_model_version("titanic", "s3://bucket/model")
        yield uri


def test_a_store_on_postgresql(on_postgresql: str) -> None:
    patient, store = MlflowStore(on_postgresql), MlflowStore(on_postgresql, write_seconds=ENOUGH_TO_SEND)
    for number in (3, 1):
        patient.move_stage("titanic", number, PRODUCTION, archive_others=True)
        patient.move_alias("titanic", number)
        assert store.holders("titanic") == Holders((number,), number)
    with psycopg.connect(on_postgresql.replace("+psycopg", "")) as other:
        other.execute("SELECT * FROM model_versions FOR UPDATE")
        with pytest.raises(WriteUnanswered):
            store.move_stage("titanic", 2, PRODUCTION, archive_others=True)
    settled(store)
    assert store.holders("titanic") == Holders((1,), 1)
