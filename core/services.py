"""The one door through which dashboard and command line reach core."""

import threading
from contextlib import ExitStack
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Protocol

from core.catalog.store import Store
from core.evidence.comparing import Comparisons
from core.settings import Settings

if TYPE_CHECKING:  # a page answers before these are imported: they bring pandas and process control
    from core.decision.decisions import Decisions
    from core.evidence.latency import Latencies
    from core.evidence.scoring import Scorer
    from core.evidence.split import Splits
    from core.evidence.trend import Trends
    from core.lifecycle.background import Demo


class WarmStore(Store, Protocol):
    """A store that can be made ready before somebody waits for it."""

    def warm(self) -> None:
        """Import what is slow to import, in the background; reads are in time from here on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """Built once by app.py."""

    settings: Settings
    store: WarmStore
    splits: "Splits"
    scorer: "Scorer"
    latencies: "Latencies"
    trends: "Trends"
    comparisons: Comparisons
    decisions: "Decisions"
    demo: "Demo"

    def warm(self) -> None:
        """Get ready in the background for people who look at pages."""
        self.store.warm()
        self.scorer.warm()
        self.decisions.watch()
        threading.Thread(target=_import_what_reads_splits, name="runoff-warm", daemon=True).start()

    def close(self) -> None:
        """End what runs beside this process."""
        with ExitStack() as stack:
            stack.callback(self.scorer.close)
            stack.callback(self.decisions.close)
            stack.callback(self.demo.close)


def _import_what_reads_splits() -> None:
    """Some seconds that whoever opens the first comparison need not wait for."""
    import_module("core.evidence.split_reading")
    import_module("sklearn.model_selection")
