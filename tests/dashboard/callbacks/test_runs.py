import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from dash import Dash

from core.catalog.runs.question import IndexState
from core.catalog.selections import Selections
from core.catalog.store import Experiment, Run
from core.errors import StoreUnreachable
from core.messages import message
from dashboard.factory import create_app
from tests.dashboard.memory import MemoryStore, services_over
from tests.dashboard.remembered_runs import MemoryRuns

LIST = "runs-experiment.options"
FOLLOW = "runs-revision.data"
SHOW = "runs-shown.data"
ROWS = "runs-rows.data"
CHOICE = {"experiments": ["1"], "by": "page"}
TROUBLE = StoreUnreachable(message("Nobody answers."), message("Start it."))


@pytest.fixture
def index() -> MemoryRuns:
    runs = [
        Run(
            id=f"r{i}",
            name=f"run {i}",
            experiment_id="1",
            status="FINISHED",
            params={"kind": "even" if i % 2 == 0 else "odd", "same": "x"},
            metrics={"roc_auc": i / 300, "log_loss": 1 - i / 300},
        )
        for i in range(300)
    ]
    return MemoryRuns(runs, IndexState(revision=3))


@pytest.fixture
def store(index: MemoryRuns) -> MemoryStore:
    return MemoryStore(kept_experiments=[Experiment(id="1", name="new"), Experiment(id="0", name="old")])


@pytest.fixture
def app(store: MemoryStore, index: MemoryRuns, tmp_path: Path) -> Dash:
    return create_app(services_over(store, tmp_path, runs=index))


def shown(call: Callable[..., Any], **choice: Any) -> Any:
    return call(SHOW, **{"runs-choice.data": {**CHOICE, **choice}})["response"]


def ask(call: Callable[..., Any], request: dict[str, Any] | None = None, **choice: Any) -> Any:
    kept = {**CHOICE, **choice}
    told = shown(call, **choice)["runs-shown"]["data"]
    asked = {"startRow": 0, "endRow": 100, "sortModel": [], "filterModel": {}, "ticket": 7, **(request or {})}
    values = {"runs-wanted.data": asked, "runs-choice.data": kept, "runs-shown.data": told}
    return call(ROWS, **values)["response"]


def test_the_newest_experiment_opens(call: Callable[..., Any]) -> None:
    answer = call(LIST)["response"]

    assert answer["runs-experiment"]["value"] == ["1"]
    assert [option["label"] for option in answer["runs-experiment"]["options"]] == ["new", "old"]


def test_experiments_that_are_gone_give_way(call: Callable[..., Any]) -> None:
    assert call(LIST, **{"runs-experiment.value": ["77"]})["response"]["runs-experiment"]["value"] == ["1"]
    assert call(LIST, **{"runs-experiment.value": ["0", "77"]})["response"]["runs-experiment"]["value"] == [
        "0"
    ]


def test_a_store_that_is_down_leaves_what_has_been_read(store: MemoryStore, call: Callable[..., Any]) -> None:
    store.error = TROUBLE
    known = call(LIST, **{"runs-experiment.value": ["1"]})["response"]
    unknown = call(LIST, headers={"Accept-Language": "ja"})["response"]

    assert known == {"runs-list-poll": {"n_intervals": 0}}
    assert "このページは自動的に再試行します。" in str(unknown["runs-state"]["children"])
    assert ask(call)["runs-count"]["children"] == "300 runs"


def test_the_page_follows_the_index(index: MemoryRuns, call: Callable[..., Any]) -> None:
    index.now = IndexState(revision=8, is_filling=True)
    answer = call(FOLLOW, **{"runs-experiment.value": ["1"]})["response"]

    assert answer["runs-revision"]["data"] == {"experiments": ["1"], "number": 8}
    assert answer["runs-poll"] == {"interval": 1000, "n_intervals": 0}
    assert answer["runs-content"]["hidden"] is False
    again = call(
        FOLLOW, **{"runs-experiment.value": ["1"], "runs-revision.data": answer["runs-revision"]["data"]}
    )
    assert "runs-revision" not in again["response"]  # nobody asks for rows that have not changed
    assert "300 runs read, more on their way…" in str(answer["runs-status"]["children"])


def test_the_button_reads_everything_anew(index: MemoryRuns, call: Callable[..., Any]) -> None:
    call(FOLLOW, changed=["runs-poll.n_intervals"], **{"runs-experiment.value": ["1"]})
    assert index.refreshed == 0
    call(FOLLOW, changed=["runs-refresh.n_clicks"], **{"runs-experiment.value": ["1"]})

    assert index.refreshed == 1


