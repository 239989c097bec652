import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import brier_score_loss, log_loss

from core.evidence.statistics.interval import Spread
from core.evidence.statistics.losses import ONE_ROW, log_losses, mean, squared_errors


def test_rows_add_up_to_scikit_learns_losses() -> None:
    rng = np.random.default_rng(0)
    labels = rng.random(200) < 0.4
    scores = rng.random(200)
    scores[:4] = [0, 1, 0, 1]
    assert squared_errors(labels, scores).mean() == pytest.approx(brier_score_loss(labels, scores), abs=1e-12)
    assert log_losses(labels, scores).mean() == pytest.approx(log_loss(labels, scores), abs=1e-12)


def test_a_paired_difference_is_students() -> None:
    rng = np.random.default_rng(1)
    first, second = rng.random(30), rng.random(30)
    spread = mean(second - first)
    assert isinstance(spread, Spread)
    peer = stats.ttest_rel(second, first)
    found, expected = spread.difference(0.9), peer.confidence_interval(0.9)
    assert (found.interval.low, found.interval.high) == pytest.approx(
        (expected.low, expected.high), abs=1e-12
    )
    assert found.p_value == pytest.approx(peer.pvalue, abs=1e-12)


def test_few_rows_of_a_label_that_carry_the_variance_count_as_few() -> None:
    rng = np.random.default_rng(2)
    labels = np.arange(1_000) < 20
    rare = np.where(labels, rng.uniform(-1, 1, size=1_000), rng.normal(scale=1e-4, size=1_000))
    plain, aware = mean(rare), mean(rare, labels)
    assert isinstance(plain, Spread)
    assert isinstance(aware, Spread)
    assert (aware.value, aware.error) == (plain.value, plain.error)
    assert plain.freedom == 999
    assert aware.freedom == pytest.approx(19, abs=0.1)
    even = mean(rng.uniform(size=1_000), np.arange(1_000) < 500)
    assert isinstance(even, Spread)
    assert even.freedom > 950
    heavy = mean(rng.standard_t(5, size=1_000), np.arange(1_000) < 500)
    assert isinstance(heavy, Spread)
    assert heavy.freedom < 900  # its variance hangs on a few far rows
    alone = mean(rng.uniform(size=1_000), np.ones(1_000, dtype=bool))
    assert isinstance(alone, Spread)
    assert alone.freedom == pytest.approx(999)
    five = mean(rng.uniform(size=1_000), np.arange(1_000) < 5)
    assert isinstance(five, Spread)
    assert five.freedom == 4  # whatever they carry


def test_one_row_has_no_spread() -> None:
    assert mean(np.array([0.3])) is ONE_ROW
