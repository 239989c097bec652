"""A promoting process that is killed: at each step, and at random moments."""

import random
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.core.catalog.sites import Site
from tests.core.decision.deciding import House
from tests.core.decision.nest import POINTS, Nest
from tests.core.decision.trials import kills

pytestmark = pytest.mark.usefixtures("loaded")

ENDINGS = {  # what settling makes of a process that died at its first promotion
    "before begin": [],
    "before holders": [],  # looked at before the intent for the first time
    "after holders": [],
    "after begin": ["failed"],
    "before move_stage": ["failed"],
    "after move_stage": ["done"],  # half way: completed
    "before move_alias": ["done"],
    "after move_alias": ["done"],
    "before finish": ["done"],
    "after finish": [],
    "before tag": [],
    "after tag": [],
}


@pytest.fixture(scope="module")
def house(on_disk: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    house = House(on_disk, tmp_path_factory.mktemp("kills"), write_seconds=0.0)
    yield house
    house.ledger.close()


@pytest.fixture(scope="module")
def nest(house: House) -> Iterator[Nest]:
    with Nest(house) as nest:
        yield nest


@pytest.mark.parametrize("point", POINTS)
def test_at_each_step(house: House, nest: Nest, point: str) -> None:
    (count,) = kills(house, nest, 1, chance=random.Random(0), within=0.0, point=point)
    assert list(count.settled.elements()) == ENDINGS[point]
    assert count.acknowledged == 0


def test_at_any_moment(house: House, nest: Nest) -> None:
    (*_, count) = kills(house, nest, 30, chance=random.Random(20260303), within=0.25, verified_every=10)
    assert count.rounds == 30


def test_at_any_moment_before_a_server(served: Site, tmp_path: Path) -> None:
    house = House(served, tmp_path, write_seconds=0.3)
    with closing(house.ledger), Nest(house) as nest:
        (*_, count) = kills(house, nest, 6, chance=random.Random(3), within=0.4)
    assert count.rounds == 6