def test_columns_are_sent_once(call: Callable[..., Any]) -> None:
    first = shown(call)
    told = first["runs-shown"]["data"]
    later = {"runs-choice.data": {**CHOICE, "by": "grid"}, "runs-shown.data": told}
    again = call(SHOW, **later)["response"]

    assert "metrics.roc_auc" in told["columns"]
    assert "params.same" not in told["columns"]
    assert "runs-table" in first
    assert "runs-table" not in again
    assert "runs-shown" not in again


def test_what_the_table_is_sorted_by_is_a_column(call: Callable[..., Any]) -> None:
    told = shown(call, columns=["params.kind"], order=["-metrics.roc_auc"])["runs-shown"]["data"]

    assert told["columns"] == ["params.kind", "metrics.roc_auc"]
    assert told["sort"] == [["metrics.roc_auc", "desc"]]


def test_a_wrong_filter_is_explained_at_its_place(call: Callable[..., Any]) -> None:
    answer = shown(call, filter="metrics.roc_auc >> 5")

    assert answer["runs-mistake"]["data"] == {"text": "metrics.roc_auc >> 5", "start": 16, "end": 18}
    assert ">> is no comparison." in str(answer["runs-filter-state"]["children"])
    assert (answer["runs-table-box"]["hidden"], answer["runs-refused"]["hidden"]) == (True, False)


def test_a_name_that_no_run_has_is_no_mistake_but_worth_a_word(call: Callable[..., Any]) -> None:
    answer = shown(call, filter="metrics.roc_acu > 0.5")

    assert answer["runs-mistake"]["data"] is None
    assert "roc_acu" in str(answer["runs-filter-state"]["children"])
    assert answer["runs-table-box"]["hidden"] is False


def test_rows_of_a_view_as_the_grid_asks_for_them(call: Callable[..., Any]) -> None:
    answer = ask(
        call, {"startRow": 10, "endRow": 12}, order=["-metrics.roc_auc"], where=["params.kind~=~'odd"]
    )
    rows = answer["runs-rows"]["data"]

    assert (rows["rowCount"], rows["ticket"]) == (150, 7)
    assert [row["id"] for row in rows["rowData"]] == ["r279", "r277"]
    assert answer["runs-count"]["children"] == "150 runs"


def test_once_the_grid_knows_the_view_its_own_sorting_counts(call: Callable[..., Any]) -> None:
    request = {"sortModel": [{"colId": "metrics.log_loss", "sort": "asc"}]}
    answer = ask(call, request, by="grid", order=["-metrics.roc_auc"])

    assert answer["runs-asked"]["data"] == {"order": ["metrics.log_loss"], "where": []}
    assert answer["runs-rows"]["data"]["rowData"][0]["id"] == "r299"


def test_a_wrong_filter_has_no_rows(call: Callable[..., Any]) -> None:
    answer = ask(call, filter="metrics.roc_auc >> 5")

    assert answer["runs-rows"]["data"] == {"rowData": [], "rowCount": 0, "ticket": 7}


@pytest.mark.parametrize(
    "output",
    [
        *(LIST, FOLLOW, SHOW, ROWS, "runs-offered.data", "runs-columns-found.children", "runs-group.options"),
        *("runs-best-metric.options", "runs-groups.rowData", "runs-best-found.data", "runs-best-direction.data"),
        *("runs-chosen.data", "runs-compare.href"),
    ],
)  # fmt: skip
def test_any_value_from_the_browser_is_coped_with(app: Dash, call: Callable[..., Any], output: str) -> None:
    key = next(key for key in app.callback_map if output in key.strip(".").split("..."))
    inputs = [*app.callback_map[key]["inputs"], *app.callback_map[key]["state"]]
    for junk in (3, ["x"], {"a": 1}, True, "x" * 30_000, {"experiments": [3], "columns": "x"}):
        values = {f"{item['id']}.{item['property']}": junk for item in inputs}
        assert "sideUpdate" not in call(output, **values)


def test_completion_knows_the_names_of_the_experiment(call: Callable[..., Any]) -> None:
    typed = {"text": "metrics.lo", "cursor": 10}
    answer = call("runs-offered.data", **{"runs-typed.data": typed, "runs-choice.data": CHOICE})["response"]

    assert answer["runs-offered"]["data"]["options"][0]["text"] == "metrics.log_loss"


def test_columns_to_choose_from_are_listed_while_the_panel_is_open(call: Callable[..., Any]) -> None:
    values = {"runs-choice.data": CHOICE, "runs-columns-search.value": "loss"}
    closed = call("runs-columns-found.children", **values, **{"runs-columns-panel.hidden": True})
    opened = call("runs-columns-found.children", **values, **{"runs-columns-panel.hidden": False})

    assert closed["response"] == {}
    assert "metrics.log_loss" in str(opened["response"]["runs-columns-found"])
    assert "metrics.roc_auc" not in str(opened["response"]["runs-columns-found"])


