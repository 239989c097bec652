"""Elements of the promotion panel and of its dialog."""

from enum import StrEnum
from typing import Any


class Ids(StrEnum):
    """Those of contract.md are public."""

    PANEL = "promotion-panel"
    HEADING = "promotion-heading"
    PRODUCTION = "promotion-production"
    SINCE = "promotion-since"
    SAID = "promotion-said"  # how the last move ended
    BANNERS = "promotion-banners"
    OUTSIDE_NOTE = "promotion-outside-note"
    REASON = "promotion-reason"
    VERSION = "promotion-version"
    PROMOTE = "promotion-promote"
    PROMOTE_NOTE = "promotion-promote-note"
    ROLLBACK_VERSION = "promotion-rollback-version"
    ROLLBACK = "promotion-rollback"
    ROLLBACK_NOTE = "promotion-rollback-note"
    STAGE = "promotion-stage"
    MOVE = "promotion-move"
    MOVE_NOTE = "promotion-move-note"
    DIALOG = "promotion-dialog"
    QUESTION = "promotion-question"
    CONSEQUENCES = "promotion-consequences"
    CHECKS = "promotion-checks"  # the gate report of the move that the dialog shows
    REFUSED = "promotion-refused"  # why the dialog is open still, or again
    WARNINGS = "promotion-warnings"  # what the person takes on with the click that counts
    OVERRIDE_BOX = "promotion-override-box"  # holds OVERRIDE where the actor may override
    OVERRIDE = "promotion-override"  # a checkbox, made by assets/promotion.js
    CANCEL = "promotion-cancel"
    CONFIRM = "promotion-confirm"
    CONFIRM_NOTE = "promotion-confirm-note"
    SEEN = "promotion-seen"  # data: what the panel shows
    CAN = "promotion-can"  # data: why each button cannot act, empty where it can
    OUTSIDE = "promotion-outside"  # data: the banner's button that was pressed, and for which version
    LOOK = "promotion-look"  # data: anything new makes the panel look again
    CHANGED = "promotion-changed"  # data: the standing's token; the rest of the page reads the store anew
    ASKED = "promotion-asked"  # data: the move that the dialog shows
    GATE = "promotion-gate"  # data: what of the gate report decides about the button that counts
    OVERRIDDEN = "promotion-overridden"  # data: the key of the move whose gate the person overrides
    GATES = "promotion-gates"  # data: what the cards say of gates that are not passed, by version
    BUSY = "promotion-busy"  # data: a confirmed move is under way
    POLL = "promotion-poll"


def outside_id(action: object, version: object) -> dict[str, Any]:
    """The button of a banner: adopt a version, or restore what the ledger says."""
    return {"type": "promotion-outside", "action": action, "version": version}
