"""What is known about versions besides their scores, read from the store in as few questions as possible."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from core.catalog.mlmodel import ModelCard
from core.catalog.store import Run, Version
from core.errors import RunoffError, StoreUnreachable
from core.evidence.latency import Latency
from core.evidence.libraries import Required, required


class Reads(Protocol):
    """The part of a store that is asked."""

    def card(self, version: Version) -> ModelCard:
        """What the version's MLmodel file says, read without running code."""

    def runs_by_id(self, run_ids: Sequence[str]) -> Mapping[str, Run]:
        """The runs that exist among `run_ids`, in a batch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionFacts:
    """One version. An error stands where the store did not say; `run` None: it has none, or it is gone."""

    version: Version
    card: ModelCard | RunoffError
    run: Run | RunoffError | None = None
    required: tuple[Required, ...] = field(default=())  # its requirements, and what is installed here
    digest: str | None = None  # None: its files are not here
    latency: Latency | None = None

    def timed(self, latency: Latency | None) -> "VersionFacts":
        """The same with a time."""
        return replace(self, latency=latency)


def read_facts(
    store: Reads,
    versions: Sequence[Version],
    *,
    digests: Mapping[int, str | None],
    latencies: Mapping[int, Latency],
) -> tuple[VersionFacts, ...]:
    """The facts of versions, in their order; what cannot be read costs that and nothing else.

    Once the store does not answer, it is not asked again: each question would wait for its time limit.
    """
    runs = _runs(store, versions)
    silent: RunoffError | None = runs if isinstance(runs, StoreUnreachable) else None
    found = []
    for version in versions:
        card = silent or _card(store, version)
        silent = silent or (card if isinstance(card, StoreUnreachable) else None)
        found.append(
            VersionFacts(
                version=version,
                card=card,
                run=runs if isinstance(runs, RunoffError) else runs.get(version.run_id or ""),
                required=() if isinstance(card, RunoffError) else required(card.requirements),
                digest=digests.get(version.number),
                latency=latencies.get(version.number),
            )
        )
    return tuple(found)


def _runs(store: Reads, versions: Sequence[Version]) -> Mapping[str, Run] | RunoffError:
    asked = [version.run_id for version in versions if version.run_id]
    try:
        return store.runs_by_id(asked) if asked else {}
    except RunoffError as error:
        return error


def _card(store: Reads, version: Version) -> ModelCard | RunoffError:
    try:
        return store.card(version)
    except RunoffError as error:
        return error
