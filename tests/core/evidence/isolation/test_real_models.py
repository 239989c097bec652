"""Models as people log them give the scores that they give themselves."""

import dataclasses
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
import pandas as pd
import pytest
import xgboost
from mlflow.models import infer_signature
from skl2onnx import to_onnx
from skl2onnx.common.data_types import FloatTensorType, Int64TensorType, StringTensorType
from sklearn.compose import make_column_transformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from core.catalog.store import Version
from core.evidence.comparison import Status
from core.evidence.scores import ScoreKind, Scores
from core.evidence.scoring import Scorer
from core.evidence.split import Split
from tests.core.evidence.isolation.real_models import ALL, NUMERIC, RealModel, signature_of, split_of_rows

Save = Callable[..., Path]
Versions = Callable[..., Version]
SINGLE = 1e-6  # what is left of a probability in float32


def scored(scorer: Scorer, version: Version, split: Split) -> Scores:
    scorer.request(version, split)
    state = scorer.wait(version, split, 60)
    assert state.status is Status.SCORED, state.error
    return scorer.scores(version, split)


def why_not(scorer: Scorer, version: Version, split: Split) -> str:
    scorer.request(version, split)
    state = scorer.wait(version, split, 60)
    assert state.status is Status.FAILED
    return str(state.error)


@pytest.mark.parametrize(
    "name",
    ["forest", "boosting", "pipeline", "search", "calibrated", "unsigned", "words", "positive-first"],
)
def test_sklearn(
    name: str, sklearn_models: dict[str, RealModel], scorer: Scorer, split: Split, version: Versions
) -> None:
    model = sklearn_models[name]
    own = split_of_rows(split.frame, model.positive, model.negative)
    scores = scored(scorer, version(model.folder), own)
    assert (scores.kind, scores.flavor) == (ScoreKind.PROBABILITY, "sklearn")
    np.testing.assert_array_equal(scores.values, model.expected(split.frame))


@pytest.mark.parametrize("positive", [1, 1.0, True, "1", np.int64(1)])
def test_a_label_is_the_same_label_as_number_text_or_truth_value(
    positive: Any, logistic: RealModel, scorer: Scorer, split: Split, version: Versions
) -> None:
    named = split_of_rows(split.frame, positive, type(positive)(0), fingerprint=f"sha256:{positive!r:>064}")
    np.testing.assert_array_equal(
        scored(scorer, version(logistic.folder), named).values, logistic.expected(split.frame)
    )


def test_the_other_label_as_the_positive_one(
    logistic: RealModel, scorer: Scorer, split: Split, version: Versions
) -> None:
    turned = split_of_rows(split.frame, 0, 1)
    scores = scored(scorer, version(logistic.folder), turned)
    np.testing.assert_allclose(scores.values, 1 - logistic.expected(split.frame), rtol=0, atol=1e-15)


def test_a_positive_label_that_the_model_does_not_know(
    logistic: RealModel, scorer: Scorer, split: Split, version: Versions
) -> None:
    said = why_not(scorer, version(logistic.folder), split_of_rows(split.frame, "yes", "no"))
    assert said.startswith(
        "The model knows the labels 0, 1, and the split's positive label yes is none of them."
    )


@pytest.mark.parametrize("name", ["last", "first"])
def test_decision_function_alone_ranks_towards_the_positive_label(
    name: str, rankers: dict[str, RealModel], scorer: Scorer, split: Split, version: Versions
) -> None:
    model = rankers[name]
    own = split_of_rows(split.frame, model.positive, model.negative)
    scores = scored(scorer, version(model.folder), own)
    assert scores.kind is ScoreKind.RANKING
    np.testing.assert_array_equal(scores.values, model.expected(split.frame))


def test_a_regression_gives_no_scores(
    training: pd.DataFrame, save: Save, scorer: Scorer, split: Split, version: Versions
) -> None:
    model = LinearRegression().fit(training[NUMERIC], training["survived"])
    folder = save("regression", "sklearn", model, signature=signature_of(training[NUMERIC]))
    said = why_not(scorer, version(folder), split)
    assert said == (
        "The model is a LinearRegression: it has neither predict_proba nor decision_function. Log a classifier."
    )


