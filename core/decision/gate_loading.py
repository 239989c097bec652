"""The two checks of every report: the version loads, and it scores every row of the split."""

from typing import Final

from core.decision.gate_metrics import inconclusive
from core.decision.gate_report import CheckOutcome, Finding
from core.errors import RunoffError, ScoringError
from core.evidence.comparison import ComparedVersion, Status
from core.evidence.failures import CODES
from core.messages import message

_NOT_YET: Final = message("It has not been scored yet.")
_LOADED: Final = frozenset(  # failures of a model that had been loaded
    CODES[code].title.template
    for code in (
        "predict_raised",
        "no_scores",
        "labels",
        "hard_labels",
        "not_numbers",
        "shape",
        "unclear",
        "length",
        "not_finite",
        "range",
        "changed_files",
    )
)


def check_loads(compared: ComparedVersion) -> Finding:
    """Whether these very files have been loaded, in a process of their own."""
    error = compared.state.error
    is_loaded = compared.evaluation is not None or (error is not None and error.title.template in _LOADED)
    if is_loaded:
        return Finding(outcome=CheckOutcome.PASSED, reason=message("Its files load."))
    return _failed(compared.state.status, error)


def check_scores(compared: ComparedVersion) -> Finding:
    """Whether every row of the split has a score, each a finite number."""
    if compared.evaluation is not None:
        rows = compared.evaluation.curve.positives + compared.evaluation.curve.negatives
        reason = message("All {rows} rows of the test split are scored.", rows=rows)
        return Finding(outcome=CheckOutcome.PASSED, reason=reason, numbers={"rows": rows})
    return _failed(compared.state.status, compared.state.error)


def _failed(status: Status, error: RunoffError | None) -> Finding:
    """A version that fails by itself is failed; what this machine or the store lacks says nothing of it."""
    if status is not Status.FAILED or error is None:
        return inconclusive(_NOT_YET)
    if isinstance(error, ScoringError):
        return Finding(outcome=CheckOutcome.FAILED, reason=error.title)
    return inconclusive(error.title)
