"""Experiments and runs, read in pages and in batches."""

import re
from collections.abc import Sequence
from functools import partial
from typing import Any

from core.catalog import mlflow_entities as values
from core.catalog.deadline import Beat
from core.catalog.mlflow_search import PageSize, pages
from core.catalog.store import Experiment, Run
from core.errors import NotFound
from core.messages import message

_IDS_AT_ONCE = 200  # run ids in one filter: MLflow's parser slows down over longer lists
_RUN_ID = re.compile(r"[\w-]{1,64}")  # what may stand in a filter; MLflow's ids are 32 hexadecimal digits


class Runs:
    """Reads experiments and runs through an MlflowClient."""

    def __init__(self) -> None:
        self._run_pages = PageSize(500, most=5_000)
        self._experiment_pages = PageSize(1_000, most=5_000)

    def experiments(self, client: Any, beat: Beat) -> tuple[Experiment, ...]:
        """Active experiments, last updated first."""
        from mlflow.entities import ViewType  # noqa: PLC0415  MLflow is imported by the connection

        found = self._experiments(client, beat, ViewType.ACTIVE_ONLY)
        found.sort(key=lambda entity: entity.last_update_time or 0, reverse=True)
        return tuple(map(values.experiment, found))

    def created(self, client: Any, experiment_id: str) -> int:
        """When an active experiment was made, in ms since 1970; 0 where MLflow does not know."""
        entity = client.get_experiment(experiment_id)
        if entity.lifecycle_stage != "active":
            raise NotFound(
                message("There is no experiment {id}.", id=experiment_id),
                message("It may have been deleted; choose another one."),
            )
        return int(entity.creation_time or 0)

    def runs_by_id(self, client: Any, beat: Beat, run_ids: Sequence[str]) -> dict[str, Run]:
        """The runs that exist among `run_ids`, deleted ones and those of deleted experiments included."""
        from mlflow.entities import ViewType  # noqa: PLC0415  MLflow is imported by the connection

        wanted = sorted({run_id for run_id in run_ids if _RUN_ID.fullmatch(run_id)})
        if not wanted:
            return {}
        # A search needs experiments. All of them in one call: asking for the runs one by one, to learn
        # theirs, would be a call for each run that is gone.
        everywhere = [entity.experiment_id for entity in self._experiments(client, beat, ViewType.ALL)]
        found: dict[str, Run] = {}
        for start in range(0, len(wanted), _IDS_AT_ONCE):
            quoted = ", ".join(f"'{run_id}'" for run_id in wanted[start : start + _IDS_AT_ONCE])
            search = partial(
                client.search_runs, everywhere, f"attributes.run_id IN ({quoted})", run_view_type=ViewType.ALL
            )
            for page in pages(search, self._run_pages, beat):
                found.update({run.id: run for run in map(values.run, page)})
        return found

    def ask_for_less(self) -> None:
        """A page did not come in time."""
        self._run_pages.overdue()
        self._experiment_pages.overdue()

    def _experiments(self, client: Any, beat: Beat, view: int) -> list[Any]:
        search = partial(client.search_experiments, view_type=view)
        return [entity for page in pages(search, self._experiment_pages, beat) for entity in page]