def test_xgboost_classifier_and_booster(
    training: pd.DataFrame, save: Save, scorer: Scorer, split: Split, version: Versions
) -> None:
    x, y = training[NUMERIC], training["survived"]
    how = {"signature": signature_of(x), "model_format": "json"}
    classifier = xgboost.XGBClassifier(n_estimators=10).fit(x, y)
    expected = classifier.predict_proba(split.frame[NUMERIC])[:, 1]
    scores = scored(scorer, version(save("xgb-classifier", "xgboost", classifier, **how)), split)
    np.testing.assert_array_equal(scores.values, expected)
    booster = save("xgb-booster", "xgboost", classifier.get_booster(), **how)
    scores = scored(scorer, version(booster), split)
    assert (scores.kind, scores.notes, scores.flavor) == (ScoreKind.PROBABILITY, (), "xgboost")
    np.testing.assert_allclose(scores.values, expected, rtol=0, atol=SINGLE)
    words = scored(scorer, version(booster), split_of_rows(split.frame, "yes", "no"))
    np.testing.assert_array_equal(words.values, scores.values)
    assert [str(note) for note in words.notes] == [
        "Its output is taken as the probability of yes: it does not name its labels."
    ]
    raw = xgboost.train({"objective": "binary:logitraw"}, xgboost.DMatrix(x, y), 10)
    scores = scored(scorer, version(save("xgb-raw", "xgboost", raw, **how)), split)
    assert scores.kind is ScoreKind.RANKING
    np.testing.assert_array_equal(scores.values, raw.predict(xgboost.DMatrix(split.frame[NUMERIC])))


def test_lightgbm_classifier_and_booster(
    training: pd.DataFrame, save: Save, scorer: Scorer, split: Split, version: Versions
) -> None:
    x, y = training[NUMERIC], training["survived"]
    classifier = lightgbm.LGBMClassifier(n_estimators=10, verbose=-1).fit(x, y)
    expected = classifier.predict_proba(split.frame[NUMERIC])[:, 1]
    signed = {"signature": signature_of(x)}
    scores = scored(scorer, version(save("lgb-classifier", "lightgbm", classifier, **signed)), split)
    np.testing.assert_array_equal(scores.values, expected)
    unsigned = save("lgb-booster", "lightgbm", classifier.booster_)
    scores = scored(scorer, version(unsigned), split)
    assert (scores.kind, scores.flavor) == (ScoreKind.PROBABILITY, "lightgbm")
    np.testing.assert_array_equal(scores.values, expected)


@pytest.mark.parametrize(
    "how", [(True, 1, 0), (False, 1, 0), (True, "alive", "dead"), (False, "alive", "dead")]
)
def test_onnx(  # noqa: PLR0917 - fixtures
    how: tuple[bool, Any, Any],
    training: pd.DataFrame,
    save: Save,
    scorer: Scorer,
    split: Split,
    version: Versions,
) -> None:
    zipmap, positive, negative = how
    own = split_of_rows(split.frame, positive, negative)
    x = training[NUMERIC].astype(np.float32)
    model = RandomForestClassifier(5, max_depth=4, random_state=0)
    model.fit(x.to_numpy(), np.where(training["survived"] == 1, positive, negative))
    converted = to_onnx(model, x.to_numpy()[:1], options={"zipmap": zipmap}, target_opset=18)
    folder = save(f"onnx-{zipmap}-{positive}", "onnx", converted, signature=signature_of(training[NUMERIC]))
    scores = scored(scorer, version(folder), own)
    assert (scores.kind, scores.flavor, scores.notes) == (ScoreKind.PROBABILITY, "onnx", ())
    column = list(model.classes_).index(positive)
    expected = model.predict_proba(split.frame[NUMERIC].astype(np.float32).to_numpy())[:, column]
    np.testing.assert_allclose(scores.values, expected, rtol=0, atol=SINGLE)


def test_onnx_with_an_input_for_each_column(
    training: pd.DataFrame, save: Save, scorer: Scorer, split: Split, version: Versions
) -> None:
    encode = make_column_transformer((OneHotEncoder(), ["port"]), remainder="passthrough")
    model = make_pipeline(encode, LogisticRegression(max_iter=1000)).fit(training[ALL], training["survived"])
    types = [FloatTensorType, FloatTensorType, Int64TensorType, StringTensorType]
    inputs = [(name, kind([None, 1])) for name, kind in zip(ALL, types, strict=True)]
    converted = to_onnx(model, initial_types=inputs, options={"zipmap": False}, target_opset=18)
    folder = save("onnx-columns", "onnx", converted, signature=signature_of(training[ALL]))
    scores = scored(scorer, version(folder), split)
    expected = model.predict_proba(split.frame[ALL])[:, 1]
    np.testing.assert_allclose(scores.values, expected, rtol=0, atol=1e-5)


