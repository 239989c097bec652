"""Changes from outside: found, shown, adopted, undone; never silently."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from core.catalog.store import Holders
from core.decision import standings
from core.decision.record import Kind, Phase
from core.decision.standing import Expected, Standing
from core.errors import DecisionError, NotFound, ProductionMoved, UsageError, VersionUnfit
from tests.core.catalog.sites import Site
from tests.core.decision.deciding import ANN, House, digest_of, key

pytestmark = pytest.mark.usefixtures("loaded")


@pytest.fixture
def house(on_disk: Site, tmp_path: Path) -> Iterator[House]:
    house = House(on_disk, tmp_path)
    yield house
    house.ledger.close()


def open_files(folder: Path) -> list[str]:
    """The files of the ledger that this process has open."""
    found = [opened.path for opened in psutil.Process().open_files()]
    return [
        path for path in found if Path(path).name.startswith("runoff.db") and folder in Path(path).parents
    ]


def production(standing: Standing) -> int | None:
    return standing.production.number if standing.production else None


def test_the_first_look_takes_over_what_is_in_production(house: House) -> None:
    model = house.model(production=2)
    standing = house.decisions.standing(model)
    assert (production(standing), standing.by, standing.by_itself) == (2, "runoff", True)
    assert standing.production is not None
    assert standing.production.digest == digest_of(f"{model} 2")
    assert standing.since is not None
    assert standing.differs is None
    assert standing.holders == Holders((2,), 2)
    assert house.told(model) == ["adopt adopted -→2"]
    assert house.decisions.standing(model) == standing
    assert len(house.told(model)) == 1


def test_nothing_in_production_is_nothing_to_record(house: House) -> None:
    model = house.model()
    assert production(house.decisions.standing(model)) is None
    assert house.told(model) == []


def test_of_two_versions_in_production_a_person_chooses(house: House) -> None:
    model = house.model(production=1)
    house.site.promote(model, 3)
    standing = house.decisions.standing(model)
    assert standing.undecided == (3, 1)
    assert standing.differs is None
    assert house.told(model) == []
    with pytest.raises(DecisionError, match="Versions 3, 1 are in Production"):
        house.adopt(model, None, reason="it is")
    with pytest.raises(DecisionError, match="Version 2 is not in Production"):
        house.adopt(model, 2, reason="it is")
    outcome = house.adopt(model, 1, reason="it is")
    assert (outcome.entry.record.kind, outcome.entry.record.phase) == (Kind.ADOPT, Phase.DONE)
    assert house.store.holders(model) == Holders((1,), 1)
    standing = house.decisions.standing(model)
    assert (production(standing), standing.by, standing.undecided) == (1, "Ann", ())


def changed_outside(house: House) -> str:
    """Version 2 by the ledger; somebody has moved 4 into the stage, beside it."""
    model = house.model(production=1)
    house.promote(model, 2, was=1)
    house.site.promote(model, 4)
    return model


def test_a_change_from_outside_is_recorded_once_and_shown(house: House) -> None:
    model = changed_outside(house)
    before = house.decisions.standing(house.model()).token
    standing = house.decisions.standing(model)
    assert standing.differs is not None
    record = standing.differs.record
    assert (record.kind, record.phase) == (Kind.EXTERNAL, Phase.EXTERNAL)
    assert (record.holders_before, record.holders_after) == (Holders((2,), 2), Holders((4, 2), 2))
    assert (record.actor.name, production(standing)) == ("runoff", 2)
    assert house.decisions.standing(model) == standing
    assert house.decisions.standings()[model].differs == standing.differs
    assert house.told(model)[-1] == "external external 2→4"
    assert house.told(model).count("external external 2→4") == 1
    assert standing.token != before


def test_it_is_adopted_where_somebody_says_so(house: House) -> None:
    model = changed_outside(house)
    house.adopt(model, 4, reason="on purpose")
    standing = house.decisions.standing(model)
    assert (production(standing), standing.by_itself, standing.differs) == (4, False, None)
    assert house.store.holders(model) == Holders((4,), 4)
    with pytest.raises(DecisionError, match="nothing to adopt"):
        house.adopt(model, None, reason="again")
    assert house.rollback(model, was=4).entry.record.after is not None
    assert house.store.holders(model) == Holders((2,), 2)


def test_it_is_undone_where_somebody_says_so(house: House) -> None:
    model = changed_outside(house)
    since = house.decisions.standing(model).since
    outcome = house.decisions.restore(ANN, model, reason="by mistake", key=key())
    assert (outcome.entry.record.kind, outcome.entry.record.phase) == (Kind.RESTORE, Phase.DONE)
    assert house.store.holders(model) == Holders((2,), 2)
    standing = house.decisions.standing(model)
    assert (production(standing), standing.differs, standing.since) == (2, None, since)
    with pytest.raises(DecisionError, match="nothing to restore"):
        house.decisions.restore(ANN, model, reason="again", key=key())


def test_it_is_gone_where_mlflow_returns_by_itself(house: House) -> None:
    model = changed_outside(house)
    house.decisions.standing(model)
    house.store.move_stage(model, 4, "None")
    assert house.decisions.standing(model).differs is None
    assert house.decisions.standings()[model].differs is None


def test_a_rollback_asks_where_to_while_production_was_changed_from_outside(house: House) -> None:
    model = changed_outside(house)
    with pytest.raises(DecisionError, match="changed from outside"):
        house.rollback(model, was=4)
    house.rollback(model, was=4, to=1)
    assert house.store.holders(model) == Holders((1,), 1)


def test_a_promotion_over_a_change_from_outside_settles_it(house: House) -> None:
    model = changed_outside(house)
    house.promote(model, 3, was=4)
    standing = house.decisions.standing(model)
    assert (production(standing), standing.differs) == (3, None)
    assert "external external 2→4" in house.told(model)


def test_the_champion_deleted_from_outside(house: House) -> None:
    model = house.model(production=1)
    house.promote(model, 2, was=1)
    house.site.writer.delete_model_version(model, "2")
    standing = house.decisions.standing(model)
    assert standing.differs is not None
    assert standing.differs.record.holders_after == Holders()
    with pytest.raises(VersionUnfit, match="Version 2 has been deleted"):
        house.decisions.restore(ANN, model, reason="bring it back", key=key())
    house.adopt(model, None, reason="so be it")
    standing = house.decisions.standing(model)
    assert (production(standing), standing.differs) == (None, None)


def test_what_nobody_has_seen_is_not_adopted(house: House) -> None:
    model = changed_outside(house)
    with pytest.raises(ProductionMoved, match="Version 4 is in Production now; you saw version 2 there"):
        house.adopt(model, 2, expected=Expected(version=2))
    with pytest.raises(ProductionMoved, match="you saw nothing there"):
        house.adopt(model, None, expected=Expected(version=None))
    with pytest.raises(ProductionMoved, match="their bytes have changed"):
        house.adopt(model, 4, expected=Expected(version=4, digest=digest_of("other files")))
    assert house.store.holders(model) == Holders((4, 2), 2)
    seen = house.decisions.preview(model, 4, Kind.ADOPT).expected
    assert seen == Expected(version=4, digest=digest_of(f"{model} 4"))
    house.adopt(model, 4, expected=seen)
    assert house.store.holders(model) == Holders((4,), 4)


def test_a_champion_made_anew_under_its_number_is_a_change(house: House) -> None:
    model = house.model(production=1)
    house.decisions.standing(model)
    house.site.sql("UPDATE model_versions SET creation_time = 5 WHERE name = ? AND version = 1", [(model,)])
    standing = house.decisions.standing(model)
    assert standing.differs is not None
    assert house.decisions.standing(model).differs == standing.differs
    assert house.told(model)[-1] == "external external 1→1"
    assert len(house.told(model)) == 2
    house.adopt(model, None, reason="the same, trained again")
    assert house.decisions.standing(model).differs is None


def test_what_a_page_had_read_before_a_promotion_is_no_change_from_outside(house: House) -> None:
    model = house.model(production=1)
    house.decisions.standing(model)
    listed = house.store.versions(model)
    house.promote(model, 2, was=1)
    standing = house.decisions.standing(model, listed)
    assert standing.differs is None
    assert standing.holders == Holders((2,), 2)
    assert not any("external" in words for words in house.told(model))


def test_many_processes_see_it_and_one_records_it(house: House) -> None:
    model = changed_outside(house)
    first = house.model(production=3)
    ledgers = [house.another_ledger() for _ in range(6)]
    meeting = threading.Barrier(len(ledgers))
    everybody = [house.make(ledger) for ledger in ledgers]

    def look(position: int) -> None:
        meeting.wait()
        everybody[position].standing(model)
        everybody[position].standing(first)

    with ThreadPoolExecutor(len(ledgers)) as pool:
        list(pool.map(look, range(len(ledgers))))
    for ledger in ledgers:
        ledger.close()
    assert house.told(model).count("external external 2→4") == 1
    assert house.told(first) == ["adopt adopted -→3"]


def test_the_background_finds_what_nobody_looks_at(house: House) -> None:
    model, kept = changed_outside(house), house.model(production=1)
    gone = house.model(production=1)
    house.decisions.standing(gone)
    house.site.writer.delete_registered_model(gone)
    house.decisions.watch()
    house.decisions.watch()  # once
    recorded = threading.Event()
    while house.told(gone)[-1] != "external external 1→-":
        assert not recorded.wait(0.05)
    assert open_files(house.folder)
    house.decisions.close()
    assert not open_files(house.folder)  # the ledger, too, is closed
    assert house.told(model)[-1] == "external external 2→4"
    assert house.told(kept) == ["adopt adopted -→1"]
    assert [thread.name for thread in threading.enumerate()].count("runoff-watch") == 0


def test_there_is_no_such_model(house: House) -> None:
    with pytest.raises(NotFound):
        house.decisions.standing("nobody")


def test_a_version_goes_to_staging_and_back(house: House) -> None:
    model = house.model(production=1)
    outcome = house.decisions.set_stage(
        ANN, model, 2, "Staging", expected_stage="None", reason="try", key=key()
    )
    record = outcome.entry.record
    assert (record.kind, record.phase, record.stage_before, record.stage_after) == (
        Kind.STAGE,
        Phase.DONE,
        "None",
        "Staging",
    )
    assert house.store.versions(model)[2].stage == "Staging"
    assert production(house.decisions.standing(model)) == 1
    with pytest.raises(ProductionMoved, match="Version 2 is in Staging now; you saw it in None"):
        house.decisions.set_stage(ANN, model, 2, "Archived", expected_stage="None", reason="x", key=key())
    with pytest.raises(DecisionError, match="in Staging already"):
        house.decisions.set_stage(ANN, model, 2, "Staging", expected_stage="Staging", reason="x", key=key())
    with pytest.raises(UsageError, match="promote it"):
        house.decisions.set_stage(
            ANN, model, 2, "Production", expected_stage="Staging", reason="x", key=key()
        )


def test_a_version_that_leaves_production_takes_the_alias_along(house: House) -> None:
    model = house.model(production=1)
    house.decisions.set_stage(
        ANN, model, 1, "Archived", expected_stage="Production", reason="harmful", key=key()
    )
    assert house.store.holders(model) == Holders((), None)
    standing = house.decisions.standing(model)
    assert (production(standing), standing.differs, standing.since) == (None, None, None)
    (reign,) = house.decisions.reigns(model)
    assert reign.until is not None
    assert house.decisions.production_at(model, reign.since) == reign
    assert house.decisions.production_at(model, reign.until) is None
    assert reign in house.decisions.reigns()
    house.rollback(model, was=None)
    assert house.store.holders(model) == Holders((1,), 1)


def test_which_of_two_leaves_is_decided_first(house: House) -> None:
    model = changed_outside(house)
    with pytest.raises(DecisionError, match="Versions 4, 2 are in Production"):
        house.decisions.set_stage(
            ANN, model, 4, "Archived", expected_stage="Production", reason="harmful", key=key()
        )


def test_a_list_of_models_does_not_wait_for_many_looks(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(standings, "_LOOK_SECONDS", -1.0)
    model, unseen = changed_outside(house), house.model(production=2)
    listed = house.decisions.standings()
    assert (production(listed[model]), listed[model].holders) == (2, Holders((4, 2), 2))
    assert (production(listed[unseen]), listed[unseen].holders) == (None, Holders((2,), 2))
    assert house.told(unseen) == []


def test_standings_of_all_models_agree_with_each_of_them(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(standings, "_LOOK_SECONDS", 60.0)
    models = [changed_outside(house), house.model(production=2), house.model(), house.model()]
    together = house.decisions.standings()
    for model in models:
        one, each = together[model], house.decisions.standing(model)
        assert (one.production, one.holders, one.differs, one.since, one.token) == (
            each.production,
            each.holders,
            each.differs,
            each.since,
            each.token,
        )
