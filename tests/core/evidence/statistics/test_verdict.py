import pytest

from core.evidence.statistics.interval import Difference, Interval
from core.evidence.statistics.verdict import Verdict, judge


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0.01, 0.03, Verdict.BETTER),
        (0.0, 0.03, Verdict.NO_WORSE),  # zero is not left out
        (-0.01, 0.03, Verdict.NO_WORSE),  # just within the margin
        (-0.009, -0.001, Verdict.NO_WORSE),  # surely smaller, by what nobody minds
        (-0.011, 0.03, Verdict.CANNOT_TELL),
        (-0.03, 0.0, Verdict.CANNOT_TELL),
        (-0.03, -0.001, Verdict.WORSE),
    ],
)
def test_the_interval_alone_decides(low: float, high: float, expected: Verdict) -> None:
    found = Difference(value=(low + high) / 2, interval=Interval(low, high), p_value=0.5)
    assert judge(found, greater_is_better=True, margin=0.01) is expected
    turned = Difference(value=-found.value, interval=Interval(-high, -low), p_value=0.5)
    assert judge(turned, greater_is_better=False, margin=0.01) is expected


def test_without_a_margin_only_exact_equality_is_no_worse() -> None:
    same = Difference(value=0.0, interval=Interval(0.0, 0.0), p_value=1.0)
    near = Difference(value=0.0, interval=Interval(-1e-9, 1e-9), p_value=1.0)
    assert judge(same, greater_is_better=True, margin=0.0) is Verdict.NO_WORSE
    assert judge(near, greater_is_better=True, margin=0.0) is Verdict.CANNOT_TELL
