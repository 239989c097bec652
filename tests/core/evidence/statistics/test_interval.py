import math

import numpy as np
import pytest
from scipy import stats

from core.evidence.statistics.interval import IDENTICAL, Interval, Spread, quantile, satterthwaite


def test_quantiles_are_those_of_student_and_normal() -> None:
    assert quantile(0.95) == pytest.approx(1.959963984540054, abs=1e-12)
    assert quantile(0.95, 7) == pytest.approx(stats.t.ppf(0.975, 7), abs=1e-12)


def test_an_interval_and_its_p_value_agree() -> None:
    spread = Spread(value=0.03, error=0.01, freedom=9)
    edge = 1 - 2 * stats.t.sf(3.0, 9)  # the level at which the interval just reaches zero
    assert spread.difference(0.95).p_value == pytest.approx(1 - edge, abs=1e-12)
    assert spread.interval(edge).low == pytest.approx(0.0, abs=1e-12)
    assert spread.interval(edge - 0.001).low > 0 > spread.interval(edge + 0.001).low


@pytest.mark.parametrize(("value", "p_value"), [(0.0, 1.0), (0.2, 0.0)])
def test_without_an_error_there_is_no_doubt(value: float, p_value: float) -> None:
    found = Spread(value=value, error=0.0, freedom=math.inf).difference(0.95)
    assert (found.value, found.interval, found.p_value) == (value, Interval(value, value), p_value)
    assert (found == IDENTICAL) == (value == 0)


def test_satterthwaite_is_welch() -> None:
    first, second = np.geomspace(1, 90, 12), np.linspace(3, 9, 10)
    welch = stats.ttest_ind(first, second, equal_var=False)
    parts = tuple((stats.tvar(sample) / len(sample), len(sample)) for sample in (first, second))
    assert satterthwaite(parts) == pytest.approx(welch.df, abs=1e-9)
    assert satterthwaite(((0.0, 5), (0.0, 3))) == math.inf


def test_a_handful_of_values_is_the_weakest_link_whatever_its_share() -> None:
    assert satterthwaite(((1e-9, 3), (1.0, 500))) == 2
    assert satterthwaite(((1e-9, 9), (1.0, 500))) == 8
    assert satterthwaite(((1e-9, 10), (1.0, 500))) == pytest.approx(499)


def test_ends_stay_where_the_metric_can_be_and_hold_the_estimate() -> None:
    assert Interval(-0.2, 1.4).within(0, 1) == Interval(0, 1)
    assert Interval(0.3, 0.4).holding(0.25) == Interval(0.25, 0.4)
