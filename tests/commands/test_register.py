import json
import shutil
from pathlib import Path

import pytest

from tests.commands.conftest import Call
from tests.core.catalog.logged_runs import LoggedRun, log_run_in
from tests.core.catalog.sites import Site


@pytest.fixture
def site(empty_database: Path, tmp_path: Path) -> Site:
    path = Path(shutil.copy(empty_database, tmp_path / "mlflow.db"))
    return Site(f"sqlite:///{path}", path, tmp_path / "artifacts")


@pytest.fixture
def logged(site: Site, tmp_path: Path) -> LoggedRun:
    return log_run_in(site, tmp_path, files={})


def test_a_model_of_a_run_becomes_a_version(call_alone: Call, site: Site, logged: LoggedRun) -> None:
    command = (
        "--tracking-uri",
        site.uri,
        "register",
        logged.id,
        "fresh",
        "--description",
        "why",
        "--key",
        "k",
    )
    ended = call_alone(*command)
    assert (ended.status, ended.err) == (0, "")
    assert ended.out == f"models:/{logged.model_id} is version 1 of fresh.\n"
    (version,) = site.store().versions("fresh")
    assert (version.description, version.run_id) == ("why", logged.id)
    again = call_alone(*command, "--format", "json")
    assert json.loads(again.out) == {
        "model": "fresh",
        "version": 1,
        "run_id": logged.id,
        "source": f"models:/{logged.model_id}",
    }
    assert "first request" in again.err


def test_a_second_version_of_the_same_model_is_refused(
    call_alone: Call, site: Site, logged: LoggedRun
) -> None:
    command = ("--tracking-uri", site.uri, "register", logged.id, "fresh")
    call_alone(*command)
    ended = call_alone(*command)
    assert (ended.status, ended.out) == (1, "")
    assert "version 1" in ended.err
    assert ended.err.count("\n") == 1


def test_of_several_models_one_must_be_named(call_alone: Call, site: Site, logged: LoggedRun) -> None:
    site.writer.create_logged_model(logged.experiment, name="other", source_run_id=logged.id)
    command = ("--tracking-uri", site.uri, "register", logged.id, "fresh")
    ended = call_alone(*command)
    assert (ended.status, ended.out) == (2, "")
    assert "--model" in ended.err
    assert call_alone(*command, "--model", "model").status == 0
    unknown = call_alone(*command, "--model", "third")
    assert unknown.status == 3
    assert logged.model_id in unknown.err


def test_a_run_that_is_not_there(call_alone: Call, site: Site) -> None:
    ended = call_alone("--tracking-uri", site.uri, "register", "f" * 32, "fresh")
    assert (ended.status, ended.out) == (3, "")
    assert "There is no run" in ended.err
