import json
from typing import Any

from core.errors import ScoringError
from core.evidence.comparison import ScoringState, Status, compare
from core.evidence.evaluation import evaluate
from core.evidence.metrics import METRICS
from core.evidence.report import as_json
from core.messages import message


def test_the_json_of_the_contract(version_of: Any, split_of: Any, scores_of: Any) -> None:
    split = split_of([1, 0, 1])
    failure = ScoringError(
        message("Version {version} hangs.", version=5), message("Look at {what}.", what="it")
    )
    comparison = compare(
        model="titanic-survival",
        split=split,
        baseline=3,
        threshold=0.95,
        primary_metric="roc_auc",
        entries=[
            (version_of(5), ScoringState(status=Status.FAILED, error=failure), None),
            (version_of(3), ScoringState(status=Status.SCORED), evaluate(scores_of([0.9, 0.2, 0.7]), split)),
            (version_of(6), ScoringState(status=Status.NOT_SCORED), None),
        ],
    )
    read = json.loads(json.dumps(as_json(comparison), allow_nan=False))
    scored = read["versions"].pop(0)
    assert read == {
        "model": "titanic-survival",
        "split": {"fingerprint": "sha256:split", "rows": 3, "positives": 2, "source": "data/rows.csv"},
        "baseline": 3,
        "threshold": 0.95,
        "primary_metric": "roc_auc",
        "versions": [
            {
                "version": 5,
                "status": "failed",
                "error": {"title": "Version 5 hangs.", "hint": "Look at it."},
            },
            {"version": 6, "status": "not_scored"},
        ],
    }
    metrics = scored.pop("metrics")
    assert scored == {
        "version": 3,
        "status": "scored",
        "digest": "sha256:version",
        "confusion": {"tn": 1, "fp": 0, "fn": 2, "tp": 0},
    }
    assert list(metrics) == [metric.name for metric in METRICS]
    assert metrics["roc_auc"] == {"value": 1.0, "reason": None}
    assert metrics["precision"] == {"value": None, "reason": "No row is called positive at this threshold."}


def test_no_baseline_is_null(split_of: Any) -> None:
    comparison = compare(
        model="m", split=split_of([1, 0]), baseline=None, threshold=0.5, primary_metric="f1", entries=[]
    )
    assert as_json(comparison)["baseline"] is None
    assert as_json(comparison)["versions"] == []
