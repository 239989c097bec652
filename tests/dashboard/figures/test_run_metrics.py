import json
import math
from typing import Any

import pytest

from core.catalog.store import Run
from dashboard.figures.run_metrics import own_scale, shared_scale
from dashboard.theme import Scheme


def run(number: int, **metrics: float) -> Run:
    return Run(id=f"r{number}", name=f"run {number}", experiment_id="1", status="FINISHED", metrics=metrics)


@pytest.mark.parametrize("scheme", Scheme)
@pytest.mark.parametrize("number", [0, 1, 2, 10])
def test_any_number_of_runs_is_drawn(number: int, scheme: Scheme) -> None:
    runs = [run(i, auc=0.5, seconds=3.0) for i in range(number)]

    for figure in (shared_scale(runs, ["auc"], scheme), own_scale(runs, "seconds", scheme)):
        assert len(figure.data) == number
        assert len(figure.to_json()) < 2_000 + 600 * number


def test_bars_start_at_zero() -> None:
    shared = shared_scale([run(0, a=0.9)], ["a"], Scheme.LIGHT)
    own = own_scale([run(0, a=900.0)], "a", Scheme.LIGHT)

    assert shared.layout.yaxis.range == (0, 1)
    assert own.layout.yaxis.rangemode == "tozero"


def test_what_is_no_number_has_no_bar_and_says_so() -> None:
    figure = shared_scale([run(0, a=math.nan), run(1)], ["a"], Scheme.LIGHT)
    drawn: list[Any] = json.loads(figure.to_json())["data"]

    assert [bar["y"] for bar in drawn] == [[None], [None]]
    assert [bar["customdata"] for bar in drawn] == [["n/a"], ["n/a"]]


def test_names_are_text() -> None:
    evil = Run(id="r", name="<b>%{y}</b>", experiment_id="1", status="FINISHED", metrics={"<i>": 0.5})
    (bar,) = shared_scale([evil], ["<i>"], Scheme.LIGHT).data

    assert bar.x == ("&lt;i&gt;",)
    assert "<b>%{y}" not in bar.hovertemplate
    assert "%{y}" not in bar.hovertemplate
