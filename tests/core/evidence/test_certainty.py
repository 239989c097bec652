from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from core.evidence.certainty import Certainties, Certainty, Flips, Terms
from core.evidence.metrics import METRICS
from core.evidence.row_parts import NO_PROBABILITY, ONE_LABEL, Scored, row_parts
from core.evidence.scores import ScoreKey, ScoreKind
from core.evidence.statistics.delong import TOO_FEW
from core.evidence.statistics.interval import IDENTICAL, Difference, Interval
from core.evidence.statistics.proportions import mcnemar, wilson

Array = np.ndarray[Any, Any]
ROWS = 300


def scored(name: str, values: Array, kind: ScoreKind = ScoreKind.PROBABILITY) -> Scored:
    return Scored(key=ScoreKey(digest=name, fingerprint="rows", code="1"), kind=kind, values=values)


@pytest.fixture(scope="module")
def labels() -> Array:
    return np.random.default_rng(0).random(ROWS) < 0.35


@pytest.fixture(scope="module")
def versions(labels: Array) -> list[Scored]:
    """A baseline and three candidates: noisier, equal, and better."""
    rng = np.random.default_rng(1)
    signal, noise = labels * 1.5, rng.normal(size=ROWS)
    base = 1 / (1 + np.exp(1 - signal - noise))
    worse = np.clip(base + rng.normal(scale=0.3, size=ROWS), 0, 1)
    better = 1 / (1 + np.exp(1 - 2 * signal - noise))
    return [scored("base", base), scored("worse", worse), scored("same", base.copy()), scored("more", better)]


def differences(found: Certainty) -> Mapping[str, Difference]:
    assert found.differences is not None
    assert all(isinstance(one, Difference) for one in found.differences.values())
    return {name: one for name, one in found.differences.items() if isinstance(one, Difference)}


def test_every_metric_has_an_interval_and_every_candidate_differences(
    labels: Array, versions: list[Scored]
) -> None:
    base, *candidates = Certainties().of(labels, versions[0], versions[1:], Terms(threshold=0.5))
    names = {metric.name for metric in METRICS} | {"ks", "calibration_error", "cost"}
    assert set(base.intervals) == names
    assert base.differences is None
    assert base.flips is None
    assert all(set(differences(one)) == names for one in candidates)
    called = versions[1].values >= 0.5
    right = int((called == labels).sum())
    assert candidates[0].intervals["accuracy"] == wilson(right, ROWS, 0.95)
    was_right = (versions[0].values >= 0.5) == labels
    fixed, broken = int((~was_right & (called == labels)).sum()), int((was_right & (called != labels)).sum())
    assert candidates[0].flips == Flips(fixed=fixed, broken=broken, p_value=mcnemar(fixed, broken))


def test_the_better_is_told_from_the_worse_and_the_same_is_the_same(
    labels: Array, versions: list[Scored]
) -> None:
    _, worse, same, better = Certainties().of(labels, versions[0], versions[1:], Terms(threshold=0.5))
    assert differences(worse)["roc_auc"].interval.high < 0 < differences(better)["roc_auc"].interval.low
    assert differences(better)["brier"].interval.high < 0  # lower is better
    assert set(differences(same).values()) == {IDENTICAL}


def test_more_candidates_ask_for_more(labels: Array, versions: list[Scored]) -> None:
    certainties, terms = Certainties(), Terms(threshold=0.5)
    alone = differences(certainties.of(labels, versions[0], versions[3:], terms)[1])
    among = differences(certainties.of(labels, versions[0], versions[1:], terms)[3])
    strict = Terms(threshold=0.5, alpha=0.05 / 3)
    equal = differences(certainties.of(labels, versions[0], versions[3:], strict)[1])
    for name in ("roc_auc", "brier", "average_precision", "accuracy", "f1"):
        assert among[name].interval.low < alone[name].interval.low
        assert among[name] == equal[name]


def test_rows_are_taken_apart_once(
    labels: Array, versions: list[Scored], monkeypatch: pytest.MonkeyPatch
) -> None:
    taken: list[str] = []

    def counted(labels: Array, version: Scored) -> Any:
        taken.append(version.key.digest)
        return row_parts(labels, version)

    monkeypatch.setattr("core.evidence.certainty.row_parts", counted)
    certainties = Certainties()
    first = certainties.of(labels, versions[0], versions[1:], Terms(threshold=0.5))
    assert sorted(taken) == ["base", "more", "same", "worse"]
    moved = certainties.of(labels, versions[0], versions[1:], Terms(threshold=0.3))
    assert len(taken) == 4
    assert moved[1].intervals["roc_auc"] == first[1].intervals["roc_auc"]
    assert moved[1].intervals["recall"] != first[1].intervals["recall"]


def test_scores_that_rank_have_no_losses(labels: Array, versions: list[Scored]) -> None:
    ranking = scored("rank", versions[1].values * 10 - 5, ScoreKind.RANKING)
    _, found = Certainties().of(labels, versions[0], [ranking], Terms(threshold=0.5))
    assert found.differences is not None
    assert found.intervals["brier"] is NO_PROBABILITY
    assert found.differences["log_loss"] is NO_PROBABILITY
    assert isinstance(found.differences["roc_auc"], Difference)


def test_what_the_rows_cannot_say_is_said(versions: list[Scored]) -> None:
    positive = np.ones(ROWS, dtype=bool)
    _, found = Certainties().of(positive, versions[0], versions[1:2], Terms(threshold=0.5))
    assert found.intervals["roc_auc"] is ONE_LABEL
    assert isinstance(found.intervals["recall"], Interval)
    positive[:] = False
    positive[0] = True
    _, found = Certainties().of(positive, versions[0], versions[1:2], Terms(threshold=0.5))
    assert found.intervals["roc_auc"] is TOO_FEW


def test_an_interval_stays_where_the_metric_can_be(labels: Array) -> None:
    sure = np.where(labels, 0.999, 0.001)
    sure[:2] = 1 - sure[:2]  # two rows carry the whole loss
    (found,) = Certainties().of(labels, None, [scored("sure", sure)], Terms(threshold=0.5))
    for name in ("brier", "log_loss"):
        interval = found.intervals[name]
        assert isinstance(interval, Interval)
        assert interval.low == 0.0 < interval.high


def test_without_a_baseline_there_are_intervals_alone(labels: Array, versions: list[Scored]) -> None:
    found = Certainties().of(labels, None, versions[:2], Terms(threshold=0.5))
    assert [one.differences for one in found] == [None, None]
    assert isinstance(found[0].intervals["f1"], Interval)


def test_no_more_is_kept_than_allowed(labels: Array, versions: list[Scored]) -> None:
    certainties = Certainties(most=3)
    certainties.of(labels, versions[0], versions[1:], Terms(threshold=0.5))
    assert len(certainties._kept) == 3
