"""Promotions and rollbacks on a real store and through a real `mlflow server`."""

import threading
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.catalog.store import PRODUCTION, Holders
from core.decision.access import Actor, Role
from core.decision.record import Entry, Kind, Phase, Record
from core.decision.standing import Expected
from core.errors import (
    DecisionError,
    LedgerError,
    NotFound,
    NotPermitted,
    ProductionMoved,
    ScoringError,
    SplitNotConfigured,
    UsageError,
    VersionUnfit,
)
from tests.core.catalog.sites import Site
from tests.core.decision.deciding import ANN, BOB, House, digest_of, key

pytestmark = pytest.mark.usefixtures("loaded")


@pytest.fixture
def house(site: Site, tmp_path: Path) -> Iterator[House]:
    house = House(site, tmp_path)
    yield house
    house.ledger.close()


@pytest.fixture
def local(on_disk: Site, tmp_path: Path) -> Iterator[House]:
    """On a database alone, for what has nothing to do with the way to it."""
    house = House(on_disk, tmp_path)
    yield house
    house.ledger.close()


def resolved(site: Site, model: str) -> tuple[str, str]:
    """The versions that MLflow's own client gives for both addresses."""
    from mlflow import MlflowClient  # noqa: PLC0415  imported by the fixture `loaded`

    client: Any = MlflowClient(site.uri, site.uri)
    with warnings.catch_warnings(action="ignore"):  # stages are deprecated
        (staged,) = client.get_latest_versions(model, [PRODUCTION])
    return str(staged.version), str(client.get_model_version_by_alias(model, "production").version)


def test_a_promotion_is_seen_by_mlflow_and_stands_on_record(house: House) -> None:
    model = house.model(production=3)
    outcome = house.promote(model, 2, was=3, reason="  fewer misses ", threshold=0.25)

    assert resolved(house.site, model) == ("2", "2")
    stages = {version.number: version.stage for version in house.store.versions(model)}
    assert stages == {1: "None", 2: "Production", 3: "Archived", 4: "None"}
    record = outcome.entry.record
    assert record.phase is Phase.DONE
    assert not outcome.repeated
    assert not outcome.notes
    assert (record.actor, record.reason) == (ANN, "fewer misses")
    assert record.before is not None
    assert record.after is not None
    assert (record.before.number, record.before.digest) == (3, digest_of(f"{model} 3"))
    assert (record.after.number, record.after.digest) == (2, digest_of(f"{model} 2"))
    assert (record.holders_before, record.holders_after) == (Holders((3,), 3), Holders((2,), 2))
    assert record.numbers is not None
    assert record.numbers.threshold == 0.25
    assert record.numbers.metrics == {
        3: {"roc_auc": 0.3, "precision": None},
        2: {"roc_auc": 0.2, "precision": None},
    }
    assert (record.numbers.rows, record.numbers.positives) == (143, 56)
    assert house.told(model) == ["adopt adopted -→3", "promote intent 3→2", "promote done 3→2"]
    assert house.scorer.probed == [2]
    assert house.sound()


def test_mlflows_own_page_tells_who_and_why(house: House) -> None:
    model = house.model()
    outcome = house.promote(model, 1, was=None, reason="the first 日本")
    tags = next(version.tags for version in house.store.versions(model) if version.number == 1)
    assert tags == {
        "runoff.actor": "Ann",
        "runoff.at": outcome.entry.at.isoformat(timespec="seconds"),
        "runoff.reason": "the first 日本",
        "runoff.operation": outcome.entry.record.operation,
        "runoff.kind": "promote",
        "runoff.threshold": "0.5",
    }


def test_rollbacks_go_back_one_by_one_and_never_forward(house: House) -> None:
    model = house.model(production=1)
    house.promote(model, 2, was=1)
    house.promote(model, 3, was=2)

    assert house.rollback(model, was=3).entry.record.phase is Phase.DONE
    assert resolved(house.site, model) == ("2", "2")
    house.rollback(model, was=2)
    assert resolved(house.site, model) == ("1", "1")
    with pytest.raises(DecisionError, match="No other version was in Production before"):
        house.rollback(model, was=1)
    house.rollback(model, was=1, to=3)  # forward where somebody asks for it
    house.rollback(model, was=3)
    assert resolved(house.site, model) == ("1", "1")
    assert house.sound()


def test_a_rollback_goes_to_the_same_bytes_or_nowhere(local: House) -> None:
    model = local.model(production=1)
    local.promote(model, 2, was=1)
    local.scorer.overwritten[1] = "other bytes"
    with pytest.raises(VersionUnfit, match=r"files of version 1 are not those.*bytes have changed"):
        local.rollback(model, was=2)
    (past,) = local.decisions.standing(model).past
    assert "bytes have changed" in str(past.refusal)
    assert local.store.holders(model) == Holders((2,), 2)


