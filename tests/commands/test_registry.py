import json
import shutil
from datetime import datetime
from pathlib import Path

import pytest
from mlflow import MlflowClient

from commands.version_details import card_cells
from core.catalog.mlmodel import Column, ModelCard
from tests.commands.conftest import Call


def test_models_as_a_table(call: Call) -> None:
    ended = call("models")
    assert (ended.status, ended.err) == (0, "")
    header, *rows = ended.out.splitlines()
    assert header.split() == ["model", "versions", "Production", "updated", "(UTC)", "description"]
    assert [row.split()[:3] for row in rows] == [["breast-cancer", "3", "2"], ["titanic-survival", "6", "1"]]
    assert "乳房腫瘤" in rows[0]


def test_models_as_json(call: Call) -> None:
    ended = call("models", "--format", "json")
    assert (ended.status, ended.err) == (0, "")
    cancer, titanic = json.loads(ended.out)["models"]
    assert (titanic["name"], titanic["versions"], titanic["production"]) == ("titanic-survival", 6, [1])
    assert titanic["aliases"] == {"production": 1}
    assert datetime.fromisoformat(titanic["updated"]).utcoffset() is not None
    assert cancer["description"].startswith("乳房腫瘤")


def test_versions_as_a_table(call: Call) -> None:
    ended = call("versions", "titanic-survival")
    assert (ended.status, ended.err) == (0, "")
    _, *rows = ended.out.splitlines()
    assert [row.split()[0] for row in rows] == ["6", "5", "4", "3", "2", "1"]
    assert rows[-1].split()[1:3] == ["Production", "production"]
    assert rows[1].split()[1] == "Staging"


def test_versions_as_json(call: Call) -> None:
    ended = call("versions", "breast-cancer", "--format", "json")
    assert (ended.status, ended.err) == (0, "")
    shown = json.loads(ended.out)
    assert shown["model"] == "breast-cancer"
    newest, production, first = shown["versions"]
    assert (newest["version"], newest["stage"], newest["aliases"]) == (3, "None", [])
    assert (production["stage"], production["aliases"]) == ("Production", ["production"])
    assert first["tags"]["recipe"] == "means-only"
    assert first["run_id"]


def test_a_model_that_is_not_there(call: Call) -> None:
    ended = call("versions", "titanic-survivor")
    assert (ended.status, ended.out) == (3, "")
    assert ended.err.count("\n") == 1
    assert ended.err.endswith('Did you mean "titanic-survival"?\n')
    assert "Did you mean" not in call("versions", "xyz").err


def test_details_as_a_table(call: Call) -> None:
    ended = call("versions", "titanic-survival", "--details")
    assert (ended.status, ended.err) == (0, "")
    header, *rows = ended.out.splitlines()
    assert header.split()[-4:] == ["flavors", "size", "inputs", "description"]
    assert all(" sklearn " in row for row in rows)
    assert "2: Pclass double, Fare double" in rows[-1]


def test_details_as_json(call: Call) -> None:
    ended = call("versions", "titanic-survival", "--details", "--format", "json")
    assert (ended.status, ended.err) == (0, "")
    newest = json.loads(ended.out)["versions"][0]
    assert (newest["version"], newest["details"]["flavors"]) == (6, ["python_function", "sklearn"])
    assert [column["name"] for column in newest["details"]["inputs"]][:2] == ["Pclass", "Sex"]
    assert newest["details"]["size_bytes"] > 100
    assert json.loads(newest["details"]["outputs"])
    assert any(line.startswith("scikit-learn==") for line in newest["details"]["requirements"])


def test_files_that_are_gone_cost_that_version_its_details(
    call: Call, copied_demo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(copied_demo / ".runoff", tmp_path / ".runoff")
    monkeypatch.chdir(tmp_path)
    client = MlflowClient(tracking_uri=f"sqlite:///{tmp_path}/.runoff/mlflow.db")
    client.create_model_version("breast-cancer", source=(tmp_path / "gone").as_uri())
    ended = call("versions", "breast-cancer", "--details", "--format", "json")
    assert ended.status == 0
    assert ended.err.startswith("Version 4: The files of version 4 of breast-cancer are not at ")
    newest, *others = json.loads(ended.out)["versions"]
    assert set(newest["details"]) == {"error"}
    assert all("sklearn" in version["details"]["flavors"] for version in others)
    assert call("versions", "breast-cancer", "--details").out.splitlines()[1].split()[-3:] == ["?", "?", "?"]


@pytest.mark.parametrize(
    ("card", "cells"),
    [
        (ModelCard(), ["", "", ""]),
        (ModelCard(flavors={"python_function": {}}, size_bytes=999), ["python_function", "999 B", ""]),
        (
            ModelCard(flavors={"python_function": {}, "onnx": {}}, size_bytes=1_234_567, inputs=()),
            ["onnx", "1.23 MB", "0: "],
        ),
        (ModelCard(inputs=(Column("a", "long"),), size_bytes=20_000), ["", "20 kB", "1: a long"]),
        (
            ModelCard(inputs=(Column("x" * 80, "long"),), size_bytes=3_000_000_000),
            ["", "3 GB", f"1: {'x' * 59}…"],
        ),
    ],
)
def test_a_card_in_a_few_words(card: ModelCard, cells: list[str]) -> None:
    assert card_cells(card) == cells
