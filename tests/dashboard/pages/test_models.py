from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from core.catalog.store import Holders, RegisteredModel
from core.decision.record import Kind, Phase
from core.decision.standing import Pending, Standing
from core.errors import LedgerError, StoreError, StoreUnreachable
from core.lifecycle.background import DemoProgress
from core.messages import message
from dashboard.pages.models import build_view, failed_view, is_under_way, ledger_notice, table_rows
from tests.dashboard.recorded import BEGIN, entries_of, outside, version

DOWN = StoreUnreachable(message("Nobody answers."), message("Start it."))
UNDER_WAY = DemoProgress(step=1, total=9, text=message("Preparing the demo."))


def production(stage: tuple[int, ...], alias: int | None) -> tuple[str, bool]:
    aliases = {} if alias is None else {"champion": alias}
    row = table_rows([RegisteredModel(name="m", production_by_stage=stage, aliases=aliases)], "champion")[0]
    return row["production"], row["conflict"]


@pytest.mark.parametrize(
    ("stage", "alias", "text", "conflict"),
    [
        ((), None, "", False),
        ((2,), 2, "v2", False),
        ((2,), None, "v2 by stage", False),
        ((), 2, "v2 by alias", False),
        ((2,), 3, "⚠ v2 by stage, v3 by alias", True),
        ((3, 1), None, "⚠ v3, v1 by stage", True),
        ((3, 1), 3, "⚠ v3, v1 by stage, v3 by alias", True),
    ],
)
def test_production_by_stage_and_alias(
    *, stage: tuple[int, ...], alias: int | None, text: str, conflict: bool
) -> None:
    assert production(stage, alias) == (text, conflict)


def test_another_alias_is_not_production() -> None:
    row = table_rows([RegisteredModel(name="m", aliases={"shadow": 4})], "champion")[0]

    assert row["production"] == ""


def test_a_row_links_to_the_model_and_keeps_its_name() -> None:
    row = table_rows([RegisteredModel(name="a?b#c/日", updated=datetime(2026, 1, 1, tzinfo=UTC))], "p")[0]

    assert row["name"] == "a?b#c/日"
    assert row["href"] == "/models/a%3Fb%23c%2F%E6%97%A5"
    assert row["updated"] == 1767225600000


def view(*models: RegisteredModel, progress: DemoProgress | None = None) -> Any:
    return build_view(models, alias="production", address="sqlite:///x.db", progress=progress)


def test_an_empty_store_says_what_to_run() -> None:
    shown = view()

    assert "python app.py serve --demo" in str(shown.content)
    assert "sqlite:///x.db" in str(shown.content)
    assert (shown.count, shown.again) == ("", False)


def test_models_are_counted() -> None:
    assert view(RegisteredModel(name="a")).count == "1 model"
    assert view(*(RegisteredModel(name=str(i)) for i in range(1000))).count == "1,000 models"


def test_what_takes_its_time_is_asked_for_apart() -> None:
    assert not view(RegisteredModel(name="a")).is_whole
    assert view().is_whole


def by_ledger(standing: Standing | None) -> tuple[str, bool]:
    standings = {} if standing is None else {"m": standing}
    row = table_rows([RegisteredModel(name="m")], "production", standings)[0]
    return row["ledger"], row["differs"] or row["undecided"]


BEFORE = Standing(model="m", holders=Holders((2,), 2), production=version(2), since=BEGIN, by="alice")
CHANGED = entries_of([outside(2, Holders((3,), 2))])[0]
UNDER_WAY_V3 = Pending(
    operation="o", kind=Kind.PROMOTE, actor="bob", started=BEGIN, version=3, phase=Phase.INTENT
)


@pytest.mark.parametrize(
    ("standing", "text", "differs"),
    [
        (None, "", False),
        (Standing(model="m", holders=Holders()), "", False),
        (BEFORE, "v2", False),
        (replace(BEFORE, differs=CHANGED), "⚠ v2, MLflow differs", True),
        (replace(BEFORE, production=None, differs=CHANGED), "⚠ none, MLflow differs", True),
        (replace(BEFORE, production=None, undecided=(3, 1)), "⚠ to be chosen: v3, v1", True),
        (replace(BEFORE, pending=UNDER_WAY_V3), "v2; v3 is under way", False),
    ],
)
def test_production_by_the_ledger(*, standing: Standing | None, text: str, differs: bool) -> None:
    assert by_ledger(standing) == (text, differs)


def test_since_when_and_by_whom() -> None:
    row = table_rows([RegisteredModel(name="m")], "production", {"m": BEFORE})[0]

    assert (row["since"], row["by"]) == (BEGIN.timestamp() * 1000, "alice")


def test_a_ledger_in_trouble_is_said_once() -> None:
    trouble = LedgerError(message("The disk of {host} is full.", host="db"))
    standings = {name: replace(BEFORE, trouble=trouble) for name in "abc"}

    assert str(ledger_notice(standings)).count("The disk of db is full.") == 1
    assert "The disk of db is full." in str(ledger_notice({}, trouble))
    assert ledger_notice({"m": BEFORE}) is None


def test_the_demos_progress_stands_above_what_is_there_already() -> None:
    shown = view(RegisteredModel(name="a"), progress=UNDER_WAY)

    assert len(shown.content) == 2
    assert shown.again
    assert "Preparing the demo." in str(shown.content[0])


def test_a_demo_that_failed_says_so_and_one_that_is_done_says_nothing() -> None:
    error = StoreError(message("The demo could not be made."))
    failed = DemoProgress(step=0, total=9, text=error.title, error=error)
    done = DemoProgress(step=9, total=9, text=message("The demo is ready."), done=True)

    assert "The demo could not be made." in str(view(progress=failed).content)
    assert not view(progress=failed).again
    assert len(view(RegisteredModel(name="a"), progress=done).content) == 1
    assert [is_under_way(progress) for progress in (None, UNDER_WAY, failed, done)] == [
        False,
        True,
        False,
        False,
    ]


def test_a_store_that_is_down_is_asked_again() -> None:
    shown = failed_view(DOWN)

    assert shown.again
    assert "Nobody answers." in str(shown.content)
    assert "Start it." in str(shown.content)


def test_what_runoff_found_there_is_told_in_words(japanese: None) -> None:
    (row,) = table_rows(
        [RegisteredModel(name="m")], "production", {"m": replace(BEFORE, by="runoff", by_itself=True)}
    )
    assert row["by"] == "Runoff 自身"
