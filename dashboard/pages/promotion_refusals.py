"""Why a button of the promotion panel cannot act now, in the order in which people can do something about it.

The domain functions decide; this says the same beforehand, as far as a look can know it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from core.catalog.store import PRODUCTION, Version
from core.decision.access import Actor, Permission, require
from core.decision.standing import Past, Standing
from core.errors import MoveUnderWay, NotPermitted, RunoffError, UsageError, VersionUnfit
from core.evidence.comparison import ScoringState, Status
from core.messages import Message, message
from dashboard.components.promotion_panel import Actions

READY = "READY"
NOT_ENDED = frozenset({Status.SCORING, Status.WAITING})

_NOT_SCORED: Final[Mapping[Status, str]] = {
    Status.NOT_SCORED: message("v{number} is not scored yet.").template,
    Status.FAILED: message("v{number} could not be scored.").template,
    Status.SCORING: message("v{number} is being scored.").template,
    Status.WAITING: message("v{number} waits to be scored.").template,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """Where the model stands, what is chosen in the panel, and who looks."""

    standing: Standing
    actor: Actor
    chosen: Version | None = None  # to promote, or to move to `stage`
    state: ScoringState | None = None  # of the chosen version; None: there is no test split
    split: RunoffError | None = None  # why there is none
    back: Past | None = None  # to roll back to
    stage: str = ""


def is_under_way(situation: Situation) -> bool:
    """Whether the chosen version is being scored."""
    return situation.state is not None and situation.state.status in NOT_ENDED


def refusals(situation: Situation) -> Mapping[Actions, RunoffError | None]:
    """Why each button cannot act; None where only a reason is missing."""
    deploys = _common(situation, Permission.DEPLOY)
    takes_out = situation.chosen is not None and situation.chosen.stage == PRODUCTION
    moves = _common(situation, Permission.DEPLOY if takes_out else Permission.WRITE)
    unsettled = _unsettled(situation.standing)
    return {
        Actions.PROMOTE: deploys or unsettled or situation.split or _unfit(situation),
        Actions.ROLLBACK: deploys or unsettled or situation.split or _no_way_back(situation),
        Actions.MOVE: moves or (unsettled if takes_out else None) or _no_other_stage(situation),
        Actions.OUTSIDE: deploys,
    }


def _common(situation: Situation, permission: Permission) -> RunoffError | None:
    standing = situation.standing
    if standing.trouble is not None:
        return standing.trouble
    try:
        require(situation.actor, permission)
    except NotPermitted as error:
        return error
    if standing.pending is not None:
        return MoveUnderWay(message("{who} is moving this model just now.", who=standing.pending.actor))
    return None


def _unsettled(standing: Standing) -> RunoffError | None:
    if standing.undecided or standing.differs is not None:
        return UsageError(message("Decide first what is in Production: see above."))
    return None


def _unfit(situation: Situation) -> RunoffError | None:
    chosen, state = situation.chosen, situation.state
    if chosen is None:
        return UsageError(message("Choose a version first."))
    facts = {"number": chosen.number}
    known = situation.standing.production
    if known is not None and known.number == chosen.number:
        return VersionUnfit(message("v{number} is in Production already.", **facts))
    if chosen.status != READY:
        return VersionUnfit(message("v{number} is not ready in MLflow.", **facts))
    status = Status.NOT_SCORED if state is None else state.status
    if status is Status.SCORED:
        return None
    return VersionUnfit(Message(_NOT_SCORED[status], facts))


def _no_way_back(situation: Situation) -> RunoffError | None:
    if situation.back is None:
        return UsageError(message("Nothing else has been in Production yet."))
    return situation.back.refusal


def _no_other_stage(situation: Situation) -> RunoffError | None:
    chosen = situation.chosen
    if chosen is None:
        return UsageError(message("Choose a version first."))
    if chosen.stage == (situation.stage or "None"):
        if chosen.stage == "None":
            return VersionUnfit(message("v{number} has no stage.", number=chosen.number))
        return VersionUnfit(
            message("v{number} is {stage} already.", number=chosen.number, stage=chosen.stage)
        )
    return None
