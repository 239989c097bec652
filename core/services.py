"""The one door through which dashboard and command line reach core."""

import threading
from contextlib import ExitStack
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Protocol

from core.catalog.store import Enrolment, RunFiles, Store
from core.evidence.comparing import Comparisons
from core.evidence.comparison import Comparison
from core.settings import Settings

if TYPE_CHECKING:  # a page answers before these are imported: they bring pandas and process control
    from core.catalog.run_index import RunIndex
    from core.decision.decisions import Decisions
    from core.decision.registering import Registering
    from core.evidence.differing_lines import Section
    from core.evidence.latency import Latencies
    from core.evidence.scoring import Scorer
    from core.evidence.split import Splits
    from core.evidence.trend import Trends
    from core.lifecycle.background import Demo


class WarmStore(Store, RunFiles, Enrolment, Protocol):
    """A store that can be made ready before somebody waits for it."""

    def warm(self) -> None:
        """Import what is slow to import, in the background; reads are in time from here on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """Built once by app.py."""

    settings: Settings
    store: WarmStore
    runs: "RunIndex"
    splits: "Splits"
    scorer: "Scorer"
    latencies: "Latencies"
    trends: "Trends"
    comparisons: Comparisons
    decisions: "Decisions"
    registering: "Registering"
    demo: "Demo"

    def warm(self) -> None:
        """Get ready in the background for people who look at pages."""
        self.store.warm()
        self.scorer.warm()
        self.decisions.watch()
        threading.Thread(target=_import_what_reads_splits, name="runoff-warm", daemon=True).start()

    def differing(self, comparison: Comparison) -> "tuple[Section, ...]":
        """What differs between compared versions, with the times that are known; nothing is measured."""
        from core.evidence.differing import differences  # noqa: PLC0415  as said above
        from core.evidence.version_facts import read_facts  # noqa: PLC0415  as said above

        scored = [one.version for one in comparison.versions if one.evaluation is not None]
        versions = [one.version for one in comparison.versions]
        facts = read_facts(
            self.store,
            versions,
            digests={version.number: self.scorer.known_digest(version) for version in versions},
            latencies=self.latencies.state(scored, comparison.split).latencies,
        )
        return differences(facts, has_baseline=comparison.baseline is not None)

    def close(self) -> None:
        """End what runs beside this process."""
        with ExitStack() as stack:
            stack.callback(self.scorer.close)
            stack.callback(self.decisions.close)
            stack.callback(self.demo.close)
            stack.callback(self.runs.close)


def _import_what_reads_splits() -> None:
    """Some seconds that whoever opens the first comparison need not wait for."""
    import_module("core.evidence.split_reading")
    import_module("sklearn.model_selection")
