from typing import Any

import numpy as np
import pandas as pd
import pytest

from core.evidence.failures import CODES, Unscorable, scoring_error
from core.evidence.isolation.labels import Labels
from core.evidence.isolation.outputs import checked, of_function, of_positive
from core.evidence.scores import ScoreKind

LABELS = Labels(1, 0)
HALVES = np.array([0.25, 0.5, 0.75])


@pytest.mark.parametrize(
    ("values", "labels", "expected"),
    [
        (HALVES, LABELS, HALVES),
        (HALVES.astype(np.float32), LABELS, HALVES),
        (HALVES.reshape(-1, 1), LABELS, HALVES),
        (np.column_stack([1 - HALVES, HALVES]), LABELS, HALVES),
        (HALVES, Labels(0, 1), 1 - HALVES),
        (np.column_stack([1 - HALVES, HALVES]), Labels(0, 1), 1 - HALVES),
        (np.column_stack([1.0 - np.eye(3)[0], np.eye(3)[0]]), LABELS, np.eye(3)[0]),
        (list(HALVES), LABELS, HALVES),
        (np.array(list(HALVES), dtype=object), LABELS, HALVES),
        (pd.Series(HALVES, index=[7, 8, 9]), LABELS, HALVES),
        (pd.DataFrame({"p": HALVES}), LABELS, HALVES),
        (pd.DataFrame({1: HALVES, 0: 1 - HALVES}), LABELS, HALVES),
        (pd.DataFrame({"label": ["a", "b", "c"], "yes": HALVES}), Labels("yes", "no"), HALVES),
        (pd.DataFrame({"yes": [0.0, 1.0, 1.0], "no": [1.0, 0.0, 0.0]}), Labels("yes", "no"), [0, 1, 1]),
    ],
)
def test_scores_of_the_positive_label(values: Any, labels: Labels, expected: Any) -> None:
    output = of_function(values, 3, labels)
    np.testing.assert_array_equal(checked(output.values, 3, output.kind), expected)


def test_an_assumption_about_labels_is_noted_where_they_are_no_numbers() -> None:
    assert of_positive(HALVES, Labels("yes", "no")).label_assumed
    assert not of_positive(HALVES, LABELS).label_assumed


@pytest.mark.parametrize(
    ("values", "code"),
    [
        (np.array([0, 1, 1]), "hard_labels"),
        (np.array([0.0, 1.0, 1.0]), "hard_labels"),
        (np.array([True, False, True]), "hard_labels"),
        (["0", "1", "1"], "hard_labels"),
        (np.array(["0", "1", "1"], dtype=object), "hard_labels"),
        (pd.Series(["0", "1", "1"]), "hard_labels"),
        (["a", "b", "c"], "not_numbers"),
        ([None, None, None], "not_numbers"),
        ({"a": 1}, "not_numbers"),
        (np.array([1 + 2j] * 3), "not_numbers"),
        (np.array(["2020-01-01"] * 3, dtype="datetime64[s]"), "not_numbers"),
        ([[0.1], [0.2, 0.3], [0.4]], "not_numbers"),
        (None, "length"),
        (0.5, "length"),
        ([], "length"),
        (HALVES[:2], "length"),
        (np.broadcast_to(0.5, 2**40), "length"),
        (np.full((3, 3), 0.3), "shape"),
        (np.full((3, 1, 1), 0.3), "shape"),
        (np.full((3, 2), 0.3), "unclear"),
        (pd.DataFrame({"mean": HALVES, "std": HALVES}), "unclear"),
        ([0.5, np.nan, 0.5], "not_finite"),
        (np.column_stack([HALVES, [np.nan] * 3]), "not_finite"),
        ([0.5, -np.inf, 0.5], "not_finite"),
        ([0.5, 1.1, 0.5], "range"),
        ([0.5, -0.1, 0.5], "range"),
    ],
)
def test_what_is_no_score_has_a_reason(values: Any, code: str) -> None:
    def scores() -> Any:
        output = of_function(values, 3, LABELS)
        return checked(output.values, 3, output.kind)

    with pytest.raises(Unscorable) as caught:
        scores()
    assert caught.value.code == code


def test_what_float32_rounds_off_is_clipped() -> None:
    scores = checked(np.array([-1e-8, 1.0000001, 0.5]), 3, ScoreKind.PROBABILITY)
    assert list(scores) == [0.0, 1.0, 0.5]


def test_a_ranking_has_no_range_but_is_finite() -> None:
    assert list(checked([-3.0, 7.5], 2, ScoreKind.RANKING)) == [-3.0, 7.5]
    with pytest.raises(Unscorable, match="not_finite"):
        checked([-3.0, np.inf], 2, ScoreKind.RANKING)


@pytest.mark.parametrize("code", CODES)
def test_each_code_has_a_sentence_that_its_values_fill(code: str) -> None:
    sentence = CODES[code]
    error = scoring_error(code, {name: f"<{name}>" for name in sentence.names})
    assert "{" not in str(error)
    assert "?" not in str(error)
    assert str(error.title)[0].isupper()
    for name in sentence.names:
        assert f"<{name}>" in str(error)


def test_values_of_a_code_are_cut_and_never_a_template() -> None:
    error = scoring_error("predict_raised", {"error": "{text}" * 200, "text": "{0.__class__}", "other": "x"})
    assert "{0.__class__}" in str(error)
    assert len(str(error)) < 800
    assert "?" in str(scoring_error("wall", {}))
