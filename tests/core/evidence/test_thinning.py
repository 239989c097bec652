from typing import Any

import numpy as np
import pytest

from core.evidence.curves import Polyline
from core.evidence.thinning import LIMIT, thin_line, thin_steps


def test_positions_ascend_and_hold_the_last_point() -> None:
    rng = np.random.default_rng(0)
    up, right = (np.cumsum(rng.integers(0, 5, 50_000)) for _ in range(2))
    for chosen in (
        thin_line(up, right, up / up[-1] + right / right[-1]),
        thin_steps(up / up[-1], rng.random(50_000)),
    ):
        assert (np.diff(chosen) > 0).all()
        assert chosen[-1] == 49_999
        assert len(chosen) < LIMIT


@pytest.mark.parametrize("corners", [3, LIMIT - 2, LIMIT - 1])
def test_points_on_the_line_between_their_neighbours_are_the_first_to_go(corners: Any) -> None:
    turns = np.arange(corners) % 2 == 0
    up, right = (np.cumsum(np.repeat(which, 400)) for which in (turns, ~turns))
    chosen = thin_line(up, right, up / up[-1] + right / right[-1])
    np.testing.assert_array_equal(chosen, 400 * np.arange(1, corners + 1) - 1)


def test_points_that_only_leap_are_all_needed() -> None:
    up = np.arange(1, LIMIT)
    np.testing.assert_array_equal(thin_line(up, up**2, up / up[-1]), np.arange(LIMIT - 1))


@pytest.mark.parametrize("kept", [300, 399, 401])
def test_both_ends_of_a_leap_are_drawn(furthest: Any, kept: Any) -> None:
    rng = np.random.default_rng(kept)
    up, right = (
        np.cumsum(np.where(np.arange(6_000) % (6_000 // kept) == 0, 4_000, rng.integers(0, 9, 6_000)))
        for _ in range(2)
    )
    x, y = right / right[-1], up / up[-1]
    chosen = thin_line(up, right, x + y)
    drawn, true = Polyline(x=x[chosen], y=y[chosen]), Polyline(x=x, y=y)
    assert len(chosen) < LIMIT
    assert furthest(true, drawn) <= 0.0020002


def test_steps_that_would_look_the_same_are_left_out() -> None:
    x = np.repeat(np.arange(1, 101) / 100, 30)
    y = np.tile(np.linspace(0.9, 0.1, 30), 100)
    chosen = thin_steps(x, y)
    np.testing.assert_array_equal(
        chosen, np.sort(np.concatenate([np.arange(100) * 30, np.arange(100) * 30 + 29]))
    )


def test_a_curve_that_no_precision_can_take_is_drawn_as_finely_as_the_limit_allows(furthest: Any) -> None:
    x = np.arange(1, 3_001) / 3_000
    y = 0.5 + 0.05 * np.random.default_rng(0).random(3_000)
    chosen = thin_steps(x, y)
    assert 500 < len(chosen) < LIMIT
    drawn, true = Polyline(x=x[chosen], y=y[chosen], steps=True), Polyline(x=x, y=y, steps=True)
    assert 0.002 < furthest(true, drawn) < 0.01
