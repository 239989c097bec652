"""Questions to the index of runs, and what becomes of it when the store or the disk fails."""

import csv
import io
import math
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest

from benchmarks.run_store import KINDS, insert_runs
from core.catalog.run_index import RunIndex
from core.catalog.runs.question import Condition, Field, IndexState, Kind, Operator, Order, Question, Value
from core.errors import FilterError, NotFound, StoreUnreachable
from tests.core.catalog.faulty_proxy import Fault, FaultyProxy
from tests.core.catalog.sites import Site

RUNS = 300
LOSS = Field(Kind.METRIC, "metric_1")
KIND = Field(Kind.PARAM, "param_0")
DEPTH = Field(Kind.PARAM, "param_1")
NAME = Field(Kind.ATTRIBUTE, "run_name")


def experiment(site: Site) -> str:
    return str(site.writer.create_experiment(f"e-{uuid4().hex[:8]}"))


def until(index: RunIndex, wanted: Callable[[IndexState], bool], *experiments: str) -> IndexState:
    """The state as soon as it is as wanted."""
    deadline = time.monotonic() + 60
    while not wanted(state := index.open(experiments)):
        assert time.monotonic() < deadline, state
        time.sleep(0.02)
    return state


def is_filled(state: IndexState) -> bool:
    return not state.is_filling


@pytest.fixture(scope="module")
def filled(
    on_disk: Site, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[RunIndex, str, list[str]]]:
    """An index of 300 runs that nobody changes; their ids, the oldest first."""
    experiment_id = experiment(on_disk)
    ids = insert_runs(on_disk.database, experiment_id, RUNS, metrics=3, params=2)
    odd = [(ids[0], math.nan, 1), (ids[1], 1.7976931348623157e308, 0), (ids[2], -1.7976931348623157e308, 0)]
    on_disk.sql(
        "UPDATE latest_metrics SET value = ?, is_nan = ? WHERE run_uuid = ? AND key = 'metric_1'",
        [(0.0 if is_nan else value, is_nan, run_id) for run_id, value, is_nan in odd],
    )
    on_disk.sql("DELETE FROM latest_metrics WHERE run_uuid = ? AND key = 'metric_1'", [(ids[3],)])
    on_disk.sql("UPDATE params SET value = 'many' WHERE run_uuid = ? AND key = 'param_1'", [(ids[4],)])
    index = RunIndex(on_disk.store(), tmp_path_factory.mktemp("index"))
    until(index, is_filled, experiment_id)
    yield index, experiment_id, ids
    index.close()


def column(index: RunIndex, question: Question, field: Field) -> list[Value]:
    return [row.values[0] for row in index.rows(question, [field], start=0, end=RUNS).rows]


@pytest.mark.parametrize("descending", [False, True])
def test_metrics_sort_by_size_and_nan_and_missing_ones_come_last(
    filled: tuple[RunIndex, str, list[str]], *, descending: bool
) -> None:
    index, experiment_id, ids = filled
    question = Question(experiments=(experiment_id,), order=(Order(LOSS, descending),))
    rows = index.rows(question, [LOSS], start=0, end=RUNS)
    values = [row.values[0] for row in rows.rows]
    numbers = [value for value in values[:-2] if isinstance(value, float)]
    assert len(numbers) == RUNS - 2
    assert numbers == sorted(numbers, reverse=descending)
    assert {numbers[0], numbers[-1]} == {math.inf, -math.inf}
    assert [row.id for row in rows.rows[-2:]] == [ids[0], ids[3]]
    assert values[-1] is None


def test_params_sort_as_numbers_where_they_are(filled: tuple[RunIndex, str, list[str]]) -> None:
    index, experiment_id, _ = filled
    values = column(index, Question(experiments=(experiment_id,), order=(Order(DEPTH),)), DEPTH)
    assert values[-1] == "many"
    assert [int(str(value)) for value in values[:-1]] == sorted(int(str(value)) for value in values[:-1])


