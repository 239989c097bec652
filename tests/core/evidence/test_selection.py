from typing import Any

import pytest

from core.evidence.selection import Selection, default_versions, production_version


def test_production_is_the_highest_number_in_the_stage(version_of: Any) -> None:
    versions = [
        version_of(4, aliases=("production",)),
        version_of(2, stage="Production"),
        version_of(3, stage="Production"),
    ]
    assert production_version(versions, "production") == 3


def test_the_alias_names_production_where_no_stage_does(version_of: Any) -> None:
    versions = [version_of(1), version_of(2, aliases=("champion",)), version_of(3, stage="Staging")]
    assert production_version(versions, "champion") == 2
    assert production_version(versions, "production") is None
    assert production_version([], "production") is None


def test_the_newest_candidates_without_the_baseline(version_of: Any) -> None:
    versions = [
        version_of(number, stage="Production" if number == 9 else "None") for number in range(10, 0, -1)
    ]
    assert default_versions(versions, "production") == Selection(9, (5, 6, 7, 8, 10))
    assert default_versions(versions, "production", limit=2) == Selection(9, (8, 10))


@pytest.mark.parametrize(("limit", "candidates"), [(1, (1,)), (2, (1, 3)), (5, (1, 2, 3))])
def test_archived_versions_come_last(version_of: Any, limit: Any, candidates: Any) -> None:
    versions = [
        version_of(1),
        version_of(2, stage="Archived"),
        version_of(3, stage="Archived"),
        version_of(4, stage="Production"),
    ]
    assert default_versions(versions, "production", limit) == Selection(4, candidates)


def test_without_production_everything_is_a_candidate(version_of: Any) -> None:
    assert default_versions([version_of(1), version_of(2)], "production") == Selection(None, (1, 2))
