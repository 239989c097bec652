import json
import math
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest
from dash import Dash

from core.catalog.runs.histories import History
from core.catalog.runs.question import IndexState
from core.catalog.selections import Selections
from core.catalog.store import Run
from core.errors import StoreUnreachable
from core.messages import message
from dashboard.factory import create_app
from tests.dashboard.memory import MemoryStore, services_over
from tests.dashboard.remembered_runs import MemoryRuns

START = datetime(2026, 11, 1, tzinfo=UTC)
MANY = 40
PAGE = "run-comparison-"
OUTPUTS = ("parallel-data.data", "scatter.figure", "box.figure", "curves.figure", "chips.children")


def run(number: int, **facts: Any) -> Run:
    depth, kind = number % 4, ("forest", "<b>boosting</b>")[number % 2]
    usual: dict[str, Any] = {
        "id": f"r{number}",
        "name": f"run {number}",
        "metrics": {"roc_auc": 0.5 + depth / 10 + number / 1_000, "loss": 1.0 - number / 100},
        "params": {"depth": str(depth), "kind": kind, "lr": str(10.0 ** -(number % 5)), "data": "x"},
        "tags": {"mlflow.parentRunId": "sweep"},
        "started": START + timedelta(minutes=number),
        "ended": START + timedelta(minutes=number + 1),
    }
    return Run(**{"experiment_id": "1", "status": "FINISHED", **usual, **facts})


def history(values: list[float]) -> History:
    count = len(values)
    return History(steps=np.arange(count), times=np.arange(count) * 1_000, values=np.array(values))


@pytest.fixture
def kept() -> list[Run]:
    return [run(number) for number in range(MANY)]


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore(
        kept_histories={(f"r{i}", "roc_auc"): history([0.1, 0.2, i / 100]) for i in range(MANY)}
    )


@pytest.fixture
def app(store: MemoryStore, kept: list[Run], tmp_path: Path) -> Dash:
    return create_app(services_over(store, tmp_path, runs=MemoryRuns(kept, IndexState(revision=1))))


@pytest.fixture
def ask(call: Callable[..., Any]) -> Callable[..., Any]:
    """Ask for an output with the page's controls as they open, and others where they are given."""

    def send(output: str, *, runs: Any = None, **values: Any) -> Any:
        many = {"runs": [f"r{number}" for number in range(MANY)]}
        controls = {
            "runs.data": many if runs is None else runs,
            "metric.value": "metrics.roc_auc",
            "axes.value": ["params.depth", "params.kind", "params.lr", "metrics.roc_auc"],
            "x.value": "params.lr",
            "color.value": "params.kind",
            "by.value": "params.depth",
            "narrow.data": {},
        }
        controls |= {name.replace("__", "."): value for name, value in values.items()}
        named = {f"{PAGE}{name}": value for name, value in controls.items()}
        answer = call(f"{PAGE}{output}", **named, **{"shell-scheme.data": "light"})
        return {
            f"{name.removeprefix(PAGE)}.{prop}": value
            for name, props in answer["response"].items()
            for prop, value in props.items()
        }

    return send


def opened(ask: Callable[..., Any], **values: Any) -> Any:
    nothing = dict.fromkeys(("metric__value", "axes__value", "x__value", "color__value", "by__value"))
    return ask("metric.value", **{**nothing, **values})


def test_the_page_opens_with_what_varies_and_the_metric_that_tells_most(ask: Callable[..., Any]) -> None:
    answer = opened(ask)

    assert answer["metric.value"] == "metrics.roc_auc"
    assert answer["axes.value"] == [
        "params.depth",
        "params.kind",
        "params.lr",
        "metrics.loss",
        "metrics.roc_auc",
    ]
    assert answer["x.value"] == "params.depth"
    assert answer["by.value"] == "params.depth"
    assert answer["count.children"] == "40 runs"
    assert answer["body.hidden"] is False
    assert answer["defaults.data"]["axes"] == answer["axes.value"]


def test_what_was_chosen_stays_where_it_makes_sense(ask: Callable[..., Any]) -> None:
    answer = opened(
        ask, metric__value="metrics.loss", x__value="params.kind", by__value="params.gone", color__value=3
    )

    assert answer["metric.value"] == "metrics.loss"
    assert answer["x.value"] == "params.kind"
    assert answer["by.value"] is not None


