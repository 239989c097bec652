import pytest

from core.evidence.metric_direction import higher_is_better


@pytest.mark.parametrize(
    "name",
    [
        "roc_auc",
        "val_roc_auc",
        "test.f1",
        "r2",
        "accuracy.top-1",
        "bleu",
        "neg_mean_squared_error",
        "closeness",
        "",
    ],
)
def test_more_is_better(name: str) -> None:
    assert higher_is_better(name)


@pytest.mark.parametrize(
    "name",
    ["log_loss", "val_loss", "training_log_loss", "rootMeanSquaredError", "RMSE", "eval/brier", "fit_seconds",
     "cross_entropy", "latency_ms", "val/loss", "train_RMSE", "model size"],
)  # fmt: skip
def test_less_is_better(name: str) -> None:
    assert not higher_is_better(name)
