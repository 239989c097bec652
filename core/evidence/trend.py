"""Metrics of every version of a model that is scored: read one after the other, and forgotten but for them.

A thousand versions may be scored. Each one's scores are read, its metrics are computed, and nothing else is
kept; a thread of its own goes on where this takes longer than somebody waits.
"""

import logging
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

from cachetools import LRUCache

from core.catalog.store import Version
from core.errors import RunoffError, ScoringError
from core.evidence import metrics as measure
from core.evidence.comparison import ScoringState, Status
from core.evidence.curves import threshold_curve
from core.evidence.metrics import METRIC, MetricValue
from core.evidence.polylines import precision_at
from core.evidence.scores import ScoreKey, ScoreKind, Scores
from core.evidence.split import Split
from core.messages import message

_log = logging.getLogger(__name__)

MOST_VALUES: Final = 50_000  # (version, threshold) whose metrics are kept: some 100 MB
MOST_TRENDS: Final = 16
NOT_SCORED: Final = ScoringState(status=Status.NOT_SCORED)


class Scored(Protocol):
    """The part of a scorer that is asked."""

    def state(self, version: Version, split: Split) -> ScoringState:
        """How far it is. Cheap."""

    def key(self, version: Version, split: Split) -> ScoreKey | None:
        """What the scores are bound to; None: the files are not here yet, or have changed since."""

    def scores(self, version: Version, split: Split) -> Scores:
        """The scores that are kept; starts nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """The versions of a model by ascending number, as far as they have been read.

    `values` holds the metrics of each version that is scored, `states` how far the others are; a version
    that is in neither has not been looked at yet.
    """

    versions: tuple[Version, ...]
    threshold: float | None  # None: only the metrics that need none
    values: Mapping[int, Mapping[str, MetricValue]]
    states: Mapping[int, ScoringState]

    @property
    def is_whole(self) -> bool:
        """Every version has been looked at."""
        return len(self.values) + len(self.states) == len(self.versions)

    @property
    def not_scored(self) -> tuple[Version, ...]:
        """Versions that nobody asked to score, newest first."""
        waiting = {number for number, state in self.states.items() if state.status is Status.NOT_SCORED}
        return tuple(version for version in reversed(self.versions) if version.number in waiting)

    @property
    def is_scoring(self) -> bool:
        """Some are being scored now."""
        return any(state.status in {Status.SCORING, Status.WAITING} for state in self.states.values())


@dataclass(eq=False)
class _Reading:
    """One look at all versions; `lock` guards what has been found."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    done: threading.Event = field(default_factory=threading.Event)
    values: dict[int, Mapping[str, MetricValue]] = field(default_factory=dict)
    states: dict[int, ScoringState] = field(default_factory=dict)


Name = tuple[str, str, float | None]
Key = tuple[ScoreKey, float | None]


class Trends:
    """Reads trends, one thread for each that is asked for, and keeps values by score key. Thread-safe."""

    def __init__(self, scorer: Scored, *, most_values: int = MOST_VALUES) -> None:
        self._scorer = scorer
        self._lock = threading.Lock()
        self._values: LRUCache[Key, Mapping[str, MetricValue]] = LRUCache(most_values)
        self._readings: LRUCache[Name, _Reading] = LRUCache(MOST_TRENDS)

    def of(
        self,
        versions: Sequence[Version],
        split: Split,
        *,
        threshold: float | None,
        is_look: bool = False,
        patience: float = 0.5,
    ) -> Trend:
        """All `versions` of one model, as far as they are read within `patience` seconds.

        It goes on after this returns. `is_look`: join what is under way; where nothing is, versions that
        were being scored are looked at again, and no others.

        Raises:
            ValueError: the threshold is not in [0, 1].
        """
        if threshold is not None and not 0 <= threshold <= 1:
            msg = f"a threshold of {threshold}"
            raise ValueError(msg)
        ordered = tuple(sorted(versions, key=lambda version: version.number))
        name = (ordered[0].model if ordered else "", split.fingerprint, threshold)
        reading = self._reading(name, ordered, split, is_look=is_look)
        reading.done.wait(patience)
        with reading.lock:
            known = {version.number for version in ordered}
            return Trend(
                versions=ordered,
                threshold=threshold,
                values={number: one for number, one in reading.values.items() if number in known},
                states={number: one for number, one in reading.states.items() if number in known},
            )

    def _reading(self, name: Name, versions: Sequence[Version], split: Split, *, is_look: bool) -> _Reading:
        """The reading under way, else a new one; of a look, one that goes on from what the last one found."""
        with self._lock:
            earlier = self._readings.get(name)
            if earlier is not None and not earlier.done.is_set():
                return earlier
            reading = _Reading()
            if is_look and earlier is not None:
                reading.values |= earlier.values
                moving = {Status.SCORING, Status.WAITING}
                reading.states |= {
                    number: state for number, state in earlier.states.items() if state.status not in moving
                }
            self._readings[name] = reading
        due = [one for one in reversed(versions) if one.number not in {*reading.values, *reading.states}]
        threading.Thread(
            target=self._read, args=(reading, due, split, name[2]), name="runoff-trend", daemon=True
        ).start()
        return reading

    def _read(self, reading: _Reading, due: Sequence[Version], split: Split, threshold: float | None) -> None:
        for version in due:
            try:
                found = self._one(version, split, threshold)
            except Exception:  # noqa: BLE001 - logged; whatever one version brings about, the others go on
                _log.exception("Reading the metrics of version %s of %s", version.number, version.model)
                title = message("A fault in Runoff kept it from reading this version's scores.")
                fault = ScoringError(title, message("Its log holds the details."))
                found = ScoringState(status=Status.FAILED, error=fault)
            with reading.lock:
                if isinstance(found, ScoringState):
                    reading.states[version.number] = found
                else:
                    reading.values[version.number] = found
        reading.done.set()

    def _one(
        self, version: Version, split: Split, threshold: float | None
    ) -> Mapping[str, MetricValue] | ScoringState:
        state = self._scorer.state(version, split)
        if state.status is not Status.SCORED:
            return state
        try:
            score_key = self._scorer.key(version, split)
            if score_key is None:  # its files have changed a moment ago
                return NOT_SCORED
            key = (score_key, threshold)
            with self._lock:
                if key in self._values:
                    return self._values[key]
            values = metric_values(self._scorer.scores(version, split), split, threshold)
        except RunoffError as error:
            return ScoringState(status=Status.FAILED, error=error)
        with self._lock:
            self._values[key] = values
        return values


def metric_values(scores: Scores, split: Split, threshold: float | None) -> Mapping[str, MetricValue]:
    """The metrics at a threshold, or without one those that need none; what `Evaluation.at` says of them."""
    curve = threshold_curve(split.labels, scores.values)
    if threshold is not None:
        return measure.decision_metrics(curve.confusion(threshold))
    values = {
        "roc_auc": measure.roc_auc(curve),
        "average_precision": measure.average_precision(curve, precision_at(curve)),
    }
    if scores.kind is ScoreKind.PROBABILITY:
        return values | measure.probability_metrics(split.labels, scores.values)
    return values | {name: measure.NO_PROBABILITY for name, one in METRIC.items() if one.needs_probability}
