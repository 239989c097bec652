from datetime import UTC, datetime
from typing import Any

import pytest

from core.catalog.store import RegisteredModel
from core.errors import StoreError, StoreUnreachable
from core.lifecycle.background import DemoProgress
from core.messages import message
from dashboard.pages.models import build_view, failed_view, is_under_way, table_rows

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


def test_rows_without_a_count_are_asked_for_again() -> None:
    assert view(RegisteredModel(name="a", version_count=None)).uncounted
    assert not view(RegisteredModel(name="a", version_count=0)).uncounted


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
