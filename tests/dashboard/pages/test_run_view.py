import ast
from typing import Any

import pytest

from core.catalog.store import Dataset, LoggedModel, Run
from dashboard.components.run_models import snippet
from dashboard.components.run_register import names
from dashboard.pages.run_view import build_view


def facts(uri: str, **more: Any) -> str:
    run = Run(id="r1", name="first", experiment_id="7", status="FINISHED", **more)
    return str(build_view(run, [], tracking_uri=uri).facts)


def test_a_server_has_a_page_of_its_own_and_a_database_has_none() -> None:
    assert "http://mlflow:5000/prefix/#/experiments/7/runs/r1" in facts("http://mlflow:5000/prefix/")
    assert "#/experiments" not in facts("sqlite:////srv/mlflow.db")


def test_an_experiment_that_is_gone_is_named_by_its_number() -> None:
    assert "experiment 7" in facts("sqlite://")


def test_the_code_is_python_whatever_the_names() -> None:
    model = LoggedModel(uri='runs:/r1/it\'s\n"odd"', name="odd")
    code = ast.parse(snippet(model, "sqlite:////srv/it's/m.db"))

    texts = [node.value for node in ast.walk(code) if isinstance(node, ast.Constant)]
    assert texts == ["sqlite:////srv/it's/m.db", model.uri]


def test_datasets_have_their_table() -> None:
    run = Run(
        id="r1", name="", experiment_id="1", status="FINISHED", datasets=(Dataset(name="train", digest="d1"),)
    )
    view = build_view(run, [], tracking_uri="sqlite://")

    assert view.name == "r1"
    assert "d1" in str(view.datasets)
    assert (
        build_view(Run(id="r", name="", experiment_id="1", status="X"), [], tracking_uri="").datasets is None
    )


@pytest.mark.parametrize(
    ("search", "chosen", "offered"),
    [
        ("", None, ["Alpha", "beta"]),
        ("BE", None, ["beta", "BE"]),
        ("beta", None, ["beta"]),
        ("new", "Alpha", ["Alpha", "new"]),
        ("", "made up", ["made up", "Alpha", "beta"]),
    ],
)
def test_names_that_are_there_come_before_a_new_one(
    search: str, chosen: str | None, offered: list[str]
) -> None:
    assert [option["value"] for option in names(("beta", "Alpha"), search, chosen)] == offered
