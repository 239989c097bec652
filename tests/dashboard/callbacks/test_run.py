from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from dash import Dash

from core.catalog.store import Experiment, RegisteredModel, Run, Version
from core.errors import StoreUnreachable, VersionUnfit
from core.messages import message
from dashboard.factory import create_app
from tests.dashboard.run_store import MODEL, RunStore, ScriptedRegistering, run_services

SHOW = "run-facts.children"
MODELS = "run-models.children"
FAMILY = "run-family.children"
MAKE = "run-register-outcome.children"
DOWN = StoreUnreachable(message("Nobody answers."), message("Start it."))


def make_run(run_id: str = "r1", **facts: Any) -> Run:
    usual: dict[str, Any] = {"name": "<b>first</b>", "experiment_id": "1", "status": "FINISHED"}
    return Run(id=run_id, **{**usual, **facts})


@pytest.fixture
def store() -> RunStore:
    run = make_run(
        started=datetime(2026, 3, 1, 12, tzinfo=UTC),
        metrics={"loss": 0.25, "auc": float("nan"), "m.10": 1.0, "m.2": 2.0},
        params={"depth": "5"},
        tags={"own": "1", "mlflow.source.git.commit": "abc", "mlflow.note.content": "About <it>"},
        artifact_uri="s3://b/r1",
    )
    experiments = [Experiment(id="1", name="titanic")]
    return RunStore(kept_experiments=experiments, kept_runs=[run], logged=(MODEL,))


@pytest.fixture
def registering() -> ScriptedRegistering:
    return ScriptedRegistering()


@pytest.fixture
def app(store: RunStore, registering: ScriptedRegistering, tmp_path: Path) -> Dash:
    return create_app(run_services(store, tmp_path, registering))


def shown(call: Callable[..., Any], run: Any = "r1", **more: Any) -> Any:
    return call(SHOW, **{"run-id.data": run}, **more)["response"]


def test_a_run_is_shown_with_all_it_logged(call: Callable[..., Any]) -> None:
    answer = shown(call)

    assert answer["run-name"]["children"] == "<b>first</b>"
    assert answer["run-body"]["hidden"] is False
    lines = answer["run-lines"]["data"]
    assert [line[:2] for line in lines["metrics"]] == [
        ["auc", "n/a"],
        ["loss", "0.25"],
        ["m.2", "2"],
        ["m.10", "1"],
    ]
    assert lines["params"] == [["depth", "5"]]
    assert [line[0] for line in lines["tags"]] == ["own", "mlflow.source.git.commit"]
    told = str(answer["run-facts"]["children"])
    assert "About <it>" in told
    assert "/runs?experiments=1" in told
    assert "s3://b/r1" in told
    assert answer["run-ask"]["data"]["run"] == "r1"
    assert "run-poll" not in answer


def test_what_was_read_is_not_read_again_while_nothing_new_was_logged(call: Callable[..., Any]) -> None:
    asked = shown(call)["run-ask"]["data"]

    assert "run-ask" not in shown(call, **{"run-ask.data": asked})


def test_a_run_that_is_under_way_is_looked_at_again(store: RunStore, call: Callable[..., Any]) -> None:
    store.kept_runs = [make_run(status="RUNNING")]
    answer = shown(call)

    assert answer["run-poll"]["n_intervals"] == 0
    assert "under way" in str(answer["run-state"]["children"])


def test_a_deleted_run_says_so_and_is_shown(store: RunStore, call: Callable[..., Any]) -> None:
    store.kept_runs = [make_run(is_deleted=True, status="RUNNING")]
    answer = shown(call)

    assert "mlflow runs restore --run-id r1" in str(answer["run-state"]["children"])
    assert "deleted" in str(answer["run-status"]["children"])
    assert answer["run-body"]["hidden"] is False
    assert "run-poll" not in answer


def test_an_unknown_run_leads_back_to_the_others(call: Callable[..., Any]) -> None:
    answer = shown(call, "nope", headers={"Accept-Language": "ja"})

    assert "'href': '/runs'" in str(answer["run-state"]["children"])
    assert answer["run-body"]["hidden"] is True
    assert "run-ask" not in answer
    assert "run-poll" not in answer


def test_a_store_that_is_down_is_asked_again(store: RunStore, call: Callable[..., Any]) -> None:
    store.error = DOWN
    answer = shown(call)

    assert "Nobody answers." in str(answer["run-state"]["children"])
    assert answer["run-poll"]["n_intervals"] == 0


@pytest.mark.parametrize("junk", [None, 3, ["x"], {"a": 1}, True, "x" * 10_000])
def test_any_value_from_the_browser_is_coped_with(call: Callable[..., Any], junk: Any) -> None:
    assert "sideUpdate" not in call(SHOW, **{"run-id.data": junk, "run-ask.data": junk})
    assert "sideUpdate" not in call(MODELS, **{"run-ask.data": junk, "run-register-model.value": junk})
    assert "sideUpdate" not in call(FAMILY, **{"run-ask.data": junk})
    offered = {"run-register-name.search_value": junk, "run-register-name.value": junk}
    assert "sideUpdate" not in call("run-register-name.options", **offered)
    sent = ("run-id.data", "run-register-model.value", "run-register-name.value", "run-register-key.data")
    assert "sideUpdate" not in call(MAKE, **dict.fromkeys(sent, junk))


