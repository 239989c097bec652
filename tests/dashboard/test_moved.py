import json
from dataclasses import replace

import pytest

from core.evidence.comparison import Comparison, ScoringState, Status
from core.evidence.metrics import METRICS
from core.evidence.operating_points import Mode, operating_points
from core.evidence.scores import ScoreKind
from dashboard.choice import Choice
from dashboard.marks import marks
from dashboard.moved import moved, question, view_key
from dashboard.pages.comparison_drawing import draw
from dashboard.readings import readings
from dashboard.theme import MINUS, Scheme
from tests.dashboard.comparing import evaluation_of, make_comparison, make_scores, make_split


def values(comparison: Comparison, choice: Choice | None = None) -> dict[str, object]:
    choice = choice or Choice(threshold=comparison.threshold)
    return dict(moved(comparison, readings(comparison), choice))


def cells_on_the_page(part: object) -> set[str]:
    """The keys of all cells in a tree of elements."""
    if isinstance(part, list):
        return {key for inner in part for key in cells_on_the_page(inner)}
    if not isinstance(part, dict):
        return set()
    own = {part["attributes"]["data-cell"]} if "data-cell" in part["attributes"] else set()
    return own | cells_on_the_page(part["children"])


def test_every_cell_of_the_tables_has_its_text() -> None:
    comparison = make_comparison([1, 2, 3], baseline=2)
    drawing = draw(comparison, marks([1, 2, 3], 2), Scheme.LIGHT, Choice())
    on_the_page = cells_on_the_page([part for parts in drawing.moved["elements"].values() for part in parts])
    texts = drawing.moved["cells"]
    assert len(on_the_page) > 3 * len(METRICS)
    assert on_the_page <= set(texts)
    assert all(texts[key] for key in on_the_page if not key.endswith(" at"))  # of one threshold for all
    assert "2 recall delta" not in on_the_page  # the baseline differs from nothing


def test_values_follow_the_threshold() -> None:
    split = make_split()
    low, high = (values(make_comparison([1, 2], split=split, baseline=1, threshold=at)) for at in (0.3, 0.7))
    assert low["view"] == high["view"]
    assert (low["threshold"], high["threshold"]) == (0.3, 0.7)
    assert low["cells"]["2 recall"] > high["cells"]["2 recall"]  # type: ignore[index]  # JSON
    assert low["cells"]["2 roc_auc"] == high["cells"]["2 roc_auc"]  # type: ignore[index]  # JSON
    assert low["points"] != high["points"]
    assert low["bars"] != high["bars"]


def test_versions_at_thresholds_of_their_own_say_them() -> None:
    choice = Choice(mode=Mode.RECALL, target=0.8)
    comparison = make_comparison([1, 2], baseline=1)
    found = values(comparison.at(operating_points(comparison, Mode.RECALL, 0.8)), choice)
    assert (found["mode"], found["value"], found["tail"]) == ("recall", 0.8, "recall/0.8")
    cells = found["cells"]
    assert isinstance(cells, dict)
    assert cells["threshold"] == "of its own"
    assert cells["1 at"].startswith("≥ 0.")
    assert cells["1 at"] != cells["2 at"]
    assert cells["2 recall"] >= "0.8"
    assert values(comparison)["cells"]["1 at"] == ""  # type: ignore[index]  # JSON


def test_another_mode_begins_where_the_baseline_is() -> None:
    comparison = make_comparison([1, 2], baseline=2, threshold=0.4)
    aims = values(comparison)["aims"]
    assert isinstance(aims, dict)
    before = comparison.find(2).confusion
    assert before is not None
    recall = comparison.at(operating_points(comparison, Mode.RECALL, aims[Mode.RECALL])).find(2).confusion
    alerts = comparison.at(operating_points(comparison, Mode.ALERTS, aims[Mode.ALERTS])).find(2).confusion
    assert recall is not None
    assert (recall.tp, alerts) == (before.tp, before)
    assert aims[Mode.THRESHOLD] == 0.4
    assert aims[Mode.COST] == 1


