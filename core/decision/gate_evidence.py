"""What the checks of one candidate look at: both versions on the same rows, and how sure that is."""

from collections.abc import Callable
from dataclasses import dataclass

from core.decision.gate_metrics import BASELINE_UNSCORED, ITSELF, NO_BASELINE, NOT_SCORED, Measured
from core.decision.gate_report import Finding
from core.errors import EvidenceError
from core.evidence.certainty import Certainty, Flips
from core.evidence.comparison import ComparedVersion, Comparison
from core.evidence.judgement import Judgement
from core.evidence.row_parts import Scored
from core.evidence.scores import Scores
from core.evidence.split import Split
from core.messages import message

Read = Callable[[ComparedVersion], Scores]


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A candidate, what it is compared with, and the scores of both.

    `absent` says why there is nothing to compare with; None where there is. `judgement` None: the
    candidate is not scored.
    """

    comparison: Comparison
    candidate: ComparedVersion
    baseline: ComparedVersion | None
    absent: Finding | None
    judgement: Judgement | None
    read: Read

    @property
    def split(self) -> Split:
        """The rows on which both were scored."""
        return self.comparison.split

    @property
    def against(self) -> int | None:
        """The number of the baseline, where there is one."""
        return None if self.baseline is None else self.baseline.version.number

    def measured(self, metric: str) -> Measured | Finding:
        """A metric of the candidate on all rows; a Finding: the candidate is not scored."""
        certainty = self._certainty()
        if certainty is None or self.judgement is None or self.candidate.metrics is None:
            return NOT_SCORED
        base = None if self.baseline is None or self.baseline.metrics is None else self.baseline.metrics
        difference = None if certainty.differences is None else certainty.differences[metric]
        return Measured(
            rows=self.split.rows,
            positives=self.split.positives,
            value=self.candidate.metrics[metric],
            level=self.judgement.level,
            interval=certainty.intervals[metric],
            against=self.against,
            baseline=None if base is None else base[metric],
            difference=self.absent or difference or BASELINE_UNSCORED,
        )

    def flips(self) -> Flips | Finding:
        """Rows that were fixed and broken; a Finding where there is nothing to compare with."""
        certainty = self._certainty()
        if certainty is None:
            return NOT_SCORED
        return self.absent or certainty.flips or BASELINE_UNSCORED

    def scored(self, compared: ComparedVersion) -> Scored:
        """A version's score of each row."""
        scores = self.read(compared)
        return Scored(key=scores.key, kind=scores.kind, values=scores.values)

    def _certainty(self) -> Certainty | None:
        if self.judgement is None:
            return None
        return self.judgement.certainties[self.candidate.version.number]


def evidence_of(comparison: Comparison, number: int, judgement: Judgement | None, read: Read) -> Evidence:
    """The evidence for one version of a comparison.

    Raises:
        EvidenceError: a version was scored on another split than the comparison's.
    """
    candidate = comparison.find(number)
    baseline = None
    if comparison.baseline not in {None, number}:
        baseline = comparison.find(comparison.baseline or 0)
    absent = None
    if comparison.baseline is None:
        absent = NO_BASELINE
    elif baseline is None:
        absent = ITSELF
    elif baseline.evaluation is None:
        absent = BASELINE_UNSCORED
    for one in (candidate, baseline):
        if one is not None and one.evaluation is not None:
            _require_same_rows(one.evaluation.fingerprint, comparison.split)
    return Evidence(
        comparison=comparison,
        candidate=candidate,
        baseline=baseline,
        absent=absent,
        judgement=judgement,
        read=read,
    )


def _require_same_rows(fingerprint: str, split: Split) -> None:
    if fingerprint != split.fingerprint:
        raise EvidenceError(
            message("The versions were scored on different test splits."),
            message("Load the comparison again: the data of the test split have changed."),
        )
