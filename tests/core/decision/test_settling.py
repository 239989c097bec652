"""A tracking server that fails in every way, and operations that nobody ended."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from core.catalog.store import Holders
from core.decision.holding import reference
from core.decision.record import Kind, Phase
from core.decision.standing import Outcome
from core.errors import MoveUnderWay, StoreError
from tests.core.catalog.faulty_proxy import Fault, FaultyProxy
from tests.core.catalog.sites import Site
from tests.core.decision.deciding import ANN, House, key
from tests.core.decision.records import intent

pytestmark = pytest.mark.usefixtures("loaded")

STAGE, ALIAS, TAG = "transition-stage", "registered-models/alias", "set-tag"
SECONDS = 0.5  # for which a change may come into force in these tests
NOT_MADE, MADE = Holders((1,), 1), Holders((2,), 2)


@pytest.fixture
def proxy(served: Site) -> Iterator[FaultyProxy]:
    with FaultyProxy(served.uri) as proxy:
        yield proxy


@pytest.fixture
def house(served: Site, proxy: FaultyProxy, tmp_path: Path) -> Iterator[House]:
    """Decisions that reach MLflow through the proxy."""
    house = House(replace(served, uri=proxy.uri), tmp_path, write_seconds=SECONDS, call_seconds=0.6)
    yield house
    house.ledger.close()


def phase(outcome: Outcome) -> Phase:
    return outcome.entry.record.phase


def settled(house: House, model: str) -> None:
    """At the next start or look."""
    house.decisions.settle()
    assert house.sound()
    standing = house.decisions.standing(model)
    assert standing.pending is None
    assert standing.differs is None
    assert standing.production is not None
    assert Holders((standing.production.number,), standing.production.number) == standing.holders


@pytest.mark.parametrize("fault", [Fault.ERROR, Fault.UNAVAILABLE, Fault.HANG, Fault.REFUSE])
def test_a_change_that_does_not_reach_mlflow(house: House, proxy: FaultyProxy, fault: Fault) -> None:
    model = house.model(production=1)
    proxy.fail(fault, on=STAGE)
    outcome = house.promote(model, 2, was=1)
    assert phase(outcome) in {Phase.FAILED, Phase.UNKNOWN}
    assert outcome.entry.record.trouble
    if phase(outcome) is Phase.UNKNOWN:
        standing = house.decisions.standing(model)
        assert standing.pending is not None
        assert standing.pending.phase is Phase.UNKNOWN
        assert standing.differs is None
    settled(house, model)
    assert house.store.holders(model) == NOT_MADE
    assert house.told(model)[-1] == "promote failed 1→2"
    assert phase(house.promote(model, 2, was=1)) is Phase.DONE


@pytest.mark.parametrize("fault", [Fault.CUT, Fault.DROP, Fault.GATEWAY, Fault.SILENT])
@pytest.mark.parametrize("call", [STAGE, ALIAS])
def test_a_change_that_mlflow_makes_and_does_not_tell(
    house: House, proxy: FaultyProxy, fault: Fault, call: str
) -> None:
    model = house.model(production=1)
    proxy.fail(fault, on=call)
    assert phase(house.promote(model, 2, was=1)) is Phase.DONE
    assert house.store.holders(model) == MADE
    settled(house, model)


@pytest.mark.parametrize("fault", [Fault.ERROR, Fault.HANG, Fault.REFUSE])
def test_an_alias_that_does_not_move_at_first_moves_then(
    house: House, proxy: FaultyProxy, fault: Fault
) -> None:
    model = house.model(production=1)
    proxy.fail(fault, on=ALIAS)
    assert phase(house.promote(model, 2, was=1)) is Phase.DONE
    assert house.store.holders(model) == MADE
    settled(house, model)


def test_an_alias_that_never_moves_is_completed_when_mlflow_is_well_again(
    house: House, proxy: FaultyProxy
) -> None:
    model = house.model(production=1)
    proxy.fail(Fault.HANG, on=ALIAS, times=None)
    outcome = house.promote(model, 2, was=1)
    assert phase(outcome) is Phase.UNKNOWN
    with pytest.raises(MoveUnderWay, match='"Ann" has been moving version 2'):
        house.promote(model, 3, was=2)
    proxy.heal()
    settled(house, model)
    assert house.store.holders(model) == MADE
    assert house.told(model)[-1] == "promote done 1→2"


def test_an_alias_that_mlflow_refuses_is_a_conflict_that_people_see(house: House, proxy: FaultyProxy) -> None:
    model = house.model(production=1)
    proxy.fail(Fault.ERROR, on=ALIAS, times=None)
    outcome = house.promote(model, 2, was=1)
    proxy.heal()
    if phase(outcome) is Phase.UNKNOWN:  # a server that answers 500 may have made it
        settled(house, model)
        return
    assert phase(outcome) is Phase.CONFLICT
    assert house.decisions.standing(model).differs is not None
    house.adopt(model, 2, reason="as intended")
    assert house.store.holders(model) == MADE


def test_a_change_that_comes_late_is_not_taken_for_one_that_never_came(
    house: House, proxy: FaultyProxy
) -> None:
    model = house.model(production=1)
    proxy.fail(Fault.LATE, on=STAGE)
    assert phase(house.promote(model, 2, was=1)) is Phase.UNKNOWN
    house.decisions.standing(model)  # too soon to say
    assert house.ledger.pending(model)
    proxy.release()
    while house.store.holders(model).stage == (1,):
        pass
    settled(house, model)
    assert house.store.holders(model) == MADE
    assert house.told(model)[-1] == "promote done 1→2"


def test_tags_that_cannot_be_set_fail_no_promotion(house: House, proxy: FaultyProxy) -> None:
    model = house.model(production=1)
    proxy.fail(Fault.ERROR, on=TAG, times=None)
    outcome = house.promote(model, 2, was=1)
    assert phase(outcome) is Phase.DONE
    assert "could not be set" in str(outcome.notes[0])


def test_a_server_that_is_away_is_met_before_anything_is_recorded(house: House, proxy: FaultyProxy) -> None:
    model = house.model(production=1)
    house.decisions.standing(model)
    proxy.fail(Fault.REFUSE, on="/api/", times=None)
    with pytest.raises(StoreError):
        house.promote(model, 2, was=1)
    proxy.heal()
    assert house.told(model) == ["adopt adopted -→1"]


def test_a_server_that_goes_away_in_the_middle(house: House, proxy: FaultyProxy) -> None:
    model = house.model(production=1)
    house.scorer.while_probing = lambda: None
    moved = house.store.move_stage

    def then_gone(*arguments: object, **options: object) -> None:
        moved(*arguments, **options)  # type: ignore[arg-type]
        proxy.fail(Fault.REFUSE, on="/api/", times=None)

    house.store.move_stage = then_gone  # type: ignore[method-assign]  # the moment at which it goes
    assert phase(house.promote(model, 2, was=1)) is Phase.UNKNOWN
    house.decisions.settle()
    assert house.ledger.pending(model)
    proxy.heal()
    settled(house, model)
    assert house.store.holders(model) == MADE


def test_a_rollback_and_a_stage_are_settled_in_the_same_way(house: House, proxy: FaultyProxy) -> None:
    model = house.model(production=1)
    house.promote(model, 2, was=1)
    proxy.fail(Fault.DROP, on=STAGE)
    assert phase(house.rollback(model, was=2)) is Phase.DONE
    proxy.fail(Fault.HANG, on=STAGE)
    outcome = house.decisions.set_stage(
        ANN, model, 3, "Staging", expected_stage="None", reason="try", key=key()
    )
    assert phase(outcome) is Phase.UNKNOWN
    assert outcome.entry.record.kind is Kind.STAGE
    house.decisions.settle()
    assert house.told(model)[-1] == "stage failed 3→3"
    proxy.fail(Fault.HANG, on=ALIAS, times=2)
    outcome = house.decisions.set_stage(
        ANN, model, 1, "Archived", expected_stage="Production", reason="harmful", key=key()
    )
    assert phase(outcome) is Phase.UNKNOWN
    house.decisions.settle()
    assert house.told(model)[-1] == "stage done 1→-"
    assert house.store.holders(model) == Holders()
    assert house.sound()


def begun_and_left(house: House) -> str:
    """A model of which a promotion was begun, by a process that is gone."""
    model = house.model(production=1)
    house.decisions.standing(model)
    refs = {version.number: reference(version, None) for version in house.store.versions(model)}
    record = replace(intent(model), holders_before=Holders((1,), 1), before=refs[1], after=refs[2])
    house.ledger.begin(record, key=key())
    house.ledger.let_go(record.operation)
    return model


def test_what_a_process_sent_to_a_server_may_come_after_its_end(served: Site, tmp_path: Path) -> None:
    house = House(served, tmp_path, write_seconds=3_600.0)
    with closing(house.ledger):
        model = begun_and_left(house)
        assert house.decisions.standing(model).pending is not None
        house.store.move_stage(model, 2, "Production", archive_others=True)  # there it comes
        house.write_seconds = 0.0
        standing = house.make(house.ledger).standing(model)
        assert standing.pending is None
        assert standing.holders == MADE
        assert house.told(model)[-1] == "promote done 1→2"


def test_what_a_process_did_to_a_database_ends_with_it(on_disk: Site, tmp_path: Path) -> None:
    house = House(on_disk, tmp_path, write_seconds=3_600.0)
    with closing(house.ledger):
        model = begun_and_left(house)
        assert house.decisions.standing(model).pending is None
        assert house.told(model)[-1] == "promote failed 1→2"


def test_a_conflict_is_shown_and_undoes_nothing(on_disk: Site, tmp_path: Path) -> None:
    house = House(on_disk, tmp_path)
    with closing(house.ledger):
        model = begun_and_left(house)
        house.site.promote(model, 4)
        standing = house.decisions.standing(model)
        assert house.told(model)[-2:] == ["promote conflict 1→2", "external external 1→4"]
        assert standing.differs is not None
        assert house.store.holders(model) == Holders((4, 1), 1)


def test_the_same_request_learns_how_an_unanswered_one_ended(house: House, proxy: FaultyProxy) -> None:
    model = house.model(production=1)
    again = key()
    proxy.fail(Fault.HANG, on=STAGE)
    assert phase(house.promote(model, 2, was=1, key=again)) is Phase.UNKNOWN
    house.decisions.settle()
    outcome = house.promote(model, 2, was=1, key=again)
    assert (phase(outcome), outcome.repeated) == (Phase.FAILED, True)
