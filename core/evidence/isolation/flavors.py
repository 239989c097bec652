"""How each flavor is loaded, and how it gives a score for each row. Runs in the child process only."""

import importlib
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.evidence.failures import Unscorable
from core.evidence.isolation.labels import Labels
from core.evidence.isolation.outputs import Output, column_of_labels, numbers, of_function, of_positive
from core.evidence.scores import ScoreKind

FUNCTION = "python_function"
_NATIVE = frozenset({"sklearn", "xgboost", "lightgbm", "catboost"})
_BY_PREDICT = frozenset({FUNCTION, "pytorch"})  # asked through MLflow's predict()


def load(artifact: Path, flavor: str) -> Any:
    """The native model, or MLflow's wrapper where that is all there is. Runs the model's code.

    A flavor's own loader is quicker than python_function's, and reads a model without predict(), too.
    """
    if flavor in _NATIVE:
        return importlib.import_module(f"mlflow.{flavor}").load_model(str(artifact))
    model = importlib.import_module("mlflow.pyfunc").load_model(str(artifact), suppress_warnings=True)
    return model if flavor in _BY_PREDICT else model.get_raw_model()


def score(flavor: str, model: Any, frame: pd.DataFrame, labels: Labels) -> Output:
    """One score for each row of the frame.

    Raises:
        Unscorable: the model gives none that says anything about the positive label.
    """
    return _SCORERS[flavor](model, frame, labels)


def named_columns(model: Any) -> tuple[str, ...]:
    """The columns that a model was trained on, in order, where it remembers their names."""
    names = getattr(model, "feature_names_in_", None)
    if names is None:
        names = getattr(model, "feature_names", None)  # an xgboost Booster
    if names is None:
        names = getattr(model, "feature_names_", None)  # catboost
    if names is None and callable(getattr(model, "feature_name", None)):
        names = model.feature_name()  # a LightGBM Booster
    return tuple(str(name) for name in names) if names is not None else ()


def _estimator(model: Any, frame: pd.DataFrame, labels: Labels) -> Output:
    """scikit-learn's interface, which XGBoost, LightGBM and CatBoost classifiers follow."""
    classes: Sequence[object] | None = getattr(model, "classes_", None)
    if classes is not None and hasattr(model, "predict_proba"):
        return Output(values=_float(column_of_labels(model.predict_proba(frame), classes, labels)))
    if classes is not None and hasattr(model, "decision_function"):
        return Output(values=_decision(model, frame, classes, labels), kind=ScoreKind.RANKING)
    raise Unscorable("no_scores", type=type(model).__name__)


def _decision(
    model: Any, frame: pd.DataFrame, classes: Sequence[object], labels: Labels
) -> NDArray[np.float64]:
    """decision_function of two classes is one number, greater for `classes_[1]`; of more, one for each."""
    position = labels.position(classes)
    scores = numbers(model.decision_function(frame))
    if scores.ndim == 1:
        return _float(scores) if position == 1 else -_float(scores)
    return _float(column_of_labels(scores, classes, labels))


def _xgboost(model: Any, frame: pd.DataFrame, labels: Labels) -> Output:
    if hasattr(model, "predict_proba"):
        return _estimator(model, frame, labels)
    xgboost = importlib.import_module("xgboost")
    if not isinstance(model, xgboost.Booster):
        raise Unscorable("no_scores", type=type(model).__name__)
    objective = json.loads(model.save_config())["learner"]["objective"]["name"]
    return _booster(model.predict(xgboost.DMatrix(frame)), objective, labels)


def _lightgbm(model: Any, frame: pd.DataFrame, labels: Labels) -> Output:
    if hasattr(model, "predict_proba"):
        return _estimator(model, frame, labels)
    text = model.model_to_string(num_iteration=1)
    objective = next((line.split("=")[1] for line in text.splitlines() if line.startswith("objective=")), "")
    return _booster(model.predict(frame), objective.split(" ")[0], labels)


def _catboost(model: Any, frame: pd.DataFrame, labels: Labels) -> Output:
    if hasattr(model, "predict_proba"):
        return _estimator(model, frame, labels)
    classes = list(model.classes_)
    if not classes:
        raise Unscorable("no_scores", type=type(model).__name__)
    proba = model.predict(frame, prediction_type="Probability")
    return Output(values=_float(column_of_labels(proba, classes, labels)))