def test_groups_with_their_numbers(call: Callable[..., Any]) -> None:
    told = {"columns": ["metrics.roc_auc"]}
    choice = {**CHOICE, "group": "params.kind", "filter": "metrics.roc_auc > 0.5"}
    values = {"runs-choice.data": choice, "runs-shown.data": told}
    answer = call("runs-groups.rowData", **values)["response"]

    assert [(row["value"], row["runs"]) for row in answer["runs-groups"]["rowData"]] == [
        ("odd", 75),
        ("even", 74),
    ]
    assert answer["runs-groups-note"]["children"] == "2 groups"


def test_the_metric_of_the_best_run_and_its_direction_are_guessed(call: Callable[..., Any]) -> None:
    answer = call("runs-best-metric.options", **{"runs-choice.data": CHOICE})["response"]
    loss = call("runs-best-direction.data", **{"runs-best-metric.value": "metrics.log_loss"})["response"]
    turned = call(
        "runs-best-direction.data",
        changed=["runs-best-higher.n_clicks"],
        **{"runs-best-metric.value": "metrics.log_loss", "runs-best-direction.data": False},
    )["response"]

    assert answer["runs-best-metric"]["value"] == "metrics.roc_auc"
    assert answer["runs-best"]["disabled"] is False
    assert (loss["runs-best-direction"]["data"], loss["runs-best-higher"]["children"]) == (
        False,
        "lower is better",
    )
    assert turned["runs-best-direction"]["data"] is True


def test_the_best_of_what_matches(call: Callable[..., Any]) -> None:
    values = {
        "runs-choice.data": {**CHOICE, "where": ["params.kind~=~'even"]},
        "runs-best-metric.value": "metrics.log_loss",
    }
    answer = call("runs-best-found.data", **values, **{"runs-best-direction.data": False})["response"]

    assert answer["runs-best-found"]["data"]["run"] == "r298"
    assert answer["runs-best-found"]["data"]["order"] == ["metrics.log_loss"]
    assert "run 298" in str(answer["runs-best-said"])


def test_all_that_match_are_ticked_beside_those_that_were(call: Callable[..., Any]) -> None:
    values = {"runs-choice.data": {**CHOICE, "where": ["params.kind~=~'odd"]}, "runs-chosen.data": ["r0"]}
    answer = call(
        "runs-chosen.data", changed=["runs-tick-all.n_clicks"], **values, **{"runs-tick-all.n_clicks": 1}
    )
    ticked = answer["response"]["runs-chosen"]["data"]

    assert ticked[:2] == ["r0", "r1"]
    assert len(ticked) == 151


def test_few_ticked_runs_stand_in_the_address_and_many_behind_a_key(
    call: Callable[..., Any], tmp_path: Path
) -> None:
    few = call("runs-compare.href", **{"runs-chosen.data": ["r1", "r0"]})["response"]
    ids = [f"r{i}" for i in range(1_000)]
    many = call("runs-compare.href", **{"runs-chosen.data": ids})["response"]
    none = call("runs-compare.href", **{"runs-chosen.data": []})["response"]
    key = many["runs-compare"]["href"].partition("selection=")[2]

    assert few["runs-compare"] == {"href": "/runs/compare?runs=r1,r0", "hidden": False}
    assert many["runs-way"]["data"] == {"href": many["runs-compare"]["href"], "count": 1_000}
    assert many["runs-ticked"]["children"] == "1,000 ticked"
    assert Selections(tmp_path / "selections").read(key) == tuple(ids)
    assert none["runs-compare"]["hidden"] is True


def test_a_selection_of_the_address_is_ticked_again(call: Callable[..., Any], tmp_path: Path) -> None:
    key = Selections(tmp_path / "selections").keep(["r1", "r2"])
    answer = call("runs-chosen.data", **{"runs-restore.data": key})["response"]
    gone = call("runs-chosen.data", **{"runs-restore.data": "0" * 64})["response"]

    assert answer["runs-chosen"]["data"] == ["r1", "r2"]
    assert "There is no such selection of runs." in gone["runs-ticks-note"]["children"]


def test_the_file_has_every_run_that_matches_and_the_columns_of_the_page(
    app: Dash, call: Callable[..., Any]
) -> None:
    href = shown(call, columns=["metrics.roc_auc"], filter="metrics.roc_auc > 0.9")["runs-csv"]["href"]
    answer = app.server.test_client().get(href)
    lines = list(csv.reader(io.StringIO(answer.text)))

    assert answer.mimetype == "text/csv"
    assert lines[0] == ["run_id", "attributes.run_name", "metrics.roc_auc"]
    assert len(lines) == 1 + 29


def test_a_file_of_a_wrong_filter_says_why(app: Dash) -> None:
    answer = app.server.test_client().get("/runs.csv?experiments=1&filter=nonsense")

    assert answer.status_code == 400
    assert "nonsense" in answer.text
