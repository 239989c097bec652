import json
import math
from typing import Any

import pytest

from core.evidence.curves import Confusion
from core.evidence.metrics import METRIC, METRICS, decision_metrics

CONTRACT = [
    "accuracy",
    "balanced_accuracy",
    "precision",
    "recall",
    "specificity",
    "f1",
    "mcc",
    "roc_auc",
    "average_precision",
    "log_loss",
    "brier",
]


def test_names_and_order_are_the_contract() -> None:
    assert [metric.name for metric in METRICS] == CONTRACT
    assert list(METRIC) == CONTRACT


def test_every_fact_of_a_metric() -> None:
    assert {metric.name for metric in METRICS if not metric.greater_is_better} == {"log_loss", "brier"}
    assert {metric.name for metric in METRICS if metric.needs_probability} == {"log_loss", "brier"}
    assert [metric.name for metric in METRICS if metric.needs_threshold] == CONTRACT[:7]
    assert METRIC["mcc"].low == -1.0
    assert METRIC["log_loss"].high == math.inf
    assert str(METRIC["roc_auc"].title) == "ROC AUC"


def test_values_are_counted_by_hand() -> None:
    values = decision_metrics(Confusion(tn=70, fp=17, fn=15, tp=41))
    assert values["accuracy"].value == pytest.approx(111 / 143)
    assert values["precision"].value == pytest.approx(41 / 58)
    assert values["recall"].value == pytest.approx(41 / 56)
    assert values["specificity"].value == pytest.approx(70 / 87)
    assert values["balanced_accuracy"].value == pytest.approx((41 / 56 + 70 / 87) / 2)
    assert values["f1"].value == pytest.approx(82 / 114)
    assert values["mcc"].value == pytest.approx((41 * 70 - 17 * 15) / math.sqrt(58 * 56 * 87 * 85))


@pytest.mark.parametrize(
    ("cells", "undefined"),
    [
        (Confusion(tn=5, fp=0, fn=3, tp=0), {"precision": "No row is called positive", "mcc": "the same"}),
        (Confusion(tn=0, fp=5, fn=0, tp=3), {"mcc": "same decision"}),
        (
            Confusion(tn=4, fp=2, fn=0, tp=0),
            {"recall": "no positive row", "balanced_accuracy": "no positive row", "mcc": "same label"},
        ),
        (
            Confusion(tn=0, fp=0, fn=2, tp=4),
            {"specificity": "no negative row", "balanced_accuracy": "no negative row", "mcc": "same label"},
        ),
        (
            Confusion(tn=6, fp=0, fn=0, tp=0),
            {
                "precision": "No row is called positive",
                "recall": "no positive row",
                "balanced_accuracy": "no positive row",
                "f1": "none is called",
                "mcc": "same label",
            },
        ),
    ],
)
def test_undefined_is_none_with_a_reason(cells: Any, undefined: Any) -> None:
    values = decision_metrics(cells)
    assert {name for name, value in values.items() if value.value is None} == set(undefined)
    for name, says in undefined.items():
        assert says in str(values[name].reason)
    for name in values.keys() - undefined.keys():
        assert values[name].reason is None


def test_nothing_found_is_zero_and_not_undefined() -> None:
    values = decision_metrics(Confusion(tn=4, fp=1, fn=3, tp=0))
    assert (values["precision"].value, values["recall"].value, values["f1"].value) == (0.0, 0.0, 0.0)
    assert json.dumps(values["mcc"].value) != "null"


def test_a_billion_rows_do_not_overflow() -> None:
    n = 10**9
    assert decision_metrics(Confusion(tn=n, fp=0, fn=0, tp=n))["mcc"].value == 1.0
    assert decision_metrics(Confusion(tn=0, fp=n, fn=n, tp=0))["mcc"].value == -1.0
