"""Registering a run's model: once, by those who may, and told as unknown where nobody knows."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from core.catalog.mlflow_gateway import MlflowStore
from core.catalog.store import Version
from core.decision import registering
from core.decision.access import Actor, Role
from core.decision.registering import MOST_DESCRIPTION, MOST_NAME, Registered, Registering, Request
from core.errors import (
    MoveUnderWay,
    NotFound,
    NotPermitted,
    RunoffError,
    StoreError,
    UsageError,
    VersionUnfit,
    WriteUnanswered,
)
from tests.core.catalog.faulty_proxy import Fault, FaultyProxy
from tests.core.catalog.logged_runs import LoggedRun, log_run_in
from tests.core.catalog.sites import Site

pytestmark = pytest.mark.usefixtures("loaded")

ADA = Actor(name="ada", role=Role.DATA_SCIENTIST, identified_by="a test")
CREATE = "model-versions/create"


@pytest.fixture
def logged(site: Site, tmp_path: Path) -> LoggedRun:
    return log_run_in(site, tmp_path, files={})


@pytest.fixture
def proxy(served: Site, monkeypatch: pytest.MonkeyPatch) -> Iterator[FaultyProxy]:
    monkeypatch.setattr(registering, "_LOOKS", (0.0, 0.1))
    with FaultyProxy(served.uri) as proxy:
        yield proxy


def asking(logged: LoggedRun, name: str = "", *, key: str = "") -> Request:
    uri = f"models:/{logged.model_id}" if logged.model_id else f"runs:/{logged.id}/nested/classic"
    return Request(
        name=name or f"m-{logged.id[:8]}",
        run_id=logged.id,
        uri=uri,
        key=key or uuid4().hex,
        description="why",
    )


def versions(site: Site, request: Request) -> list[Version]:
    return list(site.store().versions(request.name))


def test_a_model_becomes_the_first_version_of_a_new_name(
    site: Site, logged: LoggedRun, tmp_path: Path
) -> None:
    request = asking(logged)
    assert Registering(site.store(), tmp_path / "r").register(ADA, request) == Registered(
        name=request.name, number=1
    )
    (version,) = versions(site, request)
    assert (version.run_id, version.description) == (logged.id, "why")
    assert (version.tags["runoff.actor"], version.tags["runoff.request"]) == ("ada", request.key)
    made = datetime.fromisoformat(version.tags["runoff.at"])
    assert abs(datetime.now(UTC) - made) < timedelta(minutes=1)


def test_another_model_becomes_the_next_version(site: Site, logged: LoggedRun, tmp_path: Path) -> None:
    ways = Registering(site.store(), tmp_path / "r")
    first = asking(logged)
    ways.register(ADA, first)
    other = asking(log_run_in(site, tmp_path, files={}, modern=False), first.name)
    assert ways.register(ADA, other).number == 2


def test_the_same_request_makes_no_second_version(site: Site, logged: LoggedRun, tmp_path: Path) -> None:
    request = asking(logged)
    first = Registering(site.store(), tmp_path / "r").register(ADA, request)
    again = Registering(site.store(), tmp_path / "r").register(ADA, request)
    assert again == replace(first, repeated=True)
    assert len(versions(site, request)) == 1


def test_two_clicks_at_once_make_one_version(site: Site, logged: LoggedRun, tmp_path: Path) -> None:
    request, ways = asking(logged), [Registering(site.store(), tmp_path / "r") for _ in range(2)]
    start = threading.Barrier(6)

    def click(number: int) -> Registered:
        start.wait()
        return ways[number % 2].register(ADA, request)

    with ThreadPoolExecutor(6) as clicks:
        done = list(clicks.map(click, range(6)))
    assert sorted(one.repeated for one in done) == [False, *[True] * 5]
    assert len(versions(site, request)) == 1


def test_a_model_that_is_a_version_of_the_name_already_is_refused(
    site: Site, logged: LoggedRun, tmp_path: Path
) -> None:
    ways, request = Registering(site.store(), tmp_path / "r"), asking(logged)
    ways.register(ADA, request)
    with pytest.raises(VersionUnfit, match=r"version 1 of .* already"):
        ways.register(ADA, asking(logged))
    assert ways.register(ADA, asking(logged, f"{request.name} too")).number == 1


def test_whoever_may_only_look_registers_nothing(on_disk: Site, tmp_path: Path) -> None:
    logged = log_run_in(on_disk, tmp_path, files={})
    with pytest.raises(NotPermitted):
        Registering(on_disk.store(), tmp_path / "r").register(replace(ADA, role=Role.VIEWER), asking(logged))
    assert on_disk.store().run_versions(logged.id) == ()


@pytest.mark.parametrize(
    "name", ["", "  ", "a/b", "a:b", ".", "..", "no line\nbreak", "x" * (MOST_NAME + 1), "\u202ereversed"]
)
def test_a_name_that_cannot_be_is_refused(on_disk: Site, tmp_path: Path, name: str) -> None:
    logged = log_run_in(on_disk, tmp_path, files={})
    with pytest.raises(UsageError):
        Registering(on_disk.store(), tmp_path / "r").register(ADA, replace(asking(logged), name=name))
    assert on_disk.store().run_versions(logged.id) == ()


@pytest.mark.parametrize("odd", ["日本 <b>", "it's 100%", "a?b#c&d"])
def test_an_odd_name_is_a_name(on_disk: Site, tmp_path: Path, odd: str) -> None:
    request = asking(log_run_in(on_disk, tmp_path, files={}), f"{odd} {uuid4().hex[:6]}")
    assert Registering(on_disk.store(), tmp_path / "r").register(ADA, request).number == 1
    assert len(versions(on_disk, request)) == 1


def test_what_cannot_be_registered_is_refused(on_disk: Site, tmp_path: Path) -> None:
    logged, ways = log_run_in(on_disk, tmp_path, files={}), Registering(on_disk.store(), tmp_path / "r")
    request = asking(logged)
    refusals: list[tuple[Request, type[RunoffError]]] = [
        (replace(request, description="x" * (MOST_DESCRIPTION + 1)), UsageError),
        (replace(request, uri="models:/m-0"), NotFound),
        (replace(request, uri=f"models:/{log_run_in(on_disk, tmp_path, files={}).model_id}"), NotFound),
        (replace(request, run_id="f" * 32), NotFound),
    ]
    for wrong, kind in refusals:
        with pytest.raises(kind):
            ways.register(ADA, wrong)
    on_disk.writer.delete_run(logged.id)
    with pytest.raises(VersionUnfit, match="is deleted"):
        ways.register(ADA, request)
    with pytest.raises(NotFound):
        on_disk.store().model(request.name)


def test_a_model_that_is_still_being_logged_is_refused(on_disk: Site, tmp_path: Path) -> None:
    client = on_disk.writer
    run = client.create_run(client.create_experiment(uuid4().hex, str(tmp_path))).info
    pending = client.create_logged_model(run.experiment_id, name="model", source_run_id=run.run_id)
    request = Request(name="pending", run_id=run.run_id, uri=f"models:/{pending.model_id}", key="k")
    with pytest.raises(VersionUnfit, match="not ready: PENDING"):
        Registering(on_disk.store(), tmp_path / "r").register(ADA, request)


@pytest.mark.parametrize("fault", [Fault.CUT, Fault.DROP, Fault.GATEWAY])
def test_a_version_whose_answer_was_lost_is_read_back(
    served: Site, proxy: FaultyProxy, tmp_path: Path, fault: Fault
) -> None:
    request = asking(log_run_in(served, tmp_path, files={}))
    proxy.fail(fault, on=CREATE)
    done = Registering(MlflowStore(proxy.uri), tmp_path / "r").register(ADA, request)
    assert (done.number, len(versions(served, request))) == (1, 1)
    assert sent(proxy) == 1


def test_a_change_without_an_answer_is_unknown_and_not_sent_again_too_soon(
    served: Site, proxy: FaultyProxy, tmp_path: Path
) -> None:
    request = asking(log_run_in(served, tmp_path, files={}))
    later = [timedelta()]
    now: Callable[[], datetime] = lambda: datetime.now(UTC) + later[0]  # noqa: E731  a clock of the test's own
    ways = Registering(MlflowStore(proxy.uri), tmp_path / "r", now=now)
    proxy.fail(Fault.REFUSE, on=CREATE)
    for wanted in (request, request, replace(request, key="another")):
        with pytest.raises(WriteUnanswered, match="not known yet"):
            ways.register(ADA, wanted)
    assert sent(proxy) == 1
    later[0] = timedelta(seconds=21)
    assert ways.register(ADA, request).number == 1
    assert (sent(proxy), len(versions(served, request))) == (2, 1)


def test_a_change_that_comes_into_force_late_is_found_by_the_next_request(
    served: Site, proxy: FaultyProxy, tmp_path: Path
) -> None:
    request = asking(log_run_in(served, tmp_path, files={}))
    ways = Registering(MlflowStore(proxy.uri, write_seconds=0.4), tmp_path / "r")
    proxy.fail(Fault.LATE, on=CREATE)
    with pytest.raises(WriteUnanswered):
        ways.register(ADA, request)
    proxy.release()
    until = time.monotonic() + 20
    while not served.store().run_versions(request.run_id):
        assert time.monotonic() < until
    assert ways.register(ADA, request) == Registered(name=request.name, number=1, repeated=True)
    assert (sent(proxy), len(versions(served, request))) == (1, 1)


def test_a_server_that_says_no_has_made_nothing_and_may_be_asked_again(
    served: Site, proxy: FaultyProxy, tmp_path: Path
) -> None:
    request = asking(log_run_in(served, tmp_path, files={}))
    ways = Registering(MlflowStore(proxy.uri), tmp_path / "r")
    proxy.fail(Fault.ERROR, on=CREATE)
    with pytest.raises(StoreError, match="failed"):
        ways.register(ADA, request)
    assert ways.register(ADA, request) == Registered(name=request.name, number=1)


def test_a_new_name_whose_answer_was_lost_is_read_back(
    served: Site, proxy: FaultyProxy, tmp_path: Path
) -> None:
    request = asking(log_run_in(served, tmp_path, files={}))
    proxy.fail(Fault.DROP, on="registered-models/create")
    assert Registering(MlflowStore(proxy.uri), tmp_path / "r").register(ADA, request).number == 1


def test_others_who_take_too_long_are_not_waited_for(
    on_disk: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registering, "_PATIENCE_SECONDS", 0.05)
    ways, request = (
        Registering(on_disk.store(), tmp_path / "r"),
        asking(log_run_in(on_disk, tmp_path, files={})),
    )
    with ways._one_at_a_time(request.name), ThreadPoolExecutor(1) as other:
        waiting = other.submit(Registering(on_disk.store(), tmp_path / "r").register, ADA, request)
        with pytest.raises(MoveUnderWay):
            waiting.result()


def sent(proxy: FaultyProxy) -> int:
    return sum(CREATE in call.path for call in proxy.calls)