_PROBABILITY = {"binary:logistic", "reg:logistic", "multi:softprob", "binary", "cross_entropy", "multiclass"}
_MARGIN = {"binary:logitraw", "rank:pairwise", "rank:ndcg", "rank:map", "lambdarank", "rank_xendcg"}


def _booster(values: object, objective: str, labels: Labels) -> Output:
    """A booster that was trained without a classifier around it knows an objective but no labels."""
    if objective in _PROBABILITY:
        return of_positive(values, labels)
    if objective in _MARGIN:
        scores = _float(numbers(values))
        ranking = scores if labels.positive_is_last else -scores
        return Output(values=ranking, kind=ScoreKind.RANKING, label_assumed=not labels.numeric)
    raise Unscorable("no_scores", type=f"booster with the objective {objective}")


def _onnx(session: Any, frame: pd.DataFrame, labels: Labels) -> Output:
    outputs = session.run(None, _feed(session.get_inputs(), frame))
    for values in outputs:
        if isinstance(values, list) and values and isinstance(values[0], Mapping):  # a ZipMap
            classes = list(values[0])
            key = classes[labels.position(classes)]
            return Output(values=np.array([row[key] for row in values], dtype=np.float64))
    tensors = [values for values in outputs if getattr(values, "dtype", None) is not None]
    floats = [values for values in tensors if values.dtype.kind == "f"]
    if not floats:
        raise Unscorable("hard_labels")
    scores = floats[-1]
    classes = _onnx_labels(session)
    if classes and scores.ndim == 2 and scores.shape[1] == len(classes):  # noqa: PLR2004 - rows and labels
        return Output(values=_float(column_of_labels(scores, classes, labels)))
    return of_positive(scores, labels)


_NUMPY_TYPES = {
    "tensor(float)": np.float32,
    "tensor(double)": np.float64,
    "tensor(int64)": np.int64,
    "tensor(int32)": np.int32,
    "tensor(bool)": np.bool_,
    "tensor(float16)": np.float16,
}


def _feed(inputs: Sequence[Any], frame: pd.DataFrame) -> dict[str, NDArray[Any]]:
    """All columns as one tensor, or each as its own, by name where the names fit, else by position."""
    if len(inputs) == 1:
        return {inputs[0].name: frame.to_numpy(dtype=_NUMPY_TYPES.get(inputs[0].type, object))}
    if len(inputs) != len(frame.columns):
        raise Unscorable("shape", shape=f"{len(inputs)} inputs for {len(frame.columns)} columns")
    by_name = {one.name for one in inputs} == set(frame.columns)
    return {
        one.name: (frame[one.name] if by_name else frame.iloc[:, i])
        .to_numpy(dtype=_NUMPY_TYPES.get(one.type, object))
        .reshape(-1, *[1] * (len(one.shape) - 1))
        for i, one in enumerate(inputs)
    }


def _onnx_labels(session: Any) -> list[object]:
    """The labels that a converted classifier keeps in its graph, in the order of its probabilities."""
    onnx = importlib.import_module("onnx")
    path = session._model_path  # noqa: SLF001 - the session has no other word for its file
    for node in onnx.load(path).graph.node:
        for attribute in node.attribute:
            if attribute.name.startswith("classlabels"):
                values = onnx.helper.get_attribute_value(attribute)
                if len(values):
                    return [value.decode() if isinstance(value, bytes) else value for value in values]
    return []


def _function(model: Any, frame: pd.DataFrame, labels: Labels) -> Output:
    schema = model.metadata.get_input_schema()
    if (
        schema is not None
        and schema.is_tensor_spec()
        and len(schema.inputs) == 1
        and not schema.has_input_names()
    ):
        features = frame.to_numpy(dtype=schema.numpy_types()[0])  # one nameless tensor
        return of_function(model.predict(features), len(frame), labels)
    return of_function(model.predict(frame), len(frame), labels)


def _float(array: NDArray[Any]) -> NDArray[np.float64]:
    return array.astype(np.float64)


_SCORERS: Mapping[str, Callable[[Any, pd.DataFrame, Labels], Output]] = {
    "sklearn": _estimator,
    "xgboost": _xgboost,
    "lightgbm": _lightgbm,
    "catboost": _catboost,
    "onnx": _onnx,
    "pytorch": _function,
    FUNCTION: _function,
}