@pytest.mark.parametrize(
    "orders",
    [
        (Order(LOSS, descending=True),),
        (Order(KIND), Order(DEPTH, descending=True)),
        (Order(DEPTH, descending=True),),
        (Order(KIND, descending=True), Order(LOSS)),
        (Order(Field(Kind.TAG, "team")),),
        (Order(NAME),),
        (Order(Field(Kind.METRIC, "no such")),),
    ],
)
def test_an_order_is_the_same_with_and_without_a_filter(
    filled: tuple[RunIndex, str, list[str]], orders: tuple[Order, ...]
) -> None:
    index, experiment_id, _ = filled
    question = Question(experiments=(experiment_id,), order=orders)
    filtered = replace(question, filter="attributes.status = 'FINISHED'")
    assert index.ids(question, limit=RUNS) == index.ids(filtered, limit=RUNS)


def test_runs_come_newest_first_and_in_pieces(filled: tuple[RunIndex, str, list[str]]) -> None:
    index, experiment_id, ids = filled
    question = Question(experiments=(experiment_id,))
    pieces = [index.rows(question, [], start=start, end=start + 70) for start in range(0, RUNS, 70)]
    assert [row.id for piece in pieces for row in piece.rows] == ids[::-1]
    assert {piece.total for piece in pieces} == {RUNS}
    assert index.ids(question, limit=5) == tuple(ids[:-6:-1])


def test_filters_and_column_filters_hold_together(filled: tuple[RunIndex, str, list[str]]) -> None:
    index, experiment_id, _ = filled
    everything = Question(experiments=(experiment_id,))
    question = replace(
        everything,
        filter=f"params.param_0 = '{KINDS[0]}' OR params.param_0 = '{KINDS[1]}'",
        conditions=(Condition(LOSS, Operator.GREATER, 0.5), Condition(NAME, Operator.CONTAINS, "RUN-1")),
    )
    fields = [LOSS, KIND, NAME]
    expected = [
        row.id
        for row in index.rows(everything, fields, start=0, end=RUNS).rows
        if isinstance(row.values[0], float)
        and row.values[0] > 0.5
        and row.values[1] in KINDS[:2]
        and "run-1" in str(row.values[2])
    ]
    assert 10 < len(expected) < RUNS / 2
    assert list(index.ids(question, limit=RUNS)) == expected
    with pytest.raises(FilterError):
        index.rows(replace(everything, filter="metrics.metric_1 >"), [], start=0, end=5)


def test_groups_know_what_their_runs_reach(filled: tuple[RunIndex, str, list[str]]) -> None:
    index, experiment_id, _ = filled
    question = Question(experiments=(experiment_id,))
    groups = index.groups(question, KIND, [LOSS, DEPTH])
    assert {group.value for group in groups} == set(KINDS)
    assert sum(group.runs for group in groups) == RUNS
    assert [group.runs for group in groups] == sorted((group.runs for group in groups), reverse=True)
    rows = index.rows(question, [KIND, LOSS, DEPTH], start=0, end=RUNS).rows
    for group in groups:
        loss, depth = group.spreads
        losses = [row.values[1] for row in rows if row.values[0] == group.value]
        numbers = [value for value in losses if isinstance(value, float) and not math.isnan(value)]
        assert (loss.count, loss.least, loss.most) == (len(numbers), min(numbers), max(numbers))
        depths = [
            int(str(row.values[2]))
            for row in rows
            if row.values[0] == group.value and str(row.values[2]).isdigit()
        ]
        assert depth.mean == pytest.approx(sum(depths) / len(depths))
    (alone,) = index.groups(question, Field(Kind.TAG, "no such"), [])
    assert (alone.value, alone.runs) == (None, RUNS)


def test_the_best_run_has_a_number(filled: tuple[RunIndex, str, list[str]]) -> None:
    index, experiment_id, ids = filled
    question = Question(experiments=(experiment_id,))
    best, worst = (index.best(question, "metric_1", higher=higher) for higher in (True, False))
    assert best is not None
    assert worst is not None
    assert (best.id, worst.id) == (ids[1], ids[2])
    assert index.best(question, "no such metric", higher=True) is None
    only_nan = replace(question, filter=f"attributes.run_id IN ('{ids[0]}', '{ids[3]}')")
    assert index.best(only_nan, "metric_1", higher=True) is None


