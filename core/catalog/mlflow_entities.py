"""MLflow's entities as values of the catalog: numbers are int, times are UTC, nothing is None by chance."""

import json
import math
import sys
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from core.catalog.database import Tally
from core.catalog.mlflow_errors import UnreadableAnswerError
from core.catalog.store import PRODUCTION, Dataset, Experiment, RegisteredModel, Run, Version

_ADDRESSES = ("uri", "url", "path")  # of a data source, in what MLflow wrote down about it
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def registered_model(entity: Any, tally: Tally | None) -> RegisteredModel:
    """A registered model; without a tally its versions are not counted."""
    highest = tuple(
        number(latest.version) for latest in entity.latest_versions if latest.current_stage == PRODUCTION
    )
    return RegisteredModel(
        name=entity.name,
        description=entity.description or "",
        created=instant(entity.creation_timestamp),
        updated=instant(entity.last_updated_timestamp),
        tags=dict(entity.tags),
        aliases={alias: number(holder) for alias, holder in entity.aliases.items()},
        version_count=tally.count if tally else None,
        production_by_stage=tally.production if tally else highest,
    )


def versions(entities: Iterable[Any], aliases: Mapping[str, Any]) -> tuple[Version, ...]:
    """Versions of one model, newest number first, each with the aliases that point at it."""
    held: dict[int, list[str]] = {}
    for alias, holder in sorted(aliases.items()):
        held.setdefault(number(holder), []).append(alias)
    found = {entity_number: entity for entity in entities for entity_number in (number(entity.version),)}
    return tuple(
        Version(
            model=entity.name,
            number=entity_number,
            stage=entity.current_stage or "None",
            aliases=tuple(held.get(entity_number, ())),
            status=entity.status or "",
            run_id=entity.run_id or None,
            source=entity.source or "",
            created=instant(entity.creation_timestamp),
            updated=instant(entity.last_updated_timestamp),
            user=entity.user_id or "",
            description=entity.description or "",
            tags=dict(entity.tags),
        )
        for entity_number, entity in sorted(found.items(), reverse=True)
    )


def experiment(entity: Any) -> Experiment:
    """An experiment."""
    return Experiment(id=str(entity.experiment_id), name=entity.name)


def run(entity: Any) -> Run:
    """A run with its latest metrics, its params and every tag, MLflow's own among them."""
    info, data = entity.info, entity.data
    return Run(
        id=info.run_id,
        name=info.run_name or data.tags.get("mlflow.runName", ""),
        experiment_id=str(info.experiment_id),
        status=info.status,
        user=info.user_id or data.tags.get("mlflow.user", ""),
        started=instant(info.start_time),
        ended=instant(info.end_time),
        params=dict(data.params),
        metrics={name: _metric(value) for name, value in data.metrics.items()},
        tags=dict(data.tags),
        datasets=tuple(map(_dataset, entity.inputs.dataset_inputs)) if entity.inputs else (),
        artifact_uri=info.artifact_uri or "",
        is_deleted=info.lifecycle_stage == "deleted",
    )


def instant(milliseconds: int | None) -> datetime | None:
    """Milliseconds since 1970 as an aware time in UTC; None and 0 (over REST: not set) are None.

    Raises:
        UnreadableAnswerError: No calendar has this time.
    """
    if not milliseconds:
        return None
    try:
        return _EPOCH + timedelta(milliseconds=int(milliseconds))
    except (OverflowError, ValueError) as error:
        raise UnreadableAnswerError(f"{milliseconds} is no time") from error


def number(text: object) -> int:
    """A version number: an int from a database, text from a server.

    Raises:
        UnreadableAnswerError: It is no number.
    """
    try:
        return int(str(text))
    except ValueError as error:
        raise UnreadableAnswerError(f"{text} is no version number") from error


def _dataset(entity: Any) -> Dataset:
    dataset = entity.dataset
    context = next((tag.value for tag in entity.tags or () if tag.key == "mlflow.data.context"), "")
    return Dataset(
        name=dataset.name or "",
        digest=dataset.digest or "",
        source=_source(dataset.source or ""),
        context=context,
    )


def _source(text: str) -> str:
    """The address in MLflow's JSON of a data source; the text itself where there is none."""
    try:
        facts = json.loads(text)
    except (ValueError, RecursionError):
        return text
    named = [facts[name] for name in _ADDRESSES if facts.get(name)] if isinstance(facts, dict) else []
    return str(named[0]) if named else text


def _metric(value: float) -> float:
    # MLflow's databases keep an infinite metric as the largest float.
    return math.copysign(math.inf, value) if abs(value) == sys.float_info.max else value
