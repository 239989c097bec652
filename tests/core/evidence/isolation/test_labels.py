from typing import Any

import numpy as np
import pytest

from core.evidence.failures import Unscorable
from core.evidence.isolation.labels import Labels


@pytest.mark.parametrize(
    ("classes", "positive", "expected"),
    [
        ([0, 1], 1, 1),
        ([0, 1], 0, 0),
        ([0, 1], True, 1),
        ([False, True], 1, 1),
        (np.array([False, True]), "True", 1),
        (np.array([0.0, 1.0]), 1, 1),
        (np.array([0, 1], dtype=np.int8), "1", 1),
        (["0", "1"], 1.0, 1),
        (["no", "yes"], "yes", 1),
        (["alive", "dead"], "alive", 0),
        (np.array(["a", "b", "c"]), "b", 1),
        (["1", 1, 0], 1, 1),
        ([2, 1], 2, 0),
        ([1], 1, 0),
    ],
)
def test_the_position_of_the_positive_label(classes: Any, positive: Any, expected: int) -> None:
    assert Labels(positive, "other").position(classes) == expected


@pytest.mark.parametrize(
    ("classes", "positive"), [([0, 1], "yes"), (["no", "yes"], 1), ([], 1), ([0, 2], 1), (["1", "1.0"], 1)]
)
def test_a_label_that_is_not_there_once_is_not_guessed(classes: Any, positive: Any) -> None:
    with pytest.raises(Unscorable) as caught:
        Labels(positive, "other").position(classes)
    assert caught.value.code == "labels"
    assert caught.value.facts["positive"] == str(positive)


@pytest.mark.parametrize(
    ("positive", "negative", "expected"),
    [
        (1, 0, (True, True)),
        (0, 1, (False, True)),
        (True, False, (True, True)),
        ("10", "9", (True, True)),
        ("yes", "no", (True, False)),
        ("alive", "dead", (False, False)),
        (1, "none", (False, False)),
    ],
)
def test_the_label_that_sorts_last(positive: Any, negative: Any, expected: tuple[bool, bool]) -> None:
    labels = Labels(positive, negative)
    assert (labels.positive_is_last, labels.numeric) == expected
