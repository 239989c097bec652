"""What promotions make of a gate, on a real store and ledger."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from core.decision.access import Actor, Role
from core.decision.gatekeeping import named, require_unchanged
from core.decision.record import Kind, Phase
from core.decision.standing import Expected
from core.errors import GateChanged, GateRefused, NotPermitted, VersionUnfit
from tests.core.catalog.sites import Site
from tests.core.decision.deciding import BOB, House, key
from tests.core.decision.reports import check, report, sliced

pytestmark = pytest.mark.usefixtures("loaded")

FAILS = check("max_broken", "failed")
UNSURE = check("better_than", "inconclusive", metric="f1")
WARNS = check("no_worse_than", "inconclusive", "warn", metric="roc_auc")


@pytest.fixture
def house(on_disk: Site, tmp_path: Path) -> Iterator[House]:
    house = House(on_disk, tmp_path)
    yield house
    house.ledger.close()


def by(actor: Actor, house: House, model: str, **options: Any) -> Any:
    known: dict[str, Any] = {"expected": Expected(version=1), "reason": "better", "key": key()}
    return house.decisions.promote(actor, model, 2, **known | options)


@pytest.mark.parametrize(
    ("checks", "sentence"),
    [
        ((FAILS,), r"Version 2 fails its gate: max_broken\."),
        ((UNSURE,), r"Version 2 does not pass its gate, which cannot tell: f1 better_than\."),
        ((FAILS, UNSURE), r"Version 2 fails its gate: max_broken; it cannot tell: f1 better_than\."),
        ((sliced(),), r"Version 2 fails its gate: recall no_worse_than by Sex\."),
    ],
)
def test_what_does_not_pass_does_not_go(house: House, checks: Any, sentence: str) -> None:
    model = house.model(production=1)
    house.gate.checks = checks
    with pytest.raises(GateRefused, match=sentence) as refused:
        house.promote(model, 2, was=1)
    assert refused.value.exit_status == 1
    assert "\n" not in str(refused.value)
    assert house.store.holders(model).stage == (1,)
    assert house.told(model) == ["adopt adopted -→1"]


def test_the_ledger_keeps_the_whole_report(house: House) -> None:
    model = house.model(production=1)
    house.gate.checks = (check("loads", "passed"), WARNS, sliced("passed"))
    record = house.promote(model, 2, was=1).entry.record
    assert record.phase is Phase.DONE
    assert record.gate is not None
    assert record.gate.checks == house.gate.checks
    assert (record.overridden, record.acknowledged) == (False, False)
    kept = house.ledger.entries(model=model)
    assert [entry.record.gate for entry in kept] == [record.gate, record.gate, None]
    assert house.sound()


def test_an_administrator_may_override_with_the_reason(house: House) -> None:
    model = house.model(production=1)
    house.gate.checks = (FAILS, UNSURE)
    record = house.promote(model, 2, was=1, override=True, reason="The data are wrong").entry.record
    assert (record.overridden, record.reason) == (True, "The data are wrong")
    assert record.gate is not None
    assert record.gate.blocking == (FAILS, UNSURE)
    assert house.store.holders(model).stage == (2,)
    assert house.sound()


def test_nobody_else_may(house: House) -> None:
    model = house.model(production=1)
    house.gate.checks = (FAILS,)
    with pytest.raises(GateRefused, match="ask an administrator"):
        by(BOB, house, model, override=True)
    with pytest.raises(NotPermitted):
        by(replace(BOB, role=Role.DATA_SCIENTIST), house, model, override=True)
    assert house.store.holders(model).stage == (1,)


def test_an_override_that_is_not_needed_is_none(house: House) -> None:
    record = house.promote(house.model(production=1), 2, was=1, override=True).entry.record
    assert not record.overridden


def test_warnings_are_acknowledged_where_a_person_is_asked(house: House) -> None:
    model = house.model(production=1)
    house.gate.checks = (WARNS,)
    with pytest.raises(GateRefused, match="warnings that nobody has acknowledged: roc_auc no_worse_than"):
        house.promote(model, 2, was=1, acknowledged=False)
    record = house.promote(model, 2, was=1, acknowledged=True).entry.record
    assert (record.acknowledged, record.overridden) == (True, False)


def test_without_warnings_there_is_nothing_to_acknowledge(house: House) -> None:
    record = house.promote(house.model(production=1), 2, was=1, acknowledged=False).entry.record
    assert not record.acknowledged


def test_what_was_seen_must_still_hold(house: House) -> None:
    model = house.model(production=1)
    preview = house.decisions.preview(model, 2, Kind.PROMOTE, gated=True)
    assert preview.gate is not None
    house.gate.policy = "sha256:another"
    with pytest.raises(
        GateChanged, match="promotion policy has changed since the gate of version 2 was shown"
    ):
        house.promote(model, 2, was=1, seal=preview.gate.seal)
    house.gate.policy = "sha256:policy"
    assert house.promote(model, 2, was=1, seal=preview.gate.seal).entry.record.phase is Phase.DONE


def test_a_seal_that_nobody_gave_out_is_refused(house: House) -> None:
    model = house.model(production=1)
    with pytest.raises(GateChanged, match="The files of version 2 have changed"):
        house.promote(model, 2, was=1, seal="x")


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        ({"candidate_digest": "x"}, "The files of version 3 have changed"),
        ({"baseline": 2}, "What version 3 is compared with has changed"),
        ({"baseline_digest": "x"}, "What version 3 is compared with has changed"),
        ({"fingerprint": "x"}, "The test split has changed"),
        ({"policy": "x"}, "The promotion policy has changed"),
        ({"threshold": 0.4}, "The threshold is not the one"),
        ({"checks": (FAILS,)}, "A check of version 3 has come out otherwise"),
    ],
)
def test_each_change_is_named(facts: dict[str, Any], sentence: str) -> None:
    seen = report(UNSURE)
    with pytest.raises(GateChanged, match=sentence):
        require_unchanged(replace(seen, **facts), seen.seal)
    require_unchanged(seen, seen.seal)


def test_files_that_change_under_the_gate_are_refused(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    model = house.model(production=1)
    before = house.gate.report

    def other(*arguments: Any, **options: Any) -> Any:
        return replace(before(*arguments, **options), candidate_digest="sha256:other")

    monkeypatch.setattr(house.gate, "report", other)
    with pytest.raises(VersionUnfit, match="changed while it was checked"):
        house.promote(model, 2, was=1)


def test_the_way_back_asks_for_no_gate(house: House) -> None:
    model = house.model(production=1)
    house.promote(model, 2, was=1)
    house.gate.checks = (FAILS,)
    record = house.rollback(model, was=2).entry.record
    assert (record.phase, record.gate) == (Phase.DONE, None)
    house.site.promote(model, 3)
    house.decisions.standing(model)
    restored = house.decisions.restore(BOB, model, reason="back", key=key()).entry.record
    assert (restored.phase, restored.gate) == (Phase.DONE, None)
    house.site.promote(model, 3)
    house.decisions.standing(model)
    adopted = house.adopt(model, 3).entry.record
    assert (adopted.phase, adopted.gate) == (Phase.DONE, None)


def test_a_preview_has_the_gate_of_a_promotion_where_it_is_asked_for(house: House) -> None:
    model = house.model(production=1)
    house.gate.checks = (FAILS,)
    gate = house.decisions.preview(model, 2, Kind.PROMOTE, gated=True).gate
    assert gate is not None
    assert gate.blocking == (FAILS,)
    house.promote(model, 2, was=1, override=True)
    assert house.decisions.preview(model, None, Kind.ROLLBACK, gated=True).gate is None
    assert house.decisions.preview(model, 3, Kind.PROMOTE).gate is None


def test_many_checks_are_named_in_short() -> None:
    assert named([check(f"c{n}", "failed") for n in range(7)]) == "c0, c1, c2, c3, c4, …"
