"""`runs` on a store with runs that differ in everything."""

import csv
import io
import json
import math
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.commands.conftest import Call, Ended
from tests.core.catalog.sites import MILLISECONDS, writer

Ask = Callable[..., Ended]


@pytest.fixture(scope="module")
def filled(empty_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two experiments: three runs in one, one in the other."""
    path = Path(shutil.copy(empty_database, tmp_path_factory.mktemp("runs") / "mlflow.db"))
    client = writer(path)
    first, second = (client.create_experiment(name) for name in ("first", "second one"))
    _log(
        client, first, "hare", 0, metrics={"auc": 0.9, "val loss": 1.0}, params={"depth": "5", "text": "=1+1"}
    )
    _log(
        client,
        first,
        "fox",
        1,
        metrics={"auc": 0.7, "val loss": math.nan},
        params={"depth": "3", "text": "x" * 100},
    )
    _log(client, first, "owl", 2, metrics={"val loss": math.inf}, params={"depth": "5"})
    _log(client, second, "elk", 3, metrics={"auc": 0.8}, params={})
    return path


def _log(
    client: Any,
    experiment: str,
    name: str,
    place: int,
    *,
    metrics: dict[str, float],
    params: dict[str, str],
) -> None:
    from mlflow import entities  # noqa: PLC0415  not before the fixtures have set it up

    start = MILLISECONDS + 1_000 * place
    run_id = client.create_run(experiment, start, run_name=name).info.run_id
    logged = [entities.Metric(key, value, start, 0) for key, value in metrics.items()]
    client.log_batch(run_id, logged, [entities.Param(*pair) for pair in params.items()])
    client.set_terminated(run_id, "FAILED" if name == "fox" else "FINISHED", start + 2_500)


@pytest.fixture
def ask(filled: Path, call_alone: Call) -> Ask:
    """`python app.py runs` on that store."""
    return lambda *arguments: call_alone("--tracking-uri", f"sqlite:///{filled}", "runs", *arguments)


def names(ended: Ended) -> list[str]:
    """Run names of an answer in JSON."""
    assert ended.status == 0, ended.err
    return [run["name"] for run in json.loads(ended.out)["runs"]]


def test_a_table_shows_what_differs(ask: Ask) -> None:
    ended = ask("first")
    header, *lines = ended.out.splitlines()
    assert header.split() == [
        *("run", "run_name", "status", "start_time", "duration"),
        *("metrics.val", "loss", "metrics.auc", "params.depth", "params.text"),
    ]
    assert [line.split()[1:4] for line in lines] == [
        ["owl", "FINISHED", "2023-11-14"],
        ["fox", "FAILED", "2023-11-14"],
        ["hare", "FINISHED", "2023-11-14"],
    ]
    assert "2023-11-14 22:13" in lines[0]
    assert [line.split()[5:8] for line in lines[:2]] == [["2.5", "inf", "5"], ["2.5", "nan", "0.7"]]
    assert "x" * 39 + "…" in lines[1]
    assert ended.err.splitlines()[-1] == "3 of 3 runs."
    assert ended.status == 0


def test_every_experiment_is_asked_where_none_is_named(ask: Ask) -> None:
    ended = ask("--limit", "2")
    assert "second one" in ended.out
    assert ended.err.splitlines()[-1] == "2 of 4 runs."
    assert names(ask("--format", "json")) == ["elk", "owl", "fox", "hare"]
    assert names(ask("second one", "--format", "json")) == names(ask("2", "--format", "json")) == ["elk"]


def test_json_says_what_json_cannot(ask: Ask) -> None:
    columns = "metrics.`val loss`,params.depth,start_time,tags.`mlflow.runName`"
    ended = ask("first", "--columns", columns, "--format", "json")
    told = json.loads(ended.out)
    assert told["total"] == 3
    assert told["runs"][1] | {"run_id": ""} == {
        "run_id": "",
        "name": "fox",
        "experiment": "first",
        "status": "FAILED",
        "parent": None,
        "values": {
            "metrics.val loss": "NaN",
            "params.depth": "3",
            "attributes.start_time": "2023-11-14T22:13:21+00:00",
            "tags.mlflow.runName": "fox",
        },
    }
    assert [run["values"]["metrics.val loss"] for run in told["runs"]] == ["Infinity", "NaN", 1.0]


@pytest.mark.parametrize(
    ("options", "found"),
    [
        (["--filter", "params.depth = '5' AND (metrics.auc > 0.8 OR metrics.auc IS NULL)"], ["owl", "hare"]),
        (["--filter", "metrics.auc >= 0.7", "--order", "metrics.auc"], ["fox", "elk", "hare"]),
        (["--order", "-metrics.auc"], ["hare", "elk", "fox", "owl"]),
        (["--order", "params.depth,-run_name"], ["fox", "owl", "hare", "elk"]),
        (["--order", "params.depth", "--order", "run_name"], ["fox", "hare", "owl", "elk"]),
        (["--order", "run_name", "--limit", "2"], ["elk", "fox"]),
        (["--filter", "status = 'RUNNING'"], []),
    ],
)
def test_runs_are_filtered_and_sorted(ask: Ask, options: list[str], found: list[str]) -> None:
    assert names(ask("--format", "json", *options)) == found


def test_csv_has_every_run_and_no_formula(ask: Ask) -> None:
    ended = ask("first", "--columns", "run_name,params.text", "--order", "run_name", "--format", "csv")
    rows = list(csv.reader(io.StringIO(ended.out, newline="")))
    assert [row[1:] for row in rows[1:]] == [["fox", "x" * 100], ["hare", "'=1+1"], ["owl", ""]]
    limited = ask("first", "--columns", "run_name", "--format", "csv", "--limit", "1").out
    assert [row[1] for row in csv.reader(io.StringIO(limited, newline=""))][1:] == ["owl"]


def test_nothing_found_is_said(ask: Ask) -> None:
    ended = ask("--filter", "metrics.acu > 0.5")
    assert (ended.status, ended.out) == (0, "")
    assert ended.err.splitlines() == [
        "No run here has metrics.acu. Do you mean metrics.auc?",
        "No run matches.",
    ]


@pytest.mark.parametrize(
    ("options", "status", "sentence"),
    [
        (
            ["--filter", "metrics.auc > high"],
            2,
            "Error: metrics.auc is compared with a number; high is none.",
        ),
        (["--order", "-metrics.acu"], 2, "Error: No run here has metrics.acu. Do you mean metrics.auc?"),
        (["--columns", "auc"], 2, "Error: No run here has auc. Do you mean metrics.auc?"),
        (["--columns", "datasets.name"], 2, "Error: No run here has datasets.name."),
        (["frist"], 3, "Error: There is no experiment frist. Name one that exists, such as first."),
    ],
)
def test_what_makes_no_sense_is_one_sentence(
    ask: Ask, options: list[str], status: int, sentence: str
) -> None:
    ended = ask(*options)
    (line,) = ended.err.splitlines()
    assert (ended.status, ended.out) == (status, "")
    assert line.startswith(sentence)


def test_a_store_that_is_gone_gives_no_old_runs(ask: Ask, filled: Path) -> None:
    moved = filled.rename(filled.with_suffix(".away"))
    try:
        ended = ask("first", "--format", "json")
    finally:
        moved.rename(filled)
    (line,) = ended.err.splitlines()
    assert (ended.status, ended.out) == (3, "")
    assert line.startswith("Error: ")
