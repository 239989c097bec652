from collections.abc import Iterator

import pytest

from core.evidence.metrics import METRIC, METRICS
from dashboard.messages import Reader, reader
from dashboard.readings import Change, count_delta, delta, primary_first, readings, value
from dashboard.theme import MINUS
from tests.dashboard.comparing import make_comparison


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    token = reader.set(Reader("en"))
    yield
    reader.reset(token)


def test_values_have_more_digits_where_rows_carry_them() -> None:
    assert value(0.82649, 143) == "0.826"
    assert value(0.82649, 100_000) == "0.8265"
    assert value(None, 143) == "n/a"


@pytest.mark.parametrize(
    ("metric", "difference", "written"),
    [
        ("recall", 0.012, "▲ +1.2 pp"),
        ("recall", -0.012, f"▼ {MINUS}1.2 pp"),
        ("recall", 0.0, "0.0 pp"),
        ("recall", 0.0004, "0.0 pp"),
        ("brier", -0.05, f"▼ {MINUS}5.0 pp"),
        ("log_loss", 0.599, "▲ +0.599"),
        ("mcc", -0.05, f"▼ {MINUS}0.050"),
        ("recall", None, ""),
    ],
)
def test_differences_say_sign_and_unit(metric: str, difference: float | None, written: str) -> None:
    assert delta(METRIC[metric], difference, 143) == written


def test_counts_have_a_sign() -> None:
    assert [count_delta(change) for change in (1_200, -3, 0)] == ["+1,200", f"{MINUS}3", "±0"]


def test_what_is_better_depends_on_the_metric() -> None:
    assert Change.of(0.1, greater_is_better=True) is Change.BETTER
    assert Change.of(0.1, greater_is_better=False) is Change.WORSE
    assert Change.of(-0.1, greater_is_better=False) is Change.BETTER
    assert Change.of(0.0, greater_is_better=True) is Change.NONE
    assert Change.of(None, greater_is_better=True) is Change.NONE


def test_readings_of_a_comparison() -> None:
    comparison = make_comparison([2, 6], baseline=2)
    found = readings(comparison)
    assert list(found) == [2, 6]
    assert list(found[6]) == [*(metric.name for metric in METRICS), "ks", "cost"]
    assert all(not reading.delta for reading in found[2].values())
    auc = comparison.delta(6, "roc_auc")
    assert auc is not None
    assert auc > 0
    assert found[6]["roc_auc"].delta == f"▲ +{100 * auc:.1f} pp"
    assert found[6]["roc_auc"].change is Change.BETTER
    assert found[6]["log_loss"].delta.startswith(f"▼ {MINUS}")
    assert found[6]["log_loss"].change is Change.BETTER


def test_without_a_baseline_there_is_no_difference() -> None:
    assert all(not reading.delta for reading in readings(make_comparison([1, 2]))[2].values())


def test_what_rounds_to_zero_is_neither_better_nor_worse() -> None:
    comparison = make_comparison([3, 4], baseline=3)
    for reading in readings(comparison)[4].values():
        assert bool(reading.change) == reading.delta.startswith(("▲", "▼"))


def test_the_deciding_metric_comes_first() -> None:
    names = [metric.name for metric in primary_first(METRICS, "f1")]
    assert names[0] == "f1"
    assert names[1:] == [metric.name for metric in METRICS if metric.name != "f1"]
