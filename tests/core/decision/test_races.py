"""Eight processes that promote different versions at once: one wins, in every round."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.core.catalog.sites import Site
from tests.core.decision.deciding import House
from tests.core.decision.nest import Nest
from tests.core.decision.postgres import Postgres
from tests.core.decision.trials import races

ROUNDS = 20

pytestmark = pytest.mark.usefixtures("loaded")


@pytest.fixture(params=["sqlite", "postgresql"])
def ledger_url(request: pytest.FixtureRequest) -> Callable[[], str]:
    """The ledger's database beside the JSON lines, or one of PostgreSQL's."""
    if request.param == "sqlite":
        return str
    server: Postgres = request.getfixturevalue("postgres")
    return server.new_database


def test_on_a_database(on_disk: Site, tmp_path: Path, ledger_url: Callable[[], str]) -> None:
    race(House(on_disk, tmp_path, ledger_url()))


def test_through_a_server(served: Site, tmp_path: Path) -> None:
    race(House(served, tmp_path))


def race(house: House) -> None:
    with closing(house.ledger), Nest(house) as nest:
        (*_, count) = races(house, nest, ROUNDS)
    assert count.rounds == ROUNDS
    assert sum(count.refusals.values()) == ROUNDS * 7
