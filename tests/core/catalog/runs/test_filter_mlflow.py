"""Random filters give the very runs that MLflow gives, on a database and on a tracking server."""

import math
import random
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.catalog.runs.filter import parse
from core.catalog.runs.filter_sql import condition
from core.catalog.runs.filter_words import in_quotes
from tests.core.catalog.sites import MILLISECONDS, Site

pytestmark = pytest.mark.usefixtures("loaded")

RUNS = 40
METRICS = ["m", "val/loss", "my auc", "a.b.c", "精度", "1st"]
NUMBERS = [
    0.0,
    -0.0,
    0.5,
    1.0,
    -1.0,
    1e-300,
    math.inf,
    -math.inf,
    math.nan,
    123456789.123,
    sys.float_info.max,
]
NAMES = ["p", "P", "p q", "x.y", "values", "d-1"]
TEXTS = ["a", "A", "ab", "aB", "a%b", "a_b", "a'b", "10", "9", "x\ny", "a\\b", "é", "É", "日本", "a b"]
STATUSES = ["FINISHED", "FAILED", "KILLED", "RUNNING"]
DATASETS = [("d", "1", "train"), ("d", "2", "eval"), ("other", "1", None)]

Ask = Callable[[str], set[str]]


@pytest.fixture(scope="module")
def experiment(site: Site) -> str:
    """Runs of every kind; the same ones on either store."""
    found = str(site.writer.create_experiment("filtered"))
    dice = random.Random(5)
    for number in range(RUNS):
        _log_run(site.writer, found, number, dice)
    return found


@pytest.fixture(scope="module")
def theirs(site: Site, experiment: str) -> Ask:
    """Ids of the runs that MLflow finds."""
    from mlflow import MlflowClient  # noqa: PLC0415  not before the fixtures have set it up

    client = MlflowClient(site.uri)
    return lambda text: {run.info.run_id for run in client.search_runs([experiment], text)}


@pytest.fixture(scope="module")
def ours(site: Site, experiment: str) -> Iterator[Ask]:
    """Ids of the runs that our condition finds in the documented tables."""
    import duckdb  # noqa: PLC0415  it grumbles at the end of a process that holds on to it

    from core.catalog.mlflow_run_batches import batch_of  # noqa: PLC0415  not before MLflow is set up

    batch = batch_of(site.writer.search_runs([experiment], max_results=1_000))
    with duckdb.connect() as database:
        runs = batch.runs.append_column("run", [list(range(len(batch)))])
        for name, table in (("runs", runs), *((name, getattr(batch, name)) for name in LONG)):
            database.register(f"given_{name}", table)
            database.execute(f"CREATE TABLE {name} AS SELECT * FROM given_{name}")

        def ask(text: str) -> set[str]:
            sql, parameters = condition(parse(text))
            found = database.execute(f"SELECT run_id FROM runs WHERE {sql}", parameters).fetchall()
            assert len(found) == len(set(found))
            return {run_id for (run_id,) in found}

        yield ask


LONG = ("metrics", "params", "tags", "datasets")


def _log_run(client: Any, experiment: str, number: int, dice: random.Random) -> None:
    from mlflow import entities  # noqa: PLC0415  as above

    def some(names: list[str], values: list[Any]) -> dict[str, Any]:
        return {name: dice.choice(values) for name in names if dice.random() < 0.6}

    tags = {"mlflow.user": dice.choice(["ada", "Bob"])} if number % 3 else {}
    started = MILLISECONDS + 1000 * (number % 7)
    run_id = client.create_run(experiment, started, tags, dice.choice(TEXTS)).info.run_id
    client.log_batch(
        run_id,
        [entities.Metric(name, value, started, 0) for name, value in some(METRICS, NUMBERS).items()],
        [entities.Param(name, value) for name, value in some(NAMES, [*TEXTS, ""]).items()],
        [entities.RunTag(name, value) for name, value in some([*NAMES, "mlflow.note"], TEXTS).items()],
    )
    used = [
        entities.DatasetInput(
            entities.Dataset(name, digest, "local", "{}"),
            [entities.InputTag("mlflow.data.context", context)] if context else [],
        )
        for name, digest, context in dice.sample(DATASETS, dice.randint(0, 3))
    ]
    if used:
        client.log_inputs(run_id, used)
    if (status := dice.choice(STATUSES)) != "RUNNING":
        client.set_terminated(run_id, status, started + dice.choice([500, 1000, 61_000]))
    if number % 10 == 9:
        client.delete_tag(run_id, "mlflow.runName")