@pytest.mark.parametrize(
    ("runs", "said"),
    [
        ({"runs": []}, "No runs are ticked."),
        ({"runs": ["gone", 3]}, "None of these runs is in the store."),
        ({"selection": "0" * 64}, "There is no such selection of runs."),
        ({"selection": 5}, "None of these runs is in the store."),
        ("nonsense", "No runs are ticked."),
    ],
)
def test_runs_that_are_not_there_are_said(ask: Callable[..., Any], runs: Any, said: str) -> None:
    answer = opened(ask, runs=runs)

    assert said in json.dumps(answer["state.children"])
    assert answer["body.hidden"] is True
    assert "poll.n_intervals" not in answer


def test_some_that_are_gone_are_counted(ask: Callable[..., Any]) -> None:
    assert (
        opened(ask, runs={"runs": ["r1", "gone"]})["count.children"] == "1 run · 1 more is not in the store"
    )


def test_a_store_that_is_down_leaves_what_the_index_has(ask: Callable[..., Any], store: MemoryStore) -> None:
    store.error = StoreUnreachable(message("Nobody answers."))

    assert (
        opened(ask, runs={"runs": ["r1", "other"]})["count.children"]
        == "1 run · some are not here: Nobody answers."
    )
    answer = opened(ask, runs={"runs": ["other"]})
    assert "Nobody answers." in json.dumps(answer["state.children"])
    assert answer["poll.n_intervals"] == 0


def test_parallel_axes_end_with_the_metric(ask: Callable[..., Any]) -> None:
    data = ask("parallel-data.data", axes__value=["metrics.roc_auc", "params.lr", "params.kind"])[
        "parallel-data.data"
    ]

    assert [axis["field"] for axis in data["axes"]] == ["params.lr", "params.kind", "metrics.roc_auc"]
    assert [axis["log"] for axis in data["axes"]] == [True, False, False]
    assert data["axes"][1]["categories"] == ["<b>boosting</b>", "forest"]
    assert len(data["names"]) == MANY
    assert data["color"] == data["axes"][2]["shares"]
    assert min(data["color"]) == 0
    assert max(data["color"]) == 1


def test_a_direction_turns_the_colours(ask: Callable[..., Any]) -> None:
    stops = [
        ask("parallel-data.data", direction__value=way)["parallel-data.data"]["stops"]
        for way in ("higher", "lower")
    ]

    assert stops[0] == stops[1][::-1]
    assert ask("parallel-data.data", metric__value="metrics.loss")["parallel-data.data"]["stops"] == stops[1]


def test_ranges_come_back_to_the_axes(ask: Callable[..., Any]) -> None:
    narrow = {"params.lr": {"in": [[0.001, 0.01]]}, "params.kind": {"of": ["forest"]}}
    axes = ask("parallel-data.data", narrow__data=narrow)["parallel-data.data"]["axes"]

    assert next(axis["spans"] for axis in axes if axis["field"] == "params.lr") == [[0.25, 0.5]]
    ((low, high),) = next(axis["spans"] for axis in axes if axis["field"] == "params.kind")
    assert low < 1 < high


def test_every_picture_is_one_that_plotly_takes(ask: Callable[..., Any]) -> None:
    for output in OUTPUTS[1:4]:
        figure = ask(output)[output]
        go.Figure(figure)
        assert "<b>boosting" not in json.dumps(figure)


def test_a_narrowing_narrows_every_picture_but_the_axes(ask: Callable[..., Any]) -> None:
    narrow = {"params.depth": {"in": [[0, 1]]}}
    points = sum(
        len(trace["x"]) for trace in ask("scatter.figure", narrow__data=narrow)["scatter.figure"]["data"]
    )
    assert points == MANY // 2
    assert len(ask("box.figure", narrow__data=narrow)["box.figure"]["data"]) == 2
    answer = ask("chips.children", narrow__data=narrow)
    assert answer["chips.children"] == "20 of 40 runs"
    assert len(answer["table.rowData"]) == MANY // 2
    assert "depth: 0 to 1" in json.dumps(answer["ranges.children"])
    assert answer["keep.hidden"] is False


def test_curves_are_those_of_the_best_runs_and_more_where_asked_for(ask: Callable[..., Any]) -> None:
    few = ask("curves.figure")
    assert len(few["curves.figure"]["data"]) == 20
    assert few["curves.figure"]["data"][0]["name"] == "run 39"
    assert few["curves-note.children"] == "the best 20 of 40 by the metric"
    assert few["more.hidden"] is False
    more = ask("curves.figure", more__n_clicks=1, smooth__value=0.5)

    assert len(more["curves.figure"]["data"]) == 2 * MANY
    assert more["more.hidden"] is True


def test_a_metric_without_a_history_says_so(ask: Callable[..., Any]) -> None:
    assert ask("curves.figure", history__value="metrics.loss")["curves-note.children"] == (
        "none of these runs has a history of it"
    )


