import math
from typing import Any

from dash import dcc, html

from core.catalog.store import Run
from dashboard.components.run_comparison import MOST_BARS, MOST_PANELS, run_comparison, scales
from dashboard.theme import Scheme


def run(number: int = 0, **facts: Any) -> Run:
    return Run(
        **{"id": f"r{number}", "name": f"run {number}", "experiment_id": "1", "status": "FINISHED", **facts}
    )


def rows(component: Any, css: str) -> list[str]:
    found = [
        item
        for item in component._traverse()
        if isinstance(item, html.Tr) and getattr(item, "className", "") == css
    ]
    return [row.children[0].children[0] for row in found]


def test_metrics_between_zero_and_one_share_an_axis() -> None:
    one = run(metrics={"auc": 0.9, "seconds": 3.0, "empty": math.nan, "edge": 1.0, "negative": -0.1})
    two = run(1, metrics={"auc": math.nan, "edge": 0.0})

    assert scales([one, two]) == (["auc", "edge"], ["negative", "seconds"])


def test_a_comparison_shows_what_differs_and_marks_what_does_not() -> None:
    one = run(params={"depth": "3", "data": "x"}, tags={"mlflow.log-model.history": "[…]", "version": "1"})
    two = run(1, params={"depth": "4", "data": "x"}, tags={"mlflow.user": "anna", "version": "1"})
    shown = run_comparison([one, two], Scheme.LIGHT)

    assert rows(shown, "differs") == ["depth", "mlflow.user"]
    assert rows(shown, "same") == ["data", "version"]
    assert "mlflow.log-model.history" not in str(shown)


def test_every_run_keeps_its_hue_and_text_is_text() -> None:
    shown = run_comparison(
        [run(name="<b>x</b>", metrics={"a": 0.5}), run(1, metrics={"a": 0.6})], Scheme.DARK
    )
    (graph,) = (item for item in shown._traverse() if isinstance(item, dcc.Graph))

    assert [bar.marker.color for bar in graph.figure.data] == ["#4AA3DF", "#E69F00"]
    assert graph.figure.data[0].name == "&lt;b&gt;x&lt;/b&gt;"
    assert graph.config["showSendToCloud"] is False


def test_very_many_metrics_leave_a_note() -> None:
    many = {f"m{i}": 0.5 for i in range(MOST_BARS + 2)} | {f"n{i}": 5.0 for i in range(MOST_PANELS + 3)}
    shown = run_comparison([run(metrics=many), run(1, metrics=many)], Scheme.LIGHT)

    assert sum(isinstance(item, dcc.Graph) for item in shown._traverse()) == 1 + MOST_PANELS
    assert "5 more metrics stand in the table below" in str(shown)


def test_a_single_run_hides_nothing() -> None:
    shown = run_comparison([run(params={"a": "1"})], Scheme.LIGHT)
    (table,) = (item for item in shown._traverse() if getattr(item, "id", None) == "runs-lines")

    assert table.className == "scroll show-same"


def test_runs_without_anything_are_no_failure() -> None:
    run_comparison([run(), run(1)], Scheme.LIGHT, left_out=3)