def _join(*parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.tuples(*parts).map(" ".join)


def _quoted(values: list[str]) -> st.SearchStrategy[str]:
    return st.tuples(st.sampled_from(values), st.sampled_from("\"'")).map(lambda pair: in_quotes(*pair))


def _field(kinds: list[str], names: list[str]) -> st.SearchStrategy[str]:
    marked = st.tuples(st.sampled_from(names), st.sampled_from('`"')).map(lambda pair: in_quotes(*pair))
    plain = [name for name in names if name.replace(".", "").isidentifier() and name != "values"]
    return st.tuples(st.sampled_from(kinds), st.one_of(marked, st.sampled_from(plain))).map(".".join)


COMPARED = st.sampled_from(["=", "!=", "<", "<=", ">", ">="])
PATTERNS = ["a%", "%B", "_", "%", "a_b", "A%", "%\n%", "1_", "", "%\\%", "日%", "%x%"]
METRIC = _join(
    _field(["metrics", "metric", "`metrics`"], [*METRICS, "none"]),
    COMPARED,
    st.sampled_from(
        [
            "0",
            "-0.0",
            "0.5",
            ".5",
            "1.",
            "1e-300",
            "-1E0",
            "1e400",
            "-1e400",
            "123456789.123",
            "1.7976931348623157e308",
        ]
    ),
)
TEXT = st.one_of(
    _join(st.sampled_from(["=", "!="]), _quoted([*TEXTS, ""])),
    _join(st.sampled_from(["LIKE", "like", "ILIKE", "iLike"]), _quoted(PATTERNS)),
)
LONG_TEXT = _join(
    _field(
        ["params", "param", "parameter", "parameters", "tags", "tag"], [*NAMES, "mlflow.note", "mlflow.user"]
    ),
    st.one_of(TEXT, st.sampled_from(["IS NULL", "is not null"])),
)
TIME = _join(
    st.sampled_from(
        ["start_time", "attributes.start_time", "created", "run.Created", "attr.end_time", "end_time"]
    ),
    COMPARED,
    st.sampled_from(
        [str(MILLISECONDS), str(MILLISECONDS + 2000), f"{MILLISECONDS + 2000}.5", "1.7000000030e12", "0"]
    ),
)
ATTRIBUTE = st.one_of(
    _join(st.sampled_from(["run_name", "attributes.`run name`", '"Run Name"', "attribute.run_name"]), TEXT),
    _join(
        st.sampled_from(["status", "run.status"]),
        st.sampled_from(["=", "!=", "LIKE"]),
        _quoted([*STATUSES, "F%"]),
    ),
    _join(st.sampled_from(["user_id", "attributes.artifact_uri"]), TEXT),
)
DATASET = _join(
    st.sampled_from(["datasets.name", "dataset.digest", "datasets.context"]),
    st.one_of(
        _join(
            st.sampled_from(["=", "!=", "LIKE", "ILIKE"]), _quoted(["d", "1", "train", "TRAIN", "%", "o%"])
        ),
        st.sampled_from(["IN ('d', '1')", 'not in ("eval")', "IN ('train','2')"]),
    ),
)
CONDITION = st.one_of(METRIC, LONG_TEXT, TIME, ATTRIBUTE, DATASET)


@settings(max_examples=100, deadline=None)
@given(
    conditions=st.lists(CONDITION, min_size=1, max_size=3),
    joiner=st.sampled_from([" AND ", " and ", "\n AND\t"]),
)
def test_a_filter_finds_what_mlflow_finds(ours: Ask, theirs: Ask, conditions: list[str], joiner: str) -> None:
    text = joiner.join(conditions)
    assert ours(text) == theirs(text)


@settings(max_examples=25, deadline=None)
@given(either=st.lists(CONDITION, min_size=2, max_size=3), both=CONDITION)
def test_or_finds_what_mlflow_finds_for_any_of_them(
    ours: Ask, theirs: Ask, either: list[str], both: str
) -> None:
    wanted = set[str]().union(*(theirs(f"{one} AND {both}") for one in either))
    assert ours(f"({' OR '.join(either)}) AND {both}") == wanted
    assert ours(" or ".join(f"{one} AND {both}" for one in either)) == wanted


def test_runs_are_found_by_their_ids(ours: Ask, theirs: Ask) -> None:
    some = sorted(theirs(""))[:3]
    quoted = ", ".join(f"'{run_id}'" for run_id in some)
    for text in (f"run_id IN ({quoted})", f"attributes.run_id NOT IN ({quoted})", f"run_id != '{some[0]}'"):
        assert ours(text) == theirs(text)
    assert ours(f"attributes.run_id in ({quoted})") == set(some)


def test_nothing_asked_is_everything(ours: Ask, theirs: Ask) -> None:
    assert len(theirs("")) == RUNS
    assert ours("") == ours(" \n") == theirs("")