def test_a_version_that_was_made_anew_is_another_one(local: House) -> None:
    model = local.model(production=1)
    local.promote(model, 2, was=1)
    local.site.sql(
        "UPDATE model_versions SET creation_time = creation_time + ? WHERE name = ? AND version = 1",
        [(5, model)],
    )
    with pytest.raises(VersionUnfit, match="deleted and made anew"):
        local.rollback(model, was=2)


def test_a_version_that_was_deleted_does_not_come_back(local: House) -> None:
    model = local.model(production=1)
    local.promote(model, 2, was=1)
    local.site.writer.delete_model_version(model, "1")
    with pytest.raises(VersionUnfit, match="Version 1 has been deleted"):
        local.rollback(model, was=2)
    (past,) = local.decisions.standing(model).past
    assert "deleted" in str(past.refusal)


def test_only_what_was_in_production_can_come_back(local: House) -> None:
    model = local.model(production=1)
    local.promote(model, 2, was=1)
    with pytest.raises(DecisionError, match="Version 4 has not been in Production"):
        local.rollback(model, was=2, to=4)


def test_a_page_that_is_behind_moves_nothing(local: House) -> None:
    model = local.model(production=1)
    local.promote(model, 2, was=1)
    with pytest.raises(ProductionMoved) as refusal:
        local.promote(model, 3, was=1)
    assert str(refusal.value).startswith(
        'Version 2 is in Production now; you saw version 1 there. "Ann" put it there at 20'
    )
    with pytest.raises(ProductionMoved, match="you saw nothing there"):
        local.promote(model, 3, was=None)
    with pytest.raises(ProductionMoved, match="Version 2 is in Production now"):
        local.rollback(model, was=3)
    assert local.store.holders(model) == Holders((2,), 2)
    assert local.told(model)[-1] == "promote done 1→2"


def test_other_bytes_in_production_than_were_seen_move_nothing(local: House) -> None:
    model = local.model(production=1)
    seen = Expected(version=1, digest=digest_of(f"{model} 1"))
    local.scorer.overwritten[1] = "other bytes"
    with pytest.raises(ProductionMoved, match="files of version 1 in Production are not those that you saw"):
        local.promote(model, 2, was=1, expected=seen)
    del local.scorer.overwritten[1]
    assert local.promote(model, 2, was=1, expected=seen).entry.record.phase is Phase.DONE


def test_a_version_whose_files_are_lost_can_be_replaced_with_a_note(local: House) -> None:
    model = local.model(production=1)
    local.scorer.lost.add(1)
    outcome = local.promote(model, 2, was=1, expected=Expected(version=1, digest=digest_of(f"{model} 1")))
    assert [str(part) for part in outcome.entry.record.trouble] == [
        "The files of version 1 could not be read.",
        "Its files are gone.",
    ]


def test_what_changes_between_the_look_and_the_lock_is_met(local: House) -> None:
    model = local.model(production=1)
    local.scorer.while_probing = lambda: local.site.promote(model, 4)  # beside version 1
    with pytest.raises(ProductionMoved, match="Version 4 is in Production now; you saw version 1"):
        local.promote(model, 2, was=1)
    assert local.store.holders(model) == Holders((4, 1), 1)
    assert local.sound()


def test_what_changes_between_the_lock_and_the_move_is_met(local: House) -> None:
    model = local.model(production=1)
    begin = local.ledger.begin

    def too_late(record: Record, *, key: str) -> Entry:
        entry = begin(record, key=key)
        local.site.promote(model, 4)
        return entry

    local.ledger.begin = too_late  # type: ignore[method-assign]  # the moment at which somebody is quicker
    with pytest.raises(ProductionMoved, match="Version 4 is in Production now; you saw version 1"):
        local.promote(model, 2, was=1)
    assert local.store.holders(model) == Holders((4, 1), 1)
    assert local.told(model)[-1] == "promote failed 1→2"
    assert local.sound()


def test_a_version_that_does_not_load_now_is_refused(local: House) -> None:
    model = local.model(production=1)
    local.scorer.broken.add(2)
    with pytest.raises(ScoringError, match="It does not load"):
        local.promote(model, 2, was=1)
    with pytest.raises(NotFound, match="has no version 9"):
        local.promote(model, 9, was=1)
    with pytest.raises(VersionUnfit, match="Version 1 is in Production already"):
        local.promote(model, 1, was=1)
    local.splits.without.add(model)
    with pytest.raises(SplitNotConfigured):
        local.promote(model, 3, was=1)
    assert local.told(model) == ["adopt adopted -→1"]


