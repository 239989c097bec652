import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from memo.curves import SIDE, Drawing, _path, drawings
from memo.memo import Memo


def walked(path: str) -> list[tuple[int, int]]:
    """The corners of a path."""
    start, _l, moves = path.partition("l")
    x, y = map(int, start[1:].split())
    numbers = list(map(int, re.findall(r"-?\d+", moves)))
    corners = [(x, y)]
    for dx, dy in zip(numbers[::2], numbers[1::2], strict=True):
        x, y = x + dx, y + dy
        corners.append((x, y))
    return corners


def test_a_line_begins_and_ends_where_it_should() -> None:
    assert walked(_path([(0, 0), (0.5, 0.8), (1, 1)])) == [(0, SIDE), (250, 100), (SIDE, 0)]


def test_steps_go_up_first() -> None:
    assert walked(_path([(0, 1), (0.5, 0.6), (1, 0.4)], is_stepped=True)) == [
        (0, 0), (0, 200), (250, 200), (250, 300), (500, 300)
    ]  # fmt: skip


def test_what_lies_on_the_way_is_dropped_and_what_turns_back_is_kept() -> None:
    assert walked(_path([(0, 0), (0.2, 0), (0.4, 0), (1, 0)])) == [(0, 500), (500, 500)]
    assert walked(_path([(0, 0), (0.4, 0), (0.2, 0)])) == [(0, 500), (200, 500), (100, 500)]


def test_nothing_and_a_single_point() -> None:
    assert _path([]) == ""
    assert _path([(0.5, 0.5), (0.5, 0.5)]) == "M250 250h0"


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=2, max_size=40))
def test_no_point_is_farther_from_the_path_than_rounding_moves_it(points: list[tuple[float, float]]) -> None:
    corners = np.array(walked(_path(points)) if "l" in _path(points) else [], dtype=float)
    if len(corners) < 2:
        return
    for x, y in points:
        point = np.array([x * SIDE, (1 - y) * SIDE])
        a, b = corners[:-1], corners[1:]
        along = np.clip(np.sum((point - a) * (b - a), axis=1) / np.sum((b - a) ** 2, axis=1), 0, 1)
        nearest = a + along[:, None] * (b - a)
        assert np.min(np.hypot(*(nearest - point).T)) <= np.sqrt(0.5) + 1e-9  # half a unit either way


def test_the_points_are_where_the_threshold_is(found: Memo) -> None:
    roc, precision_recall, calibration, gain = drawings(found.comparison)
    one = found.comparison.find(2)
    assert one.metrics is not None
    assert one.confusion is not None
    recall, precision = one.metrics["recall"].value, one.metrics["precision"].value
    specificity = one.metrics["specificity"].value
    assert recall is not None
    assert precision is not None
    assert specificity is not None

    def point(drawing: Drawing) -> tuple[int, int]:
        (curve,) = [curve for curve in drawing.curves if curve.number == 2]
        (only,) = curve.points
        return only

    assert point(roc) == pytest.approx(((1 - specificity) * SIDE, (1 - recall) * SIDE), abs=0.5)
    assert point(precision_recall) == pytest.approx((recall * SIDE, (1 - precision) * SIDE), abs=0.5)
    assert point(gain)[1] == point(roc)[1]
    assert [curve.number for curve in calibration.curves] == [1, 2]
