import math

import numpy as np
import pytest
from scipy import stats

from core.evidence.statistics.power import detectable, rows_needed, typical_error


def test_a_detectable_difference_is_found_four_times_in_five() -> None:
    error = 0.02
    smallest = detectable(error, 0.95)
    found = stats.norm.sf(stats.norm.ppf(0.975), loc=smallest / error)
    assert found == pytest.approx(0.8, abs=1e-9)
    assert detectable(error, 0.95, freedom=6) > smallest
    assert detectable(error, 0.995) > smallest  # more candidates, higher level


def test_so_many_rows_bring_the_detectable_difference_down_to_the_margin() -> None:
    rows = rows_needed(0.02, 143, 0.01, 0.95)
    assert detectable(0.02 * math.sqrt(143 / rows), 0.95) <= 0.01
    assert detectable(0.02 * math.sqrt(143 / (rows - 1)), 0.95) > 0.01


def test_what_is_expected_of_a_split_before_anything_is_scored() -> None:
    rng = np.random.default_rng(0)
    apart = math.sqrt(2) * stats.norm.ppf(0.85)  # normal scores with an AUC of 0.85
    found = []
    for _ in range(2_000):
        positive, negative = rng.normal(apart, size=56), rng.normal(size=87)
        found.append(stats.mannwhitneyu(positive, negative).statistic / (56 * 87))
    single = np.std(found)
    assert typical_error("roc_auc", 56, 87) == pytest.approx(single * math.sqrt(0.8), rel=0.1)
    assert typical_error("accuracy", 56, 87) == pytest.approx(math.sqrt(0.1 / 143))
    assert typical_error("roc_auc", 0, 87) is None
    assert typical_error("mcc", 56, 87) is None
