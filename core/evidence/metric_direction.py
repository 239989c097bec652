"""Whether more of a metric is better, by its name alone: a guess that a reader can turn round."""

import re
from typing import Final

from core.evidence.metrics import METRIC

_WORDS: Final = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
_LESS: Final = frozenset(
    (
        *("loss", "logloss", "error", "err", "errors", "perplexity", "divergence", "deviance", "regret"),
        *("mse", "rmse", "mae", "mape", "smape", "rmsle", "msle", "wer", "cer", "eer", "ece", "fid", "nll"),
        *("brier", "entropy", "crossentropy", "aic", "bic", "distance", "cost"),
        *("time", "seconds", "second", "duration", "latency", "memory", "bytes", "size", "ms"),
    )
)


def higher_is_better(name: str) -> bool:
    """The direction of a metric such as roc_auc, val_loss or rootMeanSquaredError."""
    known = [metric for metric in METRIC.values() if _ends(name.lower(), metric.name)]
    if known:
        return max(known, key=lambda metric: len(metric.name)).greater_is_better
    words = [word.lower() for word in _WORDS.findall(name)]
    return not _LESS.intersection([*words, "".join(words)]) or "neg" in words


def _ends(name: str, metric: str) -> bool:
    """`metric` or `val_metric`, but not `submetric`."""
    before = name.removesuffix(metric)
    return before != name and not before[-1:].isalnum()
