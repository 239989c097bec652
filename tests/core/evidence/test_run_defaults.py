import pytest

from core.catalog.runs.question import Field, FieldFacts, Kind, Value
from core.evidence.run_defaults import MOST_PARAMS, association, choose, main_metrics, varies

AUC = Field(Kind.METRIC, "auc")
LOSS = Field(Kind.METRIC, "loss")


def param(name: str) -> Field:
    return Field(Kind.PARAM, name)


def runs(count: int = 40) -> dict[Field, list[Value]]:
    return {
        param("noise"): [str(i * 7 % 11) for i in range(count)],
        param("depth"): [str(i // 4) for i in range(count)],
        param("kind"): ["ab"[i % 2] for i in range(count)],
        param("fixed"): ["x"] * count,
        param("path"): [f"/data/{i}" for i in range(count)],
        AUC: [i // 4 + 0.01 * (i % 2) for i in range(count)],
        LOSS: [1.0 * (count - i) for i in range(count)],
    }


def test_what_varies_opens_first_and_what_moves_the_metric_before_all() -> None:
    found = choose(runs(), AUC, second=LOSS)

    assert found.axes[0] == param("depth")
    assert set(found.axes) == {param("depth"), param("noise"), param("kind"), LOSS, AUC}
    assert found.axes[-2:] == (LOSS, AUC)
    assert found.x == param("depth")
    assert found.by == param("depth")
    assert found.color in {param("kind"), param("noise")}


def test_of_many_params_some_open() -> None:
    values: dict[Field, list[Value]] = {
        param(str(i)): [str(i * j % 5) for j in range(10)] for i in range(1, 30)
    }

    assert len(choose(values, None).axes) == MOST_PARAMS


def test_runs_without_anything_are_no_failure() -> None:
    assert choose({}, None).axes == ()
    assert choose({AUC: [None, None]}, AUC).axes == (AUC,)
    assert choose({AUC: [float("nan")], param("a"): ["1"]}, AUC).x is None


@pytest.mark.parametrize(
    ("values", "strength"),
    [
        ([str(2.0**i) for i in range(20)], 1.0),
        ([str(-i) for i in range(20)], 1.0),
        (["low"] * 10 + ["high"] * 10, 0.75),
        ([f"name {i}" for i in range(20)], 0.0),
        ([None] * 20, 0.0),
        (["1"] * 20, 0.0),
    ],
)
def test_association_is_of_ranks(values: list[Value], strength: float) -> None:
    assert association(values, [float(i) for i in range(20)]) == pytest.approx(strength, abs=0.02)


def test_what_some_lack_and_the_others_share_does_not_vary() -> None:
    assert varies(["1", "2", None])
    assert not varies(["1", None])
    assert not varies(["1", "1"])
    assert not varies([None, None])


def test_the_metric_most_used_is_the_main_one_and_of_equals_the_one_that_tells_of_quality() -> None:
    names = {"system/cpu": 90, "fit_seconds": 40, "loss": 40, "roc_auc": 40, "val_loss": 30, "often": 50}
    facts = [
        FieldFacts(field=Field(Kind.METRIC, name), runs=runs, is_number=True) for name, runs in names.items()
    ]
    facts.append(FieldFacts(field=param("depth"), runs=100, is_number=True))

    assert [field.name for field in main_metrics(facts)] == [
        "often", "roc_auc", "fit_seconds", "loss", "val_loss", "system/cpu",
    ]  # fmt: skip
