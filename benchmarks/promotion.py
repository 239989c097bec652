"""What a promotion costs beyond MLflow's own calls, and what races and kills leave behind.

python -m benchmarks.promotion                 # the time
python -m benchmarks.promotion races [ROUNDS]  # eight processes at once: sqlite, a server, PostgreSQL
python -m benchmarks.promotion kills [ROUNDS]  # kill -9 at random moments
"""

import os
import random
import statistics
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any, Final

os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"

import pytest

from app import services_of
from benchmarks.timing import milliseconds, print_table
from core.decision.access import local_actor
from core.decision.record import Phase
from core.decision.standing import Expected
from core.lifecycle.background import Demo
from core.settings import load_settings
from tests.core.catalog.sites import Site, free_port, starting_server, writer
from tests.core.decision.deciding import House, key
from tests.core.decision.nest import Nest
from tests.core.decision.postgres import running_postgres
from tests.core.decision.trials import Count, kills, races

PROMOTIONS: Final = 20
MOST_MS: Final = 100
CALLS: Final = ("versions", "card", "holders", "move_stage", "move_alias", "tag")
LEDGER: Final = ("begin", "finish", "note_after", "pending", "entries", "find_key", "check")


class Stopwatch:
    """Seconds spent in methods of others."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def over(self, place: Any, names: tuple[str, ...]) -> None:
        """Take the time of these methods from here on."""
        for name in names:
            setattr(place, name, partial(self._timed, getattr(place, name)))

    def _timed(self, method: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
        start = time.perf_counter()
        try:
            return method(*arguments, **options)
        finally:
            self.seconds += time.perf_counter() - start


def latency() -> None:
    """Promote the demo's versions to and fro, with everything as it is in use."""
    with tempfile.TemporaryDirectory() as folder:
        settings = load_settings(None, environ={}, folder=Path(folder))
        demo = Demo(settings)
        demo.start(lambda _: None)
        demo.wait(300)
        demo.close()
        services = services_of(settings)
        try:
            _print_latency(_promotions(services))
        finally:
            services.close()


def _promotions(services: Any) -> list[dict[str, float]]:
    watches = {name: Stopwatch() for name in ("MLflow", "ledger", "bytes looked at", "one row scored")}
    model = services.store.models()[0].name
    watches["MLflow"].over(services.store, CALLS)
    watches["ledger"].over(services.decisions._ledger, LEDGER)  # noqa: SLF001  to look inside
    watches["bytes looked at"].over(services.scorer, ("confirm", "key", "state"))
    watches["one row scored"].over(services.scorer, ("probe",))
    actor, taken = local_actor(), []
    numbers = [version.number for version in services.store.versions(model)][:2]
    for turn in range(PROMOTIONS + 2):
        standing = services.decisions.standing(model)
        was = standing.production.number if standing.production else None
        number = next(number for number in numbers if number != was)
        before, start = {name: watch.seconds for name, watch in watches.items()}, time.perf_counter()
        outcome = services.decisions.promote(
            actor, model, number, expected=Expected(version=was), reason="to and fro", key=key()
        )
        whole = time.perf_counter() - start
        assert outcome.entry.record.phase is Phase.DONE
        if turn > 1:  # the first ones score the versions
            spent = {name: watch.seconds - before[name] for name, watch in watches.items()}
            taken.append({"whole": whole, "beyond MLflow": whole - spent["MLflow"], **spent})
    return taken


def _print_latency(taken: list[dict[str, float]]) -> None:
    rows = [
        (name, milliseconds(statistics.median(times)), milliseconds(max(times)))
        for name in taken[0]
        for times in [[each[name] for each in taken]]
    ]
    beyond = statistics.median(each["beyond MLflow"] for each in taken)
    verdict = "within" if beyond * 1_000 <= MOST_MS else "above"
    print_table(
        f"{len(taken)} promotions: {milliseconds(beyond)} beyond MLflow's own calls, {verdict} {MOST_MS} ms",
        ("part", "median", "longest"),
        rows,
    )


@contextmanager
def houses(*, database_waits: float, server_waits: float) -> Iterator[dict[str, House]]:
    """Decisions over a database, through a server, and with PostgreSQL below the ledger where it is there."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        sites = {name: folder / f"{name}.db" for name in ("sqlite", "server")}
        for path in sites.values():
            writer(path).search_registered_models()
        port = free_port()
        server = Site(f"http://127.0.0.1:{port}", sites["server"], folder / "artifacts")
        local = Site(f"sqlite:///{sites['sqlite']}", sites["sqlite"], folder / "artifacts")
        stack.enter_context(starting_server(server, port))()
        made = {
            "sqlite": House(local, _new(folder, "a"), write_seconds=database_waits),
            "mlflow server": House(server, _new(folder, "b"), write_seconds=server_waits),
        }
        with suppress(pytest.skip.Exception):  # PostgreSQL is not installed
            url = stack.enter_context(running_postgres()).new_database()
            made["ledger on PostgreSQL"] = House(local, _new(folder, "c"), url, write_seconds=database_waits)
        for house in made.values():
            stack.callback(house.ledger.close)
        yield made


def _new(folder: Path, name: str) -> Path:
    made = folder / name
    made.mkdir()
    return made


def race(rounds: int) -> None:
    """Eight processes promote different versions at once."""
    rows = []
    with houses(database_waits=10.0, server_waits=10.0) as made:
        for name, house in made.items():
            with Nest(house) as nest:
                start = time.perf_counter()
                count = _last(races(house, nest, rounds))
                seconds = time.perf_counter() - start
            refused = ", ".join(f"{number} {kind}" for kind, number in count.refusals.most_common())
            rows.append((name, count.rounds, count.rounds, refused, f"{seconds:,.0f} s"))
    columns = ("store", "rounds", "with one winner by stage and by alias", "refused", "time")
    print_table("Eight processes promote different versions at once", columns, rows)


def kill(rounds: int) -> None:
    """Processes that promote are killed at random moments."""
    rows = []
    with houses(database_waits=0.0, server_waits=0.3) as made:
        shares = {"sqlite": rounds - rounds // 5, "mlflow server": rounds // 5}
        for name, share in shares.items():
            house = made[name]
            with Nest(house) as nest:
                start = time.perf_counter()
                count = _last(
                    kills(house, nest, share, chance=random.Random(share), within=0.4, verified_every=50)  # noqa: S311  repeatable
                )
                seconds = time.perf_counter() - start
            settled = ", ".join(f"{number} {phase}" for phase, number in count.settled.most_common())
            rows.append((name, count.rounds, count.acknowledged, settled, 0, f"{seconds:,.0f} s"))
    columns = ("store", "kills", "acknowledged", "settled by the next start", "lost", "time")
    print_table("kill -9 of the promoting process at random moments", columns, rows)


def _last(counts: Iterator[Count]) -> Count:
    count = Count()
    for count in counts:
        if count.rounds % 50 == 0:
            print(f"{count.rounds} rounds", file=sys.stderr)
    return count


def main(arguments: tuple[str, ...] = ()) -> None:
    """What is asked for; the time where nothing is."""
    warnings.simplefilter("ignore")  # MLflow's own deprecations
    match arguments:
        case ("races", *rounds):
            race(int(rounds[0]) if rounds else 200)
        case ("kills", *rounds):
            kill(int(rounds[0]) if rounds else 1_000)
        case _:
            latency()


if __name__ == "__main__":
    main(tuple(sys.argv[1:]))
