"""Versions of a registered model, compared on its test split: from their numbers to the comparison."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from core.catalog.store import Store, Version
from core.errors import EvidenceError, NotFound, UsageError
from core.evidence.certainty import Certainties
from core.evidence.comparison import Comparison, Entry, ScoringState, Status, compare
from core.evidence.judgement import Judgement, judgement
from core.evidence.operating_points import Mode, operating_points
from core.evidence.selection import default_versions, production_version
from core.messages import message
from core.quoting import nearest, quoted
from core.settings import Settings

if TYPE_CHECKING:  # a page answers before these are imported: they bring pandas and process control
    from core.evidence.evaluations import Evaluations
    from core.evidence.scoring import Scorer
    from core.evidence.split import Split, Splits

UNDER_WAY = (Status.SCORING, Status.WAITING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparisons:
    """Brings together what a comparison is made of."""

    settings: Settings
    store: Store
    splits: "Splits"
    scorer: "Scorer"
    evaluations: "Evaluations"
    certainties: Certainties = field(default_factory=Certainties)

    def versions(self, model: str) -> tuple[Version, ...]:
        """All versions of a model, newest first; NotFound names the model that was probably meant."""
        try:
            return self.store.versions(model)
        except NotFound as error:
            meant = nearest(model, (known.name for known in self.store.models()))
            if meant is None:
                raise
            raise NotFound(error.title, message("Did you mean {name}?", name=quoted(meant))) from None

    def compare(
        self,
        model: str,
        *,
        versions: Sequence[int] | None = None,
        baseline: int | Literal["production"] | None = "production",
        threshold: float = 0.5,
        mode: Mode = Mode.THRESHOLD,
        target: float | None = None,
        request: bool = True,
        listed: Sequence[Version] | None = None,
    ) -> Comparison:
        """Versions of a model on its test split, as far as they are scored.

        In another `mode` than THRESHOLD each version is at the threshold of its own that meets the `target`,
        which is the ratio of costs, too, in the mode COST.
        `versions` None stands for Production and the newest others. With `request`, the scoring of what
        is not scored yet starts; it goes on after this returns. `listed` are all versions of the model
        where they have just been read: the store is not asked again.

        Raises:
            UsageError: the threshold is not in [0, 1], or the target not in the range of its mode.
            NotFound: no such model or version.
            SplitError, StoreError: the split or the store cannot be read.
        """
        if not 0 <= threshold <= 1:
            title = message("The threshold {threshold} is outside of 0 to 1.", threshold=threshold)
            raise UsageError(title, message("Choose a number from 0 to 1."))
        listed = self.versions(model) if listed is None else listed
        known = {version.number: version for version in listed}
        production = production_version(tuple(known.values()), self.settings.alias)
        base = production if baseline == "production" else baseline
        if versions is None:
            versions = default_versions(tuple(known.values()), self.settings.alias).candidates
            versions = (*versions, *([production] if production else []))
        chosen = [number for number in dict.fromkeys((base, *versions)) if number is not None]
        for number in chosen:
            if number not in known:
                raise _no_version(model, number, known)
        split, settings = self.splits.load(model), self.settings.for_model(model)
        comparison = compare(
            model=model,
            split=split,
            baseline=base,
            threshold=threshold,
            primary_metric=settings.primary_metric,
            entries=[self._entry(known[number], split, request=request) for number in chosen],
            cost_ratio=target if mode is Mode.COST and target is not None else settings.cost_ratio,
        )
        if mode is Mode.THRESHOLD or target is None:
            return comparison
        return comparison.at(operating_points(comparison, mode, target))

    def judge(self, comparison: Comparison) -> Judgement:
        """How sure a comparison is. Takes seconds for a million rows the first time, then milliseconds.

        Raises:
            EvidenceError: scores that were there a moment ago are there no more.
        """
        return judgement(
            comparison,
            self.settings.for_model(comparison.model),
            self.certainties,
            lambda compared: self.scorer.scores(compared.version, comparison.split),
        )

    def under_way(self, comparison: Comparison) -> tuple[Version, ...]:
        """The versions of a comparison that are being scored now; cheap, for asking again and again."""
        return tuple(
            compared.version
            for compared in comparison.versions
            if self.scorer.state(compared.version, comparison.split).status in UNDER_WAY
        )

    def _entry(self, version: Version, split: "Split", *, request: bool) -> Entry:
        """A version with its evaluation where it is scored."""
        state = self.scorer.state(version, split)
        if request and state.status is Status.NOT_SCORED and not state.cancelled:
            self.scorer.request(version, split)
            state = self.scorer.state(version, split)
        if state.status is not Status.SCORED:
            return version, state, None
        key = self.scorer.key(version, split)
        if key is None:  # its files have changed a moment ago
            return version, ScoringState(status=Status.NOT_SCORED), None
        try:
            evaluation = self.evaluations.of(key, lambda: self.scorer.scores(version, split), split)
        except EvidenceError as error:
            return version, ScoringState(status=Status.FAILED, error=error), None
        return version, state, evaluation


def _no_version(model: str, number: int, known: Collection[int]) -> NotFound:
    title = message("{model} has no version {number}.", model=quoted(model), number=number)
    if not known:
        return NotFound(title, message("It has none."))
    if len(known) == 1:
        return NotFound(title, message("It has version {number} alone.", number=min(known)))
    return NotFound(title, message("It has versions {low} to {high}.", low=min(known), high=max(known)))