def test_models_are_shown_with_signature_code_and_versions(store: RunStore, call: Callable[..., Any]) -> None:
    store.made = [
        Version(model="a/b?", number=3, source="models:/m-1"),
        Version(model="c", number=1, source="x"),
    ]
    answer = call(MODELS, **{"run-ask.data": {"run": "r1"}})["response"]
    told = str(answer["run-models"]["children"])

    assert "Age: double, Fare: double" in told
    assert "mlflow.pyfunc.load_model('models:/m-1')" in told
    assert "/models/a%2Fb%3F?versions=3" in told
    assert "v1 of c" not in told
    assert answer["run-register-model"]["value"] == "models:/m-1"
    assert answer["run-register"]["hidden"] is False
    assert answer["run-register-model-field"]["hidden"] is True
    assert answer["run-places"]["data"] == {"run": "r1", "models": [["m-1", "model <b>"]]}


def test_a_run_without_models_has_no_form(store: RunStore, call: Callable[..., Any]) -> None:
    store.logged = ()
    answer = call(MODELS, **{"run-ask.data": {"run": "r1"}})["response"]

    assert "logged no model" in str(answer["run-models"]["children"])
    assert answer["run-register"]["hidden"] is True
    assert answer["run-places"]["data"] == {"run": "r1", "models": []}


def test_an_artifact_store_that_is_away_costs_its_part_of_the_page(
    store: RunStore, call: Callable[..., Any]
) -> None:
    store.far = DOWN
    answer = call(MODELS, **{"run-ask.data": {"run": "r1"}})["response"]

    assert "Nobody answers." in str(answer["run-models"]["children"])
    assert answer["run-register"]["hidden"] is True
    assert "titanic" in str(shown(call)["run-facts"]["children"])


def test_relatives_and_ranges_follow(store: RunStore, call: Callable[..., Any]) -> None:
    parent = make_run("above", name="sweep")
    child = make_run("below", name="trial", tags={"mlflow.parentRunId": "r1"})
    store.kept_runs += [parent, child]
    store.kept_runs[0] = make_run(metrics={"loss": 0.25, "once": 1.0}, tags={"mlflow.parentRunId": "above"})
    answer = call(FAMILY, **{"run-ask.data": shown(call)["run-ask"]["data"]})["response"]

    told = str(answer["run-family"]["children"])
    assert "'href': '/runs/above'" in told
    assert "'href': '/runs/below'" in told
    assert "/runs/compare?runs=below" in told
    assert answer["run-ranges"]["data"] == {"loss": ["0.25", "0.5"]}


def test_names_are_searched_on_the_server(store: RunStore, call: Callable[..., Any]) -> None:
    store.registered = [RegisteredModel(name=f"model {number}") for number in range(1_000)]
    call_names = {"run-register-name.search_value": "MODEL 99"}
    options = call("run-register-name.options", **call_names)["response"]["run-register-name"]["options"]

    assert [option["value"] for option in options[:2]] == ["model 99", "model 990"]
    assert options[-1] == {"label": "new model: MODEL 99", "value": "MODEL 99", "search": "MODEL 99"}
    assert len(options) == 12
    everything = call("run-register-name.options")["response"]["run-register-name"]["options"]
    assert len(everything) == 50


def test_a_version_is_made_and_leads_to_the_comparison(
    registering: ScriptedRegistering, call: Callable[..., Any]
) -> None:
    sent = {
        "run-id.data": "r1",
        "run-register-model.value": "models:/m-1",
        "run-register-name.value": " a/b ",
        "run-register-description.value": "why",
        "run-register-key.data": "k1",
        "run-ask.data": {"run": "r1"},
    }
    answer = call(MAKE, **sent)["response"]

    (asked,) = registering.asked
    assert (asked.name, asked.run_id, asked.uri, asked.description, asked.key) == (
        "a/b", "r1", "models:/m-1", "why", "k1",
    )  # fmt: skip
    assert "/models/a%2Fb?versions=7" in str(answer["run-register-outcome"]["children"])
    assert answer["run-register-key"]["data"] not in {"", "k1"}
    assert answer["run-ask"]["data"]["run"] == "r1"
    assert answer["run-register-description"]["value"] == ""


def test_a_refusal_keeps_what_was_typed_and_the_key(
    registering: ScriptedRegistering, call: Callable[..., Any]
) -> None:
    registering.error = VersionUnfit(message("It is version 3 already."), message("Choose another name."))
    answer = call(MAKE, **{"run-register-key.data": "k1"})["response"]

    assert "It is version 3 already." in str(answer["run-register-outcome"]["children"])
    assert list(answer) == ["run-register-outcome"]


def test_whoever_comes_through_a_proxy_may_look_and_not_register(
    registering: ScriptedRegistering, call: Callable[..., Any]
) -> None:
    elsewhere = {"X-Forwarded-For": "10.0.0.1"}
    button = call("run-register-button.title", headers=elsewhere)["response"]["run-register-button"]
    answer = call(MAKE, headers=elsewhere)["response"]

    assert button["disabled"] is True
    assert "permission write" in button["title"]
    assert "permission write" in str(answer["run-register-outcome"]["children"])
    assert registering.asked == []