def test_a_version_that_is_not_ready_is_refused(local: House) -> None:
    model = local.model(production=1)
    local.site.sql(
        "UPDATE model_versions SET status = ? WHERE name = ? AND version = 2",
        [("PENDING_REGISTRATION", model)],
    )
    with pytest.raises(VersionUnfit, match="Version 2 is not ready: MLflow says PENDING_REGISTRATION"):
        local.promote(model, 2, was=1)


def test_what_is_not_scored_yet_is_scored_first(local: House) -> None:
    model = local.model(production=1)
    local.scorer.unscored |= {1, 2}
    outcome = local.promote(model, 2, was=1)
    assert sorted(local.scorer.asked) == [1, 2]
    assert outcome.entry.record.numbers is not None
    assert set(outcome.entry.record.numbers.metrics) == {1, 2}


def test_a_version_in_production_that_cannot_be_scored_is_left_out_of_the_numbers(local: House) -> None:
    model = local.model(production=1)
    local.scorer.broken.add(1)
    outcome = local.promote(model, 2, was=1)
    assert outcome.entry.record.numbers is not None
    assert set(outcome.entry.record.numbers.metrics) == {2}


@pytest.mark.parametrize("reason", ["", " \n\t"])
def test_a_reason_is_required(local: House, reason: str) -> None:
    model = local.model(production=1)
    with pytest.raises(DecisionError, match="A reason is missing"):
        local.promote(model, 2, was=1, reason=reason)


def test_a_reason_is_not_a_book(local: House) -> None:
    model = local.model(production=1)
    with pytest.raises(DecisionError, match="too long: 2001 characters"):
        local.promote(model, 2, was=1, reason="x" * 2_001)
    local.promote(model, 2, was=1, reason="x" * 2_000)


@pytest.mark.parametrize("role", [Role.VIEWER, Role.DATA_SCIENTIST])
def test_who_may_not_deploy_does_not(local: House, role: Role) -> None:
    model = local.model(production=1)
    actor = Actor(name="Eve", role=role, identified_by="a test")
    asked: Any = {"reason": "because", "key": key()}
    expected = Expected(version=1)
    with pytest.raises(NotPermitted):
        local.decisions.promote(actor, model, 2, expected=expected, **asked)
    with pytest.raises(NotPermitted):
        local.decisions.rollback(actor, model, to=None, expected=expected, **asked)
    with pytest.raises(NotPermitted):
        local.decisions.adopt(actor, model, None, expected=expected, **asked)
    with pytest.raises(NotPermitted):
        local.decisions.restore(actor, model, **asked)
    with pytest.raises(NotPermitted):
        local.decisions.set_stage(actor, model, 1, "Archived", expected_stage=PRODUCTION, **asked)
    assert local.store.holders(model) == Holders((1,), 1)


def test_a_request_that_comes_twice_has_one_answer(local: House) -> None:
    model = local.model(production=1)
    again = key()
    first = local.promote(model, 2, was=1, key=again)
    second = local.promote(model, 2, was=1, key=again)
    assert second.entry == first.entry
    assert (first.repeated, second.repeated) == (False, True)
    with pytest.raises(UsageError, match="key of another"):
        local.promote(local.model(production=1), 2, was=1, key=again)


def test_a_double_click_has_one_answer(local: House) -> None:
    model = local.model(production=1)
    again, outcomes = key(), []
    meeting = threading.Barrier(2)
    local.scorer.while_probing = meeting.wait  # both have found that the key is new
    clicks = [
        threading.Thread(target=lambda: outcomes.append(local.promote(model, 2, was=1, key=again)))
        for _ in range(2)
    ]
    for click in clicks:
        click.start()
    for click in clicks:
        click.join(20)
    first, second = outcomes
    assert first.entry == second.entry
    assert sorted([first.repeated, second.repeated]) == [False, True]
    assert len(local.told(model)) == 3


def test_a_request_that_is_overtaken_by_its_double_has_the_same_answer(local: House) -> None:
    model = local.model(production=1)
    again = key()
    doubles = []

    def overtake() -> None:
        local.scorer.while_probing = lambda: None
        doubles.append(local.promote(model, 2, was=1, key=again))

    local.scorer.while_probing = overtake
    outcome = local.promote(model, 2, was=1, key=again)
    assert outcome.entry == doubles[0].entry
    assert (doubles[0].repeated, outcome.repeated) == (False, True)