def test_values_come_in_the_order_that_was_asked_for(filled: tuple[RunIndex, str, list[str]]) -> None:
    index, _, ids = filled
    wanted = [ids[7], "0" * 32, ids[3], ids[200]]
    found = index.values(wanted, [LOSS, NAME])
    assert found.ids == tuple(wanted)
    assert found.names == ("run-7", "", "run-3", "run-200")
    assert list(found.values[NAME]) == ["run-7", None, "run-3", "run-200"]
    assert found.values[LOSS][1] is None
    assert found.values[LOSS][2] is None
    assert isinstance(found.values[LOSS][3], float)


def test_fields_say_what_is_there(filled: tuple[RunIndex, str, list[str]]) -> None:
    index, experiment_id, _ = filled
    facts = {str(one.field): one for one in index.fields([experiment_id])}
    assert facts["metrics.metric_1"].runs == RUNS - 1
    assert facts["metrics.metric_1"].is_number
    assert not facts["params.param_1"].is_number, "one of them is a word"
    assert facts["tags.mlflow.user"].is_constant
    assert not facts["tags.team"].is_constant
    assert facts["attributes.status"].is_constant
    kinds = [one.field.kind for one in index.fields([experiment_id])]
    assert kinds == sorted(kinds, key=list(Kind).index)


def test_csv_is_whole_and_harmless(on_disk: Site, tmp_path: Path) -> None:
    experiment_id = experiment(on_disk)
    run_id = on_disk.writer.create_run(experiment_id, run_name="=SUM(A1)").info.run_id
    on_disk.writer.log_param(run_id, "rate", "-0.5")
    on_disk.writer.log_param(run_id, "note", '@evil, "quoted"\nline')
    insert_runs(on_disk.database, experiment_id, 20, metrics=2, params=0)
    index = RunIndex(on_disk.store(), tmp_path)
    until(index, is_filled, experiment_id)
    fields = [NAME, Field(Kind.PARAM, "rate"), Field(Kind.PARAM, "note"), LOSS]
    text = "".join(index.csv(Question(experiments=(experiment_id,)), fields))
    index.close()
    lines = list(csv.reader(io.StringIO(text, newline="")))
    assert lines[0] == ["run_id", "attributes.run_name", "params.rate", "params.note", "metrics.metric_1"]
    assert lines[1] == [run_id, "'=SUM(A1)", "-0.5", '\'@evil, "quoted"\nline', ""]
    assert len(lines) == 22
    assert all(0 <= float(line[4]) <= 1 for line in lines[2:])


def test_an_unseen_experiment_shows_its_first_rows_within_a_second(on_disk: Site, tmp_path: Path) -> None:
    experiment_id = experiment(on_disk)
    ids = insert_runs(on_disk.database, experiment_id, 2_000, metrics=10, params=10)
    store = on_disk.store()
    store.check()
    index = RunIndex(store, tmp_path)
    index.state([experiment_id])  # DuckDB is imported
    started = time.monotonic()
    state = index.open([experiment_id])
    rows = index.rows(Question(experiments=(experiment_id,)), [LOSS], start=0, end=10).rows
    assert time.monotonic() - started < 1.5
    assert state.is_filling
    assert [row.id for row in rows] == ids[:-11:-1]
    counts = set[int]()

    def grows_to_the_end(state: IndexState) -> bool:
        counts.add(state.runs)
        return is_filled(state)

    until(index, grows_to_the_end, experiment_id)
    assert len(counts) > 2, "it is seen to grow"
    assert max(counts) == 2_000
    index.close()


