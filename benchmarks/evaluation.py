"""Whole evaluation of a registered version: Runoff against mlflow.models.evaluate and the bare prediction.

Both sides begin with the rows in memory and end with every metric and curve; no scores are stored. Runoff's
side is the whole way: files checked, child process, prediction, scores written to disk, metrics and curves.
`python -m benchmarks.evaluation`
"""

import logging
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import mlflow
import numpy as np
import pandas as pd
from sklearn.base import ClassifierMixin
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression

from benchmarks.timing import medians, milliseconds, print_table
from core.catalog.mlflow_gateway import MlflowStore
from core.catalog.store import Version
from core.evidence.comparison import Status
from core.evidence.evaluation import Evaluation, evaluate
from core.evidence.fingerprint import fingerprint
from core.evidence.scoring import Scorer
from core.evidence.split import Split

REPEATS = {
    100_000: 3,
    1_000_000: 1,
}  # by rows, after one round that is not counted; a peer takes half a minute
COLUMNS = 20
TRAINING_ROWS = 20_000
EVALUATOR = {"log_explainer": False, "log_model_explainability": False}
MODELS = {
    "logistic regression": (LogisticRegression(), []),
    "histogram boosting": (
        HistGradientBoostingClassifier(random_state=0),
        ["sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor"],
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One registered version, and what it takes to evaluate it on either side."""

    name: str
    model: ClassifierMixin
    version: Version
    uri: str


def main() -> None:
    """Print the table."""
    table = []
    with (
        tempfile.TemporaryDirectory(prefix="runoff-benchmark-") as folder,
        quiet_mlflow(Path(folder)) as store,
    ):
        scorer = Scorer(store, Path(folder) / "runoff")
        try:
            cases = [register(store, name) for name in MODELS]
            for rows in REPEATS:
                split = rows_to_score(rows)
                table += [figures(case, split, scorer) for case in cases]
        finally:
            scorer.close()
    print_table(
        "Evaluation of a version, no scores stored yet",
        (
            "version",
            "Runoff",
            "mlflow.models.evaluate",
            "times faster",
            "predict_proba",
            "Runoff / predict_proba",
        ),
        table,
    )


def figures(case: Case, split: Split, scorer: Scorer) -> tuple[str, ...]:
    """One row of the table: medians of runs in turns."""
    features = split.frame.drop(columns=split.target)
    found: dict[str, float] = {}
    works: list[Callable[[], object]] = [
        lambda: with_runoff(case, split, scorer),
        lambda: found.update(with_mlflow(case, split)),
        lambda: case.model.predict_proba(features),
    ]
    ours, theirs, bare = medians(works, REPEATS[split.rows])
    check(with_runoff(case, split, scorer), found)
    return (
        f"{case.name}, {split.rows:,} rows",
        milliseconds(ours),
        milliseconds(theirs),
        f"{theirs / ours:.0f}",
        milliseconds(bare),
        f"{ours / bare:.2f}",
    )


def with_runoff(case: Case, split: Split, scorer: Scorer) -> Evaluation:
    """Score anew, whatever is stored, and evaluate."""
    scorer.request(case.version, split, again=True)
    state = scorer.wait(case.version, split)
    assert state.status is Status.SCORED, state
    return evaluate(scorer.scores(case.version, split), split)


def with_mlflow(case: Case, split: Split) -> dict[str, float]:
    """MLflow's own evaluation of the registered version, explanations off."""
    with mlflow.start_run():
        result = mlflow.models.evaluate(
            case.uri,
            split.frame,
            targets=split.target,
            model_type="classifier",
            evaluators="default",
            evaluator_config=EVALUATOR,
        )
    return dict(result.metrics)


def check(ours: Evaluation, theirs: dict[str, float]) -> None:
    """A figure counts only where both found the same."""
    for name, peer in (("roc_auc", "roc_auc"), ("accuracy", "accuracy_score"), ("log_loss", "log_loss")):
        value = ours.at(0.5)[name].value
        assert value is not None
        assert abs(value - theirs[peer]) < 1e-9, (name, value, theirs[peer])


def rows_to_score(rows: int) -> Split:
    """Synthetic rows of normal features, from a fixed seed."""
    features, labels = draw(rows, seed=1)
    frame = features.assign(label=labels)
    return Split(
        fingerprint=fingerprint(frame, "label", 1),
        source="synthetic",
        frame=frame,
        labels=labels.astype(bool),
        target="label",
        positive=1,
        negative=0,
    )


def draw(rows: int, seed: int) -> tuple[pd.DataFrame, np.ndarray[tuple[int], np.dtype[np.int64]]]:
    """Features and 0/1 labels that depend on them, with noise."""
    weights = np.random.default_rng(0).standard_normal(COLUMNS)
    rng = np.random.default_rng(seed)
    values = rng.standard_normal((rows, COLUMNS))
    labels = (values @ weights + 3 * rng.standard_normal(rows) > 0).astype(np.int64)
    return pd.DataFrame(values, columns=[f"x{index}" for index in range(COLUMNS)]), labels


def register(store: MlflowStore, name: str) -> Case:
    """Train on rows of their own, log and register."""
    features, labels = draw(TRAINING_ROWS, seed=2)
    model, trusted = MODELS[name]
    model.fit(features, labels)
    with mlflow.start_run():
        info = mlflow.sklearn.log_model(
            model,
            name="model",
            input_example=features.head(2),
            registered_model_name=name,
            skops_trusted_types=trusted,
        )
    return Case(name=name, model=model, version=store.versions(name)[0], uri=info.model_uri)


@contextmanager
def quiet_mlflow(folder: Path) -> Iterator[MlflowStore]:
    """A fresh sqlite store, MLflow's chatter off."""
    uri = f"sqlite:///{folder}/mlflow.db"
    mlflow.set_tracking_uri(uri)
    mlflow.create_experiment("benchmark", artifact_location=(folder / "artifacts").as_uri())
    mlflow.set_experiment("benchmark")
    for logger in ("mlflow", "alembic"):
        logging.getLogger(logger).setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield MlflowStore(uri)


if __name__ == "__main__":
    main()
