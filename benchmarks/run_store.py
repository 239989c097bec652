"""Thousands of runs in a store's tables: MLflow's API takes 25 ms for each."""

import random
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

STARTED = 1_700_000_000_000  # the oldest run, ms since 1970; the next ones a second apart
KINDS = ("tree", "forest", "boost")


def insert_runs(  # a store as a sweep leaves it
    database: Path, experiment: str, count: int, *, metrics: int = 10, params: int = 10, first: int = 0
) -> list[str]:
    """Add finished runs to an SQLite store; returns their ids, the oldest first.

    Each has metrics `metric_0`…, params `param_0` (a word of KINDS), `param_1`… (numbers), and five tags.

    Args:
        database: The file.
        experiment: Of the runs; it must be there.
        count: How many runs.
        metrics: Metrics of a run.
        params: Params of a run.
        first: The number of the first run: its place in time, and the seed of its values.
    """
    chance = random.Random(f"{experiment} {first}")  # noqa: S311  values to sort by
    ids = [f"{chance.getrandbits(128):032x}" for _ in range(count)]
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.executemany(
            "INSERT INTO runs (run_uuid, name, source_type, source_name, entry_point_name, user_id, status,"
            " start_time, end_time, source_version, lifecycle_stage, artifact_uri, experiment_id)"
            " VALUES (?, ?, 'LOCAL', '', '', 'ada', 'FINISHED', ?, ?, '', 'active', ?, ?)",
            _runs(ids, int(experiment), first),
        )
        connection.executemany(
            "INSERT INTO latest_metrics (key, value, timestamp, step, is_nan, run_uuid)"
            " VALUES (?, ?, ?, 0, 0, ?)",
            (
                (f"metric_{number}", chance.random(), STARTED, run_id)
                for run_id in ids
                for number in range(metrics)
            ),
        )
        connection.executemany(
            "INSERT INTO params (key, value, run_uuid) VALUES (?, ?, ?)", _params(ids, params, chance)
        )
        connection.executemany(
            "INSERT INTO tags (key, value, run_uuid) VALUES (?, ?, ?)", _tags(ids, first, chance)
        )
    return ids


def _runs(ids: Sequence[str], experiment: int, first: int) -> Iterator[tuple[object, ...]]:
    for number, run_id in enumerate(ids, start=first):
        started = STARTED + number * 1_000
        place = f"/nowhere/{experiment}/{run_id}/artifacts"
        yield run_id, f"run-{number}", started, started + 5_000, place, experiment


def _params(ids: Sequence[str], params: int, chance: random.Random) -> Iterator[tuple[str, str, str]]:
    for run_id in ids:
        for number in range(params):
            value = str(chance.randrange(100)) if number else chance.choice(KINDS)
            yield f"param_{number}", value, run_id


def _tags(ids: Sequence[str], first: int, chance: random.Random) -> Iterator[tuple[str, str, str]]:
    for number, run_id in enumerate(ids, start=first):
        yield "mlflow.runName", f"run-{number}", run_id
        yield "mlflow.user", "ada", run_id
        yield "mlflow.source.name", "train.py", run_id
        yield "mlflow.source.git.commit", f"{chance.getrandbits(160):040x}", run_id
        yield "team", chance.choice("abc"), run_id
