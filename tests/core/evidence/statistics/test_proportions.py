import pytest
from statsmodels.stats.contingency_tables import mcnemar as peer_mcnemar
from statsmodels.stats.proportion import proportion_confint

from core.evidence.statistics.interval import Interval
from core.evidence.statistics.proportions import Discordant, mcnemar, wilson


@pytest.mark.parametrize(("hits", "rows"), [(0, 1), (0, 143), (1, 143), (70, 143), (143, 143), (5, 10_000)])
@pytest.mark.parametrize("level", [0.8, 0.95, 0.995])
def test_wilson_is_statsmodels(hits: int, rows: int, level: float) -> None:
    low, high = proportion_confint(hits, rows, alpha=1 - level, method="wilson")
    found = wilson(hits, rows, level)
    assert (found.low, found.high) == pytest.approx((low, high), abs=1e-12)


@pytest.mark.parametrize(("fixed", "broken"), [(0, 0), (1, 0), (5, 5), (3, 12), (40, 21), (0, 30)])
def test_mcnemar_is_statsmodels(fixed: int, broken: int) -> None:
    peer = peer_mcnemar([[100, fixed], [broken, 50]], exact=True)
    assert mcnemar(fixed, broken) == pytest.approx(min(1.0, peer.pvalue), abs=1e-12)


def test_a_difference_of_shares_worked_by_hand() -> None:
    found = Discordant(fixed=9, broken=3, rows=98).difference(0.95)
    assert found.value == pytest.approx(6 / 98)
    # 10 and 4 of 100: difference 0.06, error sqrt((0.14 - 0.0036) / 100) = 0.036932
    assert found.error == pytest.approx(0.0369324, abs=1e-6)
    assert found.interval.low == pytest.approx(0.06 - 1.959964 * 0.0369324, abs=1e-6)


def test_no_discordant_row_still_leaves_room() -> None:
    found = Discordant(fixed=0, broken=0, rows=50).difference(0.95)
    assert found.value == 0
    assert found.interval.high > 0.02
    assert found.p_value == 1


def test_an_interval_holds_what_was_seen() -> None:
    assert Discordant(fixed=4, broken=0, rows=4).difference(0.5).interval.high == 1.0
    assert wilson(0, 3, 0.95) == Interval(0.0, wilson(0, 3, 0.95).high)
