from dataclasses import replace

import pytest

from core.evidence.certainty import Flips
from core.evidence.row_sentences import finding_sentence, flips_sentence, p_value, slices_sentence
from core.evidence.rules import Rule, Within
from core.evidence.slice_evidence import SliceTerms, slice_evidence
from core.evidence.slice_finder import Finding
from core.evidence.slices import slices_of
from core.evidence.statistics.interval import Difference, Interval
from tests.dashboard.row_by_row import make_pair, make_row_split

FOUND = Finding(
    loss="brier",
    level=0.95,
    searched=600,
    tested=600,
    rule=Rule((Within(column="Age", low=30.0),)),
    rows=86,
    difference=Difference(value=0.21, interval=Interval(0.08, 0.34), p_value=0.0004, error=0.06),
)


def test_what_was_found_is_said_with_all_that_it_rests_on() -> None:
    assert str(finding_sentence(FOUND)) == (
        "It lost most where Age > 30: on 86 rows that had no part in the search, its Brier score is worse than "
        "the baseline's by 21.0 pp (8.0 to 34.0 pp; p < 0.001)."
    )
    wrong = str(finding_sentence(replace(FOUND, loss="wrong")))
    assert "share of wrong decisions is worse" in wrong


def test_what_is_not_borne_out_is_nothing_found() -> None:
    chance = Difference(value=0.01, interval=Interval(-0.02, 0.04), p_value=0.5, error=0.015)
    assert str(finding_sentence(replace(FOUND, difference=chance))) == (
        "Nothing found. It looked worst where Age > 30, but 86 rows that had no part in the search do not bear "
        "it out: Brier score +1.0 pp (−2.0 to +4.0 pp; p = 0.5)."
    )
    nothing = replace(FOUND, rule=None, difference=None)
    assert str(finding_sentence(nothing)).startswith("Nothing found: among 600 rows")


@pytest.mark.parametrize(
    ("flips", "said"),
    [
        (Flips(fixed=0, broken=0, p_value=1.0), "Both decide every row alike."),
        (Flips(fixed=3, broken=5, p_value=0.7), "chance alone"),
        (Flips(fixed=1_300, broken=5, p_value=1e-9), "Fixed 1,300, broken 5: more fixed than chance explains (McNemar's test, p < 0.001)."),
        (Flips(fixed=5, broken=30, p_value=0.04), "more broken than chance explains (McNemar's test, p = 0.04)."),
    ],
)  # fmt: skip
def test_changed_decisions_are_said_in_words(flips: Flips, said: str) -> None:
    assert said in str(flips_sentence(flips, 0.05))


def test_terms_of_slices_are_said() -> None:
    split = make_row_split()
    terms = SliceTerms(metric="roc_auc", threshold=0.5, alpha=0.1, candidates=2)
    said = str(slices_sentence(slice_evidence(slices_of(split), make_pair(split), terms)))
    assert said.startswith("Intervals: 99.55% each, so that 11 slices and 2 candidates are judged with 90%")


def test_small_probabilities_are_not_written_as_zero() -> None:
    assert [p_value(p) for p in (1.0, 0.0123, 0.001, 0.00099, 0.0)] == [
        "= 1",
        "= 0.012",
        "= 0.001",
        "< 0.001",
        "< 0.001",
    ]
