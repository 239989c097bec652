from collections.abc import Callable

import numpy as np
import pytest

from core.catalog.store import Version
from core.evidence.comparison import Status
from core.evidence.scores import ScoreKind, Scores
from core.evidence.scoring import Scorer
from core.evidence.split import Split
from tests.core.evidence.isolation.real_models import RealModel, split_of_rows


def scored(scorer: Scorer, version: Version, split: Split) -> Scores:
    scorer.request(version, split)
    state = scorer.wait(version, split, 60)
    assert state.status is Status.SCORED, state.error
    return scorer.scores(version, split)


@pytest.mark.parametrize(
    "name",
    ["forest", "boosting", "pipeline", "search", "calibrated", "unsigned", "words", "positive-first"],
)
def test_sklearn_models_score_as_they_do_themselves(
    name: str,
    sklearn_models: dict[str, RealModel],
    scorer: Scorer,
    split: Split,
    version: Callable[..., Version],
) -> None:
    model = sklearn_models[name]
    own = split_of_rows(split.frame, model.positive, model.negative)
    scores = scored(scorer, version(model.folder), own)
    assert scores.kind is ScoreKind.PROBABILITY
    assert scores.flavor == "sklearn"
    np.testing.assert_array_equal(scores.values, model.expected(split.frame))
