from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from core.evidence import slice_finder
from core.evidence.paired import Paired, Thresholds
from core.evidence.rules import Among, Rule, Within
from core.evidence.scores import ScoreKind
from core.evidence.slice_finder import find_slice
from core.evidence.split import Split
from tests.dashboard.row_by_row import make_pair, make_row_split

AT = Thresholds(0.5, 0.5)


def words(found: slice_finder.Finding) -> str:
    assert found.rule is not None
    return str(found.rule.words)


def with_worse(split: Split, rows: Any, *, by: float = 0.4) -> Paired:
    """A candidate that lost `by` in these rows, and whose scores move a little everywhere."""
    pair = make_pair(split)
    toward = np.where(split.labels, 0.0, 1.0)
    moved = np.where(rows, (1 - by) * pair.before + by * toward, pair.after)
    return replace(pair, candidate=replace(pair.candidate, values=moved))


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        (lambda frame: frame["Sex"] == 1, "Sex = female"),
        (lambda frame: frame["Age"] > 50, "Age > 50"),
        (lambda frame: frame["Town"] == "Oslo", "Town = Oslo"),
        (lambda frame: frame["Town"].isna(), "Town = missing"),
        (lambda frame: (frame["Sex"] == 0) & (frame["Age"] > 40), "Age > 40 and Sex = male"),
        (lambda frame: (frame["Age"] > 30) & (frame["Age"] <= 45), "30 < Age ≤ 45"),
        (lambda frame: frame["Town"] != "Oslo", "Town ≠ Oslo"),
    ],
)
def test_a_planted_slice_is_found_in_words(rule: Any, said: str) -> None:
    split = make_row_split(4_000)
    rows = rule(split.frame).to_numpy()
    found = find_slice(with_worse(split, rows), at=AT)
    assert words(found) == said
    assert found.is_found
    assert found.difference is not None
    assert found.difference.p_value < 1e-6
    assert found.rows_in_all == rows.sum()
    assert found.searched + found.tested == split.rows


def test_missing_numbers_can_be_the_worst_part() -> None:
    split = make_row_split(4_000)
    missing = split.frame["Age"].isna().to_numpy()
    found = find_slice(with_worse(split, missing), at=AT)
    assert found.rule is not None
    assert "missing" in words(found)
    held = found.rule.rows(split)
    assert (missing & ~held).sum() == 0
    assert held.sum() < 1.2 * missing.sum()


def test_the_difference_is_that_of_the_rows_that_were_not_searched() -> None:
    split = make_row_split(2_000)
    pair = with_worse(split, (split.frame["Sex"] == 0).to_numpy())
    found = find_slice(pair, at=AT)
    order = np.random.default_rng(slice_finder.SEED).permutation(split.rows)
    tested = np.zeros(split.rows, dtype=bool)
    tested[order[1_000:]] = True
    rows = tested & (split.frame["Sex"] == 0).to_numpy()
    lost = (pair.after - split.labels) ** 2 - (pair.before - split.labels) ** 2
    assert found.rows == rows.sum()
    assert found.difference is not None
    assert found.difference.value == pytest.approx(lost[rows].mean(), abs=1e-12)
    again = find_slice(pair, at=Thresholds(0.9, 0.9))  # the threshold has no say, and chance no part
    assert (again.rows, again.difference, words(again)) == (found.rows, found.difference, words(found))


def test_more_candidates_ask_for_more() -> None:
    split = make_row_split()
    pair = make_pair(split, hurts=True)
    one, many = (find_slice(pair, at=AT, candidates=count) for count in (1, 10))
    assert (one.level, many.level) == (0.95, 0.995)
    assert one.difference
    assert many.difference
    assert one.difference.interval.low > many.difference.interval.low


def test_scores_that_only_rank_are_judged_by_wrong_decisions() -> None:
    split = make_row_split(4_000)
    pair = make_pair(split, kind=ScoreKind.RANKING)
    rows = (split.frame["Sex"] == 0).to_numpy()
    turned = np.where(rows, 1 - pair.after, pair.after)
    found = find_slice(replace(pair, candidate=replace(pair.candidate, values=turned)), at=AT)
    assert (found.loss, words(found), found.is_found) == ("wrong", "Sex = male", True)


def test_without_an_effect_false_findings_are_rare_and_p_is_uniform() -> None:
    split = make_row_split(400)
    found = [find_slice(make_pair(split, seed=seed), at=AT) for seed in range(200)]
    assert (
        sum(one.is_found for one in found) <= 10
    )  # of 200, where 5 are to be expected: better ones do not count
    p_values = np.array([one.difference.p_value for one in found if one.difference is not None])
    assert len(p_values) > 150
    parts = np.histogram(p_values, bins=4, range=(0, 1))[0] / len(p_values)
    assert parts == pytest.approx([0.25] * 4, abs=0.12)


def test_nothing_can_be_found_where_nothing_differs_or_rows_are_few() -> None:
    pair = make_pair(make_row_split())
    same = find_slice(replace(pair, candidate=pair.baseline), at=AT)
    few = find_slice(make_pair(make_row_split(40)), at=AT)
    for found in (same, few):
        assert (found.rule, found.difference, found.is_found) == (None, None, False)


def test_a_candidate_that_is_better_everywhere_lost_nowhere() -> None:
    pair = make_pair(make_row_split())
    better = np.where(pair.split.labels, 1.0, 0.0)
    found = find_slice(replace(pair, candidate=replace(pair.candidate, values=better)), at=AT)
    assert not found.is_found


def test_no_more_rows_are_searched_than_it_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slice_finder, "MOST_SEARCHED", 300)
    split = make_row_split(2_000)
    found = find_slice(with_worse(split, (split.frame["Sex"] == 0).to_numpy()), at=AT)
    assert (found.searched, found.tested, words(found)) == (300, 1_000, "Sex = male")


def test_columns_of_any_kind_can_be_searched() -> None:
    split = make_row_split(600)
    frame = split.frame.assign(
        lists=[[1, 2]] * split.rows,
        flag=pd.array([True, None, False] * 200, dtype="boolean"),
        huge=np.where(np.arange(split.rows) % 2, np.inf, -1e300),
        day=pd.date_range("2026-01-01", periods=split.rows),
        empty=None,
        kind=pd.Categorical(["a", "b", None] * 200),
    )
    odd = replace(split, frame=frame)
    found = find_slice(with_worse(odd, (frame["kind"] == "a").to_numpy()), at=AT)
    assert words(found) in {"kind = a", "flag = True"}  # the same rows


def test_only_the_features_are_searched() -> None:
    split = replace(make_row_split(4_000), features=("Sex", "Fare"))
    found = find_slice(with_worse(split, (split.frame["Town"] == "Oslo").to_numpy()), at=AT)
    assert found.rule is not None
    assert {condition.column for condition in found.rule.conditions} <= {"Sex", "Fare"}


def test_a_rule_is_in_words_and_holds_rows() -> None:
    split = make_row_split()
    from core.evidence.slices import slices_of  # noqa: PLC0415  beside its only use

    towns = slices_of(split, ["Town"])
    rule = Rule(
        (
            Within(column="Age", low=20.0, is_missing=True),
            Among(column="Town", kept=towns[:2], others=towns[2:]),
        )
    )
    first, second = (str(one.label) for one in towns[:2])
    assert str(rule.words) == f"Age > 20 (or missing) and Town = {first} or {second}"
    frame = split.frame
    expected = (frame["Age"].isna() | (frame["Age"] > 20)) & frame["Town"].isin([first, second])
    assert (rule.rows(split) == expected.to_numpy()).all()