FUNCTIONS: dict[str, Callable[[pd.DataFrame], Any]] = {
    "array": lambda frame: (frame["age"] / 100).to_numpy(),
    "series": lambda frame: frame["age"] / 100,
    "list": lambda frame: list(frame["age"] / 100),
    "table of one": lambda frame: pd.DataFrame({"probability": frame["age"] / 100}),
    "column": lambda frame: (frame["age"] / 100).to_numpy().reshape(-1, 1),
    "pair": lambda frame: np.column_stack([1 - frame["age"] / 100, frame["age"] / 100]),
    "table of labels": lambda frame: pd.DataFrame({"1": frame["age"] / 100, "rest": 1 - frame["age"] / 100}),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_python_functions(name: str, save: Save, scorer: Scorer, split: Split, version: Versions) -> None:
    function = FUNCTIONS[name]

    def predict(model_input: pd.DataFrame) -> Any:
        return function(model_input)

    signature = signature_of(split.frame[["age"]])
    folder = save(f"function {name}", "pyfunc", python_model=predict, signature=signature)
    scores = scored(scorer, version(folder), split)
    assert (scores.kind, scores.flavor) == (ScoreKind.PROBABILITY, "python_function")
    np.testing.assert_allclose(scores.values, split.frame["age"] / 100, rtol=0, atol=1e-15)


def test_a_python_function_of_one_tensor(
    tmp_path: Path, save: Save, scorer: Scorer, split: Split, version: Versions
) -> None:
    code = tmp_path / "of_a_tensor.py"
    code.write_text(
        "class Model:\n"
        "    def predict(self, tensor, params=None):\n"
        "        assert tensor.dtype == 'float32'\n"
        "        return tensor[:, 1] / 100\n"
        "def _load_pyfunc(path):\n"
        "    return Model()\n"
    )
    own = dataclasses.replace(split, features=("fare", "age"))
    signature = infer_signature(split.frame[["fare", "age"]].to_numpy(np.float32))
    how = {"loader_module": "of_a_tensor", "code_paths": [str(code)], "signature": signature}
    scores = scored(scorer, version(save("tensor", "pyfunc", **how)), own)
    np.testing.assert_allclose(scores.values, split.frame["age"] / 100, rtol=0, atol=SINGLE)


def test_versions_with_modules_of_one_name_run_their_own_code(
    tmp_path: Path, save: Save, scorer: Scorer, split: Split, version: Versions
) -> None:
    signature = signature_of(split.frame[["age"]])
    for number, factor in ((1, 0.25), (2, 0.75)):
        package = tmp_path / str(number) / "core"  # a name that Runoff itself has
        package.mkdir(parents=True)
        (package / "__init__.py").write_text("")
        (package / "factor.py").write_text(f"FACTOR = {factor}\n")
        script = tmp_path / f"model{number}.py"
        script.write_text(
            "import mlflow, pandas as pd\n"
            "class Model(mlflow.pyfunc.PythonModel):\n"
            "    def predict(self, context, model_input: pd.DataFrame, params=None):\n"
            "        from core.factor import FACTOR\n"
            "        return model_input['age'] * 0 + FACTOR\n"
            "mlflow.models.set_model(Model())\n"
        )
        folder = save(
            f"code{number}",
            "pyfunc",
            python_model=str(script),
            code_paths=[str(package)],
            signature=signature,
        )
        assert set(scored(scorer, version(folder, number), split).values) == {factor}


def test_a_pyfunc_that_predicts_decisions_is_told_how_to_log_probabilities(
    save: Save, scorer: Scorer, split: Split, version: Versions
) -> None:
    def predict(model_input: pd.DataFrame) -> Any:
        return (model_input["age"] > 40).map({True: "1", False: "0"}).to_numpy()

    folder = save("decisions", "pyfunc", python_model=predict, signature=signature_of(split.frame[["age"]]))
    said = why_not(scorer, version(folder), split)
    assert said.startswith("The model's predict gives class labels, not probabilities.")
    assert 'pyfunc_predict_fn="predict_proba"' in said


def test_a_missing_library_is_named_with_the_version_that_is_asked_for(
    save: Save, tmp_path: Path, scorer: Scorer, split: Split, version: Versions
) -> None:
    script = tmp_path / "model.py"
    script.write_text(
        "import mlflow, pandas as pd\n"
        "class Model(mlflow.pyfunc.PythonModel):\n"
        "    def load_context(self, context):\n"
        "        import fancy_boosting\n"
        "    def predict(self, context, model_input: pd.DataFrame, params=None):\n"
        "        return 0.5\n"
        "mlflow.models.set_model(Model())\n"
    )
    folder = save("fancy", "pyfunc", python_model=str(script), pip_requirements=["mlflow"])
    (folder / "requirements.txt").write_text("mlflow\nfancy-boosting==3.1.4\n")
    said = why_not(scorer, version(folder), split)
    assert said == (
        "The model needs the library fancy_boosting, which is not installed here. "
        "Install fancy-boosting==3.1.4 where Runoff runs, then start Runoff again."
    )


def test_other_libraries_than_in_training_are_noted(
    logistic: RealModel, tmp_path: Path, scorer: Scorer, split: Split, version: Versions
) -> None:
    folder = Path(shutil.copytree(logistic.folder, tmp_path / "old"))
    (folder / "requirements.txt").write_text("mlflow==1.0\nscikit-learn==1.2.3\nnumpy>=1\nnot-here==1\n")
    text = (folder / "MLmodel").read_text()
    (folder / "MLmodel").write_text(text.replace("python_version: 3.", "python_version: 2."))
    notes = [str(note) for note in scored(scorer, version(folder), split).notes]
    assert notes[0].startswith("Trained with scikit-learn 1.2.3; scored with scikit-learn ")
    assert notes[1].startswith("Trained on Python 2.")


@pytest.mark.heavy
def test_catboost(
    training: pd.DataFrame, save: Save, scorer: Scorer, split: Split, version: Versions
) -> None:
    import catboost  # noqa: PLC0415 - only in this environment

    x, y = training[NUMERIC], training["survived"]
    model = catboost.CatBoostClassifier(iterations=10, verbose=False, allow_writing_files=False).fit(x, y)
    expected = model.predict_proba(split.frame[NUMERIC])[:, 1]
    signed = {"signature": signature_of(x)}
    scores = scored(scorer, version(save("cat-classifier", "catboost", model, **signed)), split)
    np.testing.assert_array_equal(scores.values, expected)
    plain = catboost.CatBoost({"loss_function": "Logloss", "iterations": 10, "verbose": False})
    plain.set_params(allow_writing_files=False)
    plain.fit(x, y)
    scores = scored(scorer, version(save("cat-plain", "catboost", plain, **signed)), split)
    expected = plain.predict(split.frame[NUMERIC], prediction_type="Probability")[:, 1]
    np.testing.assert_array_equal(scores.values, expected)


@pytest.mark.heavy
@pytest.mark.parametrize("how", ["pt2", "pickle"])
def test_pytorch(  # noqa: PLR0917 - fixtures
    how: str, training: pd.DataFrame, save: Save, scorer: Scorer, split: Split, version: Versions
) -> None:
    import torch  # noqa: PLC0415 - only in this environment

    torch.manual_seed(0)
    format_ = {
        "serialization_format": how,
        "input_example": training[NUMERIC].to_numpy(np.float32)[:2],
        "signature": infer_signature(training[NUMERIC].to_numpy(np.float32)),
    }
    own = dataclasses.replace(split, features=tuple(NUMERIC))  # tensors have no column names
    layers = [torch.nn.Linear(3, 4), torch.nn.ReLU(), torch.nn.Linear(4, 1), torch.nn.Sigmoid()]
    model = torch.nn.Sequential(*layers)
    inputs = torch.from_numpy(split.frame[NUMERIC].to_numpy(np.float32))
    with torch.no_grad():
        expected = model(inputs).numpy()[:, 0]
    scores = scored(scorer, version(save(f"torch-{how}", "pytorch", model, **format_)), own)
    assert (scores.kind, scores.flavor) == (ScoreKind.PROBABILITY, "pytorch")
    np.testing.assert_allclose(scores.values, expected, rtol=0, atol=SINGLE)
    logits = save(f"torch-logits-{how}", "pytorch", model[:-1], **format_)
    assert "probabilities lie between 0 and 1" in why_not(scorer, version(logits), own)