def test_a_store_that_is_down_is_said_where_the_curves_would_be(
    ask: Callable[..., Any], store: MemoryStore
) -> None:
    store.error = StoreUnreachable(message("Nobody answers."))
    answer = ask("curves.figure")

    assert "Nobody answers." in json.dumps(answer["curves-state.children"])
    assert answer["curves-poll.n_intervals"] == 0
    assert "curves.figure" not in answer


def test_a_sweep_is_one_picture_and_a_tree(ask: Callable[..., Any], kept: list[Run]) -> None:
    kept.append(run(MANY, id="sweep", name="random search", metrics={}, tags={}))
    answer = ask("sweep.figure", runs={"runs": [one.id for one in kept]})

    trials, best = answer["sweep.figure"]["data"]
    assert best["name"] == "random search"
    assert best["y"] == sorted(best["y"])
    assert len(trials["y"]) == MANY
    assert "random search" in json.dumps(answer["tree-data.data"])
    assert answer["sweep-box.hidden"] is False


def test_what_is_nested_in_a_run_is_one_link_away(
    ask: Callable[..., Any], kept: list[Run], tmp_path: Path
) -> None:
    kept.append(run(MANY, id="sweep", name="random search", metrics={}, tags={}))
    link = json.dumps(ask("sweep.figure", runs={"runs": ["sweep"]})["nested.children"])

    assert "Compare the 40 runs nested in random search" in link
    key = link.partition("selection=")[2][:64]
    assert len(Selections(tmp_path / "selections").read(key)) == MANY + 1


def test_few_runs_stand_side_by_side_with_bars(ask: Callable[..., Any]) -> None:
    answer = ask("lines-data.data", runs={"runs": ["r0", "r4"]})
    text = json.dumps(answer["lines-data.data"])

    assert answer["lines-data.data"]["same"] == "Show 3 identical lines"
    assert "data-take-out" in text
    assert answer["bars.children"] is not None
    many = ask("lines-data.data")
    assert many["lines-note.children"] == "the best 10 of 40 by the metric"
    assert many["bars.children"] is None


def test_what_is_looked_at_is_kept_as_a_selection(ask: Callable[..., Any], tmp_path: Path) -> None:
    answer = ask("runs.data", narrow__data={"params.depth": {"in": [[0, 2]]}})
    assert answer["narrow.data"] == {}
    assert len(Selections(tmp_path / "selections").read(answer["runs.data"]["selection"])) == 30
    few = ask("runs.data", narrow__data={"metrics.loss": {"in": [[0.97, 1]]}})

    assert few["runs.data"] == {"runs": ["r0", "r1", "r2", "r3"]}


@pytest.mark.parametrize("output", [*OUTPUTS, "lines-data.data", "sweep.figure", "runs.data"])
@pytest.mark.parametrize("value", [None, 3, "x", ["metrics."], {"a": 1}, "metrics.gone", "params.gone"])
def test_any_value_from_a_browser_is_coped_with(ask: Callable[..., Any], output: str, value: Any) -> None:
    keys = ("axes", "x", "y", "color", "by", "history", "over", "log", "smooth", "direction", "metric")
    ask(output, narrow__data=value, **{f"{key}__value": value for key in keys})


@pytest.mark.parametrize("output", [*OUTPUTS, "lines-data.data", "sweep.figure"])
def test_runs_without_anything_are_no_failure(ask: Callable[..., Any], kept: list[Run], output: str) -> None:
    kept[:] = [run(i, metrics={}, params={}, tags={}, started=None, ended=None) for i in range(3)]
    kept.append(run(3, metrics={"roc_auc": math.nan, "loss": math.inf}))
    runs = {"runs": [one.id for one in kept]}

    opened(ask, runs=runs)
    ask(output, runs=runs)


def test_the_report_holds_every_field_and_no_formula(app: Dash, kept: list[Run]) -> None:
    kept[0] = run(0, params={"evil": "=cmd()"}, name="+1")
    client = app.server.test_client()
    answer = client.get(
        "/runs/compare.csv?runs=r0,r1&narrow=" + json.dumps({"params.evil": {"of": ["=cmd()"]}})
    )

    assert answer.status_code == 200
    head, line = answer.text.splitlines()
    assert "metrics.roc_auc" in head
    assert line.startswith("r0,'+1,")
    assert "'=cmd()" in line
    assert client.get("/runs/compare.csv?selection=x").status_code == 404
    assert client.get("/runs/compare.csv").status_code == 404
