from dataclasses import replace
from typing import Any

import pytest

from core.decision.record import Kind, Phase
from core.decision.standing import Outcome
from core.errors import ProductionMoved
from core.messages import message
from dashboard.components.promotion_said import ended, refused
from tests.dashboard.deciding import make_entry, reference
from tests.dashboard.showing import said


def outcome(phase: Phase = Phase.DONE, kind: Kind = Kind.PROMOTE, **facts: Any) -> Outcome:
    return Outcome(entry=make_entry(phase, kind, **facts))


TWO_TO_THREE: dict[str, Any] = {"before": reference(2), "after": reference(3)}


@pytest.mark.parametrize(
    ("end", "text"),
    [
        (outcome(**TWO_TO_THREE), "v3 is in Production now. v2 left it and is Archived."),
        (outcome(after=reference(3)), "v3 is in Production now."),
        (
            outcome(kind=Kind.ROLLBACK, **TWO_TO_THREE),
            "v3 is back in Production. v2 left it and is Archived.",
        ),
        (
            outcome(kind=Kind.STAGE, before=reference(3), after=reference(3), stage_after="Staging"),
            "v3 is Staging now.",
        ),
        (
            outcome(kind=Kind.STAGE, before=reference(3), after=reference(3), stage_after="None"),
            "v3 has no stage now.",
        ),
        (outcome(Phase.ADOPTED, Kind.ADOPT, after=reference(3)), "v3 is taken over as Production."),
        (
            outcome(kind=Kind.RESTORE, after=reference(2), before=reference(2)),
            "The change from outside is undone: v2 is in Production.",
        ),
        (
            outcome(kind=Kind.RESTORE),
            "The change from outside is undone: nothing is in Production.",
        ),
        (
            outcome(Phase.FAILED, trouble=(message("MLflow said {code}.", code=500),), **TWO_TO_THREE),
            "Nothing was moved: MLflow is as it was before. MLflow said 500.",
        ),
    ],
)
def test_an_end_is_said_in_words(end: Outcome, text: str) -> None:
    assert said(ended(end)) == text


def test_what_is_not_known_yet_is_not_called_done() -> None:
    assert "not known yet whether the move was made" in said(ended(outcome(Phase.UNKNOWN, **TWO_TO_THREE)))
    assert "please decide what holds" in said(ended(outcome(Phase.CONFLICT, **TWO_TO_THREE)))


def test_what_went_wrong_beside_it_is_added() -> None:
    end = replace(outcome(after=reference(3)), notes=(message("The tags could not be written."),))
    assert said(ended(end)) == "v3 is in Production now. The tags could not be written."


def test_who_was_quicker_takes_the_place_of_the_hint() -> None:
    error = ProductionMoved(message("Version 5 is there now."), message("bob, 05:05 UTC"))
    assert said(refused(error)) == "Version 5 is there now. bob, 05:05 UTC"
    assert said(refused(error, "bob put it there.")) == (
        "Version 5 is there now. bob put it there. Decide anew; your reason is kept."
    )
