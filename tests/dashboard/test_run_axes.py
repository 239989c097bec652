import math
from datetime import UTC, datetime

import pytest

from core.catalog.runs.question import Field, Kind, Value
from dashboard.run_axes import MOST_GROUPS, axis, grouped, natural, short, told

FIELD = Field(Kind.PARAM, "p")


def test_numbers_are_an_axis_of_numbers_and_what_is_missing_is_told() -> None:
    made = axis(FIELD, ["0.1", None, "0.3", "nan"])

    assert made.positions == (0.1, None, 0.3, None)
    assert made.span == (0.1, 0.3)
    assert made.has_missing
    assert made.ticks() == ([0.1, 0.15, 0.2, 0.25, 0.3], ["0.1", "0.15", "0.2", "0.25", "0.3"])


def test_what_spans_thousands_is_logarithmic() -> None:
    made = axis(FIELD, ["0.00001", "0.1"])

    assert made.is_log
    assert made.positions == pytest.approx((-5, -1))
    assert made.ticks()[1] == ["1E-5", "0.0001", "0.001", "0.01", "0.1"]
    assert made.placed((1e-3, 1e-2)) == pytest.approx((-3, -2))


def test_a_scale_that_holds_zero_is_not_logarithmic() -> None:
    assert not axis(FIELD, ["0", "100000"]).is_log


def test_texts_are_places_in_their_natural_order() -> None:
    made = axis(FIELD, ["layer 10", "layer 2", None])

    assert made.categories == ("layer 2", "layer 10")
    assert list(made.positions) == [1, 0, None]
    assert made.ticks() == ([0, 1], ["layer 2", "layer 10"])


def test_times_are_said_as_times() -> None:
    made = axis(FIELD, [datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC)])

    assert made.is_time
    assert all("2026" in text for text in made.ticks()[1])


@pytest.mark.parametrize("values", [[], [None], ["5", "5"], [math.inf], [1e308, -1e308], [5e-324, 1.0]])
def test_odd_values_make_an_axis(values: list[Value]) -> None:
    made = axis(FIELD, values)

    assert len(made.positions) == len(values)
    places, texts = made.ticks()
    assert len(places) == len(texts) <= 12


def test_few_values_are_groups_and_many_numbers_are_cut_into_some() -> None:
    assert grouped(FIELD, ["b", "a", None, "b"]) == (["a", "b"], [1, 0, None, 1])
    names, at = grouped(FIELD, [str(i) for i in range(60)])
    assert len(names) == 6
    assert [at.count(group) for group in range(6)] == [10] * 6
    assert names[0] == "0 to 9"


def test_of_many_texts_the_rare_ones_are_others() -> None:
    values: list[Value] = [*(f"name {i}" for i in range(30)), *["often"] * 5]
    names, at = grouped(FIELD, values)

    assert len(names) == MOST_GROUPS
    assert names[-1] == "others"
    assert at.count(MOST_GROUPS - 1) == 30 - (MOST_GROUPS - 2)


def test_words() -> None:
    assert short("a" * 100) == "a" * 11 + "…" + "a" * 11
    assert told(None) == told(math.nan) == "n/a"
    assert told(0.123456) == "0.12346"
    assert sorted(["x10", "x9", "X1"], key=natural) == ["X1", "x9", "x10"]
