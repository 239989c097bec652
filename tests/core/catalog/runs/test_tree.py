import math
from datetime import UTC, datetime, timedelta

import pytest

from core.catalog.runs.tree import Trial, best_so_far, tree

START = datetime(2026, 11, 1, tzinfo=UTC)


def trial(name: str, parent: str = "", *, at: float | None = 0, value: float | None = None) -> Trial:
    started = None if at is None else START + timedelta(seconds=at)
    return Trial(id=name, name=name, parent=parent, started=started, value=value)


def shape(*trials: Trial) -> list[tuple[str, int, int]]:
    return [(node.trial.id, node.depth, node.children) for node in tree(trials)]


def test_children_follow_their_parent_in_order_of_start() -> None:
    found = shape(
        trial("b", "sweep", at=3), trial("a", "sweep", at=2), trial("sweep", at=1), trial("deep", "a", at=4)
    )

    assert found == [("sweep", 0, 2), ("a", 1, 1), ("deep", 2, 0), ("b", 1, 0)]


def test_who_has_no_parent_here_stands_at_the_top() -> None:
    assert shape(trial("x", "elsewhere"), trial("y", at=None)) == [("x", 0, 0), ("y", 0, 0)]


def test_runs_nested_in_a_circle_are_all_there() -> None:
    assert sorted(shape(trial("a", "b"), trial("b", "a"), trial("c", "c"))) == [
        ("a", 0, 1), ("b", 1, 1), ("c", 0, 1),
    ]  # fmt: skip


def test_a_long_chain_is_no_failure() -> None:
    chain = [trial(f"{i:05}", f"{i - 1:05}" if i else "") for i in range(5_000)]

    assert len(tree(chain)) == 5_000


@pytest.mark.parametrize(("higher", "best"), [(True, [1, 3, 3, 4]), (False, [1, 1, 0, 0])])
def test_best_so_far_follows_the_direction(*, higher: bool, best: list[float]) -> None:
    trials = [trial(str(at), at=at, value=value) for at, value in enumerate([1.0, 3.0, 0.0, 4.0])]
    steps = best_so_far(reversed(trials), higher=higher)

    assert [step.best for step in steps] == best
    assert [step.number for step in steps] == [1, 2, 3, 4]
    assert [step.is_better for step in steps] == [True, best[1] != 1, best[2] != best[1], best[3] != best[2]]


def test_what_has_no_number_is_no_trial() -> None:
    trials = [trial("a", value=math.nan), trial("b"), trial("c", value=math.inf), trial("d", value=-1.0)]

    assert [step.trial.id for step in best_so_far(trials, higher=True)] == ["d"]
    assert best_so_far([], higher=True) == ()
