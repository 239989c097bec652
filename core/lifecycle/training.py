"""Fit a classifier on the training rows and log it to MLflow: what it is, how it did, where it came from.

The fluent MLflow API is used: which store it writes to (`mlflow.set_tracking_uri`) is the business of
whoever owns the process.
"""

import inspect
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version as installed

import mlflow
import mlflow.sklearn
import numpy as np
import pandas as pd
from mlflow.models import infer_signature
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, clone
from sklearn.metrics import accuracy_score, brier_score_loss, log_loss, roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict

from core.lifecycle.quiet import quiet_mlflow
from core.settings import Label

LIBRARIES = ("mlflow", "scikit-learn", "skops", "numpy", "pandas", "scipy")  # what a logged model needs
FOLDS = StratifiedKFold(n_splits=5, shuffle=True, random_state=0)
EXAMPLE_ROWS = 3
THRESHOLD = 0.5  # of the logged accuracy


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """What to train. `estimator` is a pattern: it is cloned, never fitted itself."""

    name: str
    description: str
    estimator: BaseEstimator
    features: tuple[str, ...]
    trusted_types: tuple[str, ...] = ()  # types in the fitted model that skops does not know to be harmless


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TrainingRows:
    """The rows that the test split leaves over.

    `frame` holds features and target; `version` is the SHA-256 that names exactly these data.
    """

    name: str  # of the data set
    source: str  # absolute path or URL
    frame: pd.DataFrame
    target: str
    positive: Label
    version: str

    def inputs(self, features: tuple[str, ...]) -> pd.DataFrame:
        """The features as float64: a column of whole numbers may well have a gap in it next time."""
        return self.frame.loc[:, list(features)].astype("float64")

    @property
    def labels(self) -> pd.Series:
        """The target as it stands in the data: what the model's `classes_` will hold."""
        return self.frame[self.target]


@dataclass(frozen=True, slots=True)
class Trained:
    """A logged model: the run that made it and the URI of its files."""

    run_id: str
    model_uri: str


def train(
    recipe: Recipe, rows: TrainingRows, *, experiment_id: str, tags: Mapping[str, str] | None = None
) -> Trained:
    """Fit, measure and log one model in a run of its own.

    `tags` go beside those that say where the model came from. A failure ends the run as FAILED with the
    tag `error`, and is raised again.
    """
    inputs = rows.inputs(recipe.features)
    with (
        quiet_mlflow(),
        mlflow.start_run(
            experiment_id=experiment_id,
            run_name=recipe.name,
            tags={**_provenance(rows), **(tags or {})},
            description=recipe.description,
        ) as run,
    ):
        mlflow.log_params(parameters(recipe, rows))
        mlflow.log_input(
            mlflow.data.from_pandas(
                rows.frame,
                source=rows.source,
                targets=rows.target,
                name=rows.name,
                digest=rows.version.removeprefix("sha256:")[:32],  # MLflow allows 36 characters
            ),
            context="training",
        )
        try:
            model = clone(recipe.estimator).fit(inputs, rows.labels)
        except ValueError as error:
            mlflow.set_tag("error", f"{type(error).__name__}: {error}")
            raise
        mlflow.log_metrics(measure(model, inputs, rows))
        info = mlflow.sklearn.log_model(
            model,
            name="model",
            signature=infer_signature(inputs, model.predict(inputs.head(EXAMPLE_ROWS))),
            input_example=inputs.head(EXAMPLE_ROWS),
            pip_requirements=[f"{library}=={installed(library)}" for library in LIBRARIES],
            skops_trusted_types=list(recipe.trusted_types),
        )
    return Trained(run_id=run.info.run_id, model_uri=info.model_uri)


def parameters(recipe: Recipe, rows: TrainingRows) -> dict[str, object]:
    """What was chosen: the algorithm, its features, and every setting that is not the library's default."""
    return {
        "algorithm": " + ".join(type(part).__name__ for part in _parts(recipe.estimator)),
        "features": ", ".join(recipe.features),
        "training_rows": len(rows.frame),
        **_chosen(recipe.estimator),
    }


def measure(model: BaseEstimator, inputs: pd.DataFrame, rows: TrainingRows) -> dict[str, float]:
    """Metrics on the rows it was fitted on (`train_`) and on held-out folds of them (`cv_`).

    The test split is not touched: it belongs to the comparison.
    """
    truth = (rows.labels == rows.positive).to_numpy()
    method = "predict_proba" if hasattr(model, "predict_proba") else "decision_function"
    scores = {
        "train": getattr(model, method)(inputs),
        "cv": cross_val_predict(clone(model), inputs, rows.labels, cv=FOLDS, method=method),
    }
    column = list(model.classes_).index(rows.positive)
    measured: dict[str, float] = {}
    for prefix, values in scores.items():
        if method == "predict_proba":
            measured |= _of_probabilities(prefix, truth, values[:, column])
        else:
            ranked = values if column == 1 else -values
            measured[f"{prefix}_roc_auc"] = float(roc_auc_score(truth, ranked))
            measured[f"{prefix}_accuracy"] = float(accuracy_score(truth, ranked >= 0))
    return measured


def _of_probabilities(prefix: str, truth: NDArray[np.bool_], values: NDArray[np.float64]) -> dict[str, float]:
    return {
        f"{prefix}_roc_auc": float(roc_auc_score(truth, values)),
        f"{prefix}_accuracy": float(accuracy_score(truth, values >= THRESHOLD)),
        f"{prefix}_log_loss": float(log_loss(truth, values)),
        f"{prefix}_brier": float(brier_score_loss(truth, values)),
    }


def _parts(estimator: BaseEstimator) -> list[BaseEstimator]:
    """The steps of a pipeline, or the estimator itself."""
    steps = getattr(estimator, "steps", None)
    return [estimator] if steps is None else [step for _, step in steps]


def _chosen(estimator: BaseEstimator) -> dict[str, object]:
    """Plain settings that differ from the constructor's defaults, nested ones as `step__name`."""
    chosen: dict[str, object] = {}
    settings = estimator.get_params(deep=True)
    for name, value in settings.items():
        owner_name, _, own_name = name.rpartition("__")
        owner = settings[owner_name] if owner_name else estimator
        parameter = inspect.signature(type(owner)).parameters.get(own_name)
        if isinstance(value, str | int | float | None) and parameter and value != parameter.default:
            chosen[name] = value
    return chosen


def _provenance(rows: TrainingRows) -> dict[str, str]:
    libraries = {f"{library}_version": installed(library) for library in LIBRARIES}
    return {"python_version": platform.python_version(), **libraries, "data_version": rows.version}
