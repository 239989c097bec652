"""A request to move something, carried out once, however often it comes."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.decision.looking import Look, Looking
from core.decision.moving import Moving
from core.decision.record import Phase, Record
from core.decision.settling import Settling
from core.decision.standing import Outcome
from core.errors import DecisionError, MoveUnderWay, RepeatedKey, UsageError
from core.messages import message

if TYPE_CHECKING:
    from core.decision.ledger import Ledger

_PATIENCE_SECONDS = 60.0  # with the first request of the same key
_BETWEEN_SECONDS = 0.05

Decide = Callable[[Look], Record]  # the intent, where everything that has to be checked holds; raises else


@dataclass(frozen=True, slots=True, kw_only=True)
class Requests:
    """Turns requests into moves."""

    ledger: "Ledger"
    looking: Looking
    settling: Settling
    moving: Moving

    def once(self, decide: Decide, *, model: str, key: str) -> Outcome:
        """The outcome of the request with this key: of the first one, where there was one.

        Raises:
            DecisionError: the rules say no.
            RunoffError: something that it needs is missing or broken; nothing was moved.
        """
        known = self._known(key, model)
        if known is not None:
            return known
        self.ledger.check()
        self.settling.settle(model, wait=True)
        try:
            intent = decide(self.looking.look(model))
        except DecisionError:
            return self._quicker(key, model)
        try:
            return self.moving.carry_out(intent, key=key)
        except (RepeatedKey, MoveUnderWay):
            return self._quicker(key, model)

    def _quicker(self, key: str, model: str) -> Outcome:
        """The outcome of a request with the same key that was quicker; else the refusal being handled."""
        known = self._known(key, model)
        if known is None:
            raise  # noqa: PLE0704  called while it is handled
        return known

    def _known(self, key: str, model: str) -> Outcome | None:
        """The outcome of the request that had this key before, as soon as it has one."""
        patience = time.monotonic() + _PATIENCE_SECONDS
        asked_again = False
        while entries := self.ledger.find_key(key):
            last = entries[-1]
            if last.record.model != model:
                raise UsageError(
                    message("This request carries the key of another one."), message("Load the page anew.")
                )
            if last.record.phase is not Phase.INTENT and (
                last.record.phase is not Phase.UNKNOWN or asked_again
            ):
                return Outcome(entry=last, repeated=True)
            asked_again = last.record.phase is Phase.UNKNOWN
            self.settling.settle(model)  # its process may be gone
            if time.monotonic() > patience:
                raise MoveUnderWay(
                    message("The first request of this move has not ended yet."),
                    message("Look at the history in a while."),
                )
            time.sleep(_BETWEEN_SECONDS)
        return None
