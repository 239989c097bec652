"""Rounds of races and of kills, with all that must hold after each: for tests and for benchmarks."""

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from core.catalog.store import Holders
from core.decision.record import SETTLED, Phase
from tests.core.decision.deciding import House
from tests.core.decision.nest import Nest

RACERS = 8


@dataclass
class Count:
    """What came of the rounds so far."""

    rounds: int = 0
    refusals: Counter[str] = field(default_factory=Counter)
    acknowledged: int = 0
    settled: Counter[str] = field(default_factory=Counter)


def races(house: House, nest: Nest, rounds: int) -> Iterator[Count]:
    """Eight processes promote different versions at once; exactly one of them wins, in every round."""
    model, was = house.model(versions=RACERS + 1, production=1), 1
    house.decisions.standing(model)
    count = Count()
    for _ in range(rounds):
        numbers = [number for number in range(1, RACERS + 2) if number != was]
        results = nest.race(model, was=was, numbers=numbers)
        winners = [result["number"] for result in results if result.get("phase") == Phase.DONE]
        assert len(winners) == 1, results
        (was,) = winners
        assert house.store.holders(model) == Holders((was,), was)
        production = house.decisions.standing(model).production
        assert production is not None
        assert production.number == was
        count.refusals.update(result["refusal"] for result in results if result["number"] != was)
        assert set(count.refusals) <= {"MoveUnderWay", "ProductionMoved"}, results
        count.rounds += 1
        yield count
    assert house.sound()
    assert sum(words.startswith("promote done") for words in house.told(model)) == rounds


def kills(
    house: House,
    nest: Nest,
    rounds: int,
    *,
    chance: random.Random,
    within: float,
    point: str | None = None,
    verified_every: int = 1,
) -> Iterator[Count]:
    """A promoting process is killed; the next start finds everything that it had acknowledged, and ends the rest.

    `within` are the seconds in which it is killed, at random; with `point` it kills itself there.
    """
    model, was = house.model(versions=3, production=1), 1
    house.decisions.standing(model)
    count = Count()
    for _ in range(rounds):
        acknowledged = nest.crash(model, was=was, point=point, seconds=chance.uniform(0, within))
        assert all(answer.get("phase") == Phase.DONE for answer in acknowledged), acknowledged
        ledger = house.another_ledger()
        decisions = house.make(ledger)  # the next start
        left = {row.operation for row in ledger.pending()}
        decisions.settle()
        assert not ledger.pending()
        standing = decisions.standing(model)
        assert standing.production is not None
        was = standing.production.number
        assert standing.holders == Holders((was,), was), standing  # no state without an entry
        assert standing.differs is None
        latest: dict[str, Phase] = {}
        for entry in ledger.entries(model=model, limit=40):
            latest.setdefault(entry.record.operation, entry.record.phase)
        assert all(phase in SETTLED | {Phase.ADOPTED} for phase in list(latest.values())[:-1]), latest
        for answer in acknowledged[-5:]:
            assert latest[answer["operation"]] is Phase.DONE
        count.settled.update(str(latest[operation]) for operation in left)
        count.acknowledged += len(acknowledged)
        count.rounds += 1
        if count.rounds % verified_every == 0 or count.rounds == rounds:
            assert ledger.verify().sound
        ledger.close()
        yield count
