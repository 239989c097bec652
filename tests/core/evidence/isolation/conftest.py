"""Real models, saved once for all tests, and scorers over the folders that hold them."""

import dataclasses
import warnings
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import mlflow
import numpy as np
import pandas as pd
import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.svm import SVC

from core.catalog.store import Version
from core.evidence.isolation.nursery import Nursery
from core.evidence.scoring import Scorer
from core.evidence.split import Split
from tests.core.evidence.isolation.real_models import (
    ALL,
    NUMERIC,
    FolderStore,
    RealModel,
    rows,
    signature_of,
    split_of_rows,
)


@pytest.fixture(scope="session")
def training() -> pd.DataFrame:
    return rows(400)


@pytest.fixture(scope="session")
def split() -> Split:
    return split_of_rows(rows(150, seed=1))


@pytest.fixture(scope="session")
def save(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Save a model through MLflow, without the seconds in which it would look for requirements."""
    root = tmp_path_factory.mktemp("models")

    def save_model(name: str, flavor: str, *model: Any, **how: Any) -> Path:
        folder = root / name
        how = {"pip_requirements": ["scikit-learn"], **how}
        with warnings.catch_warnings():
            warnings.simplefilter(
                "ignore"
            )  # advice to the person who logs: formats, type hints, whole numbers
            getattr(mlflow, flavor).save_model(*model, path=str(folder), **how)
        return folder

    return save_model


@pytest.fixture(scope="session")
def logistic(training: pd.DataFrame, save: Callable[..., Path]) -> RealModel:
    """The model that most tests score: logistic regression, saved as MLflow saves by default."""
    model = LogisticRegression(max_iter=1000).fit(training[NUMERIC], training["survived"])
    folder = save("logistic", "sklearn", model, signature=signature_of(training[NUMERIC]))
    return RealModel(folder, "sklearn", lambda frame: model.predict_proba(frame[NUMERIC])[:, 1])


@pytest.fixture(scope="session")
def sklearn_models(training: pd.DataFrame, save: Callable[..., Path]) -> dict[str, RealModel]:
    """What people train with scikit-learn, in each of MLflow's formats."""
    x, y = training[NUMERIC], training["survived"]
    words = np.where(y == 1, "yes", "no")
    signature = signature_of(x)
    encode = make_column_transformer((OneHotEncoder(), ["port"]), (StandardScaler(), NUMERIC))
    pickled = {"serialization_format": "cloudpickle", "signature": signature}

    def saved(name: str, model: Any, column: int = 1, columns: list[str] = NUMERIC, **how: Any) -> Path:
        folder = save(name, "sklearn", model, **how)
        models[name] = RealModel(
            folder, "sklearn", lambda frame: model.predict_proba(frame[columns])[:, column]
        )
        return folder

    models: dict[str, RealModel] = {}
    saved("forest", RandomForestClassifier(20, n_jobs=2, random_state=0).fit(x, y), **pickled)
    saved("boosting", HistGradientBoostingClassifier(max_iter=20).fit(x, y), **pickled)
    pipeline = make_pipeline(encode, LogisticRegression()).fit(training[ALL], y)
    trusted = {"serialization_format": "skops", "signature": signature_of(training[ALL])}
    saved("pipeline", pipeline, columns=ALL, **trusted)
    search = GridSearchCV(LogisticRegression(max_iter=1000), {"C": [0.1, 1.0]}, cv=2).fit(x, y)
    saved("search", search, serialization_format="pickle", signature=signature)
    calibrated = CalibratedClassifierCV(RandomForestClassifier(5, random_state=0), cv=2).fit(x, y)
    saved("calibrated", calibrated, **pickled)
    unsigned = LogisticRegression(max_iter=1000).fit(x[["fare", "age"]], y)
    saved("unsigned", unsigned, columns=["fare", "age"], serialization_format="cloudpickle")
    yes = LogisticRegression(max_iter=1000).fit(x, words)
    saved("words", yes, **pickled)
    models["words"] = dataclasses.replace(models["words"], positive="yes", negative="no")
    survived = LogisticRegression(max_iter=1000).fit(x, np.where(y == 1, "alive", "dead"))
    saved("positive-first", survived, column=0, **pickled)
    models["positive-first"] = dataclasses.replace(
        models["positive-first"], positive="alive", negative="dead"
    )
    return models


@pytest.fixture(scope="session")
def rankers(training: pd.DataFrame, save: Callable[..., Path]) -> dict[str, RealModel]:
    """Models that rank but give no probability, one of them with the positive label first."""
    x, y = training[NUMERIC], training["survived"]
    how = {"serialization_format": "cloudpickle", "signature": signature_of(x)}
    last = make_pipeline(StandardScaler(), SVC()).fit(x, y)
    first = make_pipeline(StandardScaler(), SVC()).fit(x, np.where(y == 1, "alive", "dead"))
    return {
        "last": RealModel(
            save("svc", "sklearn", last, **how),
            "sklearn",
            lambda frame: last.decision_function(frame[NUMERIC]),
        ),
        "first": RealModel(
            save("svc-first", "sklearn", first, **how),
            "sklearn",
            lambda frame: -first.decision_function(frame[NUMERIC]),
            positive="alive",
            negative="dead",
        ),
    }


@pytest.fixture
def version() -> Callable[..., Version]:
    """A version whose files are a folder."""
    made = datetime(2026, 1, 2, tzinfo=UTC)

    def of(folder: Path, number: int = 1, model: str = "titanic") -> Version:
        return Version(model=model, number=number, source=str(folder), created=made, run_id="r")

    return of


@pytest.fixture(scope="session")
def scorer(tmp_path_factory: pytest.TempPathFactory, nursery: Nursery) -> Iterator[Scorer]:
    """One scorer for all real models."""
    made = Scorer(FolderStore(), tmp_path_factory.mktemp("data"), workers=2, nursery=nursery)
    yield made
    made.close()