def test_confusion_cells_are_counts_shares_and_changes() -> None:
    comparison = make_comparison([1, 2], baseline=1)
    cells = values(comparison)["cells"]
    assert isinstance(cells, dict)
    one, base = (evaluation_of(comparison, number).confusion(0.5) for number in (2, 1))
    assert cells["2 tp"] == str(one.tp)
    assert cells["2 tp share"] == f"{round(100 * one.tp / (one.tp + one.fn))}%"
    change = one.fp - base.fp
    assert cells["2 fp delta"] == (f"+{change}" if change > 0 else f"{MINUS}{-change}" if change else "±0")
    assert "1 fp delta" not in cells
    assert cells["2 called"] == f"{100 * (one.tp + one.fp) / 143:.1f}%"


def test_cost_is_a_metric_at_a_ratio_that_the_table_names() -> None:
    comparison = replace(make_comparison([1, 2], baseline=1), cost_ratio=5.0)
    cells = values(comparison)["cells"]
    assert isinstance(cells, dict)
    one, base = (evaluation_of(comparison, number).confusion(0.5) for number in (2, 1))
    assert cells["cost terms"] == "a miss costs 5, a false alarm 1"
    assert cells["2 cost"] == f"{(5 * one.fn + one.fp) / 143:.3f}"
    apart = (5 * (one.fn - base.fn) + one.fp - base.fp) / 143
    assert cells["2 cost delta"].endswith(f"{abs(apart):.3f}")


def test_fewer_mistakes_are_better_and_fewer_hits_worse() -> None:
    comparison = make_comparison([1, 6], baseline=1)
    change = comparison.confusion_change(6)
    changes = values(comparison)["changes"]
    assert change is not None
    assert isinstance(changes, dict)
    expected = {
        "6 tp delta": change.tp,
        "6 tn delta": change.tn,
        "6 fp delta": -change.fp,
        "6 fn delta": -change.fn,
    }
    for key, gain in expected.items():
        assert changes.get(key) == ("better" if gain > 0 else "worse" if gain < 0 else None)


def test_the_best_value_of_a_metric_is_marked_where_there_is_a_difference() -> None:
    comparison = make_comparison([1, 6], baseline=1)
    best = values(comparison)["best"]
    assert isinstance(best, list)
    assert "6 roc_auc" in best
    assert "6 log_loss" in best
    assert "1 roc_auc" not in best
    split = make_split()
    same = {number: make_scores(split, number) for number in (1, 2)}
    twin = type(same[2])(key=same[2].key, kind=same[2].kind, values=same[1].values)
    assert values(make_comparison([1, 2], split=split, scores={2: twin}))["best"] == []


def test_what_is_missing_has_a_reason() -> None:
    split = make_split()
    scores = {2: make_scores(split, 2, kind=ScoreKind.RANKING)}
    cells = values(make_comparison([1, 2], split=split, baseline=1, scores=scores))["cells"]
    assert isinstance(cells, dict)
    assert cells["2 log_loss"] == "n/a"
    assert cells["2 log_loss delta"] == ""
    assert "log loss of v2 is n/a: These scores rank rows but are no probabilities." in cells["reasons"]
    cells = values(make_comparison([1, 2], threshold=1.0))["cells"]
    assert isinstance(cells, dict)
    assert "precision of every version is n/a: No row is called positive" in cells["reasons"]


@pytest.mark.parametrize("threshold", [0.0, 0.12345678901, 1.0])
def test_it_is_json_without_nan(threshold: float) -> None:
    comparison = make_comparison([1, 2], baseline=1, threshold=threshold)
    again = json.loads(json.dumps(values(comparison), allow_nan=False))
    assert again["threshold"] == threshold


def test_another_view_is_told_apart() -> None:
    split = make_split()
    scoring = ScoringState(status=Status.SCORING)
    views = [
        make_comparison([1, 2], split=split, baseline=1),
        make_comparison([1, 2], split=split, baseline=2),
        make_comparison([1, 2, 3], split=split, baseline=1),
        make_comparison([1, 2], split=split, baseline=1, states={2: scoring}),
        make_comparison([1, 2], split=make_split(144), baseline=1),
    ]
    assert len({view_key(view) for view in views}) == len(views)


def test_a_question_names_model_and_choice() -> None:
    assert question("a?b#c 1%", Choice(versions=(3, 4))) == "/models/a%3Fb%23c%201%25/at/production/3,4/"
    assert question("m", Choice(baseline=2, versions=())) == "/models/m/at/2/,/"
