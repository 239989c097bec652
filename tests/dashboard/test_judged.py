import json
import time
from dataclasses import replace
from typing import Any

import pytest

from core.evidence.certainty import Certainties
from core.evidence.comparison import Comparison, ScoringState, Status
from core.evidence.judgement import Judgement, judgement
from core.evidence.scores import Scores
from core.evidence.split import Split
from core.settings import ModelSettings
from dashboard.choice import Choice
from dashboard.components.elements import Element, element
from dashboard.components.numbers_table import Column, numbers_table
from dashboard.components.verdict_cards import judged_cards, waiting_cards
from dashboard.figures.whiskers import Scale
from dashboard.judged import judged, question
from dashboard.marks import marks
from dashboard.moved import moved, view_key
from dashboard.readings import SHOWN, readings
from dashboard.theme import Scheme
from tests.dashboard.comparing import MODEL, make_comparison, make_scores, make_split


def judge(comparison: Comparison, made: dict[int, Scores] | None = None) -> Judgement:
    return judgement(
        comparison,
        ModelSettings(),
        Certainties(),
        lambda one: (made or {}).get(one.version.number) or make_scores(comparison.split, one.version.number),
    )


def shifted(split: Split, number: int, gain: float) -> Scores:
    """The scores of version 1, with positive rows that much higher."""
    scores = make_scores(split, number)
    return replace(scores, values=(make_scores(split, 1).values + gain * split.labels).clip(0, 1))


def values(comparison: Comparison, production: int | None = None, **made: Any) -> dict[str, Any]:
    look = marks([one.version.number for one in comparison.versions], production)
    return dict(judged(comparison, judge(comparison, **made), look, Scheme.LIGHT, "0.5"))


def words(part: Element | str) -> str:
    return part if isinstance(part, str) else " ".join(filter(None, map(words, part["children"])))


def test_it_is_json_without_nan_and_fits_to_the_page() -> None:
    comparison = make_comparison([1, 2, 3], baseline=1, threshold=0.3)
    answer = json.loads(json.dumps(values(comparison), allow_nan=False))
    assert (answer["view"], answer["tail"]) == (view_key(comparison), "0.5")
    assert set(answer["cards"]) == {"2", "3"}
    assert set(answer["deltas"]) == {scale.value for scale in Scale}
    assert answer["terms"]
    assert answer["detectable"].startswith("143 rows: can only see")


def test_every_place_in_the_table_has_its_interval() -> None:
    comparison = make_comparison([1, 2], baseline=1)
    columns = [Column(number, f"v{number}", element("i"), number == 1, number != 1) for number in (1, 2)]
    table = numbers_table(columns, SHOWN)

    def keys(part: Any) -> set[str]:
        if isinstance(part, str):
            return set()
        own = {part["attributes"]["data-sure"]} if "data-sure" in part["attributes"] else set()
        return own.union(*map(keys, part["children"]))

    cells = values(comparison)["cells"]
    assert keys(table) == set(cells)
    assert all(cells.values())


def test_what_may_be_nothing_is_named_by_the_cells_that_show_it() -> None:
    split = make_split(400)
    made = {3: shifted(split, 3, 0.4)}
    comparison = make_comparison([1, 2, 3], split=split, baseline=1, scores=made)
    unsure = set(values(comparison, made=made)["unsure"])
    shown = moved(comparison, readings(comparison), Choice())["cells"]
    assert unsure - set(shown) == {
        f"{number} {name} delta"
        for number in (2, 3)
        for name in ("calibration_error",)
        if f"{number} {name} delta" in unsure
    }
    assert "2 roc_auc delta" in unsure
    assert "3 roc_auc delta" not in unsure


def test_cards_say_the_verdict_in_a_word_and_a_sentence() -> None:
    split = make_split(400)
    made = {3: shifted(split, 3, 0.4), 4: shifted(split, 4, -0.4), 5: shifted(split, 5, 0.0)}
    comparison = make_comparison([1, 2, 3, 4, 5], split=split, baseline=1, scores=made)
    look = marks([1, 2, 3, 4, 5], 1)
    cards = judged_cards(comparison, judge(comparison, made), look, Scheme.LIGHT)
    found = {number: words(card) for number, card in cards.items()}
    assert "v3 ▲ better +" in found[3]
    assert "on 400 rows. Better." in found[3]
    assert "v4 ▼ worse −" in found[4]
    assert "? cannot tell" in found[2]
    assert "≈ no worse" in found[5]
    assert "exactly as the baseline's." in found[5]
    assert cards[3]["attributes"]["style"] == f"--hue: {look[3].color(Scheme.LIGHT)}"


def test_cards_wait_for_scores_and_say_which() -> None:
    failed, scoring = ScoringState(status=Status.FAILED), ScoringState(status=Status.SCORING)
    fresh = ScoringState(status=Status.NOT_SCORED)
    look = marks([1, 2, 3, 4, 5], 1)
    states = {3: failed, 4: scoring, 5: fresh}
    waiting = waiting_cards(make_comparison([1, 2, 3, 4, 5], baseline=1, states=states), look, Scheme.LIGHT)
    said = [words(card) for card in waiting]
    assert [card["attributes"]["data-verdict"] for card in waiting] == ["2", "3", "4", "5"]
    for text, expected in zip(
        said, ("computing how sure…", "failed", "being scored…", "not scored"), strict=True
    ):
        assert expected in text
    base = waiting_cards(make_comparison([1, 2], baseline=1, states={1: scoring}), look, Scheme.LIGHT)
    assert "needs the scores of the baseline, v1" in words(base[0])
    assert waiting_cards(make_comparison([1, 2]), look, Scheme.LIGHT) == []


def test_gates_are_asked_for_against_production_alone() -> None:
    comparison = make_comparison([1, 2, 3], baseline=1)
    assert values(comparison, production=1)["gates"].endswith("/gates/2@0.5,3@0.5")
    own = comparison.at({2: 0.25, 3: 0.75})
    assert values(own, production=1)["gates"].endswith("/gates/2@0.25,3@0.75")
    assert values(comparison, production=2)["gates"] == ""
    assert values(make_comparison([1, 2]), production=None)["gates"] == ""


def test_few_positive_rows_are_a_warning() -> None:
    assert (
        "no more than a hint"
        in values(make_comparison([1, 2], split=make_split(60, share=0.1), baseline=1))["terms"]
    )
    assert "no more than a hint" not in values(make_comparison([1, 2], baseline=1))["terms"]


@pytest.mark.usefixtures("japanese")
def test_it_is_said_in_the_readers_language() -> None:
    answer = values(make_comparison([1, 2], baseline=1))
    assert "判定できません" in words(answer["cards"]["2"])
    assert "143 行" in answer["detectable"]


def test_a_question_names_scheme_and_choice() -> None:
    assert (
        question("a?b 1%", Choice(versions=(3, 4)), Scheme.DARK)
        == "/models/a%3Fb%201%25/sure/dark/production/3,4/"
    )
    assert question(MODEL, Choice(baseline=2, versions=()), Scheme.LIGHT).endswith("/sure/light/2/,/")


def test_the_page_adds_little_to_what_is_computed() -> None:
    comparison = make_comparison(range(1, 11), baseline=4)
    found, look = judge(comparison), marks(range(1, 11), 4)
    judged(comparison, found, look, Scheme.LIGHT, "0.5")
    started = time.perf_counter()
    judged(comparison, found, look, Scheme.LIGHT, "0.5")
    assert time.perf_counter() - started < 0.25  # a tenth of it on a quiet machine
