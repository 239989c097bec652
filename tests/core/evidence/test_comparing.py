import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Literal

import pytest

import app
from core.errors import NotFound, SplitNotConfigured, UsageError
from core.evidence.comparison import Status
from core.evidence.operating_points import Mode
from core.evidence.statistics.interval import Interval
from core.services import Services
from tests.conftest import MadeDemo


@pytest.fixture(scope="module")
def services(demo: MadeDemo, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """Over a copy of the demo of which nothing is scored yet."""
    folder = tmp_path_factory.mktemp("services")
    (folder / ".runoff").mkdir()
    shutil.copy(demo.settings.data_dir / "mlflow.db", folder / ".runoff")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.delenv("MLFLOW_TRACKING_URI", raising=False)
        patch.delenv("RUNOFF_CONFIG", raising=False)
        made = app.make_services(None, None)
    yield made
    made.close()


def test_a_comparison_is_scored_where_it_is_asked_for(services: Services) -> None:
    looked = services.comparisons.compare("breast-cancer", versions=[3], request=False)
    assert [one.version.number for one in looked.versions] == [2, 3]
    assert {one.state.status for one in looked.versions} == {Status.NOT_SCORED}
    assert services.comparisons.under_way(looked) == ()
    assert looked.split.rows == 114

    asked = services.comparisons.compare("breast-cancer", versions=[3])
    for one in asked.versions:
        services.scorer.cancel(one.version, asked.split)
    left = services.comparisons.compare("breast-cancer", versions=[3])  # a look is no request
    assert {(one.state.status, one.state.cancelled) for one in left.versions} == {(Status.NOT_SCORED, True)}
    for one in asked.versions:
        services.scorer.request(one.version, asked.split)
    while under_way := services.comparisons.under_way(asked):
        services.scorer.wait(under_way[0], asked.split, 60)
    scored = services.comparisons.compare("breast-cancer", versions=[3], request=False)
    assert {one.state.status for one in scored.versions} == {Status.SCORED}
    delta = scored.delta(3, "roc_auc")
    assert delta is not None
    assert abs(delta) < 0.05
    cheapest = services.comparisons.compare("breast-cancer", versions=[3], mode=Mode.COST, target=4.0)
    assert (scored.cost_ratio, cheapest.cost_ratio) == (1.0, 4.0)
    missed = services.comparisons.judge(cheapest).certainties[3].intervals["cost"]
    even = services.comparisons.judge(replace(cheapest, cost_ratio=1.0)).certainties[3].intervals["cost"]
    assert isinstance(missed, Interval)
    assert isinstance(even, Interval)
    assert missed.high > even.high
    again = services.comparisons.compare("breast-cancer", versions=[3], threshold=0.2, request=False)
    assert again.versions[1].evaluation is scored.versions[1].evaluation  # made once, asked for ever


@pytest.mark.parametrize(
    ("versions", "baseline", "expected"),
    [
        (None, "production", [1, 2, 3, 4, 5, 6]),
        (None, 5, [5, 2, 3, 4, 6, 1]),
        (None, None, [2, 3, 4, 5, 6, 1]),
        ([], "production", [1]),
        ([6, 2, 6, 1], "production", [1, 6, 2]),
        ([6, 2], None, [6, 2]),
    ],
)
def test_which_versions_stand_side_by_side(
    services: Services,
    versions: list[int] | None,
    baseline: int | Literal["production"] | None,
    expected: list[int],
) -> None:
    comparison = services.comparisons.compare(
        "titanic-survival", versions=versions, baseline=baseline, request=False
    )
    assert [one.version.number for one in comparison.versions] == expected
    assert comparison.baseline == (1 if baseline == "production" else baseline)


def test_versions_that_were_just_read_are_not_read_again(services: Services) -> None:
    listed = services.comparisons.versions("titanic-survival")[:2]
    comparison = services.comparisons.compare("titanic-survival", listed=listed, request=False)
    assert [one.version.number for one in comparison.versions] == [5, 6]
    assert comparison.baseline is None


def test_what_is_not_there_is_named(services: Services) -> None:
    with pytest.raises(NotFound, match=r'Did you mean "breast-cancer"\?'):
        services.comparisons.compare("breast_cancer")
    with pytest.raises(NotFound, match=r'"breast-cancer" has no version 4\. It has versions 1 to 3\.'):
        services.comparisons.compare("breast-cancer", versions=[1, 4])
    with pytest.raises(UsageError, match="outside of 0 to 1"):
        services.comparisons.compare("breast-cancer", threshold=-0.1)


def test_a_model_without_a_split(services: Services, tmp_path: Path, demo: MadeDemo) -> None:
    (tmp_path / "runoff.yaml").write_text("alias: production\n")
    made = app.make_services(tmp_path / "runoff.yaml", demo.settings.tracking_uri)
    with pytest.raises(SplitNotConfigured):
        made.comparisons.compare("breast-cancer")
    made.close()