def test_several_experiments_are_one_list(site: Site, tmp_path: Path) -> None:
    one, other = experiment(site), experiment(site)
    insert_runs(site.database, one, 30, metrics=2, params=1)
    insert_runs(site.database, other, 30, metrics=2, params=1, first=15)
    index = RunIndex(site.store(), tmp_path)
    state = until(index, is_filled, one, other)
    assert state.runs == 60
    rows = index.rows(Question(experiments=(one, other)), [NAME], start=0, end=60).rows
    assert [row.values[0] for row in rows[:15]] == [f"run-{number}" for number in range(44, 29, -1)]
    assert {row.experiment for row in rows[15:45]} == {one, other}
    assert index.rows(Question(experiments=(other,)), [], start=0, end=60).total == 30
    kept = Question(experiments=(one, other), filter="metrics.metric_0 > -1")
    assert index.rows(kept, [NAME], start=0, end=60).rows == rows, "a filter that all fulfil keeps the order"
    index.close()


def test_what_is_in_sight_is_kept_true(site: Site, tmp_path: Path) -> None:
    experiment_id = experiment(site)
    ids = insert_runs(site.database, experiment_id, 20, metrics=1, params=1)
    index = RunIndex(site.store(), tmp_path, look_seconds=0.1)
    before = until(index, is_filled, experiment_id)
    note = Field(Kind.TAG, "note")
    question = Question(experiments=(experiment_id,))
    index.rows(question, [note], start=0, end=20)
    site.writer.set_tag(ids[0], "note", "seen")
    site.writer.delete_run(ids[1])
    new = site.writer.create_run(experiment_id).info.run_id

    def is_seen(state: IndexState) -> bool:
        rows = index.rows(question, [note], start=0, end=20).rows
        return {row.id for row in rows} == {*ids, new} - {ids[1]} and next(
            row.values[0] for row in rows if row.id == ids[0]
        ) == "seen"

    assert until(index, is_seen, experiment_id).revision > before.revision
    index.close()


def test_an_experiment_that_nobody_has_is_said_to_be_missing(site: Site, tmp_path: Path) -> None:
    index = RunIndex(site.store(), tmp_path)
    state = until(index, lambda state: state.trouble is not None, "987654")
    assert isinstance(state.trouble, NotFound)
    assert state.runs == 0
    assert not state.is_filling
    index.close()


def test_a_store_that_goes_down_leaves_what_is_there(served: Site, tmp_path: Path) -> None:
    experiment_id = experiment(served)
    insert_runs(served.database, experiment_id, 600, metrics=2, params=1)
    with FaultyProxy(served.uri) as proxy:
        index = RunIndex(replace(served, uri=proxy.uri).store(), tmp_path, look_seconds=0.1)
        until(index, lambda state: state.runs > 0, experiment_id)
        proxy.fail(Fault.REFUSE, on="runs/search", times=None)
        down = until(index, lambda state: state.trouble is not None, experiment_id)
        assert isinstance(down.trouble, StoreUnreachable)
        assert down.is_filling
        assert 0 < down.runs < 600
        assert down.as_of is not None
        assert index.rows(Question(experiments=(experiment_id,)), [LOSS], start=0, end=5).total == down.runs
        proxy.heal()
        up = until(index, is_filled, experiment_id)
        assert up.trouble is None
        assert up.runs == 600
        index.close()


def test_a_process_may_end_while_the_index_fills(on_disk: Site, tmp_path: Path) -> None:
    """An interpreter that ends threads inside of DuckDB would abort, or complain at length."""
    experiment_id = experiment(on_disk)
    insert_runs(on_disk.database, experiment_id, 1_500)
    script = (
        "from pathlib import Path; from core.catalog.mlflow_gateway import MlflowStore;"
        " from core.catalog.run_index import RunIndex;"
        f" index = RunIndex(MlflowStore({on_disk.uri!r}), Path({str(tmp_path)!r}));"
        f" print(index.open([{experiment_id!r}]).is_filling)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], check=True, timeout=60, capture_output=True, text=True
    )
    assert (done.stdout.strip(), done.stderr) == ("True", "")


def test_importing_the_index_leaves_what_is_slow_alone() -> None:
    script = "import sys, core.catalog.run_index; assert not {'duckdb', 'pyarrow', 'lark', 'mlflow'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)
