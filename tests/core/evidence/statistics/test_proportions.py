import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar
from scipy.special import xlogy
from scipy.stats import chi2, norm
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
    assert found.p_value == pytest.approx(chi2.sf(36 / 12, 1), abs=1e-12)  # (9 - 3)^2 / (9 + 3)
    # 10 and 4 of 100: error sqrt((0.14 - 0.0036) / 100) = 0.036932
    assert found.error == pytest.approx(0.0369324, abs=1e-6)
    # with no discordant row at all: rows d / (1 - d) = z^2
    none = Discordant(fixed=0, broken=0, rows=96).difference(0.95).interval
    assert none.high == pytest.approx(1.959964**2 / (96 + 1.959964**2), abs=1e-6)
    assert none.low == pytest.approx(-none.high, abs=1e-9)


@pytest.mark.parametrize(
    "counts", [(9, 3, 98), (0, 7, 40), (1, 0, 44), (30, 31, 1_000), (4, 4, 8), (200, 90, 10_000)]
)
@pytest.mark.parametrize("level", [0.8, 0.95, 0.995])
def test_ends_are_where_the_best_fitting_shares_are_just_that_far(
    counts: tuple[int, int, int], level: float
) -> None:
    fixed, broken, rows = counts

    def apart(difference: float) -> float:
        """Standard errors, with the share of broken rows found by trying, in place of a formula."""

        def unlikely(share: float) -> float:
            return -float(
                xlogy(fixed, share + difference)
                + xlogy(broken, share)
                + xlogy(rows - fixed - broken, 1 - 2 * share - difference)
            )

        low, high = max(0.0, -difference), (1 - difference) / 2
        best = minimize_scalar(unlikely, bounds=(low, high), method="bounded", options={"xatol": 1e-14}).x
        return (fixed - broken - rows * difference) / math.sqrt(
            rows * (2 * best + difference - difference**2)
        )

    found = Discordant(*counts).difference(level).interval
    reach = norm.ppf((1 + level) / 2)
    assert apart(found.low) == pytest.approx(reach, abs=1e-3)
    assert apart(found.high) == pytest.approx(-reach, abs=1e-3)


@given(fixed=st.integers(0, 60), broken=st.integers(0, 60), level=st.sampled_from([0.5, 0.95, 0.995]))
def test_p_value_and_interval_agree(fixed: int, broken: int, level: float) -> None:
    found = Discordant(fixed, broken, 130).difference(level)
    leaves_out_zero = found.interval.low > 1e-9 or found.interval.high < -1e-9
    assert leaves_out_zero == (found.p_value < 1 - level - 1e-9) or abs(found.p_value - (1 - level)) < 1e-6
    other = Discordant(broken, fixed, 130).difference(level)
    assert (other.interval.low, other.interval.high) == pytest.approx(
        (-found.interval.high, -found.interval.low)
    )


def test_no_discordant_row_still_leaves_room() -> None:
    found = Discordant(fixed=0, broken=0, rows=50).difference(0.95)
    assert found.value == 0
    assert found.interval.high > 0.02
    assert found.p_value == 1


def test_an_interval_holds_what_was_seen() -> None:
    assert Discordant(fixed=4, broken=0, rows=4).difference(0.5).interval.high == 1.0
    assert wilson(0, 3, 0.95) == Interval(0.0, wilson(0, 3, 0.95).high)
