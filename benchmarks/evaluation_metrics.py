"""All metrics and curves of stored scores: Runoff against scikit-learn's own functions for the same list.

To reach: at least 15 times faster at 1,000,000 rows. `python -m benchmarks.evaluation_metrics`
"""

import math
from collections.abc import Mapping
from functools import partial

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn import metrics as sk
from sklearn.calibration import calibration_curve

from benchmarks.timing import medians, milliseconds, print_table
from core.evidence.evaluation import evaluate
from core.evidence.scores import ScoreKey, ScoreKind, Scores
from core.evidence.split import Split

ROWS = (100_000, 1_000_000)
THRESHOLD = 0.5
REPEAT = 7

Labels = NDArray[np.bool_]
Probabilities = NDArray[np.float64]


def main() -> None:
    """Print the table."""
    table = [
        (f"{rows:,} rows, {name}", *figures(labels, probabilities))
        for rows in ROWS
        for name, (labels, probabilities) in samples(rows).items()
    ]
    print_table(
        "Metrics and curves of scores in memory", ("scores", "Runoff", "scikit-learn", "times faster"), table
    )


def figures(labels: Labels, probabilities: Probabilities) -> tuple[str, str, str]:
    """Both medians and their ratio, once both have been seen to find the same."""
    check(with_runoff(labels, probabilities), with_sklearn(labels, probabilities))
    ours, theirs = medians(
        [partial(with_runoff, labels, probabilities), partial(with_sklearn, labels, probabilities)], REPEAT
    )
    return milliseconds(ours), milliseconds(theirs), f"{theirs / ours:.1f}"


def samples(rows: int) -> Mapping[str, tuple[Labels, Probabilities]]:
    """Calibrated probabilities that are all distinct, and such that share 1,000 values."""
    rng = np.random.default_rng(0)
    distinct = 1.0 / (1.0 + np.exp(-rng.normal(-0.5, 1.5, rows)))
    tied = distinct.round(3)
    chance = rng.random(rows)
    return {"all distinct": (chance < distinct, distinct), "1,000 values": (chance < tied, tied)}


def with_runoff(labels: Labels, probabilities: Probabilities) -> dict[str, float | None]:
    """Everything that an evaluation holds, curves thinned for the browser, and the metrics at a threshold."""
    split = Split(
        fingerprint="sha256:", source="", frame=NO_COLUMNS, labels=labels, target="y", positive=1, negative=0
    )
    key = ScoreKey(digest="sha256:", fingerprint="sha256:", code="1")
    evaluation = evaluate(Scores(key=key, kind=ScoreKind.PROBABILITY, values=probabilities), split)
    evaluation.confusion(THRESHOLD)
    values = {name: value.value for name, value in evaluation.at(THRESHOLD).items()}
    return {**values, "ks": evaluation.ks.value}


def with_sklearn(labels: Labels, probabilities: Probabilities) -> dict[str, float | None]:
    """The same list by the functions that scikit-learn has for it; gain and lift, which it lacks, by hand."""
    called = probabilities >= THRESHOLD
    sk.confusion_matrix(labels, called)
    sk.precision_recall_curve(labels, probabilities)
    calibration_curve(labels, probabilities, n_bins=10)
    false_positive, true_positive, _ = sk.roc_curve(labels, probabilities)
    found = np.cumsum(labels[np.argsort(probabilities)[::-1]])
    gain = found / found[-1]
    _lift = gain / (np.arange(1, len(labels) + 1) / len(labels))
    return {
        "accuracy": sk.accuracy_score(labels, called),
        "balanced_accuracy": sk.balanced_accuracy_score(labels, called),
        "precision": sk.precision_score(labels, called),
        "recall": sk.recall_score(labels, called),
        "specificity": sk.recall_score(labels, called, pos_label=0),
        "f1": sk.f1_score(labels, called),
        "mcc": sk.matthews_corrcoef(labels, called),
        "roc_auc": sk.roc_auc_score(labels, probabilities),
        "average_precision": sk.average_precision_score(labels, probabilities),
        "log_loss": sk.log_loss(labels, probabilities),
        "brier": sk.brier_score_loss(labels, probabilities),
        "ks": float((true_positive - false_positive).max()),
    }


def check(ours: Mapping[str, float | None], theirs: Mapping[str, float | None]) -> None:
    """A figure counts only where both found the same."""
    for name, value in theirs.items():
        mine = ours[name]
        assert mine is not None
        assert value is not None
        assert math.isclose(mine, value, rel_tol=0, abs_tol=1e-12), (name, mine, value)


NO_COLUMNS = pd.DataFrame()

if __name__ == "__main__":
    main()
