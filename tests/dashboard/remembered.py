"""What pages read of Decisions, from entries in a list."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from core.decision.record import Entry, Kind, Phase
from core.decision.reigns import Course, advance
from core.decision.standing import Reign, Standing
from core.errors import RunoffError


@dataclass
class MemoryDecisions:
    """What pages read of Decisions; `error`, where set, is what every read raises."""

    kept: list[Entry] = field(default_factory=list)  # in the ledger's order
    stand: dict[str, Standing] = field(default_factory=dict)
    error: RunoffError | None = None

    def _read(self) -> None:
        if self.error is not None:
            raise self.error

    def check(self) -> None:
        self._read()

    def standings(self) -> Mapping[str, Standing]:
        self._read()
        return self.stand

    def history(
        self,
        *,
        model: str | None = None,
        actor: str | None = None,
        kinds: Collection[Kind] | None = None,
        phases: Collection[Phase] | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        before_seq: int | None = None,
        limit: int = 200,
    ) -> tuple[Entry, ...]:
        self._read()
        found = [
            entry
            for entry in reversed(self.kept)
            if model in {None, entry.record.model}
            and actor in {None, entry.record.actor.name}
            and (kinds is None or entry.record.kind in kinds)
            and (phases is None or entry.record.phase in phases)
            and (since is None or entry.at >= since)
            and (until is None or entry.at <= until)
            and (before_seq is None or entry.seq < before_seq)
        ]
        return tuple(found[:limit])

    def reigns(self, model: str | None = None) -> tuple[Reign, ...]:
        names = self.recorded_models() if model is None else (model,)
        courses = [
            advance(Course(), [entry for entry in self.kept if entry.record.model == name]) for name in names
        ]
        return tuple(reign for course in courses for reign in course.reigns)

    def recorded_models(self) -> tuple[str, ...]:
        self._read()
        return tuple(sorted({entry.record.model for entry in self.kept}))

    def recorded_actors(self) -> tuple[str, ...]:
        self._read()
        return tuple(sorted({entry.record.actor.name for entry in self.kept}))
