import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import pytest
from mlflow import MlflowClient

from core.decision.access import local_actor
from core.decision.decisions import Decisions
from tests.commands.conftest import Call

pytestmark = [  # of MLflow's own, where the tests use its client
    pytest.mark.filterwarnings("ignore:.*noload"),
    pytest.mark.filterwarnings("ignore:.*transition_model_version_stage"),
]

MODEL = "titanic-survival"  # versions 1 to 6; 1 is in Production, 5 in Staging
WHY = ("--reason", "Better on the fixed split.")


@pytest.fixture
def store(call: Call, copied_demo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MlflowClient:
    """A copy of the demo's store, in which the command line works."""
    shutil.copytree(copied_demo / ".runoff", tmp_path / ".runoff")  # with what was scored before
    for path in (tmp_path / ".runoff").glob("*ledger*"):
        path.unlink()
    for path in (tmp_path / ".runoff").glob("runoff.db*"):
        path.unlink()
    monkeypatch.chdir(tmp_path)
    return MlflowClient(tracking_uri=f"sqlite:///{tmp_path}/.runoff/mlflow.db")


@pytest.fixture
def production(store: MlflowClient) -> Callable[[], tuple[list[int], int | None]]:
    """What MLflow's own client says is in Production: by stage, by alias."""

    def read() -> tuple[list[int], int | None]:
        versions = store.search_model_versions(f"name='{MODEL}'")
        stage = [int(one.version) for one in versions if one.current_stage == "Production"]
        alias = store.get_registered_model(MODEL).aliases.get("production")
        return stage, None if alias is None else int(alias)

    return read


def test_there_and_back(call: Call, store: MlflowClient, production: Any) -> None:
    """What the command line is for; each step sees what the one before has done."""
    ended = call("promote", MODEL, "2", *WHY)
    assert ended.status == 0, ended
    moved, numbers = ended.out.splitlines()
    assert moved == (
        f"Version 2 of {MODEL} is in Production. Version 1, which was before, is Archived. "
        f"models:/{MODEL}/Production and models:/{MODEL}@production are version 2. On record as entry 3."
    )
    assert numbers.startswith("roc_auc on data/titanic.csv (143 rows, threshold 0.5): version 1 0.7")
    assert ended.err.startswith(f"In Production of {MODEL}: version 1, since ")
    assert production() == ([2], 2)
    assert store.get_model_version(MODEL, "1").current_stage == "Archived"

    ended = call("promote", MODEL, "3", *WHY, "--expect", "2", "--threshold", "0.4", "--format", "json")
    assert ended.status == 0, ended
    entry = json.loads(ended.out)
    assert (entry["phase"], entry["kind"], entry["repeated"]) == ("done", "promote", False)
    assert (entry["before"]["version"], entry["after"]["version"]) == (2, 3)
    assert entry["actor"]["name"] == local_actor().name
    assert (entry["reason"], entry["numbers"]["threshold"]) == (WHY[1], 0.4)
    assert {one["version"] for one in entry["numbers"]["versions"]} == {2, 3}
    values = {one["version"]: one["metrics"]["roc_auc"] for one in entry["numbers"]["versions"]}

    ended = call("rollback", MODEL, "--reason", "Worse.")
    assert ended.status == 0, ended
    moved, numbers = ended.out.splitlines()
    assert moved.startswith(f"Version 2 of {MODEL} is in Production. Version 3, which was before")
    assert numbers.endswith(f"threshold 0.5): version 3 {values[3]:.4f}, version 2 {values[2]:.4f}.")
    assert production() == ([2], 2)

    ended = call("rollback", MODEL, "--to", "3", "--expect", "2", "--reason", "It was not.")
    assert ended.status == 0, ended
    assert production() == ([3], 3)
    assert store.get_model_version(MODEL, "3").tags["runoff.reason"] == "It was not."

    entries = json.loads(call("history", MODEL, "--format", "json").out)["entries"]
    assert [(one["kind"], one["after"]["version"]) for one in entries if one["phase"] != "intent"] == [
        ("rollback", 3),
        ("rollback", 2),
        ("promote", 3),
        ("promote", 2),
        ("adopt", 1),
    ]
    ended = call("history", MODEL, "--at", entry["at"])
    assert ended.out.startswith(f"{MODEL}: version 3 was in Production at ")
    assert call("ledger", "verify").status == 0


def test_what_is_not_as_expected_moves_nothing(call: Call, production: Any) -> None:
    for expected in ("2", "none"):
        ended = call("promote", MODEL, "3", *WHY, "--expect", expected)
        assert (ended.status, ended.out) == (1, "")
        assert ended.err.splitlines()[-1].startswith("Error: ")
        assert "Unexpected" not in ended.err
    assert production() == ([1], 1)
    entries = json.loads(call("history", MODEL, "--kind", "promote", "--format", "json").out)["entries"]
    assert entries == []


def test_nothing_is_expected_where_nothing_is(call: Call, store: MlflowClient, production: Any) -> None:
    store.transition_model_version_stage(MODEL, "1", "None")
    store.delete_registered_model_alias(MODEL, "production")
    ended = call("promote", MODEL, "2", *WHY, "--expect", "none")
    assert ended.status == 0, ended
    assert ended.err.startswith(f"In Production of {MODEL}: nothing.\n")
    assert production() == ([2], 2)


def test_the_same_key_moves_nothing_twice(call: Call, production: Any) -> None:
    first = call("promote", MODEL, "2", *WHY, "--expect", "1", "--key", "ci-17", "--format", "json")
    assert first.status == 0, first
    again = call("promote", MODEL, "2", *WHY, "--expect", "1", "--key", "ci-17", "--format", "json")
    assert again.status == 0, again
    assert json.loads(again.out) == json.loads(first.out) | {"repeated": True}
    for repeated in (False, True):  # the second finds nothing further back, and needs nothing
        back = call("rollback", MODEL, "--reason", "Wrong.", "--key", "ci-19", "--format", "json")
        assert back.status == 0, back
        assert json.loads(back.out)["repeated"] is repeated
        assert production() == ([1], 1)


def test_stages(call: Call, store: MlflowClient, production: Any) -> None:
    ended = call("stage", MODEL, "6", "Staging", "--reason", "To be looked at.")
    assert ended.status == 0, ended
    assert ended.out.startswith(f"Version 6 of {MODEL} is in stage Staging; it was in None. ")
    assert store.get_model_version(MODEL, "6").current_stage == "Staging"
    ended = call("stage", MODEL, "6", "Archived", "--reason", "Seen.", "--expect", "None")
    assert (ended.status, ended.out) == (1, "")
    assert store.get_model_version(MODEL, "6").current_stage == "Staging"
    assert production() == ([1], 1)


def test_changes_from_outside_are_adopted_or_undone(call: Call, store: MlflowClient, production: Any) -> None:
    assert call("promote", MODEL, "2", *WHY).status == 0
    store.transition_model_version_stage(MODEL, "4", "Production", archive_existing_versions=True)
    ended = call("restore", MODEL, "--reason", "Nobody told us.")
    assert ended.status == 0, ended
    assert ended.err.startswith(
        f"In Production of {MODEL}: version 4 by stage, 2 by alias; by the ledger version 2."
    )
    assert production() == ([2], 2)
    store.transition_model_version_stage(MODEL, "4", "Production", archive_existing_versions=True)
    ended = call("adopt", MODEL, "4", "--reason", "Fine with us.", "--expect", "2")
    assert (ended.status, ended.out) == (1, "")
    assert "Version 4 is in Production now; you saw version 2 there." in ended.err
    adopting = ["adopt", MODEL, "4", "--reason", "Fine with us.", "--key", "ci-18"]
    ended = call(*adopting)
    assert ended.status == 0, ended
    assert call(*adopting).status == 0  # the same request, again
    assert ended.out.startswith(f"Version 4 of {MODEL} is adopted as Production.")
    assert production() == ([4], 4)


def test_who_interrupts_is_told_that_it_may_have_moved(
    call: Call, store: MlflowClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: Any, **__: Any) -> NoReturn:
        raise KeyboardInterrupt

    monkeypatch.setattr(Decisions, "promote", interrupted)
    ended = call("promote", MODEL, "2", *WHY)
    assert (ended.status, ended.out) == (130, "")
    assert f"Stopped: the move may have been made or not. history {MODEL} tells" in ended.err


@pytest.mark.parametrize(
    ("arguments", "status", "sentence"),
    [
        (["promote", MODEL, "2"], 2, "Missing option '--reason'"),
        (["promote", MODEL, "two", *WHY], 2, "'two' is no version number"),
        (["promote", MODEL, "2", *WHY, "--expect", "any"], 2, "'any' is neither a version number nor 'none'"),
        (["promote", MODEL, "2", *WHY, "--threshold", "2"], 2, "2.0 is not in the range 0<=x<=1"),
        (["promote", MODEL, "2", "--reason", "\udcff"], 2, "this is no text in the terminal's encoding"),
        (["promote", MODEL, "2", "--reason", "  "], 1, ""),
        (["promote", MODEL, "99", *WHY], 3, "has no version 99"),
        (["promote", MODEL, "1", *WHY], 1, "Version 1 is in Production already."),
        (["promote", "titanic-survivals", "1", *WHY], 3, 'Did you mean "titanic-survival"?'),
        (["rollback", MODEL, *WHY], 1, "No other version was in Production before."),
        (["rollback", MODEL, "--to", "2", *WHY], 1, "Version 2 has not been in Production"),
        (["stage", MODEL, "2", "Production", *WHY], 2, "'Production' is not one of"),
        (["stage", MODEL, "99", "Staging", *WHY], 3, "has no version 99"),
        (["restore", MODEL, *WHY], 1, "there is nothing to restore"),
    ],
)
def test_what_is_refused_is_one_sentence_and_moves_nothing(
    call: Call, production: Any, arguments: list[str], status: int, sentence: str
) -> None:
    ended = call(*arguments)
    assert (ended.status, ended.out) == (status, "")
    (error,) = (line for line in ended.err.splitlines() if not line.startswith("In Production of"))
    assert error.startswith("Error: ")
    assert sentence in error
    assert "Unexpected" not in error
    assert production() == ([1], 1)
