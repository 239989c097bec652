"""Processes that promote, forked from one that has imported MLflow: racing each other, or killed on the way.

Run as a process of its own by `Nest`; a line of JSON on standard input is one order, a line on standard
output its answer. The process itself stays without threads, so its forks are sound.
"""

import json
import multiprocessing
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from itertools import cycle
from pathlib import Path
from typing import Any, Self

from core.decision.access import Actor, Role
from core.decision.standing import Expected
from core.errors import RunoffError
from tests.core.catalog.sites import Site
from tests.core.decision.deciding import House, key

ROOT = Path(__file__).resolve().parents[3]
POINTS = tuple(  # where a process may kill itself: before and after each of its steps
    f"{moment} {step}"
    for step in ("begin", "holders", "move_stage", "move_alias", "finish", "tag")
    for moment in ("before", "after")
)


@dataclass(frozen=True)
class Home:
    """What the processes share."""

    uri: str
    database: str
    folder: str
    database_url: str
    write_seconds: float

    def house(self) -> House:
        site = Site(self.uri, Path(self.database), Path(self.folder))
        return House(site, Path(self.folder), self.database_url, write_seconds=self.write_seconds)


class Nest:
    """The process, as the test sees it; use as a context manager."""

    def __init__(self, house: House) -> None:
        self._home = Home(
            uri=house.site.uri,
            database=str(house.site.database),
            folder=str(house.folder),
            database_url=house.database_url,
            write_seconds=house.write_seconds,
        )

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "tests.core.decision.nest", json.dumps(vars(self._home))]
        self._process = subprocess.Popen(
            command,
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=_environment(),
            start_new_session=True,  # so that it goes with all its forks
        )
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(5)
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(20)
        self._process.stdout.close()

    def race(self, model: str, *, was: int, numbers: list[int]) -> list[dict[str, Any]]:
        """Let each number be promoted by a process of its own, all at once; what each of them came to."""
        results: list[dict[str, Any]] = self._ask({"race": [model, was, numbers]})
        return results

    def crash(
        self, model: str, *, was: int, point: str | None = None, seconds: float = 0.0
    ) -> list[dict[str, Any]]:
        """Promote one version after the other until the process is killed; what was acknowledged before.

        It kills itself at `point`, or is killed `seconds` after it has begun.
        """
        acknowledged: list[dict[str, Any]] = self._ask({"crash": [model, was, point, seconds]})
        return acknowledged

    def _ask(self, order: dict[str, Any]) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())


def _environment() -> dict[str, str]:
    return {**os.environ, "MLFLOW_DISABLE_TELEMETRY": "true", "PYTHONWARNINGS": "ignore"}


def _promote(house: House, model: str, number: int, *, was: int) -> dict[str, Any]:
    actor = Actor(name=f"promoter of {number}", role=Role.ML_ENGINEER, identified_by="a test")
    try:
        outcome = house.decisions.promote(
            actor, model, number, expected=Expected(version=was), reason=f"{number} is better", key=key()
        )
    except RunoffError as refusal:
        return {"number": number, "refusal": type(refusal).__name__, "said": str(refusal)}
    record = outcome.entry.record
    return {"number": number, "phase": str(record.phase), "operation": record.operation}


def _race_on(home: Home, orders: Any, barrier: Any) -> None:
    """One racer, until there are no more orders."""
    house = home.house()
    with suppress(EOFError):
        while True:
            model, was, number = orders.recv()
            house.store.holders(model)  # everybody is connected before the start
            house.ledger.head()
            barrier.wait(60)
            orders.send(_promote(house, model, number, was=was))


class Racers:
    """As many processes as there are numbers, kept from race to race."""

    def __init__(self, home: Home, count: int) -> None:
        context = multiprocessing.get_context("fork")
        barrier = context.Barrier(count)
        pipes = [context.Pipe() for _ in range(count)]
        self.orders = [ours for ours, _ in pipes]
        for _, theirs in pipes:
            context.Process(target=_race_on, args=(home, theirs, barrier), daemon=True).start()

    def race(self, model: str, was: int, numbers: list[int]) -> list[Any]:
        for orders, number in zip(self.orders, numbers, strict=True):
            orders.send((model, was, number))
        return [orders.recv() for orders in self.orders]


def _crash(home: Home, model: str, was: int, *, point: str | None, seconds: float) -> list[Any]:
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.close(reading)
        _promote_until_killed(home, model, was, point=point, writing=writing)
    os.close(writing)
    told = b""
    killed_at: float | None = None
    while True:
        left = None if point else max(0.0, killed_at - time.monotonic()) if killed_at else None
        ready, _, _ = select.select([reading], [], [], left)
        if not ready:
            os.kill(child, signal.SIGKILL)
            killed_at = None
            point = "killed"
            continue
        part = os.read(reading, 65_536)
        if not part:
            break
        told += part
        if killed_at is None and not point:
            killed_at = time.monotonic() + seconds  # it has said that it begins
    os.close(reading)
    os.waitpid(child, 0)
    return [json.loads(line) for line in told.splitlines()[1:]]


def _promote_until_killed(home: Home, model: str, was: int, *, point: str | None, writing: int) -> None:
    """The child; it never returns."""
    try:
        house = home.house()
        versions = [version.number for version in house.store.versions(model)]
        house.ledger.head()
        if point is not None:
            _die_at(house, point)
        os.write(writing, b"begun\n")
        for number in cycle(versions):
            if number == was:
                continue
            answer = _promote(house, model, number, was=was)
            os.write(writing, json.dumps(answer).encode() + b"\n")
            if answer.get("phase") != "done":
                os._exit(1)
            was = number
    finally:
        os._exit(1)


def _die_at(house: House, point: str) -> None:
    moment, step = point.split()
    place: Any = house.ledger if step in {"begin", "finish"} else house.store
    method: Callable[..., Any] = getattr(place, step)

    def fatal(*arguments: Any, **options: Any) -> Any:
        if moment == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        method(*arguments, **options)
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(place, step, fatal)


def main() -> None:
    for module in ("tracking", "store.tracking.sqlalchemy_store", "store.model_registry.sqlalchemy_store"):
        import_module(f"mlflow.{module}")  # before the forks: it takes two seconds
    home = Home(**json.loads(sys.argv[1]))
    racers: Racers | None = None
    for line in sys.stdin:
        order = json.loads(line)
        if "race" in order:
            model, was, numbers = order["race"]
            racers = racers or Racers(home, len(numbers))
            answer = racers.race(model, was, numbers)
        else:
            model, was, point, seconds = order["crash"]
            answer = _crash(home, model, was, point=point, seconds=seconds)
        print(json.dumps(answer), flush=True)  # noqa: T201  the answer


if __name__ == "__main__":
    main()