def test_of_two_promoters_one_wins_and_the_other_is_told_who(local: House) -> None:
    model = local.model(production=1)
    said: list[object] = []

    def promote(actor: Actor, number: int) -> None:
        try:
            said.append(
                local.decisions.promote(
                    actor, model, number, expected=Expected(version=1), reason="mine", key=key()
                ).entry.record.phase
            )
        except DecisionError as refusal:
            said.append(str(refusal))

    meeting = threading.Barrier(2)
    local.scorer.while_probing = meeting.wait
    people = [threading.Thread(target=promote, args=who) for who in ((ANN, 2), (BOB, 3))]
    for person in people:
        person.start()
    for person in people:
        person.join(20)
    holders = local.store.holders(model)
    assert holders in {Holders((2,), 2), Holders((3,), 3)}
    assert Phase.DONE in said
    (told,) = (words for words in said if not isinstance(words, Phase))
    winner = "Ann" if holders.alias == 2 else "Bob"
    assert f'"{winner}"' in str(told)
    assert local.sound()


def test_promoting_what_production_lacks_in_part_repairs_it(house: House) -> None:
    model = house.model(production=3)
    house.alias(model, 1)
    house.site.promote(model, 2)  # 2 and 3 are in the stage, 1 has the alias
    house.decisions.standing(model)
    outcome = house.promote(model, 3, was=3)
    assert outcome.entry.record.phase is Phase.DONE
    assert house.store.holders(model) == Holders((3,), 3)


def test_where_the_ledger_cannot_be_written_nothing_moves(local: House) -> None:
    model = local.model(production=1)
    local.decisions.standing(model)
    lines = local.folder / "ledger.jsonl"
    kept = lines.rename(local.folder / "kept")
    lines.mkdir()  # root may write to read-only files
    with pytest.raises(LedgerError):
        local.decisions.check()
    with pytest.raises(LedgerError):
        local.promote(model, 2, was=1)
    assert local.store.holders(model) == Holders((1,), 1)
    assert local.scorer.probed == []
    standing = House(local.site, local.folder).decisions.standing(model)  # another process, which reads on
    assert standing.trouble is not None
    assert (standing.production and standing.production.number) == 1
    lines.rmdir()
    kept.rename(lines)
    local.promote(model, 2, was=1)


def test_an_outcome_that_cannot_be_recorded_is_told_and_settled_later(local: House) -> None:
    model = local.model(production=1)
    local.decisions.standing(model)
    lines, kept = local.folder / "ledger.jsonl", local.folder / "kept"
    moved = local.store.move_alias

    def break_down(name: str, number: int | None) -> None:
        moved(name, number)
        lines.rename(kept)
        lines.mkdir()

    local.store.move_alias = break_down  # type: ignore[method-assign, assignment]  # the moment at which the disk fails
    with pytest.raises(LedgerError, match="MLflow has made the move, but the ledger could not record"):
        local.promote(model, 2, was=1)
    local.store.move_alias = moved  # type: ignore[method-assign]  # as above
    lines.rmdir()
    kept.rename(lines)
    standing = local.decisions.standing(model)
    assert standing.production is not None
    assert standing.production.number == 2
    assert standing.pending is None
    assert local.told(model)[-1] == "promote done 1→2"
    assert local.sound()


def test_a_preview_has_its_gate_where_it_is_asked_for(local: House) -> None:
    model = local.model(production=1)
    assert local.decisions.preview(model, 2, Kind.PROMOTE).gate is None
    gate = local.decisions.preview(model, 2, Kind.PROMOTE, gated=True).gate
    assert gate is not None
    assert (gate.version, gate.baseline) == (2, 1)
    assert local.promote(model, 2, was=1, seal=gate.seal).entry.record.phase is Phase.DONE
    assert local.decisions.preview(model, None, Kind.ROLLBACK, gated=True).gate is None


def test_a_preview_shows_what_will_change_and_changes_nothing(local: House) -> None:
    model = local.model(production=1)
    local.promote(model, 2, was=1)
    preview = local.decisions.preview(model, 3, Kind.PROMOTE, threshold=0.25)
    assert (preview.before and preview.before.number, preview.after and preview.after.number) == (2, 3)
    assert preview.expected == Expected(version=2, digest=digest_of(f"{model} 2"))
    assert preview.numbers is not None
    assert set(preview.numbers.metrics) == {2, 3}
    back = local.decisions.preview(model, None, Kind.ROLLBACK)
    assert back.after is not None
    assert back.after.number == 1
    leaving = local.decisions.preview(model, 2, Kind.STAGE)
    assert leaving.after is None
    with pytest.raises(DecisionError, match="nothing to restore"):
        local.decisions.preview(model, None, Kind.RESTORE)
    with pytest.raises(UsageError):
        local.decisions.preview(model, None, Kind.PROMOTE)
    assert local.told(model)[-1] == "promote done 1→2"
