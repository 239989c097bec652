import json

import pytest

from core.catalog.mlmodel import Column, parse_mlmodel
from core.errors import ArtifactError

REAL = """
flavors:
  python_function:
    env: {conda: conda.yaml, virtualenv: python_env.yaml}
    loader_module: mlflow.sklearn
    model_path: model.skops
    predict_fn: predict
    python_version: 3.11.7
  sklearn:
    code: null
    pickled_model: model.skops
    serialization_format: skops
mlflow_version: 3.17.2
model_id: m-0123
model_size_bytes: 14803
signature:
  inputs: '[{"type": "long", "name": "Pclass", "required": true}, {"type": "double", "name": "Fare", "required": false}]'
  outputs: '[{"type": "tensor", "tensor-spec": {"dtype": "int64", "shape": [-1]}}]'
  params: null
utc_time_created: '2026-11-21 13:25:42.974650'
"""


def test_a_file_that_mlflow_wrote() -> None:
    card = parse_mlmodel(REAL, "mlflow==3.17.2\n# a comment\n--index-url x\nscikit-learn==1.9.1 # why\n\n")
    assert list(card.flavors) == ["python_function", "sklearn"]
    assert card.flavors["sklearn"]["serialization_format"] == "skops"
    assert card.inputs == (Column("Pclass", "long"), Column("Fare", "double", required=False))
    assert json.loads(card.outputs)[0]["type"] == "tensor"
    assert card.size_bytes == 14803
    assert card.requirements == ("mlflow==3.17.2", "scikit-learn==1.9.1")
    assert (card.python_version, card.mlflow_version, card.model_id) == ("3.11.7", "3.17.2", "m-0123")


@pytest.mark.parametrize(
    "inputs",
    [
        "null",
        "'not JSON'",
        "'{}'",
        "'[]'",
        """'[{"type": "double"}]'""",
        """'[{"type": "tensor", "tensor-spec": {"dtype": "float32", "shape": [-1, 4]}}]'""",
        """'[{"type": "tensor", "name": "x", "tensor-spec": {"dtype": "float32", "shape": [-1, 4]}}]'""",
    ],
)
def test_inputs_without_named_columns_are_no_columns(inputs: str) -> None:
    assert parse_mlmodel(f"signature:\n  inputs: {inputs}\n").inputs is None


def test_a_file_with_nothing_in_it_but_a_mapping() -> None:
    card = parse_mlmodel("model_size_bytes: lots\nflavors: [sklearn]\nsignature: 3")
    assert (card.flavors, card.inputs, card.size_bytes, card.requirements) == ({}, None, None, ())


BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{chr(98 + i)}: &{chr(98 + i)} [{','.join(['*' + chr(97 + i)] * 5)}]\n" for i in range(9)
)
MERGES = "a: &a {k: 1}\nb: &b {<<: [*a, *a, *a]}\nc: {<<: [*b, *b, *b]}\n"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "just a sentence",
        "- a\n- list\n",
        "a: [1, 2",
        "\x00\x01",
        "a: !!python/object/apply:os.system ['true']",
        "[" * 100_000,
        "- " * 100_000,
        "{a: " * 100_000,
        BOMB,
        MERGES,
        "a: &a [*a]",
        "x" * 5_000_000,
        "when: 2026-13-45",
    ],
    ids=lambda text: repr(text[:12]),
)
def test_text_that_is_no_mlmodel_file_is_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(ArtifactError) as caught:
        parse_mlmodel(text)
    assert str(caught.value.title).startswith("The version's MLmodel file ")
    assert str(caught.value.hint)


def test_a_signature_of_ten_thousand_columns_is_read() -> None:
    columns = [{"type": "double", "name": f"a column {i}", "required": True} for i in range(10_000)]
    card = parse_mlmodel("signature:\n  inputs: " + json.dumps(json.dumps(columns)))
    assert card.inputs is not None
    assert card.inputs[9_999] == Column("a column 9999", "double")
