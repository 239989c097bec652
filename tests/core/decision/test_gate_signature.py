"""May whoever calls Production call the candidate instead? As MLflow's own schema enforcement says."""

import warnings
from typing import Any

import pandas as pd
import pytest

from core.catalog.mlmodel import ModelCard
from core.decision.gate_report import CheckOutcome
from core.decision.gate_signature import ACCEPTED, check_signature
from tests.core.decision.gating import card

AGES = {"age": "double", "fare": "float"}
PASSED, FAILED, INCONCLUSIVE = CheckOutcome.PASSED, CheckOutcome.FAILED, CheckOutcome.INCONCLUSIVE


@pytest.mark.parametrize(
    ("candidate", "outcome", "said"),
    [
        ({"age": "double", "fare": "float"}, PASSED, "all that the baseline's callers send (2 columns)"),
        ({"fare": "float", "age": "double"}, PASSED, ""),  # MLflow brings them into order
        ({"age": "double"}, PASSED, ""),  # what is sent beside is left out
        ({"age": "double", "fare": "double"}, PASSED, ""),
        ({"age": "double", "fare": "float", "sex": "string?"}, PASSED, ""),
        ({"age": "double", "fare": "float", "sex": "string"}, FAILED, 'needs the input "sex", which the bas'),
        ({"age": "float", "fare": "float"}, FAILED, 'takes float for the input "age"; the baseline\'s'),
        ({"age": "long", "fare": "float"}, FAILED, "long"),
        ({"Age": "double", "fare": "float"}, FAILED, '"Age"'),  # names are case-sensitive
        ({"age": "array", "fare": "float"}, INCONCLUSIVE, "cannot be told"),
    ],
)
def test_inputs(candidate: dict[str, str], outcome: CheckOutcome, said: str) -> None:
    finding = check_signature(card(candidate), card(AGES))
    assert finding.outcome is outcome
    assert said in str(finding.reason)


def test_what_callers_may_leave_out_cannot_be_required() -> None:
    baseline = card({"age": "double", "fare": "double?"})
    finding = check_signature(card({"age": "double", "fare": "double"}), baseline)
    assert finding.outcome is FAILED
    assert 'input "fare", which the baseline\'s callers may leave out' in str(finding.reason)
    assert check_signature(card({"age": "double?", "fare": "double?"}), baseline).outcome is PASSED


def tensor(dtype: str, *shape: int) -> str:
    return f'[{{"type": "tensor", "tensor-spec": {{"dtype": "{dtype}", "shape": {list(shape)}}}}}]'


@pytest.mark.parametrize(
    ("ours", "theirs", "outcome"),
    [
        (tensor("float64", -1, 2), tensor("float32", -1, 2), PASSED),
        (tensor("int64", -1), tensor("int32", -1), PASSED),
        (tensor("int64", -1), tensor("float64", -1), FAILED),
        (tensor("float64", -1), tensor("float64", -1, 2), FAILED),
        (tensor("float64", -1), '[{"type": "double"}]', FAILED),
        ('[{"type": "float"}]', '[{"type": "double"}]', PASSED),
        ('[{"type": "string"}]', '[{"type": "long"}]', FAILED),
        ('[{"type": "double", "name": "p"}]', '[{"type": "double", "name": "score"}]', FAILED),
        ('[{"type": "double"}, {"type": "double"}]', '[{"type": "double"}]', FAILED),
        ("not JSON", '[{"type": "double"}]', INCONCLUSIVE),
        ("", '[{"type": "double"}]', INCONCLUSIVE),
        ('[{"type": "double"}]', "", INCONCLUSIVE),
        ("", "", INCONCLUSIVE),
    ],
)
def test_outputs(ours: str, theirs: str, outcome: CheckOutcome) -> None:
    assert check_signature(card(AGES, outputs=ours), card(AGES, outputs=theirs)).outcome is outcome


def test_a_wrong_input_outweighs_what_cannot_be_told() -> None:
    finding = check_signature(card({"sex": "string"}, outputs=""), card(AGES))
    assert finding.outcome is FAILED


def test_what_nobody_declares_cannot_be_broken() -> None:
    assert check_signature(ModelCard(), ModelCard()).outcome is CheckOutcome.NOT_APPLICABLE
    assert check_signature(card({}), card(AGES)).outcome is INCONCLUSIVE
    assert check_signature(card(AGES), card({})).outcome is INCONCLUSIVE
    assert check_signature(card({}), card({})).outcome is INCONCLUSIVE  # outputs alone


def test_tensors_are_compared_as_they_are_written() -> None:
    same, other = (ModelCard(raw_inputs=tensor("float64", -1, n), outputs="[]") for n in (3, 4))
    assert check_signature(same, same).outcome is PASSED
    assert check_signature(other, same).outcome is INCONCLUSIVE


SENT: dict[str, Any] = {  # none of them 0 or 1, for which MLflow makes an exception
    "integer": pd.Series([2, 3], dtype="int32"),
    "long": pd.Series([2, 3], dtype="int64"),
    "float": pd.Series([0.5, 2.5], dtype="float32"),
    "double": pd.Series([0.5, 2.5], dtype="float64"),
    "boolean": pd.Series([True, False]),
    "string": pd.Series(["a", "b"]),
    "datetime": pd.Series(pd.to_datetime(["2026-01-01", "2026-01-02"])),
}


@pytest.mark.parametrize("asked", SENT)
def test_mlflow_itself_casts_these_types_and_no_others(asked: str) -> None:
    with warnings.catch_warnings(action="ignore"):
        from mlflow.exceptions import MlflowException  # noqa: PLC0415  slow to import
        from mlflow.models.utils import _enforce_schema  # noqa: PLC0415  likewise
        from mlflow.types import ColSpec, Schema  # noqa: PLC0415  likewise

        taken = set()
        for kind, column in SENT.items():
            try:
                _enforce_schema(pd.DataFrame({"x": column}), Schema([ColSpec(asked, "x")]))
            except MlflowException:
                continue
            taken.add(kind)
    assert taken == set(ACCEPTED[asked]) & set(SENT)
