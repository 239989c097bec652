"""How many runs are asked for at once."""

from core.catalog.runs.pace import Pace


def test_small_runs_come_by_the_thousand() -> None:
    pace, asked = Pace(), []
    for _ in range(6):
        asked.append(pace.rows)
        pace.took(pace.rows, 0.2 + 0.0008 * pace.rows)
    assert asked[1] <= 8 * asked[0], "a first page says little"
    assert 1_000 < pace.rows < 3_000, "a page takes a second or two"


def test_large_runs_come_one_by_one() -> None:
    pace = Pace()
    for _ in range(3):
        pace.took(pace.rows, 3.0 * pace.rows)
    assert pace.rows == 1


def test_what_did_not_come_in_time_is_asked_for_in_smaller_pieces() -> None:
    pace = Pace()
    before = pace.rows
    pace.overdue()
    assert pace.rows < before
    for _ in range(5):
        pace.overdue()
    assert pace.rows == 1


def test_a_short_page_says_nothing() -> None:
    pace = Pace()
    before = pace.rows
    pace.took(before - 1, 0.001)
    assert pace.rows == before
