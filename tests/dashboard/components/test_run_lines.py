import json
import math
from typing import Any

from dash import dcc

from core.catalog.runs.tree import Trial, tree
from core.catalog.store import Run
from dashboard.components.run_lines import MOST_BARS, MOST_PANELS, bars, lines, scales
from dashboard.components.run_trees import MOST_NODES, run_tree
from dashboard.theme import Scheme


def run(number: int = 0, **facts: Any) -> Run:
    return Run(
        **{"id": f"r{number}", "name": f"run {number}", "experiment_id": "1", "status": "FINISHED", **facts}
    )


def rows(table: Any, css: str) -> list[str]:
    found = [row for body in table["children"][1:] for row in body["children"]]
    return [row["children"][0]["children"][0] for row in found if row["attributes"].get("class") == css]


def test_metrics_between_zero_and_one_share_an_axis() -> None:
    one = run(metrics={"auc": 0.9, "seconds": 3.0, "empty": math.nan, "edge": 1.0, "negative": -0.1})
    two = run(1, metrics={"auc": math.nan, "edge": 0.0})

    assert scales([one, two]) == (["auc", "edge"], ["negative", "seconds"])


def test_lines_that_differ_are_told_from_those_that_do_not() -> None:
    one = run(params={"depth": "3", "data": "x"}, tags={"mlflow.log-model.history": "[…]", "version": "1"})
    two = run(1, params={"depth": "4", "data": "x"}, tags={"mlflow.user": "anna", "version": "1"})
    shown = lines([one, two], Scheme.LIGHT)

    assert rows(shown["table"], "differs") == ["depth", "mlflow.user"]
    assert rows(shown["table"], "same") == ["data", "version"]
    assert shown["same"] == "Show 2 identical lines"
    assert "mlflow.log-model.history" not in json.dumps(shown)


def test_every_run_keeps_its_hue_and_text_is_text() -> None:
    shown = bars([run(name="<b>x</b>", metrics={"a": 0.5}), run(1, metrics={"a": 0.6})], Scheme.DARK, id="b")
    (graph,) = (item for item in shown._traverse() if isinstance(item, dcc.Graph))

    assert [bar.marker.color for bar in graph.figure.data] == ["#4AA3DF", "#E69F00"]
    assert graph.figure.data[0].name == "&lt;b&gt;x&lt;/b&gt;"
    assert graph.config["showSendToCloud"] is False


def test_very_many_metrics_leave_a_note() -> None:
    many = {f"m{i}": 0.5 for i in range(MOST_BARS + 2)} | {f"n{i}": 5.0 for i in range(MOST_PANELS + 3)}
    shown = bars([run(metrics=many), run(1, metrics=many)], Scheme.LIGHT, id="b")

    assert sum(isinstance(item, dcc.Graph) for item in shown._traverse()) == 1 + MOST_PANELS
    assert "5 more metrics stand in the table below" in str(shown)


def test_a_single_run_hides_nothing_and_cannot_be_taken_out() -> None:
    shown = lines([run(params={"a": "1"})], Scheme.LIGHT, can_shrink=False)

    assert shown["same"] == ""
    assert not shown["is_comparing"]
    assert "data-take-out" not in json.dumps(shown)


def test_runs_without_anything_say_so() -> None:
    assert lines([run(), run(1)], Scheme.LIGHT)["table"]["children"] == ["Nothing was logged."]
    assert bars([run(), run(1)], Scheme.LIGHT, id="b") is None


def test_a_tree_is_indented_and_long_ones_are_cut() -> None:
    trials = [Trial(id=f"{i:04}", name=f"<i>{i}", parent="0000" if i else "") for i in range(MOST_NODES + 50)]
    table = run_tree(tree(trials), metric="auc")
    body = table["children"][1]

    assert isinstance(body, dict)
    found = [row for row in body["children"] if isinstance(row, dict)]
    assert len(found) == MOST_NODES + 1
    text = json.dumps(found)
    assert "padding-left: 18px" in text
    assert "249 runs inside" in text
    assert "50 more runs" in text
