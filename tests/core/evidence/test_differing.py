"""What differs between versions, line by line."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from core.catalog.mlmodel import Column, ModelCard
from core.catalog.store import Dataset, Run, Version
from core.errors import NotFound, StoreUnreachable
from core.evidence.differing import differences
from core.evidence.differing_lines import Line, Section, Unit, setting_cell
from core.evidence.latency import Latency
from core.evidence.libraries import Presence, Required
from core.evidence.version_facts import VersionFacts, read_facts
from core.messages import Message, message

CARD = ModelCard(
    flavors={
        "python_function": {"loader_module": "mlflow.sklearn", "python_version": "3.11.9", "env": {"a": "b"}},
        "sklearn": {"sklearn_version": "1.9.1", "pickled_model": "model.skops"},
    },
    inputs=(Column("age", "double"), Column("sex", "long")),
    raw_inputs="[…]",
    outputs='[{"type": "long", "required": true}]',
    size_bytes=1000,
    python_version="3.11.9",
    mlflow_version="3.17.2",
)
AWAY = StoreUnreachable(message("Nobody answers."))


def make_run(**facts: Any) -> Run:
    return Run(id="r", name="r", experiment_id="1", status="FINISHED", **facts)


def make_facts(number: int, *, tags: Mapping[str, str] | None = None, **facts: Any) -> VersionFacts:
    version = Version(model="m", number=number, tags=tags or {})
    return VersionFacts(version=version, **{"card": CARD, "run": make_run(), **facts})


def section(found: Sequence[Section], name: str) -> Section:
    return next(one for one in found if one.name == name)


def lines(found: Sequence[Section], name: str) -> Mapping[str, Line]:
    return {line.key: line for line in section(found, name).lines}


def values(line: Line) -> list[Any]:
    return [str(cell.value) if isinstance(cell.value, Message) else cell.value for cell in line.cells]


def notes(line: Line) -> list[str]:
    return ["" if cell.note is None else str(cell.note) for cell in line.cells]


def runs(*runs: Mapping[str, Any]) -> tuple[Section, ...]:
    return differences([make_facts(number, run=make_run(**run)) for number, run in enumerate(runs, 1)])


def cards(*cards: ModelCard, has_baseline: bool = True) -> tuple[Section, ...]:
    facts = [make_facts(number, card=card) for number, card in enumerate(cards, 1)]
    return differences(facts, has_baseline=has_baseline)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("0.10", "1e-1", True),
        ("10", "10.0", True),
        (" .5 ", "0.5", True),
        ("9007199254740993", "9007199254740992", False),  # equal as floats
        ("1e400", "1e401", False),
        ("0.1", "0.2", False),
        ("True", "true", False),
        ("nan", "NaN", False),
        ("1_000", "1000", False),
        ("٣", "3", False),
        ("gini", "gini", True),
    ],
)
def test_numbers_among_parameters_are_compared_as_numbers(one: str, other: str, same: bool) -> None:  # noqa: FBT001 - an expectation
    found = lines(runs({"params": {"p": one}}, {"params": {"p": other}}), "parameters")
    assert found["p"].is_same is same
    assert values(found["p"]) == [one, other]


def test_a_value_of_one_version_only_is_marked() -> None:
    found = lines(
        runs({"params": {"a": "1", "b": "2"}}, {"params": {"a": "1"}}, {"params": {"a": "1"}}), "parameters"
    )
    assert [found["a"].lone, found["b"].lone] == [None, 0]
    assert not found["b"].is_same
    assert section(runs({"params": {"a": "1"}}, {"params": {"a": "1"}}), "parameters").identical == 1
    assert lines(runs({"params": {"a": "1"}}), "parameters")["a"].lone is None


def test_tags_are_texts_and_mlflows_own_notes_are_left_out() -> None:
    own = {"team": "credit", "mlflow.x": "[…]", "release": "1.10"}
    found = lines(
        differences(
            [
                make_facts(1, tags=own, run=make_run(tags={"team": "risk", "mlflow.user": "ann"})),
                make_facts(2, tags={**own, "release": "1.1"}, run=make_run(tags={"mlflow.log": "{}"})),
            ]
        ),
        "tags",
    )
    assert list(found) == ["release", "team", "run mlflow.user", "run team"]
    assert not found["release"].is_same
    assert found["team"].is_same
    assert str(found["run team"].title) == "team (run)"


def test_columns_are_told_against_the_baseline_in_words() -> None:
    other = replace(
        CARD,
        inputs=(Column("sex", "string"), Column("fare", "double"), Column("age", "double", required=False)),
    )
    found = lines(cards(CARD, other, CARD), "signature")
    assert values(found["inputs"]) == ["2 columns", "3 columns", "2 columns"]
    assert notes(found["age"]) == ["", "was required", ""]
    assert values(found["age"]) == ["double", "double, optional", "double"]
    assert notes(found["sex"]) == ["", "was long", ""]
    assert notes(found["fare"]) == ["", "added", ""]
    assert notes(lines(cards(other, CARD), "signature")["fare"]) == ["", "removed"]
    assert notes(lines(cards(other, CARD, has_baseline=False), "signature")["fare"]) == ["", ""]
    assert values(found["outputs"]) == ["long"] * 3


def test_tensors_and_missing_signatures_are_said_as_such() -> None:
    written = '[{"type": "tensor", "tensor-spec": {"dtype": "float32", "shape": [-1, 4]}}]'
    tensors = ModelCard(raw_inputs=written, outputs="no JSON {")
    found = lines(cards(ModelCard(), tensors), "signature")
    assert values(found["inputs"]) == ["not declared", "float32 (?, 4)"]
    assert values(found["outputs"]) == ["not declared", "no JSON {"]


def test_requirements_against_each_other_and_this_environment() -> None:
    def asks(*required: Required) -> dict[str, Any]:
        return {"required": required}

    found = lines(
        differences(
            [
                make_facts(
                    1,
                    **asks(
                        Required("Scikit_Learn==1.9.0", Presence.HERE, "1.9.0"),
                        Required("numpy>=2,<3", Presence.HERE, "2.4"),
                        Required("lightgbm", Presence.MISSING),
                        Required("./wheel", Presence.UNREADABLE),
                    ),
                ),
                make_facts(
                    2,
                    **asks(
                        Required("scikit-learn == 1.9", Presence.HERE, "1.9.0"),
                        Required("numpy<2", Presence.OTHER, "2.4"),
                        Required("lightgbm", Presence.MISSING),
                    ),
                ),
            ]
        ),
        "requirements",
    )
    assert list(found) == ["Python", "./wheel", "lightgbm", "numpy", "scikit-learn"]
    assert found["scikit-learn"].is_same
    assert notes(found["numpy"]) == ["", "here: 2.4"]
    assert values(found["lightgbm"]) == ["any version", "any version"]
    assert notes(found["lightgbm"]) == ["not installed here"] * 2
    assert not found["lightgbm"].is_same  # both ask for the same, and this environment has it not
    assert found["./wheel"].lone == 0


def test_another_python_than_the_one_here_is_noted() -> None:
    old = replace(CARD, python_version="2.7.1")
    found = lines(cards(CARD, old), "requirements")["Python"]
    assert notes(found)[1].startswith("here: 3.")
    assert notes(found)[0] == ""


def test_training_data_by_what_they_were_for() -> None:
    train = Dataset(name="titanic", digest="ab12", source="data/titanic.csv", context="training")
    found = lines(
        runs(
            {"datasets": (train,), "tags": {"data_version": "sha256:1", "x": "y"}},
            {"datasets": (replace(train, digest="cd34"), replace(train, name="more"))},
        ),
        "data",
    )
    assert values(found["training name"]) == ["titanic", "more, titanic"]
    assert str(found["training name"].title) == "training: data set"
    assert not found["training digest"].is_same
    assert values(found["data_version"]) == ["sha256:1", None]
    assert "data_version" not in str(
        lines(runs({"tags": {"data_version": "1"}}, {"tags": {"x": "1"}}), "tags")
    )


def test_flavor_size_time_and_metrics() -> None:
    latency = Latency(ms_per_1000=1.5, load_seconds=0.2, rows=100, repeats=25)
    found = differences(
        [
            make_facts(1, latency=latency, digest="sha256:" + "a" * 64, run=make_run(metrics={"auc": 0.5})),
            make_facts(2, run=make_run(metrics={"auc": float("nan")})),
        ]
    )
    assert values(lines(found, "flavor")["sklearn · sklearn_version"]) == ["1.9.1", "1.9.1"]
    assert "env" not in " ".join(lines(found, "flavor"))
    cost = lines(found, "cost")
    assert values(cost["digest"]) == ["a" * 12, None]
    assert [values(cost["size"]), cost["size"].unit] == [[1000, 1000], Unit.BYTES]
    assert values(cost["latency_ms_per_1000"]) == [1.5, None]
    assert values(cost["load_seconds"]) == [0.2, None]
    assert not lines(found, "metrics")["auc"].is_same
    nans = runs({"metrics": {"auc": float("nan")}}, {"metrics": {"auc": float("nan")}})
    assert lines(nans, "metrics")["auc"].is_same


def test_what_the_store_does_not_say_costs_that_and_nothing_else() -> None:
    run = make_run(params={"depth": "3"}, metrics={"auc": 0.5})
    found = differences(
        [
            make_facts(1, run=run),
            make_facts(2, run=AWAY, card=AWAY),
            make_facts(3, run=replace(run, params={"depth": "4"})),
        ],
        has_baseline=True,
    )
    depth = lines(found, "parameters")["depth"]
    assert values(depth) == ["3", None, "4"]
    assert [cell.is_unread for cell in depth.cells] == [False, True, False]
    assert section(found, "parameters").unread == {2: AWAY}
    assert section(found, "signature").unread == {2: AWAY}
    assert all(line.is_same for line in section(found, "signature").lines)  # 1 and 3 agree
    assert lines(found, "metrics")["auc"].lone is None


def test_nothing_to_say_makes_no_section() -> None:
    assert differences([]) == ()
    names = [one.name for one in runs({}, {})]
    assert names == ["signature", "requirements", "flavor", "cost"]


class Shelf:
    """A store that counts what it is asked."""

    def __init__(self, *, away: bool = False, gone: int = 0) -> None:
        self.away = away
        self.gone = gone
        self.asked: list[object] = []

    def card(self, version: Version) -> ModelCard:
        self.asked.append(version.number)
        if self.away:
            raise AWAY
        if version.number == self.gone:
            raise NotFound(message("Gone."))
        return replace(CARD, requirements=("numpy",))

    def runs_by_id(self, run_ids: Sequence[str]) -> Mapping[str, Run]:
        self.asked.append(list(run_ids))
        return {"r1": make_run()}


def read(shelf: Shelf) -> tuple[VersionFacts, ...]:
    versions = [Version(model="m", number=number, run_id=f"r{number}") for number in (1, 2, 3)]
    return read_facts(shelf, versions, digests={1: "sha256:1"}, latencies={})


def test_facts_are_read_in_few_questions() -> None:
    shelf = Shelf(gone=2)
    one, two, three = read(shelf)
    assert shelf.asked == [["r1", "r2", "r3"], 1, 2, 3]
    assert [one.digest, two.digest] == ["sha256:1", None]
    assert isinstance(one.run, Run)
    assert three.run is None
    assert isinstance(two.card, NotFound)
    assert [known.presence for known in one.required] == [Presence.HERE]


def test_a_store_that_does_not_answer_is_asked_once() -> None:
    shelf = Shelf(away=True)
    assert [one.card for one in read(shelf)] == [AWAY] * 3
    assert shelf.asked == [["r1", "r2", "r3"], 1]


def test_a_long_text_is_no_number() -> None:
    digits = "9" * 5000
    assert setting_cell(digits).same == digits
