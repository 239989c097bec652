"""What is checked before anything is written: the version, its bytes, that it scores, and what it leaves."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.catalog.store import Version
from core.decision.fitness import not_ready
from core.decision.record import Numbers
from core.errors import DecisionError, EvidenceError, NotFound, RunoffError, StoreError
from core.evidence.comparison import Comparison, Status
from core.messages import message
from core.quoting import quoted

if TYPE_CHECKING:
    from core.evidence.scoring import Scorer
    from core.evidence.split import Split, Splits

MOST_REASON = 2_000  # characters
_BASELINE_SECONDS = 60.0  # for the numbers of the version that leaves; they are not indispensable


@dataclass(frozen=True, slots=True, kw_only=True)
class Preflight:
    """Looks at versions the way that somebody who loads them would."""

    scorer: "Scorer"
    splits: "Splits"
    compare: Callable[..., Comparison]

    @contextmanager
    def scoring(self, version: Version, baseline: Version | None) -> Iterator[None]:
        """Within, the version is fully scored; meanwhile it is loaded once more and scores a row now.

        That takes a process of its own as long as all other checks together, so they go side by side. A
        version that does not load is refused with that reason, whatever else is found.

        Raises:
            VersionUnfit: MLflow does not hand it out.
            SplitError, ScoringError, StoreError: why not.
        """
        refusal = not_ready(version)
        if refusal is not None:
            raise refusal
        split = self.splits.load(version.model)
        if baseline is not None and self.scorer.state(baseline, split).status is Status.NOT_SCORED:
            self.scorer.request(baseline, split)
        self._score(version, split)
        with ThreadPoolExecutor(max_workers=1, thread_name_prefix="runoff-probe") as threads:
            tried = threads.submit(self.scorer.probe, version, split)
            try:
                if baseline is not None:
                    self.scorer.wait(baseline, split, timeout=_BASELINE_SECONDS)
                yield
            finally:
                tried.result()

    def digest(self, version: Version) -> str:
        """The digest of the version's files as they are now.

        Raises:
            ArtifactError, StoreError: they cannot be had.
        """
        return self.scorer.confirm(version)

    def known_digest(self, version: Version | None) -> str | None:
        """The digest of the version's files where they are here already; cheap."""
        return self.scorer.known_digest(version) if version is not None else None

    def numbers(
        self, version: int, baseline: int | None, *, threshold: float, listed: Sequence[Version]
    ) -> Numbers | None:
        """The comparison as far as it is there; without the baseline's metrics where that is not scored."""
        model = listed[0].model
        try:
            comparison = self.compare(
                model,
                versions=[version],
                baseline=baseline,
                threshold=threshold,
                request=False,
                listed=listed,
            )
        except (EvidenceError, StoreError):
            return None
        if comparison.find(version).metrics is None:
            return None
        return _numbers(comparison)

    def _score(self, version: Version, split: "Split") -> None:
        state = self.scorer.state(version, split)
        if state.status is not Status.SCORED:
            self.scorer.request(version, split, again=state.status is Status.FAILED)
            state = self.scorer.wait(version, split)
        if state.status is not Status.SCORED:
            raise state.error or _not_scored(version)


def require_reason(reason: str) -> None:
    """Raise DecisionError where nobody said why, or too much."""
    if not reason.strip():
        raise DecisionError(
            message("A reason is missing."), message("Say in a few words why; it stays on record.")
        )
    if len(reason) > MOST_REASON:
        raise DecisionError(
            message("The reason is too long: {count} characters.", count=len(reason)),
            message("Say it in at most {most} characters.", most=MOST_REASON),
        )


def existing(model: str, versions: Sequence[Version], number: int) -> Version:
    """The version of a number; NotFound where there is none."""
    for version in versions:
        if version.number == number:
            return version
    raise NotFound(
        message("{model} has no version {number}.", model=quoted(model), number=number),
        message("Load the page again: it may have been deleted."),
    )


def _not_scored(version: Version) -> RunoffError:
    return DecisionError(
        message("The scoring of version {version} was cancelled.", version=version.number),
        message("Only a version that is scored may go to Production; ask again."),
    )


def _numbers(comparison: Comparison) -> Numbers:
    split = comparison.split
    return Numbers(
        fingerprint=split.fingerprint,
        rows=split.rows,
        positives=split.positives,
        source=split.source,
        threshold=comparison.threshold,
        primary_metric=comparison.primary_metric,
        metrics={
            compared.version.number: {name: value.value for name, value in compared.metrics.items()}
            for compared in comparison.versions
            if compared.metrics is not None
        },
    )
